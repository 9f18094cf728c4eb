"""Bank terminals that speak ZVT, over a serial line or TCP."""
