"""Where change falls, past a sensor where one is fitted, and a customer takes it."""

from collections.abc import Callable

from simulator.happened import Happened


class ChangeTray:
    """Common to all hoppers of a station."""

    def __init__(self, happened: Happened) -> None:
        self._happened = happened
        self.amount_minor = 0
        self.sensor: Callable[[], None] = lambda: None

    def coin_fell(self, value_minor: int) -> None:
        self.sensor()
        self.amount_minor += value_minor
        self._happened("paid_out", 0, str(value_minor))

    def take(self) -> int:
        """All there is, in minor units."""
        taken, self.amount_minor = self.amount_minor, 0
        if taken:
            self._happened("change_taken", 0, str(taken))
        return taken
