"""The poles between mains and socket. Each may weld, and each may fail to close."""

from dataclasses import dataclass, replace
from enum import StrEnum

PHASES = 3


class Wear(StrEnum):
    SOUND = "sound"
    WELDED = "welded"  # stays closed once it has closed
    MISSING = "missing"  # never touches


@dataclass(frozen=True, slots=True)
class Pole:
    wear: Wear = Wear.SOUND
    is_closed: bool = False

    def driven(self, *, on: bool) -> "Pole":
        if self.wear is Wear.MISSING:
            return replace(self, is_closed=False)
        return replace(self, is_closed=on or (self.wear is Wear.WELDED and self.is_closed))


@dataclass(frozen=True, slots=True)
class Contactor:
    """`is_coil_broken`: it is fed and pulls nothing."""

    poles: tuple[Pole, ...] = (Pole(),) * PHASES
    is_coil_broken: bool = False

    def driven(self, *, on: bool) -> "Contactor":
        pulls = on and not self.is_coil_broken
        return replace(self, poles=tuple(pole.driven(on=pulls) for pole in self.poles))

    def worn(self, wear: Wear, *places: int) -> "Contactor":
        """Without a place: all of them."""
        worn = places or range(len(self.poles))
        return replace(
            self,
            poles=tuple(
                replace(pole, wear=wear) if place in worn else pole
                for place, pole in enumerate(self.poles)
            ),
        )

    @property
    def is_closed(self) -> bool:
        """Any of them: a socket with one live contact is live."""
        return any(pole.is_closed for pole in self.poles)

    def is_live(self, place: int) -> bool:
        return self.poles[place].is_closed
