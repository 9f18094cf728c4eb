"""The electrical picture of IEC 61851-1 mode 3: one idea a module, values in, values out."""
