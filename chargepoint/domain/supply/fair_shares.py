"""What is fair, at one moment, of a current that several connectors share. Pure.

fair      whoever has least rises first (max-min), phase by phase: a wish above one's share changes
          nothing, and what one cannot take is for the others
minimum   a share below what a vehicle can use is worth nothing to anybody: whoever does not fit beside
          those before him in the queue waits, and only he
lent      what a vehicle leaves unused (usage.py) is for those who are short, and his again when
          nobody is
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chargepoint.domain.units import ConnectorId, MilliAmp

SMALLEST_OFFER = MilliAmp(6_000)  # IEC 61851-1: less cannot be signalled
L1, L2, L3 = "L1", "L2", "L3"
_PHASES = L1, L2, L3
ALL_PHASES = frozenset(_PHASES)

Shares = Mapping[ConnectorId, MilliAmp]


@dataclass(frozen=True, slots=True)
class Wish:
    """`most`: by its own profile and rating. `least`: below it, rather nothing. `phases`: of the site,
    that its wires could load; a vehicle that uses fewer may use all at any moment. `enough`: more it
    does not use (usage.py), which counts while somebody else is short. `rests`: it uses nothing.
    `drawn`: what it takes though it was told to take less.
    """

    most: MilliAmp
    least: MilliAmp = SMALLEST_OFFER
    phases: frozenset[str] = ALL_PHASES
    enough: MilliAmp | None = None
    rests: bool = False
    drawn: MilliAmp = MilliAmp(0)

    @property
    def needed(self) -> MilliAmp:
        """A minimum above the wish would never be met."""
        return min(max(self.least, SMALLEST_OFFER), self.most)

    @property
    def used(self) -> MilliAmp:
        """As far as it makes use of it; what it needs at least it keeps."""
        return self.most if self.enough is None else min(self.most, max(self.enough, self.needed))


class _Bounds(NamedTuple):
    """Of one share."""

    floor: MilliAmp
    ceiling: MilliAmp
    phases: frozenset[str]

    def at(self, level: int) -> MilliAmp:
        return MilliAmp(min(max(self.floor, level), self.ceiling))


def shares(
    total: MilliAmp, wishes: Mapping[ConnectorId, Wish], queue: Sequence[ConnectorId] = ()
) -> dict[ConnectorId, MilliAmp]:
    """Never more than `total` on any phase, never more than wished; the last of the queue waits first."""
    able = sorted(c for c, wish in wishes.items() if wish.most >= SMALLEST_OFFER)
    served = {c: wishes[c] for c in _served(total, wishes, queue or able)}
    found = _risen(total, {c: _Bounds(w.needed, w.used, w.phases) for c, w in served.items()})
    if any(wish.used < wish.most for wish in served.values()):
        found = _risen(total, {c: _Bounds(found[c], w.most, w.phases) for c, w in served.items()})
    return dict.fromkeys(wishes, MilliAmp(0)) | found


def _served(
    total: MilliAmp, wishes: Mapping[ConnectorId, Wish], queue: Sequence[ConnectorId]
) -> list[ConnectorId]:
    """Whoever finds what he needs beside those before him."""
    found: list[ConnectorId] = []
    taken = dict.fromkeys(ALL_PHASES, 0)
    for c in queue:
        wish = wishes[c]
        if all(taken[phase] + wish.needed <= total for phase in wish.phases):
            found.append(c)
            taken |= {phase: taken[phase] + wish.needed for phase in wish.phases}
    return found


def _risen(total: MilliAmp, bounds: Mapping[ConnectorId, _Bounds]) -> dict[ConnectorId, MilliAmp]:
    """All rise to one level, from their floors and up to their ceilings, until a phase is full; those
    beside it rise on. Everybody's floor fits.
    """
    done: dict[ConnectorId, MilliAmp] = {}
    top = max((each.ceiling for each in bounds.values()), default=MilliAmp(0))
    lines = {frozenset(c for c, b in bounds.items() if phase in b.phases) for phase in _PHASES}
    while len(done) < len(bounds):
        level, full = int(top), frozenset(bounds)
        for line in lines:
            rising = [bounds[c] for c in line if c not in done]
            most = _highest(rising, total - sum(done[c] for c in line if c in done), level)
            if most < level:
                level, full = most, line
        done |= {c: bounds[c].at(level) for c in full if c not in done}
    return done


def _highest(rising: Sequence[_Bounds], free: int, top: int) -> int:
    """The highest level, up to `top`, at which all together take no more than what is free."""
    if sum(each.at(top) for each in rising) <= free:
        return top
    levels = range(top + 1)
    return bisect_right(levels, free, key=lambda level: sum(b.at(level) for b in rising)) - 1
