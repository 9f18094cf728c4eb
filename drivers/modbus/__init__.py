"""Modbus RTU: the bus that several devices share, and the energy meters on it."""
