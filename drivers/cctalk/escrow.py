"""The note that waits between customer and stacker, and what is to be told about it. Knows no clock.

    empty -> waiting -> decided -> told -> (event: stacked, returned) -> empty
                ^  | 20 s                | no answer for 5 s: told once more
                +--+ "wait longer"       v

The route command is not idempotent: told twice, it might decide about the next note. So it is
repeated once, late, and only while nothing says that the note has left (part 2, header 154).
"""

from enum import IntEnum

from drivers.cctalk.events import Result
from drivers.cctalk.note_codes import EMPTIES_ESCROW, IN_ESCROW

EXTEND_AFTER_S = 20.0  # usual escrow time: 30 s; then the note goes back by itself
MOST_EXTENSIONS = 3
RETRY_AFTER_S = 5.0
MOST_TELLINGS = 2


class Route(IntEnum):
    """The data byte of header 154."""

    RETURN = 0
    STACK = 1
    EXTEND = 0xFF


def in_escrow(results: tuple[Result, ...]) -> int:
    """The note type that a buffer of events, newest first, leaves in escrow; 0 for none."""
    for result in results:
        if result.kind:
            return result.kind if result.code == IN_ESCROW else 0
        if result.code in EMPTIES_ESCROW:
            return 0
    return 0


class Escrow:
    """At most one note."""

    def __init__(self) -> None:
        self.kind = 0  # note type; 0: empty
        self._wish: Route | None = None
        self._since_s = 0.0
        self._told_at_s = 0.0
        self._tellings = 0
        self._extensions = 0
        self._was_answered = False

    def entered(self, kind: int, now_s: float) -> None:
        self._clear(kind)
        self._since_s = now_s

    def left(self) -> None:
        self._clear(0)

    def happened(self, result: Result, now_s: float) -> None:
        if result.kind and result.code == IN_ESCROW:
            self.entered(result.kind, now_s)
        elif result.kind or result.code in EMPTIES_ESCROW:
            self.left()

    def decide(self, route: Route) -> bool:
        """False: there is no note to decide about. Once told, a decision stands."""
        if not self.kind:
            return False
        if not self._tellings:
            self._wish = route
        return self._wish is route

    def due(self, now_s: float) -> Route | None:
        """What to tell the device now."""
        if not self.kind:
            return None
        if self._wish is None:
            is_late = now_s - self._since_s >= EXTEND_AFTER_S
            return Route.EXTEND if is_late and self._extensions < MOST_EXTENSIONS else None
        if not self._tellings:
            return self._wish
        may_repeat = not self._was_answered and self._tellings < MOST_TELLINGS
        return self._wish if may_repeat and now_s - self._told_at_s >= RETRY_AFTER_S else None

    def told(self, route: Route, now_s: float) -> None:
        """Just before the command goes out: from now on it may have been carried out."""
        if route is Route.EXTEND:
            self._extensions += 1
            self._since_s = now_s
            return
        self._tellings += 1
        self._told_at_s = now_s

    @property
    def is_given_up(self) -> bool:
        """It was told as often as is safe."""
        return self._tellings >= MOST_TELLINGS

    def answered(self) -> None:
        """The device has heard; its event says what became of the note."""
        self._was_answered = True

    def _clear(self, kind: int) -> None:
        self.kind = kind
        self._wish = None
        self._tellings = self._extensions = 0
        self._was_answered = False
