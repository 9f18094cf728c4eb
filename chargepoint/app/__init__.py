"""Actors, timers, effects, recovery: asyncio and ports, no vendor libraries."""
