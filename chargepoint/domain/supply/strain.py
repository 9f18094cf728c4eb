"""What only the meter can see: a vehicle that takes more than it is offered, mains out of bounds. Pure.

The board protects cable and people (it opens at 5 A too much after 10 s); this finds what it lets pass,
and waits longer than a vehicle may take to follow a lower offer. Readings come once a second while the
contactor is closed, so a number of readings is a time.
"""

from dataclasses import dataclass

from chargepoint.domain.units import MilliAmp, MilliVolt
from chargepoint.quick import quickly_made

READINGS = 15  # 5 s to the next change of the offer, 5 s for the vehicle, 5 s to be sure
_MARGIN_MA = 500
_TOLERANCE_PERCENT = 110
_HIGH_PERCENT, _LOW_PERCENT = 110, 85  # EN 50160 §4.2.2: +10 %, -15 %


@quickly_made
@dataclass(frozen=True, slots=True)
class Strain:
    """How many readings in a row."""

    over_offer: int = 0
    high: int = 0
    low: int = 0
    good: int = 0  # with a voltage as it should be

    def after(
        self, current: MilliAmp, offered: MilliAmp | None, voltage: MilliVolt, nominal: MilliVolt
    ) -> "Strain":
        """`offered` None: the contactor is open. A voltage of 0 is one that the meter does not know."""
        limit = 0 if offered is None else (offered + _MARGIN_MA) * _TOLERANCE_PERCENT // 100
        is_over = offered is not None and current > limit
        is_high = voltage * 100 > nominal * _HIGH_PERCENT
        is_low = 0 < voltage * 100 < nominal * _LOW_PERCENT
        return Strain(
            _counted(self.over_offer, goes_on=is_over),
            _counted(self.high, goes_on=is_high),
            _counted(self.low, goes_on=is_low),
            _counted(self.good, goes_on=not (is_high or is_low)),
        )

    @property
    def is_overdraw(self) -> bool:
        return self.over_offer >= READINGS

    @property
    def is_high(self) -> bool:
        return self.high >= READINGS

    @property
    def is_low(self) -> bool:
        return self.low >= READINGS

    @property
    def is_good(self) -> bool:
        return self.good >= READINGS


def _counted(before: int, *, goes_on: bool) -> int:
    return min(READINGS, before + 1) if goes_on else 0
