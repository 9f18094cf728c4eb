"""Who gets how much of a current that several connectors share. The one home of that decision. Pure.

fair      in proportion to what each could take, phase by phase, and nobody less than the least while
          there is enough; what one cannot use, or leaves unused (usage.py), is for the others
minimum   a share below what a vehicle can use is worth nothing to anybody: then somebody waits, and
          after a turn whoever waited longest comes first, so nobody waits for ever
safe      who gets less is told at once, who gets more when the others have had the time to follow:
          the currents that vehicles may still draw never exceed the limit together
stable    what was decided stays until something changes: the limit, a session, a turn
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chargepoint.domain.units import ConnectorId, MilliAmp

SMALLEST_OFFER = MilliAmp(6_000)  # IEC 61851-1: less cannot be signalled
SETTLE_S = 15.0  # one change of the offer in 5 s, 5 s for the vehicle, and some for the line
TURN_S = 900.0
L1, L2, L3 = "L1", "L2", "L3"
ALL_PHASES = frozenset({L1, L2, L3})

Shares = Mapping[ConnectorId, MilliAmp]


@dataclass(frozen=True, slots=True)
class Wish:
    """`most`: by its own profile and rating. `least`: below it, rather nothing. `phases`: of the site,
    that its wires could load; a vehicle that uses fewer may use all at any moment. `enough`: more it
    does not use (usage.py), which counts while somebody else is short. `rests`: it uses nothing.
    """

    most: MilliAmp
    least: MilliAmp = SMALLEST_OFFER
    phases: frozenset[str] = ALL_PHASES
    enough: MilliAmp | None = None
    rests: bool = False

    @property
    def modest(self) -> "Wish":
        """As far as it makes use of it; what it needs at least it keeps."""
        if self.enough is None or self.enough >= self.most:
            return self
        return replace(self, most=min(self.most, max(self.enough, self.least)))


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
        if any(target[c] < wishes[c].most for c in queue):
            wishes = {c: wish.modest for c, wish in wishes.items()}
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


def shares(
    total: MilliAmp, wishes: Mapping[ConnectorId, Wish], queue: tuple[ConnectorId, ...] = ()
) -> dict[ConnectorId, MilliAmp]:
    """Never more than `total` on any phase, never more than wished; the last of the queue waits first."""
    found = dict.fromkeys(wishes, MilliAmp(0))
    served = list(queue) or sorted(c for c, w in wishes.items() if w.most >= SMALLEST_OFFER)
    while crowded := _crowded(total, [wishes[c] for c in served]):
        # Who waits gives way only on a phase that is short: the last of those who load one.
        served.remove([c for c in served if wishes[c].phases & crowded][-1])
    return found | _split(total, {c: wishes[c] for c in served})


def _split(total: MilliAmp, wishes: Mapping[ConnectorId, Wish]) -> dict[ConnectorId, MilliAmp]:
    """In proportion; whoever would have less than its least has that, and the others share the rest."""
    pinned: dict[ConnectorId, MilliAmp] = {}
    while True:
        split = _filled(total, wishes, pinned)
        short = {c: _least(wishes[c]) for c, share in split.items() if share < _least(wishes[c])}
        if not short:
            return split
        pinned |= short


def _crowded(total: MilliAmp, wishes: list[Wish]) -> frozenset[str]:
    """The phases that cannot carry even the least that all need."""
    return frozenset(
        phase
        for phase in ALL_PHASES.union(*(w.phases for w in wishes))
        if sum(_least(w) for w in wishes if phase in w.phases) > total
    )


def _filled(
    total: MilliAmp,
    wishes: Mapping[ConnectorId, Wish],
    pinned: Mapping[ConnectorId, MilliAmp],
) -> dict[ConnectorId, MilliAmp]:
    """All rise in proportion to their wishes, until a phase is full; those beside it rise on."""
    done = dict(pinned)
    while rising := {c: w for c, w in wishes.items() if c not in done}:
        tight, level = None, (1, 1)  # the phase that fills first, at which part of the wishes
        for phase in sorted(frozenset[str]().union(*(w.phases for w in rising.values()))):
            wanted = sum(w.most for w in rising.values() if phase in w.phases)
            used = sum(share for c, share in done.items() if phase in wishes[c].phases)
            free = max(0, total - used)
            if free < wanted and free * level[1] < level[0] * wanted:
                tight, level = phase, (free, wanted)
        for c, wish in rising.items():
            if tight is None or tight in wish.phases:
                done[c] = MilliAmp(wish.most * level[0] // level[1])
    return done


def _granted(
    total: MilliAmp,
    wishes: Mapping[ConnectorId, Wish],
    target: Shares,
    before: Shares,
    fading: tuple[tuple[ConnectorId, MilliAmp, float], ...],
) -> dict[ConnectorId, MilliAmp]:
    """Less at once; more only as far as nothing fades on the same phases that needs the room."""
    told = {c: min(share, before.get(c, MilliAmp(0))) for c, share in target.items()}
    flowing = {c: max([told[c], *(was for d, was, _ in fading if d == c)]) for c in told}
    for c in sorted(target):
        others = {d: flowing[d] for d in told if d != c and wishes[d].phases & wishes[c].phases}
        room = min(
            total - sum(ma for d, ma in others.items() if phase in wishes[d].phases)
            for phase in wishes[c].phases
        )
        more = min(target[c], max(0, room))
        if more > told[c] and more >= _least(wishes[c]):
            told[c] = MilliAmp(more)
            flowing[c] = max(flowing[c], told[c])
    return told


def _least(wish: Wish) -> MilliAmp:
    """A minimum above the wish would never be met."""
    return min(max(wish.least, SMALLEST_OFFER), wish.most)
