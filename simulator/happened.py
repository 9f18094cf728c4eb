"""How the world tells what happened in it."""

from collections.abc import Callable

Happened = Callable[[str, int, str], None]
"""What, connector (0: the station), value: for the report's list `physical`."""
