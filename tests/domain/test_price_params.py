"""What a screen tells of prices: those of now, and what the clock will change."""

from chargepoint.domain.devices import GreenCardRead
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.pricing.price_params import BEFORE_A_CHARGE, coming_prices, prices_of
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions, Moment
from tests.domain.test_tariff_ahead import moment
from tests.support.stations import StationUnderTest, answer
from tests.support.tariffs import BY_NIGHT

SOON = Conditions(start_time_of_day="08:10", end_time_of_day="09:00")
RISING = Tariff(energy_milli_per_kwh=30_000, energy=(ConditionalPrice(60_000, SOON),))


def test_every_component_that_changes_is_told_and_no_other() -> None:
    now: Moment = moment("2026-11-20T21:30")
    assert coming_prices(BY_NIGHT, now, BEFORE_A_CHARGE) == {
        "next_at": "22:00",
        "next_energy": 30_000,
        "next_charging": 0,
        "next_idle": 0,
        "next_session_minor": 20,
    }
    assert coming_prices(Tariff(energy_milli_per_kwh=5), now, BEFORE_A_CHARGE) == {}


def test_reserved_minutes_have_their_place_among_the_prices() -> None:
    assert prices_of(Tariff(reservation_milli_per_minute=5_000))["price_reservation"] == 5_000


def test_screen_before_a_charge_tells_the_coming_price() -> None:
    station = StationUnderTest(1, DialogueSettings(tariff=RISING)).booted()
    assert station.param("price_energy") == 30_000
    assert (station.param("next_at"), station.param("next_energy")) == ("08:10", 60_000)


def test_charging_screen_tells_the_coming_price_of_its_own_tariff() -> None:
    station = StationUnderTest(1, DialogueSettings(tariff=Tariff())).booted()
    station.plugged().tell(GreenCardRead("7123450000000018", "04AA"))
    station.answered(answer(2000, tariff=RISING))
    assert station.param("next_energy") == 60_000
    station.press("start").asks().charge(1, 500)
    assert station.screen == "charging"
    assert (station.param("next_at"), station.param("next_energy")) == ("08:10", 60_000)
