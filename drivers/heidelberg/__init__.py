"""Heidelberg Energy Control charging unit over Modbus RTU."""
