"""One package per device: a sans-I/O codec and a driver that implements one port."""
