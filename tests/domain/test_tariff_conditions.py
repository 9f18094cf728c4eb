"""Conditions of OCPP 2.1: the first price that holds applies; hours and days are local."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chargepoint.domain.pricing.tariff import Component, Tariff, load_tariff
from chargepoint.domain.pricing.tariff_conditions import (
    BASE,
    ConditionalPrice,
    Conditions,
    Moment,
    highest,
    place_of,
)
from chargepoint.domain.session import dump_session, load_session
from chargepoint.domain.units import Watt, Wh
from tests.support.tariffs import BY_NIGHT, MADRID, a_session

NIGHT = Conditions(start_time_of_day="22:00", end_time_of_day="06:00")


def moment(text: str, **more: int) -> Moment:
    return Moment(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("time", "holds"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_hours_across_midnight(time: str, holds: bool) -> None:
    assert NIGHT.hold(moment(f"2026-11-20T{time}:30")) is holds


def test_end_at_midnight_is_the_end_of_the_day() -> None:
    evening = Conditions(start_time_of_day="20:00", end_time_of_day="00:00")
    assert evening.hold(moment("2026-11-20T23:59"))
    assert not evening.hold(moment("2026-11-20T00:00"))


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        (Conditions(), True),
        (Conditions(day_of_week=("Friday",)), True),
        (Conditions(day_of_week=("Saturday", "Sunday")), False),
        (Conditions(valid_from_date="2026-11-20"), True),
        (Conditions(valid_from_date="2026-11-21"), False),
        (Conditions(valid_to_date="2026-11-21"), True),
        (Conditions(valid_to_date="2026-11-20"), False),
        (Conditions(min_power_w=7000), True),
        (Conditions(max_power_w=7000), False),
        (Conditions(min_energy_wh=500, max_energy_wh=501), True),
        (Conditions(max_energy_wh=500), False),
        (Conditions(min_charging_time_s=60), True),
        (Conditions(max_charging_time_s=60), False),
        (Conditions(min_idle_time_s=31), False),
        (Conditions(max_idle_time_s=31), True),
    ],
)
def test_every_condition_must_hold(conditions: Conditions, holds: bool) -> None:
    now = moment("2026-11-20T12:00", energy=500, power=7000, charging_ms=60_000, idle_ms=30_000)
    assert conditions.hold(now) is holds


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_time_of_day": "24:00"},
        {"end_time_of_day": "7:00"},
        {"day_of_week": ("monday",)},
        {"valid_from_date": "20261224"},
        {"valid_to_date": "2026-02-30"},
        {"valid_from_date": "2026-12-24", "valid_to_date": "2026-12-24"},
        {"min_power_w": -1},
        {"min_energy_wh": 5, "max_energy_wh": 5},
        {"max_idle_time_s": 0},
    ],
)
def test_conditions_that_nothing_meets_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(
        ValueError, match=r"no range|no date|time of day|none of|isoformat|day is out"
    ):
        Conditions(**wrong)  # type: ignore[arg-type]


def test_negative_price_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        ConditionalPrice(-1)


def test_first_price_that_holds_applies() -> None:
    prices = (ConditionalPrice(30_000, NIGHT), ConditionalPrice(60_000, Conditions(min_power_w=1)))
    assert place_of(prices, moment("2026-11-20T23:00", power=7000)) == 0
    assert place_of(prices, moment("2026-11-20T12:00", power=7000)) == 1
    assert place_of(prices, moment("2026-11-20T12:00")) == BASE


def test_highest_price_looks_at_what_may_come() -> None:
    prices = (ConditionalPrice(30_000, NIGHT), ConditionalPrice(60_000, Conditions(min_power_w=1)))
    last_of_day, first_of_night = moment("2026-11-20T21:59:55"), moment("2026-11-20T22:00:05")
    assert highest(prices, 45_000, last_of_day, first_of_night) == 60_000
    assert highest(prices, 45_000, first_of_night, first_of_night) == 30_000
    assert highest((), 45_000, last_of_day, first_of_night) == 45_000


def test_night_of_the_longer_day_holds_its_hour_twice() -> None:
    """On 25 October 2026 the clock in Madrid goes from 03:00 back to 02:00."""
    hour = Conditions(start_time_of_day="02:00", end_time_of_day="03:00")
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    minutes = [(start + timedelta(minutes=m)).astimezone(ZoneInfo(MADRID)) for m in range(480)]
    assert sum(hour.allow(minute) for minute in minutes) == 120


def test_night_of_the_shorter_day_does_not_have_its_hour() -> None:
    hour = Conditions(start_time_of_day="02:00", end_time_of_day="03:00")
    start = datetime(2026, 3, 28, 22, tzinfo=UTC)
    minutes = [(start + timedelta(minutes=m)).astimezone(ZoneInfo(MADRID)) for m in range(480)]
    assert not any(hour.allow(minute) for minute in minutes)
    assert moment("2026-03-29T01:59").at(60_000).hour == 3


def test_customer_is_told_the_prices_of_now() -> None:
    day = BY_NIGHT.at(datetime(2026, 11, 20, 12, tzinfo=UTC))
    night = BY_NIGHT.at(datetime(2026, 11, 20, 21, tzinfo=UTC))
    assert (day.energy_milli_per_kwh, day.session_minor) == (45_000, 50)
    assert (night.energy_milli_per_kwh, night.session_minor) == (30_000, 20)
    assert not night.has_conditions
    assert Tariff().at(datetime(2026, 11, 20, 21, tzinfo=UTC)) == Tariff()


def test_names_are_those_of_ocpp() -> None:
    assert [each.value for each in Component] == [
        "energy",
        "chargingTime",
        "idleTime",
        "fixedFee",
        "reservationTime",
    ]
    tariff = Tariff(reservation_milli_per_minute=7, reservation_time=(ConditionalPrice(8, NIGHT),))
    assert tariff.has_conditions
    assert tariff.milli(Component.RESERVATION_TIME, BASE) == 7
    assert tariff.milli(Component.RESERVATION_TIME, 0) == 8


def test_session_with_conditions_is_saved_whole() -> None:
    import json

    session = a_session(BY_NIGHT, limit=500, start="2026-11-20T21:30")
    later = session.charged(3_600_000, session.started_at + timedelta(hours=1))
    saved = json.loads(json.dumps(dump_session(later)))
    assert load_session(saved) == later
    assert load_tariff(saved["order"]["tariff"]) == BY_NIGHT


def test_session_saved_without_any_of_this_is_read() -> None:
    session = a_session(Tariff(energy_milli_per_kwh=45_000), limit=500)
    saved = dump_session(session)
    del saved["usage"], saved["read_at"], saved["read_power"]
    plain = {"currency": "EUR", "vat_percent": 21, "energy_milli_per_kwh": 45_000}
    saved["order"]["tariff"] = plain
    assert load_session(saved) == session
    assert (Wh(0), Watt(0)) == (session.energy, session.read_power)
