"""Current that does not come back: what a charging board has to switch off (IEC 61851-1 §8.5)."""

from dataclasses import dataclass

TRIP_AC_MA = 30  # RCD type A
TRIP_DC_MA = 6  # RDC-DD of IEC 62955


@dataclass(frozen=True, slots=True)
class Leakage:
    ac_ma: int = 0
    dc_ma: int = 0

    @property
    def trips(self) -> bool:
        return self.ac_ma >= TRIP_AC_MA or self.dc_ma >= TRIP_DC_MA


NO_LEAKAGE = Leakage()
