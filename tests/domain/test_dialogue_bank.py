"""Journeys of the conversation with a bank card."""

import pytest

from chargepoint.domain.devices import Pilot
from chargepoint.domain.effects import (
    BankAbort,
)
from chargepoint.domain.payments import (
    BankOutcome,
    BankPrompt,
    BankResult,
)
from chargepoint.domain.record import HoldState
from chargepoint.domain.session import Means
from tests.support.payment_talks import (
    APPROVED,
    CANCELLED,
    DECLINED,
    UNKNOWN,
    at_terminal,
    sent,
    states,
)
from tests.support.tills import PayingStation, a_till, charged_by


def test_hold_is_shown_before_the_card_is_presented() -> None:
    station = at_terminal()
    assert station.screen == "card_tap"
    assert station.param("amount_minor") == 4000
    order = station.bank_order
    assert order is not None
    assert order.amount == 4000


def test_terminal_that_works_is_waited_for_and_may_want_the_card_again() -> None:
    station = at_terminal()
    assert station.tell(BankPrompt("insert_card")).screen == "card_tap"
    assert station.tell(BankPrompt("enter_pin", "PIN?")).screen == "card_wait"
    assert station.tell(BankPrompt("wait")).screen == "card_wait"
    assert station.tell(BankPrompt("present_card")).screen == "card_tap"


def test_approved_card_charges_and_is_captured_for_what_was_sold() -> None:
    station = charged_by(a_till(), Means.BANK)
    assert states(station) == [HoldState.USED]
    station.press("stop").enter(station.code())
    station.unplugged()
    assert [(h.state, h.wanted) for h in station.holds.values()] == [(HoldState.CAPTURE, 45)]
    assert station.screen == "receipt"
    assert station.balances() == {"card_clearing": 45, "sales": 37, "vat": 8}
    (receipt,) = sent(station, "Session.Receipt")
    assert receipt.payload["hold"]["amount"] == 4000
    assert receipt.payload["released"]["amount"] == 4000 - 45


@pytest.mark.parametrize("outcome", [DECLINED, UNKNOWN])
def test_refused_card_may_try_again_or_pay_otherwise(outcome: BankOutcome) -> None:
    station = at_terminal()
    station.bank(outcome, "expired")
    assert station.screen == "card_no"
    assert station.press("retry").screen == "card_tap"
    assert station.bank(DECLINED).press("other_method").screen == "pay"
    assert station.holds == {}


def test_refused_card_nobody_cares_about_goes_home_by_itself() -> None:
    station = at_terminal()
    assert station.bank(DECLINED).wait(61).screen == "more_time"
    station.wait(21)
    assert station.screen == "pay"
    assert station.param("hold_minor") == 4000


def test_cancel_at_the_terminal_waits_for_its_result() -> None:
    station = at_terminal()
    station.press("back")
    assert station.screen == "card_wait"
    assert len(station.sent(BankAbort)) == 1
    assert station.press("cancel").screen == "card_wait"
    assert station.bank(CANCELLED).screen == "pay"
    assert "pay_card" in station.buttons()


def test_forty_five_seconds_end_the_wait() -> None:
    station = at_terminal()
    station.wait(44)
    assert not station.sent(BankAbort)
    station.wait(2)
    assert station.sent(BankAbort)
    assert station.screen == "card_wait"
    assert station.bank(CANCELLED).screen == "pay"


@pytest.mark.parametrize("goes", ["back", "time"])
def test_late_approval_is_given_back_and_starts_nothing(goes: str) -> None:
    station = at_terminal()
    _ = station.press("back") if goes == "back" else station.wait(46)
    station.tell(BankPrompt("wait"))
    station.bank(APPROVED)
    assert station.screen == "pay"
    assert states(station) == [HoldState.RELEASE]
    station.wait(5)
    assert station.point().data.session is None
    assert station.settle().press("pay_card").screen == "card_tap"
    assert station.bank(APPROVED).screen == "card_ok"


def test_approval_after_an_unknown_end_is_given_back() -> None:
    station = at_terminal()
    station.bank(UNKNOWN)
    station.answered_orders.clear()
    assert station.bank(APPROVED).screen == "card_no"
    assert states(station) == [HoldState.RELEASE]


def test_result_without_a_receipt_reserves_nothing() -> None:
    station = at_terminal()
    assert station.tell(BankResult("reserve", "other", APPROVED)).screen == "card_tap"
    assert station.holds == {}


def test_terminal_that_is_busy_or_away_or_not_fitted_is_struck_with_its_reason() -> None:
    def why(station: PayingStation) -> str:
        return next(b.reason for b in station.dialogue.buttons() if b.id == "pay_card")

    station = a_till()
    station.plugged()
    station.bank_online(online=False)
    assert why(station) == "bank_offline"
    station = charged_by(a_till(2), Means.BANK)
    station.press("connector_2")
    station.plugged(2)
    station.press("connector_2")
    assert why(station) == "bank_busy"
    station = a_till(bank_fitted=False)
    station.plugged()
    assert why(station) == "not_fitted"


def test_approved_card_whose_plug_went_is_given_back() -> None:
    station = at_terminal()
    station.bank()
    station.unplugged()
    station.wait(3)
    assert station.screen == "home"
    assert states(station) == [HoldState.RELEASE]


def test_same_reservation_serves_a_retry() -> None:
    station = at_terminal()
    station.bank().wait(3).press("key_ok").wait(151)
    assert station.screen == "start_fail"
    assert states(station) == [HoldState.OPEN]
    station.press("retry")
    assert states(station) == [HoldState.USED]
    assert station.screen == "code"
    assert len(station.holds) == 1


def test_reservation_of_a_failed_start_goes_back_when_the_customer_leaves() -> None:
    station = at_terminal()
    station.bank().wait(3).press("key_ok").wait(151)
    station.unplugged()
    station.wait(60)
    assert station.screen == "home"
    assert states(station) == [HoldState.RELEASE]


def test_reservation_goes_back_when_another_means_is_chosen() -> None:
    station = at_terminal()
    station.bank().wait(3).press("key_ok").wait(151)
    station.press("other_method").press("pay_cash")
    assert states(station) == [HoldState.RELEASE]


def test_reservation_serves_another_choice_of_the_card_too() -> None:
    station = at_terminal()
    station.bank().wait(3).press("key_ok").wait(151)
    assert station.press("other_method").press("pay_card").screen == "code"
    assert states(station) == [HoldState.USED]


def test_reservation_of_a_start_elsewhere_that_sold_nothing_goes_back() -> None:
    station = charged_by(a_till(2), Means.BANK, energy=0)
    station.press("connector_2")
    station.pilot(1, Pilot.A)
    assert states(station) == [HoldState.RELEASE]


def test_core_that_dies_gives_back_what_nobody_uses_and_keeps_what_somebody_does() -> None:
    station = at_terminal()
    station.bank().restarted()
    assert states(station) == [HoldState.RELEASE]
    station = charged_by(a_till(), Means.BANK)
    station.restarted()
    assert states(station) == [HoldState.USED]


def test_help_while_the_card_is_approved_does_not_hold_up_the_start() -> None:
    station = at_terminal()
    station.bank().press("help")
    assert station.screen == "help"
    assert station.wait(3).screen == "code"


def test_help_over_a_refused_card_does_not_stay_for_ever() -> None:
    station = at_terminal()
    station.bank(DECLINED).press("help").wait(62)
    assert station.screen == "card_no"
    station.press("back")
    assert station.wait(62).screen == "more_time"
    assert station.wait(21).screen == "pay"
