"""The device side of every wire protocol, one module a device."""
