"""Whoever uses up a reservation must be able to pay for it, or Start says what is missing."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.dialogue.reservation_fee import fee
from chargepoint.domain.effects import Claim, Keep
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.record import HoldState
from chargepoint.domain.reservations.reservation import Kept, Reservation
from chargepoint.domain.session import Session
from chargepoint.domain.units import ConnectorId, Minor, Watt, Wh
from tests.support.points import at
from tests.support.stations import answer
from tests.support.tariffs import a_session
from tests.support.tills import CARD, PayingStation, a_till

ONE = ConnectorId(1)
NOW = at(0).utc
PER_MINUTE = Tariff(energy_milli_per_kwh=45_000, reservation_milli_per_minute=20_000)
AT_NIGHT = replace(
    PER_MINUTE,
    reservation_time=(
        ConditionalPrice(5_000, Conditions(start_time_of_day="22:00", end_time_of_day="06:00")),
        ConditionalPrice(20_000),
    ),
)


def kept_for(minutes: int) -> PayingStation:
    """A connector that somebody reserved so long ago, proved his by six digits, and plugged into."""
    station = a_till(tariff=PER_MINUTE)
    since = NOW - timedelta(minutes=minutes)
    made = Reservation(41, ONE, "482913", since, NOW + timedelta(hours=3))
    station.plugged()
    station.hear(ONE, Keep(Kept((made,), True, True, made.expires)))
    station.hear(ONE, Claim(41))
    return station


def test_coins_must_pay_the_reservation_before_start() -> None:
    station = kept_for(30)  # 6.00, and the minimum of 1.00
    station.press("pay_cash").coin(200)
    wanted = station.param("minimum_minor")
    assert isinstance(wanted, int)
    assert 700 <= wanted <= 720
    assert "start" not in station.buttons()
    station.coin(200).coin(200)
    assert "start" not in station.buttons()
    station.coin(200)
    assert "start" in station.buttons()
    assert station.press("start").screen == "code"


def test_without_a_reservation_the_minimum_is_as_ever() -> None:
    station = a_till(tariff=PER_MINUTE)
    station.plugged().press("pay_cash").coin(100)
    assert station.param("minimum_minor") == 100
    assert "start" in station.buttons()


def test_card_that_cannot_pay_the_reservation_is_low() -> None:
    station = kept_for(30)
    station.tell(CARD).answered(answer(500, tariff=PER_MINUTE))
    assert station.screen == "gc_low"


def test_bank_card_holds_the_fee_on_top_so_that_the_charge_has_the_whole_hold() -> None:
    station = kept_for(240)  # 48.00, more than the hold of 40.00
    shown = station.param("hold_minor")
    assert isinstance(shown, int)
    assert 4000 + 4800 <= shown <= 4000 + 4800 + 200
    assert shown % 100 == 0
    station.press("pay_card")
    order = station.bank_order
    assert order is not None
    assert (order.amount, station.param("amount_minor")) == (shown, shown)
    station.wait(30)
    assert station.param("amount_minor") == shown, "what was asked, not what is due by now"
    assert station.bank().wait(2).screen == "code"
    session = station.point().data.session
    assert session is not None
    assert session.limit == shown
    assert not session.will_overspend(Watt(22_000))


def test_hold_from_before_that_does_not_cover_the_fee_goes_back_first() -> None:
    station = kept_for(240)
    station.hear(ONE, Claim(None))
    assert station.press("pay_card").param("amount_minor") == 4000
    station.hear(ONE, Claim(41))
    station.bank().wait(2)
    assert [hold.state for hold in station.holds.values()] == [HoldState.RELEASE]
    assert station.point().data.session is None


@given(st.integers(0, 24 * 60), st.integers(0, 600), st.sampled_from([PER_MINUTE, AT_NIGHT]))
def test_fee_is_what_the_session_will_bill(start: int, minutes: int, tariff: Tariff) -> None:
    until = NOW + timedelta(minutes=start)
    session = a_session(tariff)
    order = replace(session.order, reserved_s=minutes * 60)
    begun: Session = replace(session, order=order, started_at=until).opened()
    with_energy = replace(begun, register=Wh(begun.register_start + 1))
    assert abs(with_energy.exact_cost - fee(tariff, until - timedelta(minutes=minutes), until)) <= 1


# --- whose prices ----------------------------------------------------------------------------------


def test_plain_prices_of_an_account_are_not_mixed_with_the_rules_of_the_site() -> None:
    by_hours = replace(
        PER_MINUTE,
        energy=(
            ConditionalPrice(9_000, Conditions(start_time_of_day="00:00", end_time_of_day="12:00")),
            ConditionalPrice(45_000),
        ),
    )
    station = a_till(tariff=by_hours)
    station.plugged().tell(CARD).answered(answer(tariff=Tariff(energy_milli_per_kwh=41_000)))
    assert station.param("price_card") == 41_000
    station.press("start")
    session = station.point().data.session
    assert session is not None
    assert not session.order.tariff.has_conditions


def test_card_without_an_account_pays_by_the_rules_of_the_site() -> None:
    station = a_till(tariff=AT_NIGHT)
    station.plugged().tell(CARD)
    station.answered(replace(answer(), account=None, offline=True, allowance=Minor(1000)))
    station.press("start")
    session = station.point().data.session
    assert session is not None
    assert session.order.tariff.has_conditions
