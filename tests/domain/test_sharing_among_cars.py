"""Cars at a site, second by second: what they draw is what they were offered some seconds ago.

A lower offer is followed as late as the standard allows, a higher one at once: the worst for the site.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.domain.supply.fair_shares import ALL_PHASES, SMALLEST_OFFER, Wish
from chargepoint.domain.supply.sharing import SETTLE_S, TURN_S, Sharing
from chargepoint.domain.supply.usage import ROOM, SPARE, WATCHED_S, Usage
from chargepoint.domain.units import ConnectorId, MilliAmp

RATING = MilliAmp(32_000)
FOLLOWS_WITHIN_S = 10  # 5 s to the next change of the pilot, 5 s for the car
SETTLED_S = round(2 * WATCHED_S + 3 * SETTLE_S)
ONE, TWO, THREE = ConnectorId(1), ConnectorId(2), ConnectorId(3)
L1, L2, L3 = (frozenset({phase}) for phase in sorted(ALL_PHASES))


@dataclass(frozen=True, slots=True)
class Car:
    """`takes`: its charger, or what its battery takes. `late_s`: when it follows a lower offer."""

    takes: int
    late_s: int = FOLLOWS_WITHIN_S
    phases: frozenset[str] = ALL_PHASES


@dataclass
class Site:
    """`total`: of each phase. Every second the meters are read, as the desk hears them."""

    total: int
    cars: dict[ConnectorId, Car]
    now: int = 0
    sharing: Sharing = field(default_factory=Sharing)
    usage: dict[ConnectorId, Usage] = field(default_factory=dict)
    told: list[dict[ConnectorId, int]] = field(default_factory=list)
    most_drawn: int = 0
    _asked: dict[ConnectorId, Wish] = field(default_factory=dict)
    _shared: int = -1

    def passes(self, seconds: int) -> "Site":
        for _ in range(seconds):
            self._look()
            self.told.append({c: int(ma) for c, ma in self.sharing.told.items()})
            drawn = {c: self._drawn(c) for c in self.cars}
            for c, taken in drawn.items():
                offered = self.sharing.told[c]
                used = self.usage.get(c, Usage()).after(self.now, offered, MilliAmp(taken))
                self.usage[c] = used
            loads = (sum(ma for c, ma in drawn.items() if phase in self.cars[c].phases)
                     for phase in ALL_PHASES)  # fmt: skip
            self.most_drawn = max(self.most_drawn, *loads)
            self.now += 1
        return self

    def _look(self) -> None:
        asked = {c: self._wish(c) for c in self.cars}
        wake_at = self.sharing.wake_at
        is_time = wake_at is not None and self.now >= wake_at
        if (asked, self.total) != (self._asked, self._shared) or is_time:
            self.sharing = self.sharing.after(self.now, MilliAmp(self.total), asked)
            self._asked, self._shared = asked, self.total

    def _wish(self, c: ConnectorId) -> Wish:
        usage = self.usage.get(c, Usage())
        return Wish(RATING, phases=self.cars[c].phases, enough=usage.enough, rests=usage.rests)

    def _drawn(self, c: ConnectorId) -> int:
        car = self.cars[c]
        heard = max(each.get(c, 0) for each in self.told[-car.late_s - 1 :])
        return min(car.takes, heard) if heard >= SMALLEST_OFFER else 0

    def changes(self, since: int = 0) -> int:
        """How often anybody was told anything else."""
        return sum(
            one != two for one, two in zip(self.told[since:], self.told[since + 1 :], strict=False)
        )


wired = st.one_of(
    st.just([ALL_PHASES] * 4), st.just([L1, L2, L3, L1]), st.just([ALL_PHASES, L1, L2, L3])
)
takes = st.lists(st.integers(0, 40).map(lambda amperes: amperes * 1000), min_size=1, max_size=4)
totals = st.integers(6, 100).map(lambda amperes: amperes * 1000)


def site_of(total: int, takes: list[int], wires: list[frozenset[str]], late_s: int = 10) -> Site:
    pairs = enumerate(zip(takes, wires, strict=False), start=1)
    return Site(total, {ConnectorId(n): Car(most, late_s, wire) for n, (most, wire) in pairs})


@settings(max_examples=40)
@given(totals, takes, wired, st.integers(0, FOLLOWS_WITHIN_S))
def test_no_phase_carries_more_than_the_limit_at_any_second(
    total: int, most: list[int], wires: list[frozenset[str]], late_s: int
) -> None:
    site = site_of(total, most, wires, late_s).passes(SETTLED_S)
    assert site.most_drawn <= site.total


@settings(max_examples=40)
@given(totals, takes, wired)
def test_constant_demand_is_settled_in_minutes_and_stays(
    total: int, most: list[int], wires: list[frozenset[str]]
) -> None:
    site = site_of(total, most, wires).passes(SETTLED_S + 300)
    if all(site.sharing.told.values()):
        assert site.changes(SETTLED_S) == 0
    assert site.changes() <= 6 * len(site.cars)


@settings(max_examples=40)
@given(totals, takes, wired)
def test_who_is_short_shares_a_full_phase_with_nobody_who_has_more_use(
    total: int, most: list[int], wires: list[frozenset[str]]
) -> None:
    """Max-min: he could have more only if somebody who has no more than he gave it."""
    site = site_of(total, most, wires).passes(SETTLED_S)
    told = site.sharing.told
    for c, car in site.cars.items():
        if not all(told.values()) or told[c] >= min(car.takes, RATING):
            continue
        others = [
            max(min(told[d], site.cars[d].takes) for d in told if phase in site.cars[d].phases)
            for phase in car.phases
            if sum(told[d] for d in told if phase in site.cars[d].phases) > total - 10
        ]
        assert others, "somebody is short, and no phase is full"
        assert min(others) <= told[c] + SPARE


def test_car_of_ten_amperes_beside_one_that_takes_all_does_not_hunt() -> None:
    site = site_of(40_000, [32_000, 10_000], [ALL_PHASES] * 2).passes(1800)
    assert site.changes(SETTLED_S) == 0
    assert site.sharing.told == {ONE: 40_000 - 10_000 - ROOM, TWO: 10_000 + ROOM}


def test_nobody_waits_on_a_phase_where_there_is_room() -> None:
    """The car on three phases finds no room beside the first; the one on L2 does."""
    site = site_of(11_000, [32_000] * 3, [L1, ALL_PHASES, L2]).passes(SETTLED_S)
    assert site.sharing.told == {ONE: 11_000, TWO: 0, THREE: 11_000}


@pytest.mark.parametrize("fits", [1, 2, 3])
def test_turns_pass_to_everybody_when_not_all_find_room(fits: int) -> None:
    site = site_of(fits * 6_000, [32_000] * 4, [ALL_PHASES] * 4).passes(round(12 * TURN_S))
    energy = {c: sum(each[c] for each in site.told) for c in site.cars}
    assert min(energy.values()) > 0.85 * max(energy.values())
    assert site.most_drawn <= site.total
    assert site.changes() <= 12 * 4
