"""A Green Card held to the reader while money is in the machine: the money goes where it was meant."""

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import GreenCardRead
from tests.domain.test_topup_limits import reason_of
from tests.support.stations import StationUnderTest, answer
from tests.support.tills import CARD, PayingStation, a_till

OTHER = GreenCardRead("7123450000000026", "04DDEEFF")


def paying() -> PayingStation:
    station = a_till()
    station.coin()
    assert station.screen == "cash_in"
    return station


def topping_up() -> PayingStation:
    station = a_till()
    station.tell(CARD).answered(answer())
    station.press("topup").press("topup_other").press("topup_cash")
    assert (station.screen, station.param("purpose")) == ("cash_in", "topup")
    return station


def loads(station: StationUnderTest) -> list[int]:
    return [
        each.payload["amount"]["amount"]
        for each in station.deliveries.values()
        if isinstance(each, VendorMessage) and each.message_id == "GreenCard.TopUp"
    ]


def test_card_over_credit_is_offered_to_load_it() -> None:
    station = paying().tell(CARD)
    assert station.screen == "gc_wait"
    station.answered(answer())
    assert (station.screen, station.param("load_minor")) == ("gc_ok", 200)
    station.press("to_greencard").wait(2)
    assert station.screen == "top_wait"
    assert loads(station) == [200]
    assert station.dialogue.data.here == 0


def test_card_that_is_low_is_offered_the_credit_too() -> None:
    station = paying().tell(CARD).answered(answer(spend=20))
    assert station.screen == "gc_low"
    assert station.press("to_greencard").screen == "top_wait"


def test_card_over_credit_begins_no_charge_and_no_other_top_up_beside_it() -> None:
    station = a_till().plugged(1).coin().tell(CARD).answered(answer())
    assert station.screen == "gc_ok"
    assert {reason_of(station, "start"), reason_of(station, "topup")} == {"money_inside"}
    assert station.press("start").screen == "gc_ok"


def test_whoever_does_not_want_the_card_is_back_at_the_credit() -> None:
    station = paying().tell(CARD).answered(answer()).press("cancel")
    assert (station.screen, station.dialogue.data.here) == ("cash_in", 200)


def test_nobody_answers_and_the_credit_is_given_back() -> None:
    station = paying().tell(CARD).answered(answer()).wait(61)
    assert station.screen == "more_time"
    station.wait(21)
    assert station.screen in {"cash_in", "cash_back"}


def test_same_card_again_in_a_top_up_changes_nothing() -> None:
    station = topping_up().coin().tell(CARD)
    assert (station.screen, station.param("purpose")) == ("cash_in", "topup")
    station.coin().press("key_ok").wait(2)
    assert station.screen == "top_wait"


def test_another_card_in_a_top_up_with_money_in_it_gets_none_of_it() -> None:
    station = topping_up().coin().tell(OTHER).coin()
    assert (station.screen, station.param("credit_minor")) == ("cash_in", 400)
    card = station.dialogue.data.card
    assert card is not None
    assert card.id_tag == CARD.number


def test_another_card_before_the_first_coin_is_the_next_customer() -> None:
    station = topping_up().tell(OTHER).answered(answer())
    assert station.screen == "gc_ok"
    station.coin()
    assert (station.screen, station.param("purpose")) == ("cash_in", "charge")


@pytest.mark.parametrize("overlay", ["language", "easy", "help", ""])
def test_slot_stays_open_under_whatever_a_coin_lifts(overlay: str) -> None:
    station = paying()
    if overlay:
        station.press(overlay)
    else:
        station.wait(61)
    assert station.screen in {"lang", "access", "help", "more_time"}
    assert station.dialogue.data.coins_accepted
    station.coin()
    assert (station.screen, station.param("credit_minor")) == ("cash_in", 400)
