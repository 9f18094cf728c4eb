"""Several profiles, one limit: the fast algorithm says what the slow truth says, every second."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.supply.charging_profile import STATION, Epoch, Profile, Purpose, RateUnit
from chargepoint.domain.supply.composite_schedule import (
    Limit,
    Step,
    Supply,
    Window,
    capped,
    joined,
    layered,
    limit_in_amperes,
    limit_of,
    lowest,
    of_connector,
    of_station,
    total,
)
from chargepoint.domain.units import ConnectorId, MilliAmp
from tests.support.profiles import MINE, a_profile, periods, says

SUPPLY = Supply()
ONE = ConnectorId(1)
HORIZON = 60


def window(until: int = HORIZON, session_start: int = 0, since: int = 0) -> Window:
    return Window(Epoch(since), Epoch(until), Epoch(session_start))


def amperes(steps: list[Step]) -> list[tuple[int, float | None]]:
    return [(s.start, None if s.limit is None else s.limit.microamp / 1e6) for s in steps]


# --- the slow truth -------------------------------------------------------------------------------

some_periods = st.lists(st.integers(1, 25), max_size=4, unique=True).flatmap(
    lambda starts: st.lists(
        st.integers(0, 32), min_size=len(starts) + 1, max_size=len(starts) + 1
    ).map(lambda limits: tuple(zip([0, *sorted(starts)], limits, strict=True)))
)


@st.composite
def some_profile(draw: st.DrawFn) -> Profile:
    purpose = draw(st.sampled_from(Purpose))
    connector = 0 if purpose is Purpose.STATION_MAX else draw(st.integers(0, 2))
    session = MINE if purpose is Purpose.SESSION else None
    since = draw(st.none() | st.integers(-5, 40))
    until = draw(st.none() | st.integers(10, 70))
    starts = st.integers(-40, 40)
    return a_profile(
        *draw(some_periods),
        purpose=purpose,
        connector=connector,
        level=draw(st.integers(0, 3)),
        unit=draw(st.sampled_from(RateUnit)),
        start=draw(starts if purpose is Purpose.STATION_MAX else st.none() | starts),
        duration_s=draw(st.none() | st.integers(1, 40)),
        repeats_s=draw(st.none() | st.integers(5, 30)),
        valid=(since, until),
        session=session,
    )


def strongest(profiles: list[Profile], at: int, begun: int) -> Limit | None:
    for profile in sorted(profiles, key=lambda p: -p.stack_level):
        found = says(profile, at, begun, SUPPLY)
        if found is not None:
            return found
    return None


def truth(profiles: list[Profile], at: int, begun: int) -> Limit | None:
    """OCPP 1.6 §3.13.1 to §3.13.3, literally."""
    own = [p for p in profiles if p.purpose is Purpose.SESSION and p.connector == ONE]
    here = [p for p in profiles if p.purpose is Purpose.SESSION_DEFAULT and p.connector == ONE]
    levels = {p.stack_level for p in here}
    everywhere = [
        p
        for p in profiles
        if p.purpose is Purpose.SESSION_DEFAULT
        and p.connector == STATION
        and p.stack_level not in levels
    ]
    session = strongest(own, at, begun) or strongest(here + everywhere, at, begun)
    station = strongest([p for p in profiles if p.purpose is Purpose.STATION_MAX], at, begun)
    if session is None or station is None:
        return session or station
    return Limit(min(session.microamp, station.microamp), min(session.phases, station.phases))


def installed(profiles: list[Profile]) -> list[Profile]:
    """As a station would hold them: one in each place."""
    return list({p.place: p for p in profiles}.values())


def limit_at(steps: Sequence[Step], at: Epoch) -> Limit | None:
    """`at` is not before the first step."""
    return next(step.limit for step in reversed(steps) if step.start <= at)


@given(st.lists(some_profile(), max_size=8), st.integers(-30, 30))
def test_steps_say_what_every_second_says(profiles: list[Profile], begun: int) -> None:
    held = installed(profiles)
    asked = window(session_start=begun)
    steps = joined(
        layered(of_connector(held, ONE, MINE), asked, SUPPLY),
        layered(of_station(held), asked, SUPPLY),
        lowest,
    )
    assert [limit_at(steps, Epoch(at)) for at in range(HORIZON)] == [
        truth(held, at, begun) for at in range(HORIZON)
    ]
    assert steps[0].start == 0
    assert all(one.limit != two.limit for one, two in itertools.pairwise(steps))


@given(st.lists(some_profile(), max_size=5), st.lists(some_profile(), max_size=5))
def test_total_of_two_connectors_is_the_sum_of_each_second(
    first: list[Profile], second: list[Profile]
) -> None:
    rating = limit_in_amperes(MilliAmp(32_000), SUPPLY)
    one, two = (
        capped(layered(of_connector(installed(p), ONE, MINE), window(), SUPPLY), rating)
        for p in (first, second)
    )
    both = joined(one, two, total)
    for at in range(HORIZON):
        here, there = limit_at(one, Epoch(at)), limit_at(two, Epoch(at))
        sum_of = limit_at(both, Epoch(at))
        assert here is not None
        assert there is not None
        assert sum_of is not None
        assert sum_of.microamp == here.microamp + there.microamp


# --- cases with names -----------------------------------------------------------------------------


def test_a_gap_in_the_stronger_profile_shows_the_weaker_one() -> None:
    strong = a_profile((0, 16), level=5, start=10, duration_s=10)
    weak = a_profile((0, 10), level=1)
    steps = layered(of_connector([weak, strong], ONE, None), window(), SUPPLY)
    assert amperes(steps) == [(0, 10), (10, 16), (20, 10)]


def test_without_any_profile_nothing_is_said() -> None:
    assert amperes(layered([], window(), SUPPLY)) == [(0, None)]


def test_a_connectors_default_replaces_the_stations_of_its_level_only() -> None:
    station = a_profile((0, 10), connector=0, level=0)
    upper = a_profile((0, 20), connector=0, level=1, start=30)
    mine = a_profile((0, 13), level=0)
    held = [station, upper, mine]
    steps = layered(of_connector(held, ONE, None), window(), SUPPLY)
    assert amperes(steps) == [(0, 13), (30, 20)]
    other = layered(of_connector(held, ConnectorId(2), None), window(), SUPPLY)
    assert amperes(other) == [(0, 10), (30, 20)]


def test_a_profile_of_another_session_says_nothing() -> None:
    old = a_profile((0, 6), purpose=Purpose.SESSION, session=MINE)
    assert of_connector([old], ONE, None) == []


@pytest.mark.parametrize(
    ("unit", "limit", "phases", "supply", "microamp"),
    [
        (RateUnit.AMPERE, 16, None, Supply(230, 3), 16_000_000),
        (RateUnit.WATT, 11_040, 3, Supply(230, 3), 16_000_000),
        (RateUnit.WATT, 11_040, None, Supply(230, 3), 16_000_000),
        (RateUnit.WATT, 3_680, 1, Supply(230, 3), 16_000_000),
        # errata 3.34: more phases than there are change nothing of the limit
        (RateUnit.WATT, 3_680, 3, Supply(230, 1), 16_000_000),
        (RateUnit.AMPERE, 8.1, 3, Supply(230, 1), 8_100_000),
    ],
)
def test_limits_become_amperes_of_each_phase(
    unit: RateUnit, limit: float, phases: int | None, supply: Supply, microamp: int
) -> None:
    (period,) = periods((0, limit))
    found = limit_of(type(period)(0, period.limit_milli, phases), unit, supply)
    assert found.microamp == microamp


@given(st.integers(0, 2_200_000), st.integers(1, 3))
def test_watts_survive_the_way_to_amperes_and_back(tenth_watts: int, phases: int) -> None:
    (period,) = periods((0, tenth_watts / 10))
    limit = limit_of(type(period)(0, tenth_watts * 100, phases), RateUnit.WATT, SUPPLY)
    assert limit.tenths(RateUnit.WATT, SUPPLY) == tenth_watts


def test_amperes_are_told_rounded_down() -> None:
    limit = limit_of(periods((0, 11_000))[0], RateUnit.WATT, SUPPLY)
    assert limit.milliamp == 15_942
    assert limit.tenths(RateUnit.AMPERE, SUPPLY) == 159
