"""What the resistor in a plug says about its cable (IEC 61851-1 B.5.3, proximity contact of type 2).

    1,500 Ohm  13 A        680 Ohm  20 A        220 Ohm  32 A        100 Ohm  63 A, 70 A with one phase

A resistor between the bands is no plug that may carry anything.
"""

from dataclasses import dataclass
from functools import lru_cache

NOMINAL_OHM = {13: 1_500, 20: 680, 32: 220, 63: 100}
_BANDS_OHM = (  # lower limit excluded, upper included: rating in A
    (75, 150, 63),
    (150, 330, 32),
    (330, 1_000, 20),
    (1_000, 2_200, 13),
)
NO_PLUG_OHM = 4_500  # and more
SMALLEST_A = 6
_SINGLE_PHASE_A = 70


@dataclass(frozen=True, slots=True)
class Cable:
    """`rating_a` None: no plug at all; 0: a plug that cannot be told."""

    rating_a: int | None

    @property
    def is_faulty(self) -> bool:
        return self.rating_a == 0

    @property
    def carries_a(self) -> int:
        """A plug that is there and cannot be told carries the least that there is."""
        return self.rating_a or SMALLEST_A


@lru_cache(16)  # a board asks at every look
def cable_of(ohm: int | None, *, phases: int = 3) -> Cable:
    """`ohm` None: the contact is open."""
    if ohm is None or ohm >= NO_PLUG_OHM:
        return Cable(None)
    for low, high, rating in _BANDS_OHM:
        if low < ohm <= high:
            return Cable(_SINGLE_PHASE_A if rating == 63 and phases == 1 else rating)
    return Cable(0)
