"""Who is told which share of a current over time (fair_shares.py says what is fair). Pure.

turns     where it is not enough for all, somebody waits; after a turn whoever waited longest comes
          first, so nobody waits for ever
safe      who gets less is told at once, who gets more when the others have had the time to follow, and
          have: the currents that vehicles may still draw never exceed the limit together
stable    what was decided stays until something changes: the limit, a session, a turn
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chargepoint.domain.supply.fair_shares import SMALLEST_OFFER, Shares, Wish, shares
from chargepoint.domain.units import ConnectorId, MilliAmp

SETTLE_S = 15.0  # one change of the offer in 5 s, 5 s for the vehicle, and some for the line
TURN_S = 900.0


@dataclass(frozen=True, slots=True)
class Sharing:
    """What was told, and what of it may still flow."""

    told: Shares = field(default_factory=dict)
    fading: tuple[
        tuple[ConnectorId, MilliAmp, float], ...
    ] = ()  # told before, until when it may flow
    queue: tuple[ConnectorId, ...] = ()  # who comes first while it is not enough for all
    turn_ends: float = 0.0
    wake_at: float | None = None  # when to look again, though nothing changes

    def after(self, now: float, total: MilliAmp, wishes: Mapping[ConnectorId, Wish]) -> "Sharing":
        """`total`: of each phase. The answer is in `told`: of everybody who wishes, and nobody else."""
        queue = self._queued(wishes)
        target = shares(total, wishes, queue)
        waiting = tuple(c for c in queue if target[c] == 0)
        ends = self.turn_ends if set(waiting) & set(self._waited()) else now + TURN_S
        if waiting and now >= ends and total >= SMALLEST_OFFER:
            queue = (*waiting, *(c for c in queue if c not in waiting))
            target, ends = shares(total, wishes, queue), now + TURN_S
            waiting = tuple(c for c in queue if target[c] == 0)
        fading = self._fading(now, target)
        told = _granted(total, wishes, target, self.told, fading)
        looks = [until for _, _, until in fading] if told != target else []
        looks += [ends] if waiting and total >= SMALLEST_OFFER else []
        return Sharing(told, fading, queue, ends, min(looks, default=None))

    def shared(
        self, now: float, total: MilliAmp | None, wishes: Mapping[ConnectorId, Wish]
    ) -> "Sharing":
        """`total` None: nobody limits them together, and each has what it wishes. A limit that comes
        finds them there.
        """
        if total is not None:
            return self.after(now, total, wishes)
        return Sharing({c: wish.most for c, wish in wishes.items()}, queue=self.queue)

    def _queued(self, wishes: Mapping[ConnectorId, Wish]) -> tuple[ConnectorId, ...]:
        """Whoever may not charge anyway takes nothing from the others; who rests comes last."""
        served = [c for c, wish in wishes.items() if wish.most >= SMALLEST_OFFER]
        kept = [c for c in self.queue if c in served]
        queue = [*kept, *sorted(c for c in served if c not in kept)]
        return tuple(sorted(queue, key=lambda c: wishes[c].rests))

    def _waited(self) -> tuple[ConnectorId, ...]:
        return tuple(c for c in self.queue if self.told.get(c) == 0)

    def _fading(
        self, now: float, target: Shares
    ) -> tuple[tuple[ConnectorId, MilliAmp, float], ...]:
        """Of those who still wish: whoever is gone has his contactor open."""
        left = [each for each in self.fading if each[2] > now and each[0] in target]
        left += [
            (c, was, now + SETTLE_S) for c, was in self.told.items() if was > target.get(c, was)
        ]
        return tuple(left)


def _granted(
    total: MilliAmp,
    wishes: Mapping[ConnectorId, Wish],
    target: Shares,
    before: Shares,
    fading: tuple[tuple[ConnectorId, MilliAmp, float], ...],
) -> dict[ConnectorId, MilliAmp]:
    """Less at once; more only as far as nothing fades on the same phases that needs the room."""
    told = {c: min(share, before.get(c, MilliAmp(0))) for c, share in target.items()}
    flowing = {
        c: max([told[c], wishes[c].drawn, *(was for d, was, _ in fading if d == c)]) for c in told
    }
    for c in sorted(target):
        others = {d: flowing[d] for d in told if d != c and wishes[d].phases & wishes[c].phases}
        room = min(
            total - sum(ma for d, ma in others.items() if phase in wishes[d].phases)
            for phase in wishes[c].phases
        )
        more = min(target[c], max(0, room))
        if more > told[c] and more >= wishes[c].needed:
            told[c] = MilliAmp(more)
            flowing[c] = max(flowing[c], told[c])
    return told
