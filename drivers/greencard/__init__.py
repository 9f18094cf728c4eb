"""The Green Card: a DESFire card read through a PN532 over a serial line."""
