"""What everybody's share will be, if those who charge now go on as they do. Pure.

The same rules, run ahead of the clock (`Sharing.after`): at each boundary of a schedule, when a lower
offer has been followed, when a turn ends. So what is foretold is what will be told.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from chargepoint.domain.supply.charging_profile import Epoch
from chargepoint.domain.supply.composite_schedule import Limit, Step, joined, merged
from chargepoint.domain.supply.fair_shares import Wish
from chargepoint.domain.supply.sharing import Sharing
from chargepoint.domain.units import ConnectorId, MilliAmp

MOST_LOOKS = 60  # two a turn of 15 minutes: 7 h are known
_MICRO_PER_MILLI = 1000
_CLOCKS_DIFFER_S = 0.001  # they are read one after the other, and one is rounded to microseconds

Plans = Mapping[ConnectorId, Sequence[Step]]
WishAt = Callable[[ConnectorId, MilliAmp], Wish]


@dataclass(frozen=True, slots=True)
class Now:
    """One moment on both clocks: monotonic seconds, and seconds since 1970 UTC."""

    monotonic: float
    utc: float

    def at(self, epoch: Epoch) -> float:
        return self.monotonic + max(0.0, epoch - self.utc + _CLOCKS_DIFFER_S)

    def second_of(self, moment: float) -> Epoch:
        """The first whole one that is not before."""
        return Epoch(math.ceil(self.utc + (moment - self.monotonic) - _CLOCKS_DIFFER_S))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`shares`: of everybody who charges. Nothing is known from `until` on."""

    shares: Mapping[ConnectorId, list[Step]]
    until: Epoch

    def plans(self, plans: Plans) -> dict[ConnectorId, list[Step]]:
        """Of those who charge: what they will have of what they may have."""
        return {c: _within(steps, self.shares[c]) for c, steps in plans.items() if c in self.shares}


def foresee(
    sharing: Sharing, now: Now, station: Sequence[Step], own: Plans, until: Epoch, wish: WishAt
) -> Foreseen:
    """`own`: of those who charge; all plans begin at the same second."""
    found: dict[ConnectorId, list[Step]] = {c: [] for c in own}
    starts = sorted({step.start for step in chain(station, *own.values())})
    at = station[0].start
    for _ in range(MOST_LOOKS):
        wishes = {c: wish(c, _limit_at(steps, at)) for c, steps in own.items()}
        total = _told_at(station, at)
        sharing = sharing.shared(now.at(at), None if total is None else total.milliamp, wishes)
        for c, share in sharing.told.items():
            found[c].append(Step(at, Limit(share * _MICRO_PER_MILLI, 0)))
        looks = [start for start in starts if start > at]
        if sharing.wake_at is not None:
            looks.append(max(Epoch(at + 1), now.second_of(sharing.wake_at)))
        at = min(looks, default=until)
        if at >= until:
            at = until
            break
    return Foreseen({c: merged(steps) for c, steps in found.items()}, at)


def _within(plan: Sequence[Step], shares: Sequence[Step]) -> list[Step]:
    """A share that is as much as the plan leaves what the plan says exactly."""
    return joined(plan, shares, _lower)


def _lower(limit: Limit | None, share: Limit | None) -> Limit | None:
    assert limit is not None, "a plan of a connector always has a limit"
    assert share is not None, "whoever charges always has a share"
    return limit if share.milliamp >= limit.milliamp else Limit(share.microamp, limit.phases)


def _told_at(steps: Sequence[Step], at: Epoch) -> Limit | None:
    return next(step for step in reversed(steps) if step.start <= at).limit


def _limit_at(steps: Sequence[Step], at: Epoch) -> MilliAmp:
    limit = _told_at(steps, at)
    assert limit is not None, "a connector has its rating"
    return limit.milliamp
