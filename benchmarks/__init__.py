"""How fast the station is: programs that print figures, and never judge (docs/performance.md)."""
