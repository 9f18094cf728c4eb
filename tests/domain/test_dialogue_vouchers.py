"""Journeys of the conversation with vouchers, and of money onto a Green Card."""

from dataclasses import replace

import pytest

from chargepoint.domain.devices import ForeignCardRead
from chargepoint.domain.dialogue.context import DialogueSettings, PayTalk
from chargepoint.domain.dialogue.events import (
    LinkChanged,
    TopUpDelivered,
    VoucherAnswered,
)
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.effects import (
    RedeemVoucher,
)
from chargepoint.domain.money.account import AccountState
from chargepoint.domain.payments import (
    BankReceipt,
    BankResult,
)
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import HoldState
from chargepoint.domain.units import ConnectorId, Minor, RequestId
from tests.support.payment_talks import (
    APPROVED,
    DECLINED,
    at_terminal,
    left_with_change,
    sent,
    states,
    topping_up,
    typed,
)
from tests.support.points import at
from tests.support.stations import answer
from tests.support.tills import CARD, a_till

# --- vouchers --------------------------------------------------------------------------------------


def test_voucher_becomes_credit_at_the_plug() -> None:
    station = a_till()
    station.plugged()
    typed(station).voucher(360)
    assert station.screen == "cash_in"
    assert station.balances() == {"voucher": -360, "credit:1": 360}
    assert station.press("start").screen == "code"


def test_voucher_without_a_plug_is_credit_of_nobody() -> None:
    station = a_till()
    station.plugged().press("voucher").unplugged()
    station.enter("12345678")
    station.voucher(360)
    assert station.screen == "cash_in"
    assert station.balances() == {"voucher": -360, "unassigned": 360}


@pytest.mark.parametrize("reason", ["used", "unknown", "offline"])
def test_voucher_that_is_worth_nothing_says_why_and_may_be_typed_again(reason: str) -> None:
    station = a_till()
    station.plugged()
    typed(station)
    assert not [b for b in station.buttons() if b.startswith("key_")], "an answer is under way"
    station.voucher(0, reason)
    assert station.screen == "voucher_in"
    assert station.param("reason") == reason
    station.enter("8765").press("key_clear").press("key_ok").enter("87654321")
    station.voucher(360)
    assert station.screen == "cash_in"


def test_voucher_may_be_typed_without_a_link_too() -> None:
    station = a_till()
    station.plugged().tell(LinkChanged(online=False))
    assert station.press("voucher").screen == "voucher_in"
    assert station.param("online") is False


def test_voucher_whose_answer_was_not_awaited_is_asked_again_and_credited_once() -> None:
    station = a_till()
    station.plugged()
    typed(station)
    first = station.sent(RedeemVoucher)[-1]
    assert station.press("back").screen == "pay"
    typed(station)
    late = VoucherAnswered(first.request, f"redeem:{first.code}", Minor(360))
    assert station.tell(late).screen == "voucher_in"
    station.voucher(360)
    assert station.balances()["credit:1"] == 360


def test_late_answer_to_a_voucher_after_leaving_credits_nobody_else() -> None:
    station = a_till()
    station.plugged()
    typed(station).press("back").press("cancel").wait(7)
    station.tell(VoucherAnswered(RequestId("v1"), "redeem:12345678", Minor(360)))
    assert station.balances() == {}


def test_voucher_keypad_times_out() -> None:
    station = a_till()
    station.plugged().press("voucher").wait(61)
    assert station.screen == "more_time"
    assert station.press("more_time").screen == "voucher_in"
    assert station.wait(82).screen == "pay"


# --- Green Card ------------------------------------------------------------------------------------


def test_coins_onto_a_card_arrive_once() -> None:
    station = topping_up("topup_other")
    station.press("topup_cash").coin()
    station.note(500).press("key_ok").wait(1)
    assert station.screen == "top_wait"
    (message,) = sent(station, "GreenCard.TopUp")
    assert message.payload["amount"]["amount"] == 700
    assert message.payload["means"] == "cash"
    assert station.delivered(2700).screen == "top_done"
    assert station.param("balance_minor") == 2700
    assert station.balances() == {"cash_box": 700, "gc_clearing": -700}
    station.tell(TopUpDelivered(message.payload["reference"], Minor(700), Minor(2700)))
    assert station.balances() == {"cash_box": 700, "gc_clearing": -700}
    assert station.press("key_ok").screen == "home"


def test_topup_that_takes_long_is_queued_and_arrives_later() -> None:
    station = topping_up()
    station.press("topup_cash").coin().press("key_ok").wait(12)
    assert station.screen == "top_done"
    station.wait(21)
    assert station.screen == "home"
    station.delivered()
    assert station.balances() == {"cash_box": 200, "gc_clearing": -200}


def test_late_coin_of_a_topup_belongs_to_it() -> None:
    station = topping_up()
    station.press("topup_cash").coin().press("key_ok").coin(100).wait(1)
    (message,) = sent(station, "GreenCard.TopUp")
    assert message.payload["amount"]["amount"] == 300
    station.coin(50)
    assert station.balances()["unassigned"] == 50, "too late for it: somebody's credit"
    assert "coin.unexpected" not in station.incident_codes()


def test_topup_can_be_given_up_and_its_coins_come_back() -> None:
    station = topping_up()
    station.press("topup_cash")
    assert station.press("back").screen == "top_how"
    station.press("topup_cash").coin().press("return_money").wait(1)
    assert station.pay_out().screen == "home"
    assert station.paid_out == 200
    assert not sent(station, "GreenCard.TopUp")


def test_topup_coins_with_empty_hoppers_become_a_voucher() -> None:
    station = a_till(inside=0)
    station.tell(CARD).answered(answer()).press("topup").press("topup_10").press("topup_cash")
    assert station.coin().press("return_money").screen == "cash_iou"
    assert station.press("voucher").balances()["voucher"] == 200


def test_topup_that_is_left_alone_is_sent() -> None:
    station = topping_up()
    station.press("topup_cash").coin().wait(61)
    assert station.screen == "more_time"
    station.wait(22)
    assert len(sent(station, "GreenCard.TopUp")) == 1


def test_topup_without_money_is_forgotten() -> None:
    station = topping_up()
    assert station.press("back").press("back").screen == "gc_ok"
    station.press("topup").press("topup_20").press("topup_cash").wait(82)
    assert station.screen == "home"
    assert station.dialogue.data.pay.topup is None


def test_topup_by_bank_card_is_captured_and_booked_in_one_commit() -> None:
    station = topping_up("topup_20")
    station.press("topup_card")
    assert station.screen == "card_tap"
    order = station.bank_order
    assert order is not None
    assert order.amount == 2000
    assert station.bank().screen == "top_wait"
    assert [(h.state, h.wanted) for h in station.holds.values()] == [(HoldState.CAPTURE, 2000)]
    (message,) = sent(station, "GreenCard.TopUp")
    assert message.payload["means"] == "bank"
    assert station.settle().delivered(4000).screen == "top_done"
    assert station.balances() == {"card_clearing": 2000, "gc_clearing": -2000}
    assert list(station.captured.values()) == [2000]


def test_topup_by_bank_card_given_up_charges_nobody_even_when_it_was_approved() -> None:
    station = topping_up()
    station.press("topup_card").press("back")
    station.bank(APPROVED)
    assert states(station) == [HoldState.RELEASE]
    assert station.balances() == {}
    assert not sent(station, "GreenCard.TopUp")


def test_topup_by_a_declined_bank_card_may_be_tried_again() -> None:
    station = topping_up()
    station.press("topup_card")
    assert station.bank(DECLINED).press("retry").screen == "card_tap"
    order = station.bank_order
    assert order is not None
    assert order.amount == 1000
    assert station.bank().screen == "top_wait"


def test_blocked_card_takes_no_money() -> None:
    station = a_till()
    station.tell(CARD).answered(answer(state=AccountState.BLOCKED))
    assert "topup" not in station.buttons()


def test_change_onto_a_card() -> None:
    station = left_with_change(inside=0)
    assert station.press("to_greencard").screen == "gc_load"
    assert station.press("back").screen == "cash_iou"
    station.press("to_greencard").tell(CARD)
    assert station.screen == "top_wait"
    assert station.delivered().screen == "top_done"
    assert station.balances()["gc_clearing"] == -360
    assert "owed" not in station.balances()


def test_voucher_already_written_is_cancelled_by_the_card_in_the_same_commit() -> None:
    station = left_with_change(inside=0)
    station.press("voucher").tell(CARD)
    assert station.screen == "top_wait"
    station.delivered()
    assert "voucher" not in station.balances()
    assert len(sent(station, "Voucher.Redeem")) == 1
    assert station.balances()["gc_clearing"] == -360


def test_card_screen_for_change_times_out_to_the_choice() -> None:
    station = left_with_change(inside=0)
    assert station.press("to_greencard").wait(61).screen == "cash_iou"
    assert station.wait(121).balances()["voucher"] == 360


def test_foreign_card_takes_no_change() -> None:
    station = left_with_change(inside=0)
    station.press("to_greencard").tell(ForeignCardRead("04DD"))
    assert station.screen == "gc_load"
    assert station.balances()["owed"] == 360


def test_credit_under_a_card_may_be_loaded_onto_it() -> None:
    station = a_till().coin(50)
    assert station.screen == "cash_in"
    station.tell(CARD).answered(answer())
    assert station.screen == "gc_ok"
    assert station.press("to_greencard").screen == "top_wait"
    assert station.delivered().balances() == {"cash_box": 50, "gc_clearing": -50}


def test_start_after_a_topup_asks_about_the_card_again() -> None:
    station = topping_up()
    station.plugged()
    station.press("topup_cash").coin().press("key_ok").wait(1)
    station.delivered(2200)
    assert station.press("start").screen == "gc_wait"


@pytest.mark.parametrize("screen", ["cash_in", "gc_load"])
def test_own_card_ends_its_charge_from_any_screen_of_a_payment(screen: str) -> None:
    station = a_till(2, inside=0)
    station.plugged(2).tell(CARD).answered(answer()).press("start").asks(2).charge(2, 500)
    station.wait(1).coin()
    if screen == "gc_load":
        station.press("return_money").press("to_greencard")
    station.tell(CARD)
    session = station.point(2).data.session
    assert session is not None
    assert session.cause is not None


def test_result_that_comes_to_another_screen_is_given_back_and_frees_the_terminal() -> None:
    one = ConnectorId(1)
    opening = opening_data({one: PointSeen(data=PointData(one))}, {}, "es")
    data = replace(opening, pay=PayTalk(bank_reference="R1"))
    dialogue = DialogueMachine(data, DialogueSettings(bank_fitted=True), at(0))
    receipt = BankReceipt("0231", "1", "T", Minor(4000))
    outcome = dialogue.handle(BankResult("reserve", "R1", APPROVED, receipt), at(1))
    assert [record.state for record in outcome.batch.holds] == [HoldState.RELEASE]
    assert dialogue.data.pay.bank_reference == ""


def test_screens_of_a_topup_and_of_a_failed_start_say_their_amounts() -> None:
    station = a_till()
    station.tell(CARD).answered(answer(2000)).press("topup")
    assert station.param("balance_minor") == 2000
    station = at_terminal()
    station.bank().wait(3).press("key_ok").wait(151)
    assert station.param("charged_minor") == 0
