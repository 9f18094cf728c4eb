"""Journeys of money other than coins: bank cards, change, vouchers, top-ups, and their ends."""

from dataclasses import replace

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import ForeignCardRead, Pilot
from chargepoint.domain.dialogue.context import DialogueSettings, PayTalk
from chargepoint.domain.dialogue.events import (
    LinkChanged,
    PaidOut,
    SharedDevice,
    TopUpDelivered,
    VoucherAnswered,
)
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.effects import (
    AcceptNotes,
    BankAbort,
    DecideNote,
    InhibitNotes,
    RedeemVoucher,
)
from chargepoint.domain.money import ledger
from chargepoint.domain.money.account import AccountState
from chargepoint.domain.payments import (
    BankOutcome,
    BankPrompt,
    BankReceipt,
    BankResult,
    NoteCursor,
    NoteCursorMoved,
    NoteInEscrow,
    NoteStacked,
)
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import HoldState
from chargepoint.domain.session import Means
from chargepoint.domain.units import ConnectorId, Minor, RequestId
from tests.support.points import at
from tests.support.stations import answer
from tests.support.tills import CARD, PayingStation, a_till, charged_by

APPROVED, DECLINED = BankOutcome.APPROVED, BankOutcome.DECLINED
CANCELLED, UNKNOWN = BankOutcome.CANCELLED, BankOutcome.UNKNOWN


def at_terminal() -> PayingStation:
    station = a_till()
    station.plugged().press("pay_card")
    return station


def states(station: PayingStation) -> list[HoldState]:
    return [record.state for record in station.holds.values()]


def sent(station: PayingStation, message_id: str) -> list[VendorMessage]:
    return [
        d
        for d in station.deliveries.values()
        if isinstance(d, VendorMessage) and d.message_id == message_id
    ]


# --- bank card: the conversation ---------------------------------------------------------------


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


# --- change --------------------------------------------------------------------------------------


def left_with_change(inside: int = 10_000, *, proved: bool = True) -> PayingStation:
    station = charged_by(a_till(inside=inside), Means.CASH)
    if proved:
        station.press("stop").enter(station.code())
    station.unplugged()
    return station


def test_change_falls_at_once_after_the_code() -> None:
    station = left_with_change()
    assert station.screen == "change"
    assert "key_ok" not in station.buttons()
    assert station.balances()["owed"] == 360
    station.pay_out()
    assert station.screen == "receipt"
    assert station.paid_out == 360
    assert "owed" not in station.balances()


def test_change_without_the_code_waits_for_a_key() -> None:
    station = left_with_change(proved=False)
    assert station.screen == "change"
    assert station.payout is None
    station.press("key_ok")
    assert station.pay_out().screen == "receipt"


def test_change_nobody_takes_becomes_a_voucher() -> None:
    station = left_with_change(proved=False)
    assert station.wait(61).screen == "cash_iou"
    station.wait(121)
    assert station.balances()["voucher"] == 360
    assert len(sent(station, "Voucher.Issue")) == 1
    assert station.payout is None


def test_key_pressed_in_the_last_second_pays_once() -> None:
    station = left_with_change(proved=False)
    station.wait(59).press("key_ok").wait(10)
    assert station.screen == "change", "coins are falling: no voucher for them"
    station.press("key_ok")
    assert station.pay_out().screen == "receipt"
    assert "voucher" not in station.balances()
    assert station.paid_out == 360


def test_help_while_change_waits_or_falls_loses_nothing() -> None:
    station = left_with_change(proved=False)
    station.press("help").wait(61)
    assert station.screen == "cash_iou"
    station = left_with_change()
    station.press("help")
    assert station.pay_out().screen == "receipt"


def test_hopper_that_runs_short_leaves_a_voucher_for_the_rest() -> None:
    station = left_with_change(inside=100)
    assert station.pay_out().screen == "cash_iou"
    assert station.param("amount_minor") == 260
    assert station.balances()["owed"] == 260
    assert station.press("voucher").balances()["voucher"] == 260
    assert station.press("key_ok").screen == "receipt"


def test_empty_hoppers_offer_a_voucher_at_once() -> None:
    assert left_with_change(inside=0).screen == "cash_iou"


def test_key_at_the_end_issues_the_voucher_on_the_receipt() -> None:
    station = left_with_change(inside=0)
    assert station.press("key_ok").screen == "receipt"
    assert station.balances()["voucher"] == 360
    assert station.press("receipt_none").wait(7).screen == "home"
    assert len(sent(station, "Voucher.Issue")) == 1


def test_payout_of_another_customer_says_nothing_here() -> None:
    station = left_with_change()
    assert station.tell(PaidOut("other", Minor(360))).screen == "change"
    assert station.param("amount_minor") == 360


# --- money back ------------------------------------------------------------------------------------


def test_return_money_pays_in_coins() -> None:
    station = a_till()
    station.coin().coin(50).press("return_money")
    assert station.screen == "cash_back"
    station.wait(1)
    assert station.pay_out().screen == "home"
    assert station.paid_out == 250
    assert station.balances() == {"cash_box": 250, "hopper": -250}


def test_coin_in_flight_comes_back_with_the_others() -> None:
    station = a_till()
    station.coin().press("return_money").coin(100)
    station.wait(1)
    order = station.payout
    assert order is not None
    assert order.amount == 300
    assert station.pay_out().screen == "home"


def test_coin_that_comes_while_coins_fall_falls_after_them() -> None:
    station = a_till()
    station.coin().press("return_money").wait(1).coin(100)
    assert station.pay_out().screen == "cash_back"
    assert station.pay_out().screen == "home"
    assert station.paid_out == 300


def test_coin_that_comes_while_the_last_coins_fall_is_owed_and_becomes_a_voucher() -> None:
    station = a_till(inside=200)
    station.coin().press("return_money").wait(1).coin(100)
    assert station.pay_out().screen == "cash_iou"
    assert station.balances()["owed"] == 100
    assert station.press("voucher").balances()["voucher"] == 100


def test_help_right_after_return_money_does_not_keep_it() -> None:
    station = a_till()
    station.coin().press("return_money").press("help").wait(2)
    assert station.payout is not None
    assert station.pay_out().screen == "home"


def test_return_money_without_coins_inside_offers_a_voucher() -> None:
    station = a_till(inside=0)
    station.coin().press("return_money")
    assert station.screen == "cash_iou"
    assert station.press("key_ok").screen == "cash_iou"
    assert station.balances() == {"cash_box": 200, "voucher": 200}
    assert station.press("key_ok").screen == "home"


def test_nobody_answers_about_more_time_so_the_money_comes_back() -> None:
    station = a_till()
    station.coin().wait(61)
    assert station.screen == "more_time"
    assert station.wait(21).screen == "cash_back"
    station.wait(2)
    assert station.pay_out().screen == "home"
    station = a_till(inside=0)
    assert station.coin().wait(82).screen == "cash_iou"


def test_coin_during_an_open_voucher_choice_joins_it() -> None:
    station = a_till(inside=0)
    station.coin().press("return_money").coin(50)
    assert station.param("amount_minor") == 250
    assert station.press("voucher").balances()["voucher"] == 250
    assert station.coin(50).balances()["unassigned"] == 50, "the voucher is written: a new payment"


# --- notes and limits -------------------------------------------------------------------------------


def test_note_is_credit_when_it_is_stacked() -> None:
    station = a_till()
    station.note(500)
    assert station.screen == "cash_in"
    assert station.balances() == {"cash_box": 500, "unassigned": 500}


def test_only_notes_that_change_covers_are_let_in() -> None:
    station = a_till(inside=700)
    assert station.dialogue.data.pay.notes_level == {500}
    assert station.note(1000).balances() == {}
    station = a_till(inside=300)
    assert station.dialogue.data.pay.notes_level == frozenset()


def test_any_note_is_let_in_for_a_card() -> None:
    station = a_till(inside=0)
    station.tell(CARD).answered(answer()).press("topup").press("topup_other").press("topup_cash")
    assert station.dialogue.data.pay.notes_level == {500, 1000, 2000}
    assert station.note(2000).param("credit_minor") == 2000


def test_note_in_escrow_that_is_no_more_wanted_is_given_back() -> None:
    station = a_till()
    station.coin().press("return_money")
    assert station.sent(InhibitNotes)
    station.tell(NoteInEscrow(Minor(500), NoteCursor("N1", 1, 1, 1)))
    assert station.sent(DecideNote)[-1] == DecideNote(keep=False)


def test_stacked_note_is_booked_once() -> None:
    station = a_till()
    note = NoteStacked(Minor(500), NoteCursor("N1", 1, 1, 1))
    station.tell(note).tell(note)
    assert station.balances()["cash_box"] == 500


def test_lost_notes_are_told() -> None:
    station = a_till()
    station.tell(NoteCursorMoved(NoteCursor("N1", 1, 9, 9), 3))
    station.tell(NoteCursorMoved(NoteCursor("N1", 1, 10, 10)))
    assert station.incident_codes() == ["note.events_lost"]


def test_validator_that_is_away_is_not_asked_for_notes() -> None:
    station = a_till()
    station.tell(SharedDevice("note_validator", online=False))
    assert station.dialogue.data.pay.notes_level == frozenset()
    accepted = len(station.sent(AcceptNotes))
    station.tell(SharedDevice("note_validator", online=True))
    assert len(station.sent(AcceptNotes)) == accepted + 1


def test_fifty_coins_are_enough() -> None:
    station = a_till()
    for _ in range(50):
        station.coin(10)
    assert not station.dialogue.data.coins_accepted
    assert station.dialogue.data.pay.notes_level, "only coins are counted"
    station.press("return_money").wait(1)
    station.pay_out()
    assert station.dialogue.data.coins_accepted


# --- vouchers ------------------------------------------------------------------------------------------


def typed(station: PayingStation, code: str = "12345678") -> PayingStation:
    station.press("voucher").enter(code)
    return station


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


# --- Green Card -------------------------------------------------------------------------------------------


def topping_up(amount: str = "topup_10") -> PayingStation:
    station = a_till()
    station.tell(CARD).answered(answer()).press("topup").press(amount)
    assert station.screen == "top_how"
    return station


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
    station = a_till()
    station.tell(CARD).coin(50)
    assert station.screen == "cash_in"
    station = a_till()
    station.tell(CARD).answered(answer())
    station.dialogue.data.credit[ConnectorId(0)] = Minor(70)
    before = ledger.transfer("coin:before", Minor(70), debit="cash_box", credit="unassigned")
    station.postings[before.key] = before
    assert station.press("to_greencard").screen == "top_wait"
    assert station.delivered().balances() == {"cash_box": 70, "gc_clearing": -70}


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
