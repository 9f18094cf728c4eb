"""The next change of price, and how long money lasts: as if every minute were looked at."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.domain.pricing.tariff import (
    Component,
    Consumption,
    Tariff,
    room_within,
    weight_of,
)
from chargepoint.domain.pricing.tariff_ahead import Change, next_change, seconds_within
from chargepoint.domain.pricing.tariff_conditions import (
    ConditionalPrice,
    Conditions,
    Moment,
    place_of,
)
from chargepoint.domain.units import Minor, Watt, Wh
from tests.domain.test_tariff_usage import tariffs
from tests.support.tariffs import BY_NIGHT, MADRID, NIGHT

ALL = tuple(Component)
DAY_MS = 24 * 60 * 60_000


def moment(text: str, **more: int) -> Moment:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID))
    return Moment(local, Wh(more.get("energy", 0)), Watt(more.get("power", 0)))


def told(tariff: Tariff, text: str, components: tuple[Component, ...] = ALL) -> Change | None:
    return next_change(tariff, moment(text), components)


def test_coming_price_and_its_hour_are_told() -> None:
    change = told(BY_NIGHT, "2026-11-20T21:30")
    assert change is not None
    assert change.at.strftime("%H:%M") == "22:00"
    assert change.milli(Component.ENERGY) == 30_000
    assert change.milli(Component.FIXED_FEE) == 20_000
    assert change.milli(Component.RESERVATION_TIME) is None


def test_price_that_began_this_minute_is_the_price_of_now() -> None:
    change = told(BY_NIGHT, "2026-11-20T22:00:30")
    assert change is not None
    assert change.at.strftime("%d %H:%M") == "21 06:00"
    assert change.milli(Component.ENERGY) == 45_000


def test_change_of_place_without_change_of_price_is_none() -> None:
    same = Tariff(energy_milli_per_kwh=5, zone=MADRID, energy=(ConditionalPrice(5, NIGHT),))
    assert told(same, "2026-11-20T21:30") is None


def test_change_beyond_a_day_is_not_told() -> None:
    friday = Conditions(day_of_week=("Friday",))
    tariff = Tariff(energy_milli_per_kwh=9, zone=MADRID, energy=(ConditionalPrice(5, friday),))
    assert told(tariff, "2026-11-18T21:30") is None
    change = told(tariff, "2026-11-19T21:30")
    assert change is not None
    assert change.at == datetime(2026, 11, 20, tzinfo=ZoneInfo(MADRID))


def test_only_the_components_asked_for_are_watched() -> None:
    assert told(BY_NIGHT, "2026-11-20T21:30", (Component.RESERVATION_TIME,)) is None


def test_tariff_without_conditions_never_changes() -> None:
    assert told(Tariff(energy_milli_per_kwh=5), "2026-11-20T21:30") is None


@pytest.mark.parametrize(
    ("start", "at"),
    [
        ("2026-03-29T01:10", "2026-03-29T01:00+00:00"),  # 02:00 does not exist that night
        ("2026-10-25T02:40", "2026-10-25T01:00+00:00"),  # 02:00 comes twice
    ],
)
def test_night_in_which_clocks_change_is_known(start: str, at: str) -> None:
    early = Conditions(start_time_of_day="02:00", end_time_of_day="02:30")
    tariff = Tariff(zone=MADRID, energy=(ConditionalPrice(5, early),))
    change = told(tariff, start)
    if "-03-" in start:  # the hour is skipped: the price holds next on the day after
        assert change is None or change.at.day == 30
        return
    assert change is not None
    assert change.at.astimezone(UTC) == datetime.fromisoformat(at)


starts = st.tuples(
    st.sampled_from(["2026-11-20", "2026-03-29", "2026-03-28", "2026-10-24", "2026-10-25"]),
    st.integers(0, 86_399),
).map(
    lambda p: f"{p[0]}T{p[1] // 3600:02}:{p[1] // 60 % 60:02}:{p[1] % 60:02}",
)


def minutes_of_a_day(now: Moment) -> Iterator[tuple[int, int]]:
    """Begin and end of each minute by the clock, in ms from now, for a day."""
    begin = 0
    while begin < DAY_MS:
        local = now.at(begin)
        end = min(DAY_MS, begin + 60_000 - local.second * 1000 - local.microsecond // 1000)
        yield begin, end
        begin = end


@settings(max_examples=40, deadline=None)
@given(tariff=tariffs, start=starts)
def test_next_change_is_the_one_found_by_looking_at_every_minute(
    tariff: Tariff, start: str
) -> None:
    tariff = replace(tariff, zone=MADRID)
    now = moment(start)

    def prices(gone_ms: int) -> list[int]:
        then = replace(now, local=now.at(gone_ms))
        return [tariff.milli(each, place_of(tariff.prices(each), then)) for each in ALL]

    before = prices(0)
    found = next((b for b, _ in minutes_of_a_day(now) if prices(b) != before), None)
    change = next_change(tariff, now, ALL)
    if found is None:
        assert change is None or (change.at - now.local).total_seconds() >= 22 * 3600
        return
    assert change is not None
    assert change.at.astimezone(UTC) == now.at(found).astimezone(UTC)
    after = prices(found)
    assert dict(change.prices) == {
        each: new for each, old, new in zip(ALL, before, after, strict=True) if old != new
    }


def plain_seconds(tariff: Tariff, budget: int, now: Moment, included: int) -> int | None:
    """A day walked through minute by minute, cut where the session passes a threshold."""
    room = room_within(Minor(budget), 0) * 3_600_000
    if room < 0:
        return 0
    found = [p.conditions for p in (*tariff.energy, *tariff.charging_time)]
    wh = [b for c in found for b in (c.min_energy_wh, c.max_energy_wh) if b is not None]
    s = [b for c in found for b in (c.min_charging_time_s, c.max_charging_time_s) if b is not None]
    cuts = {-(-(b - now.energy) * 3_600_000 // now.power) for b in (*wh, included)}
    cuts |= {b * 1000 for b in s}
    minutes = {begin for begin, _ in minutes_of_a_day(now)}
    points = sorted({each for each in cuts | minutes if 0 <= each < DAY_MS})
    for begin, end in zip(points, [*points[1:], DAY_MS], strict=True):
        then = replace(
            now,
            local=now.at(begin),
            energy=Wh(now.energy + now.power * begin // 3_600_000),
            charging_ms=now.charging_ms + begin,
        )
        energy = tariff.milli(Component.ENERGY, place_of(tariff.energy, then))
        time = tariff.milli(Component.CHARGING_TIME, place_of(tariff.charging_time, then))
        drawn = int(now.power) if then.energy >= included else 0
        rate = weight_of(Component.ENERGY, energy, drawn)
        rate += weight_of(Component.CHARGING_TIME, time, 3_600_000)
        if rate * (end - begin) > room:
            return (begin + room // rate) // 1000
        room -= rate * (end - begin)
    return None


@settings(max_examples=40, deadline=None)
@given(
    tariff=tariffs,
    start=starts,
    budget=st.integers(0, 20_000),
    power=st.integers(1, 50_000),
    included=st.sampled_from([0, 0, 500, 3_000]),
)
def test_money_lasts_as_long_as_a_walk_through_the_day_says(
    tariff: Tariff, start: str, budget: int, power: int, included: int
) -> None:
    tariff = replace(tariff, zone=MADRID, session_minor=0)
    now = moment(start, power=power)
    got = seconds_within(tariff, Minor(budget), Consumption(), now, Wh(included))
    assert got == plain_seconds(tariff, budget, now, included)
