"""What a vehicle makes of its share: what it leaves unused for a while is lent to the others. Pure.

    takes all of it    it may use more: whatever it may have is offered again, at once
    takes clearly less for a minute: as much as it took, and somewhat more
    takes nothing      for a minute: it rests, and is the first to wait while it is not enough for all

A car that is full, or nearly, keeps an offer it can wake up with; nobody needs to guess when it does.
"""

from dataclasses import dataclass

from chargepoint.domain.supply.fair_shares import SMALLEST_OFFER
from chargepoint.domain.units import MilliAmp
from chargepoint.quick import quickly_made

WATCHED_S = 60.0
NEAR = MilliAmp(1_000)  # of the offer: a vehicle that follows it stays a little below
SPARE = MilliAmp(2_500)  # less than that unused is not worth a change
ROOM = MilliAmp(2_000)  # left above what it took, so that it can show that it wants more
RESTING = MilliAmp(500)  # electronics, no charge
_WHOLE = 1_000


@quickly_made
@dataclass(frozen=True, slots=True)
class Usage:
    """`enough`: more it does not use; None: nothing is known against it."""

    enough: MilliAmp | None = None
    rests: bool = False
    since: float | None = None  # it has taken less than it is offered
    peak: MilliAmp = MilliAmp(0)  # the most of that time

    def after(self, now: float, offered: MilliAmp, taken: MilliAmp) -> "Usage":
        """`offered` 0: it cannot show anything, and begins anew when its turn comes."""
        if offered < SMALLEST_OFFER or taken >= offered - NEAR:
            return Usage()
        if taken > offered - SPARE and taken > RESTING and offered > SMALLEST_OFFER:
            return Usage(self.enough)
        peak = MilliAmp(max(self.peak, taken))
        since = now if self.since is None else self.since
        if now - since < WATCHED_S:
            return Usage(self.enough, self.rests, since, peak)
        return Usage(_room_above(peak), peak <= RESTING, now)


def _room_above(peak: MilliAmp) -> MilliAmp:
    """In whole amperes, rounded up."""
    return MilliAmp(max(SMALLEST_OFFER, -(-(peak + ROOM) // _WHOLE) * _WHOLE))
