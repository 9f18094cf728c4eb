"""The retriggerable timer in the contactor's coil supply, as a Modbus relay module."""
