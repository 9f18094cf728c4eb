"""Whether a live kiosk shows the screen. No kiosk alive: nobody new starts here (decisions §3)."""

from collections.abc import Callable

SILENCE_LIMIT_S = 3.0


class Presence:
    """`beat` at each sign of life; `check` once a second. Tells `changed` on every change."""

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed
        self._last: float | None = None
        self.alive = False

    def beat(self, now: float) -> None:
        self._last = now
        self._set(alive=True)

    def check(self, now: float) -> None:
        if self._last is None or now - self._last > SILENCE_LIMIT_S:
            self._set(alive=False)

    def gone(self) -> None:
        self._last = None
        self._set(alive=False)

    def _set(self, *, alive: bool) -> None:
        if alive != self.alive:
            self.alive = alive
            self._changed(alive)
