"""What OpenEVSE firmware makes of the temperature on its board: less current, then none.

65 °C   half of the current          68 °C   a quarter          71 °C   stop
62 °C   all of it again, from half and from a quarter
"""

from enum import IntEnum

HALF_MILLI, QUARTER_MILLI, STOP_MILLI, RESTORE_MILLI = 65_000, 68_000, 71_000, 62_000


class Heat(IntEnum):
    """The value is the divisor of the current; 0: none at all."""

    NONE = 1
    HALF = 2
    QUARTER = 4
    STOP = 0

    def after(self, temperature_milli: int) -> "Heat":
        if temperature_milli >= STOP_MILLI:
            return Heat.STOP
        if temperature_milli >= QUARTER_MILLI:
            return Heat.QUARTER
        if temperature_milli <= RESTORE_MILLI:
            return Heat.NONE
        return Heat.HALF if temperature_milli >= HALF_MILLI and self is Heat.NONE else self
