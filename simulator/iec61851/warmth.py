"""How warm a board is: the air around it, and what the current adds until it has warmed through.

First order: after one time constant 63 % of the rise is there. Integers of a thousandth degree, in
steps of a second, so that the same hour always gives the same number.
"""

from dataclasses import dataclass

AMBIENT_MILLI = 25_100
RISE_AT_32_A_MILLI = 8_000
TIME_CONSTANT_S = 600
_FULL_MA = 32_000
_PER_UNIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Warmth:
    """`heated_milli`: by a fault, on top of air and current."""

    ambient_milli: int = AMBIENT_MILLI
    heated_milli: int = 0
    rise: int = 0  # millionths of a thousandth degree

    @property
    def board_milli(self) -> int:
        return self.ambient_milli + self.heated_milli + self.rise // _PER_UNIT

    def after(self, gone_s: int, current_ma: int) -> "Warmth":
        """Losses go with the square of the current."""
        full = RISE_AT_32_A_MILLI * _PER_UNIT
        end = full * current_ma * current_ma // (_FULL_MA * _FULL_MA)
        rise = self.rise
        for _ in range(min(gone_s, 8 * TIME_CONSTANT_S)):
            rise += (end - rise) // TIME_CONSTANT_S
        return Warmth(self.ambient_milli, self.heated_milli, rise)
