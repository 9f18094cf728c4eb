"""Findings about a price list: what can never hold, what overlaps, what is forbidden."""

import pytest

from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.pricing.tariff_rules import findings
from chargepoint.domain.units import Watt

SLOW = (Watt(22_000), Watt(11_000))
NIGHT = Conditions(start_time_of_day="22:00", end_time_of_day="06:00")


def told(*conditions: Conditions, base: int = 45_000) -> list[str]:
    prices = tuple(ConditionalPrice(30_000 + i, each) for i, each in enumerate(conditions))
    tariff = Tariff(energy_milli_per_kwh=base, energy=prices)
    found = findings(tariff, SLOW)
    return [f"{each.key} {each.text.split()[0].strip(':')}" for each in found]


def test_plain_tariff_has_nothing_to_find() -> None:
    assert findings(Tariff(energy_milli_per_kwh=45_000, session_minor=50), SLOW) == ()


def test_everything_free_is_worth_a_word() -> None:
    (found,) = findings(Tariff(), SLOW)
    assert (found.key, found.is_error) == ("energy", False)


def test_grace_without_idle_fee_is_worth_a_word() -> None:
    (found,) = findings(Tariff(energy_milli_per_kwh=1, idle_grace_minutes=5), SLOW)
    assert found.key == "idle_grace"


@pytest.mark.parametrize(
    "later",
    [
        Conditions(start_time_of_day="23:00", end_time_of_day="05:00"),
        Conditions(start_time_of_day="22:00", end_time_of_day="06:00", day_of_week=("Monday",)),
        Conditions(start_time_of_day="01:00", end_time_of_day="02:00", min_energy_wh=5),
        NIGHT,
    ],
)
def test_price_behind_a_wider_one_is_unreachable(later: Conditions) -> None:
    assert told(NIGHT, later) == ["energy_rules.1 unreachable"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NIGHT, Conditions(start_time_of_day="05:00", end_time_of_day="12:00")),
        (Conditions(min_energy_wh=5), Conditions(max_energy_wh=6)),
        (Conditions(day_of_week=("Monday",)), Conditions(valid_from_date="2026-12-24")),
    ],
)
def test_prices_that_meet_are_told(one: Conditions, other: Conditions) -> None:
    assert told(one, other) == ["energy_rules.1 overlaps"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NIGHT, Conditions(start_time_of_day="06:00", end_time_of_day="22:00")),
        (Conditions(min_energy_wh=5), Conditions(max_energy_wh=5)),
        (Conditions(day_of_week=("Monday",)), Conditions(day_of_week=("Sunday",))),
        (Conditions(valid_to_date="2026-12-24"), Conditions(valid_from_date="2026-12-24")),
    ],
)
def test_prices_that_never_meet_are_fine(one: Conditions, other: Conditions) -> None:
    assert told(one, other) == []


def test_prices_that_meet_and_agree_are_fine() -> None:
    prices = (ConditionalPrice(1, NIGHT), ConditionalPrice(1, Conditions(min_energy_wh=1)))
    assert findings(Tariff(energy_milli_per_kwh=2, energy=prices), SLOW) == ()


def test_power_that_the_station_does_not_have_is_told() -> None:
    assert told(Conditions(min_power_w=22_001)) == ["energy_rules.0 never"]


def test_plain_price_behind_a_price_without_conditions_is_told() -> None:
    assert told(Conditions()) == ["energy_rules its"]
    assert told(Conditions(), base=0) == []


def test_fee_chosen_by_what_is_not_yet_known_is_an_error_and_comes_first() -> None:
    fee = ConditionalPrice(50_000, Conditions(min_energy_wh=1))
    found = findings(Tariff(fixed_fee=(fee,), idle_grace_minutes=5), SLOW)
    assert [(each.key, each.is_error) for each in found] == [
        ("session_rules", True),
        ("idle_grace", False),
    ]


def test_price_of_a_reservation_is_of_the_calendar() -> None:
    late = ConditionalPrice(5, Conditions(min_charging_time_s=60))
    tariff = Tariff(energy_milli_per_kwh=1, reservation_time=(late,))
    (found,) = findings(tariff, SLOW)
    assert (found.key, found.is_error) == ("reservation_rules", True)


def test_fast_connectors_are_named_and_slow_ones_are_not() -> None:
    tariff = Tariff(energy_milli_per_kwh=1, session_minor=50)
    (found,) = findings(tariff, (Watt(22_000), Watt(50_000), Watt(62_500)))
    assert "at connector 2 (50 kW) and 3 (62.5 kW), because it gives 50 kW and more" in found.text
    assert findings(tariff, (Watt(49_999), Watt(49_999))) == ()
