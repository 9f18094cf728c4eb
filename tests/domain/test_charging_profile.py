"""One profile: when it says what, which ones are impossible, who makes room."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.supply.charging_profile import (
    DAY_S,
    WEEK_S,
    Capabilities,
    Epoch,
    Profile,
    Purpose,
    RateUnit,
    Selection,
    dump_profile,
    load_profile,
    objection,
    replaced_by,
    spans,
)
from tests.support.profiles import MINE, a_profile

NOON = Epoch(1_800_014_400)
MIDNIGHT = NOON - DAY_S // 2


def told(profile: Profile, since: int, until: int, begun: int = 0) -> list[tuple[int, int, int]]:
    found = spans(profile, Epoch(since), Epoch(until), Epoch(begun))
    return [(s.start, s.end, s.period.limit_milli // 1000) for s in found]


def test_an_absolute_profile_begins_at_its_start_and_its_last_period_has_no_end() -> None:
    assert told(a_profile((0, 16), (10, 8), start=100), 0, 1000) == [(100, 110, 16), (110, 1000, 8)]


def test_duration_ends_the_last_period_and_cuts_longer_ones() -> None:
    assert told(a_profile((0, 16), (10, 8), duration_s=15), 0, 100) == [(0, 10, 16), (10, 15, 8)]
    assert told(a_profile((0, 16), (10, 8), duration_s=5), 0, 100) == [(0, 5, 16)]


def test_validity_cuts_and_its_last_second_is_outside() -> None:
    assert told(a_profile((0, 16), valid=(20, 30)), 0, 100) == [(20, 30, 16)]


def test_a_relative_profile_follows_the_session() -> None:
    relative = a_profile((0, 16), (10, 8), start=None)
    assert told(relative, 0, 100, begun=50) == [(50, 60, 16), (60, 100, 8)]


def test_a_daily_profile_returns_every_day_at_its_hour() -> None:
    night = a_profile((0, 0), (7 * 3600, 32), start=MIDNIGHT - 400 * DAY_S, repeats_s=DAY_S)
    assert told(night, NOON, NOON + DAY_S) == [
        (NOON, MIDNIGHT + DAY_S, 32),
        (MIDNIGHT + DAY_S, MIDNIGHT + DAY_S + 7 * 3600, 0),
        (MIDNIGHT + DAY_S + 7 * 3600, NOON + DAY_S, 32),
    ]


def test_a_recurring_profile_has_no_occurrence_before_its_start() -> None:
    assert told(a_profile((0, 6), start=50, repeats_s=DAY_S, duration_s=10), 0, 100) == [
        (50, 60, 6)
    ]


def test_what_is_longer_than_the_recurrence_is_not_executed() -> None:
    weekly = a_profile((0, 6), (WEEK_S + 5, 32), repeats_s=WEEK_S, duration_s=2 * WEEK_S)
    assert told(weekly, 0, WEEK_S + 10) == [(0, WEEK_S, 6), (WEEK_S, WEEK_S + 10, 6)]


def test_a_possible_profile_has_no_objection() -> None:
    assert objection(a_profile((0, 16), (10, 0)), NOON, Capabilities()) == ""


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (a_profile((1, 16)), "the first period starts at 0"),
        (a_profile((0, 16), (10, 8), (10, 6)), "periods do not ascend"),
        (a_profile((0, 16), (10, 8), (5, 6)), "periods do not ascend"),
        (a_profile((0, -1)), "negative limit"),
        (a_profile((0, 16), minimum_milli=-1), "negative limit"),
        (a_profile(*((n, 16) for n in range(101))), "too many periods, or none"),
        (a_profile(), "too many periods, or none"),
        (a_profile((0, 16), level=10), "stack level too high"),
        (a_profile((0, 16), level=-1), "negative stack level"),
        (a_profile((0, 16), duration_s=0), "no duration"),
        (a_profile((0, 16), valid=(None, NOON)), "never valid"),
        (a_profile((0, 16), valid=(NOON + 9, NOON + 9)), "never valid"),
        (
            a_profile((0, 16), purpose=Purpose.STATION_MAX),
            "a limit of the station belongs to connector 0",
        ),
        (
            a_profile((0, 16), purpose=Purpose.STATION_MAX, connector=0, start=None),
            "nothing to be relative to",
        ),
        (
            a_profile((0, 16), purpose=Purpose.SESSION, connector=0, session=MINE),
            "a session is at a connector",
        ),
        (
            a_profile((0, 16), purpose=Purpose.SESSION),
            "a profile of a session, and no other, names one",
        ),
        (a_profile((0, 16), session=MINE), "a profile of a session, and no other, names one"),
    ],
)
def test_an_impossible_profile_is_named(profile: Profile, reason: str) -> None:
    assert objection(profile, NOON, Capabilities()) == reason


def test_a_phase_count_below_one_is_impossible() -> None:
    profile = a_profile((0, 16))
    (period,) = profile.schedule.periods
    broken = load_profile(dump_profile(profile))
    object.__setattr__(broken.schedule, "periods", (type(period)(0, 16_000, 0),))
    assert objection(broken, NOON, Capabilities()) == "no phase"


def test_the_same_id_or_the_same_place_makes_room() -> None:
    one = a_profile((0, 6), id_=1, level=0)
    two = a_profile((0, 6), id_=2, level=1)
    elsewhere = a_profile((0, 6), id_=3, level=0, connector=0)
    held = [one, two, elsewhere]
    assert replaced_by(a_profile((0, 8), id_=9, level=1), held) == (two,)
    assert replaced_by(a_profile((0, 8), id_=1, level=1), held) == (one, two)
    assert replaced_by(a_profile((0, 8), id_=9, level=5), held) == ()


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(), [1, 2, 3]),
        (Selection(id=2), [2]),
        (Selection(id=2, connector=7), [2]),
        (Selection(id=9), []),
        (Selection(connector=0), [3]),
        (Selection(stack_level=0), [1, 3]),
        (Selection(purpose=Purpose.SESSION_DEFAULT, stack_level=1), [2]),
        (Selection(purpose=Purpose.STATION_MAX, connector=1), []),
    ],
)
def test_clearing_takes_an_id_or_all_that_match(selection: Selection, ids: list[int]) -> None:
    held = [
        a_profile((0, 6), id_=1, level=0),
        a_profile((0, 6), id_=2, level=1),
        a_profile((0, 6), id_=3, level=0, connector=0, purpose=Purpose.STATION_MAX),
    ]
    assert [p.id for p in held if selection.takes(p)] == ids


@given(
    unit=st.sampled_from(RateUnit),
    start=st.none() | st.integers(0, 2**40),
    valid=st.tuples(st.none() | st.integers(), st.none() | st.integers()),
    repeats_s=st.sampled_from([None, DAY_S, WEEK_S]),
    minimum_milli=st.none() | st.integers(0, 9),
)
def test_a_profile_comes_back_from_storage(
    unit: RateUnit,
    start: int | None,
    valid: tuple[int | None, int | None],
    repeats_s: int | None,
    minimum_milli: int | None,
) -> None:
    profile = a_profile(
        (0, 16),
        (5, 0),
        purpose=Purpose.SESSION,
        session=MINE,
        unit=unit,
        start=start,
        valid=valid,
        repeats_s=repeats_s,
        minimum_milli=minimum_milli,
    )
    assert load_profile(json.loads(json.dumps(dump_profile(profile)))) == profile
