"""What the cabinet shows and sounds by itself, beside its screen: one lamp at each connector, one beeper.

    green            free: plug in           green, blinking   plugged in: show who pays
    yellow           kept for somebody       yellow, blinking  the vehicle or its cable: plug in again
    blue             charging                blue, blinking    a charge begins or ends
    white, blinking  take your plug          blue, flashes     the charge pauses
    red              nobody new starts here  red, blinking     broken
    white, flashes   starting                dark              no supply, or no software

Colour is never alone (WCAG 1.4.1): what asks for a hand blinks, what only waits does not.
"""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Colour(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    BLUE = "blue"
    WHITE = "white"
    RED = "red"


class Rhythm(StrEnum):
    STEADY = "steady"
    BLINK = "blink"  # as long lit as dark, once a second: far below what may harm (WCAG 2.3.1)
    FLASH = "flash"  # a short light every three seconds


@dataclass(frozen=True, slots=True)
class Lamp:
    """`colour` None: dark."""

    colour: Colour | None = None
    rhythm: Rhythm = Rhythm.STEADY

    @override
    def __str__(self) -> str:
        if self.colour is None:
            return "dark"
        return str(self.colour) if self.rhythm is Rhythm.STEADY else f"{self.colour} {self.rhythm}"


DARK = Lamp()
COLOURS = tuple(Lamp(colour) for colour in Colour)


class Tone(StrEnum):
    """One beep says nothing is wrong, two that something was refused, three ask somebody to look."""

    OK = "ok"
    ERROR = "error"
    ATTENTION = "attention"


BEEPS: dict[Tone, int] = {Tone.OK: 1, Tone.ERROR: 2, Tone.ATTENTION: 3}
