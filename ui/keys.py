"""What a tactile key means on the screen that is shown (KIOSK R-AUD-2, R-AUD-3).

    prev next   the focus moves, around and through the title
    ok          presses what has the focus; on the title: says the screen again
    cancel      the way back of this screen; where there is none: as ok on the title

Voice begins with the headphone, or with one of these two keys pressed twice where it has nothing
else to do: it can be started by who cannot see where to start it.
"""

from dataclasses import dataclass
from enum import StrEnum

from ui.focus import Focus
from ui.view import Control, View

TWICE_S = 1.0
WAYS_BACK = ("back", "cancel", "receipt_none")
_STEPS = {"prev": -1, "next": 1}


class Sense(StrEnum):
    NOTHING = "nothing"
    MOVED = "moved"
    PRESS = "press"
    REFUSE = "refuse"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Deed:
    sense: Sense
    control: Control | None = None


_NOTHING = Deed(Sense.NOTHING)


@dataclass(frozen=True, slots=True)
class Moment:
    """`is_awake` is False during the dead time after a change of screen."""

    now_s: float
    is_awake: bool
    is_spoken: bool


class Keys:
    def __init__(self) -> None:
        self.focus = Focus()
        self._last: tuple[str, float] = ("", float("-inf"))

    def press(self, key: str, view: View, moment: Moment) -> Deed:
        """Moving needs no waiting: nothing happens by it. Everything else respects the dead time."""
        if key in _STEPS:
            return Deed(Sense.MOVED, self.focus.move(view, _STEPS[key]))
        if not moment.is_awake or key not in ("ok", "cancel"):
            return _NOTHING
        aim = self.focus.control(view) if key == "ok" else _way_back(view)
        if aim is None:
            return self._idle_press(key, view, moment)
        return Deed(Sense.PRESS if aim.enabled else Sense.REFUSE, aim)

    def _idle_press(self, key: str, view: View, moment: Moment) -> Deed:
        """Nothing is under the key: the screen again, or the beginning of voice."""
        if moment.is_spoken:
            return Deed(Sense.REPEAT)
        (last, last_s), self._last = self._last, (key, moment.now_s)
        voice = view.control("voice")
        if last != key or moment.now_s - last_s > TWICE_S or voice is None:
            return _NOTHING
        return Deed(Sense.PRESS if voice.enabled else Sense.REFUSE, voice)


def _way_back(view: View) -> Control | None:
    ways = (view.control(name) for name in WAYS_BACK)
    return next((way for way in ways if way is not None and way.enabled), None)
