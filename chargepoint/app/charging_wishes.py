"""What each connector could make use of now: its own limit, a warm board, and what its vehicle takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.supply.fair_shares import ALL_PHASES, SMALLEST_OFFER, Wish
from chargepoint.domain.supply.usage import Usage
from chargepoint.domain.units import ConnectorId, MilliAmp


@dataclass(frozen=True, slots=True)
class Known:
    """`warm`: what a warm board gives. `excess`: taken above the offer; the vehicle has not followed."""

    usage: Usage = field(default_factory=Usage)
    warm: MilliAmp | None = None
    excess: MilliAmp = MilliAmp(0)

    @property
    def news(self) -> tuple[object, ...]:
        """Another share would do when one of these is another."""
        return self.usage.enough, self.usage.rests, self.warm, bool(self.excess)


class ChargingWishes:
    """`phases`: of the site, that a connector is wired to; all, where nothing is said."""

    def __init__(self, phases: Mapping[ConnectorId, frozenset[str]]) -> None:
        self._phases = phases
        self._known: dict[ConnectorId, Known] = {}

    def note(self, now: float, connector: ConnectorId, seen: PointSeen, *, charges: bool) -> bool:
        """Whether another share would do."""
        before, data = self._known.get(connector, Known()), seen.data
        taken = data.current if data.contactor_closed else MilliAmp(0)
        usage = before.usage.after(now, data.offered_now, taken) if charges else Usage()
        excess = taken if charges and data.strain.over_offer else MilliAmp(0)
        after = Known(usage, data.derating.limit, excess)
        self._known[connector] = after
        return after.news != before.news

    def of(self, connector: ConnectorId, own: MilliAmp, least: MilliAmp) -> Wish:
        """`own`: by its profiles and rating."""
        known = self._known.get(connector, Known())
        return Wish(
            own if known.warm is None else min(own, known.warm),
            max(least, SMALLEST_OFFER),
            self._phases.get(connector, ALL_PHASES),
            known.usage.enough,
            known.usage.rests,
            known.excess,
        )
