"""From fingers to one tap: pressed and released in the same button, by one finger alone.

Rain makes many points at once, so a second finger cancels; a finger that slides off its button
cancels; a screen that has just changed takes nothing, for the finger meant the one before.
"""

from dataclasses import dataclass
from enum import StrEnum

from ui.view import Control, View

DEAD_TIME_S = 0.3
LONGEST_S = 15.0  # a tap that lasts longer is a hand that leans, or water
GHOST_S = 30.0  # then what lies on the panel is no finger: it no longer spoils those that come
HOLD_S = {"service": 4.95}  # how long a finger has to stay on what nobody shall press by chance


class Contact(StrEnum):
    DOWN = "down"
    MOVE = "move"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Touch:
    """One change of one finger, in pixels of the panel. A mouse is finger 0."""

    contact: Contact
    finger: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was pressed and released; `held_s` is how long the finger stayed."""

    button: str
    held_s: float


class TapRecogniser:
    """Feed every touch; a completed tap comes back."""

    def __init__(self) -> None:
        self._fingers: dict[int, float] = {}  # since when each is down
        self._spoiled = False
        self._button = ""
        self._down_s = 0.0

    @property
    def pressed(self) -> str:
        """The button under the finger, to be drawn pressed; empty when none."""
        return "" if self._spoiled else self._button

    def is_haunted(self, now_s: float) -> bool:
        """Something has been on the panel for so long that it is no finger."""
        return any(now_s - since_s >= GHOST_S for since_s in self._fingers.values())

    def screen_changed(self) -> None:
        """Whatever the finger began belonged to another screen."""
        self._button = ""
        self._spoiled = bool(self._fingers)

    def feed(self, touch: Touch, view: View, now_s: float, *, awake: bool) -> Tap | None:
        """`awake` is False during the dead time after a change of screen."""
        match touch.contact:
            case Contact.DOWN:
                self._down(touch, view, now_s, awake=awake)
                return None
            case Contact.MOVE:
                self._move(touch, view)
                return None
            case Contact.UP:
                return self._up(touch, view, now_s)

    def _down(self, touch: Touch, view: View, now_s: float, *, awake: bool) -> None:
        self._fingers[touch.finger] = now_s
        living = [since for since in self._fingers.values() if now_s - since < GHOST_S]
        if len(living) > 1 or not awake:
            self._spoiled = True
            return
        hit = _enabled_at(view, touch)
        self._button = hit.id if hit is not None else ""
        self._down_s = now_s

    def _move(self, touch: Touch, view: View) -> None:
        if touch.finger not in self._fingers or not self._button:
            return
        hit = _enabled_at(view, touch)
        if hit is None or hit.id != self._button:
            self._spoiled = True

    def _up(self, touch: Touch, view: View, now_s: float) -> Tap | None:
        self._fingers.pop(touch.finger, None)
        if any(now_s - since_s < GHOST_S for since_s in self._fingers.values()):
            return None
        button, spoiled = self._button, self._spoiled
        self._button, self._spoiled = "", False
        hit = _enabled_at(view, touch)
        if spoiled or not button or hit is None or hit.id != button:
            return None
        held_s = max(0.0, now_s - self._down_s)
        if held_s > LONGEST_S:
            return None
        if any(item.id == button for item in view.hidden) and held_s < HOLD_S.get(button, 0.0):
            return None
        return Tap(button, held_s)


def _enabled_at(view: View, touch: Touch) -> Control | None:
    hit = view.control_at(touch.x, touch.y)
    return hit if hit is not None and hit.enabled else None
