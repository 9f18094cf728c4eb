"""What the operating system needs to run a station: units, device names, limits, the slot switch."""
