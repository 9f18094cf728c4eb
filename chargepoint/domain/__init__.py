"""Pure: stdlib value modules and `transitions` only. No I/O, no clock, no asyncio, no logging."""
