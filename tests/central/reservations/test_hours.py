"""Moments and what clocks show."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from central.reservations import hours
from central.reservations.rules import Opening

MADRID = ZoneInfo("Europe/Madrid")
MOMENTS = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


def test_half_past_two_comes_never_or_twice_when_clocks_change() -> None:
    half_past = time(2, 30)
    assert hours.local_moments(SPRING, half_past, MADRID) == ()
    assert hours.local_moments(AUTUMN, half_past, MADRID) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert len(hours.local_moments(AUTUMN, time(3, 30), MADRID)) == 1


def test_which_of_the_two_is_told_apart() -> None:
    first, second = hours.local_moments(AUTUMN, time(2, 30), MADRID)
    assert hours.is_shown_twice(first, MADRID)
    assert hours.is_shown_twice(second, MADRID)
    assert hours.is_before_change(first, MADRID)
    assert not hours.is_before_change(second, MADRID)
    assert not hours.is_shown_twice(first - timedelta(hours=1), MADRID)


@given(MOMENTS)
def test_every_moment_is_among_those_that_clocks_show(moment: datetime) -> None:
    local = moment.astimezone(MADRID)
    found = hours.local_moments(local.date(), local.time().replace(fold=0), MADRID)
    assert moment in found
    assert hours.is_shown_twice(moment, MADRID) == (len(found) == 2)


@given(
    MOMENTS,
    st.integers(1, 240),
)
def test_quarters_cover_a_time_without_gap_or_overlap(begin: datetime, minutes: int) -> None:
    end = begin + timedelta(minutes=minutes)
    found = list(hours.quarters(begin, end))
    assert found[0] <= begin < found[0] + hours.QUARTER
    assert found[-1] < end <= found[-1] + hours.QUARTER
    assert all(b - a == hours.QUARTER for a, b in pairwise(found))


def test_a_day_has_23_24_or_25_hours() -> None:
    for day, expected in ((SPRING, 23), (AUTUMN, 25), (date(2026, 11, 21), 24)):
        assert len(list(hours.moments_of(day, MADRID, timedelta(hours=1)))) == expected


def test_opening_hours_may_reach_over_midnight() -> None:
    night = Opening("20:00", "02:00", ("Friday",))
    friday = datetime(2026, 11, 20, 21, tzinfo=MADRID)
    assert night.is_open(friday)
    assert night.is_open(friday + timedelta(hours=4))  # one o'clock of the night that began then
    assert not night.is_open(friday + timedelta(hours=5))
    assert not night.is_open(friday - timedelta(hours=20))  # of Thursday's night
    assert Opening().is_open(friday)
