"""Journeys of the conversation where money goes back: change, what was not used, notes and limits."""

from chargepoint.domain.dialogue.events import (
    PaidOut,
    SharedDevice,
)
from chargepoint.domain.effects import (
    AcceptNotes,
    DecideNote,
    InhibitNotes,
)
from chargepoint.domain.payments import (
    NoteCursor,
    NoteCursorMoved,
    NoteInEscrow,
    NoteStacked,
)
from chargepoint.domain.units import Minor
from tests.support.payment_talks import left_with_change, sent
from tests.support.stations import answer
from tests.support.tills import CARD, a_till

# --- change ----------------------------------------------------------------------------------------


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


# --- notes and limits ------------------------------------------------------------------------------


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
