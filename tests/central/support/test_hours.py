"""Published hours: weekdays, holidays, midnight, and the two nights of the year when clocks move."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.support.hours import DAYS, Hours, office

MADRID = ZoneInfo("Europe/Madrid")


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID, fold=fold).astimezone(UTC)


def test_office_hours_when_asked_then_the_end_is_excluded() -> None:
    hours = office()
    assert not hours.is_open(local("2026-11-23T07:59:59"))
    assert hours.is_open(local("2026-11-23T08:00"))
    assert hours.is_open(local("2026-11-23T19:59:59"))
    assert not hours.is_open(local("2026-11-23T20:00"))


def test_weekend_and_holiday_when_closed_then_the_next_working_day_is_told() -> None:
    hours = Hours("Europe/Madrid", office().days, frozenset({"2026-12-25"}))
    assert hours.opens_at(local("2026-11-21T12:00")) == local("2026-11-23T08:00")
    assert hours.opens_at(local("2026-12-24T21:00")) == local("2026-12-28T08:00")


def test_window_over_midnight_when_its_day_is_a_holiday_then_it_does_not_begin() -> None:
    days = {"Friday": (("22:00", "02:00"),)}
    hours = Hours("Europe/Madrid", days)
    assert hours.is_open(local("2026-11-21T01:59"))
    assert not hours.is_open(local("2026-11-21T02:00"))
    closed = Hours("Europe/Madrid", days, frozenset({"2026-11-20"}))
    assert not closed.is_open(local("2026-11-20T23:00"))
    assert not closed.is_open(local("2026-11-21T01:00"))


def test_the_whole_day_when_written_as_24_then_open_to_the_last_second() -> None:
    hours = Hours("Europe/Madrid", {"Sunday": (("00:00", "24:00"),)})
    assert hours.is_open(local("2026-11-22T23:59:59"))
    assert not hours.is_open(local("2026-11-23T00:00"))


def test_night_of_spring_when_the_clock_skips_the_opening_then_it_opens_at_three() -> None:
    hours = Hours("Europe/Madrid", {"Sunday": (("02:30", "04:00"),)})
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 01:30, 30 minutes before there is no 02:00
    assert not hours.is_open(before)
    assert hours.opens_at(before) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert hours.is_open(datetime(2027, 3, 28, 1, 0, tzinfo=UTC))
    assert not hours.is_open(datetime(2027, 3, 28, 2, 0, tzinfo=UTC))


def test_night_of_autumn_when_the_hour_comes_twice_then_open_both_times() -> None:
    hours = Hours("Europe/Madrid", {"Sunday": (("02:15", "02:45"),)})
    for fold in (0, 1):
        assert hours.is_open(local("2026-10-25T02:30", fold))
        assert not hours.is_open(local("2026-10-25T02:50", fold))
    assert hours.opens_at(local("2026-10-25T01:00")) == local("2026-10-25T02:15")


def test_morning_after_a_clock_change_then_eight_is_eight_on_the_wall() -> None:
    hours = Hours("Europe/Madrid", {"Monday": (("08:00", "20:00"),)})
    assert hours.opens_at(local("2027-03-27T12:00")) == datetime(2027, 3, 29, 6, 0, tzinfo=UTC)
    assert hours.opens_at(local("2026-10-24T12:00")) == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)


def test_hours_of_nobody_then_never_open_and_no_promise() -> None:
    hours = Hours("Europe/Madrid", {})
    assert not hours.is_open(local("2026-11-23T12:00"))
    assert hours.opens_at(local("2026-11-23T12:00")) is None
    assert Hours().is_open(local("2026-11-23T03:00"))


_TIMES = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
_DAYS = st.dictionaries(
    st.sampled_from(DAYS), st.tuples(st.tuples(_TIMES, _TIMES)), min_size=1, max_size=3
)
_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda each: each.replace(tzinfo=UTC, second=0, microsecond=0)
)


@given(days=_DAYS, now=_MOMENTS, zone=st.sampled_from(("Europe/Madrid", "Atlantic/Azores", "UTC")))
def test_next_opening_when_told_then_open_there_and_closed_until_then(
    days: dict[str, tuple[tuple[str, str], ...]], now: datetime, zone: str
) -> None:
    hours = Hours(zone, days)
    opens = hours.opens_at(now)
    if opens is None:
        assert hours.is_open(now)
        return
    assert opens > now
    assert hours.is_open(opens)
    for before in range(30, 24 * 60, 30):
        each = opens - timedelta(minutes=before)
        if each < now:
            break
        assert not hours.is_open(each)


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Havana"])
def test_week_when_published_then_seven_days_in_order(zone: str) -> None:
    assert [day for day, _ in office(zone).week()] == list(DAYS)
