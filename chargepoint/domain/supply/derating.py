"""Less current when the board is warm: in a straight line from all of it to the least there is. Pure.

    rating ──────┐
                 └──┐   in whole amperes                 warmer: at once
                    └──┐                                 cooler: when 3 °C have gone
       6 A             └────────
              from   from + 10 °C

The board's own protections lie above; this keeps a charge going that they would end. A thermometer
that falls silent is no reason to believe that it is cool: half of the current is left.
"""

from dataclasses import dataclass

from chargepoint.domain.supply.fair_shares import SMALLEST_OFFER
from chargepoint.domain.units import MilliAmp

SPAN_MILLI = 10_000
HYSTERESIS_MILLI = 3_000
_WHOLE_MA = 1_000


@dataclass(frozen=True, slots=True)
class Slope:
    """`begins_milli` 0: this station never gives less."""

    begins_milli: int
    rating: MilliAmp

    def at(self, temperature_milli: int) -> MilliAmp:
        over = min(SPAN_MILLI, max(0, temperature_milli - self.begins_milli))
        less = max(0, self.rating - SMALLEST_OFFER) * over // SPAN_MILLI
        return self.whole(self.rating - less)

    @property
    def blind(self) -> MilliAmp:
        return self.whole(self.rating // 2)

    def whole(self, current: int) -> MilliAmp:
        """Never below what can be signalled, never above what was there before."""
        amperes = current // _WHOLE_MA * _WHOLE_MA
        return MilliAmp(max(amperes, min(SMALLEST_OFFER, self.rating)))


@dataclass(frozen=True, slots=True)
class Derating:
    """`limit` None: all of the rating."""

    limit: MilliAmp | None = None

    def after(self, temperature_milli: int | None, slope: Slope) -> "Derating":
        """`temperature_milli` None: the thermometer has fallen silent."""
        if not slope.begins_milli:
            return Derating()
        now = slope.rating if self.limit is None else self.limit
        if temperature_milli is None:
            return Derating(min(now, slope.blind))
        hot, cool = slope.at(temperature_milli), slope.at(temperature_milli + HYSTERESIS_MILLI)
        found = hot if hot < now else max(now, cool)
        return Derating(found if found < slope.rating else None)
