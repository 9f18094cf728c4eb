"""What the screen promises before the first coin, what the slot refuses, and what comes back."""

from dataclasses import replace

import pytest

from chargepoint.domain.dialogue.context import MAX_COINS
from chargepoint.domain.dialogue.events import ChangeLevel
from chargepoint.domain.effects import DecideNote
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings
from chargepoint.domain.payments import NoteCursor, NoteInEscrow, NoteReturned, NoteStacked
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.record import Incident
from chargepoint.domain.units import Minor
from tests.support.tills import PayingStation, a_till

KIOSK = ReceiptSettings(
    ReceiptMode.KIOSK, "B12345674", "Plaza SL", "P07", link="https://receipts.example"
)


def takes_coins(station: PayingStation) -> bool:
    return station.dialogue.data.coins_accepted


# --- before the first coin -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "promised"), [(0, False), (10, False), (190, False), (200, True), (5000, True)]
)
def test_change_is_promised_when_even_the_largest_coin_could_come_back(
    inside: int, promised: bool
) -> None:
    station = a_till(inside=inside)
    assert station.param("change_ok") is promised, "on the first screen already"
    assert station.plugged().param("change_ok") is promised
    station.press("pay_cash")
    if not promised:
        assert station.screen == "cash_nochange", "where change is usual, its lack is told first"
        station.press("key_ok")
    assert station.param("change_ok") is promised


def test_change_is_not_promised_by_a_station_without_hoppers() -> None:
    station = a_till(hoppers_fitted=False)
    assert station.param("change_ok") is False


def test_promise_follows_the_hoppers() -> None:
    station = a_till()
    assert station.tell(ChangeLevel(Minor(0))).param("change_ok") is False
    assert station.tell(ChangeLevel(Minor(300))).param("change_ok") is True


def test_notes_are_offered_only_while_change_covers_them() -> None:
    station = a_till(inside=5000)
    station.coin()
    assert station.param("notes") == [500, 1000, 2000]
    assert station.tell(ChangeLevel(Minor(700))).param("notes") == [500]
    assert station.tell(ChangeLevel(Minor(0))).param("notes") == []
    assert station.param("change_ok") is False


# --- fifty coins -----------------------------------------------------------------------------------


def test_fifty_coins_are_counted_down_and_then_the_slot_is_shut() -> None:
    station = a_till()
    for number in range(MAX_COINS):
        assert takes_coins(station)
        station.coin(10)
        assert station.param("coins_left") == MAX_COINS - 1 - number
    assert not takes_coins(station)
    assert station.param("credit_minor") == MAX_COINS * 10


def test_notes_do_not_count_as_coins_and_are_taken_after_the_fiftieth() -> None:
    station = a_till()
    station.note(500)
    assert station.param("coins_left") == MAX_COINS
    for _ in range(MAX_COINS):
        station.coin(10)
    assert station.note(500).param("credit_minor") == 1500


def test_next_customer_has_fifty_again() -> None:
    station = a_till()
    for _ in range(MAX_COINS):
        station.coin(10)
    station.press("return_money").wait(1)
    station.pay_out()
    assert station.coin(10).param("coins_left") == MAX_COINS - 1


# --- everything comes back on cancel -----------------------------------------------------------------


def note_at(station: PayingStation, number: int) -> NoteCursor:
    return NoteCursor("N1", 1, number, number)


def test_note_in_escrow_when_the_customer_cancels_is_given_back() -> None:
    station = a_till()
    station.coin().press("return_money")
    station.tell(NoteInEscrow(Minor(500), note_at(station, 1)))
    assert station.sent(DecideNote)[-1].keep is False
    station.tell(NoteReturned("", note_at(station, 2))).wait(1)
    station.pay_out()
    assert station.paid_out == 200
    assert station.screen == "home"


def test_note_stacked_after_the_cancel_falls_with_the_coins() -> None:
    station = a_till()
    station.coin()
    station.tell(NoteInEscrow(Minor(500), note_at(station, 1)))
    assert station.sent(DecideNote)[-1].keep is True
    station.press("return_money").tell(NoteStacked(Minor(500), note_at(station, 2))).wait(1)
    station.pay_out()
    assert (station.paid_out, station.screen) == (700, "home")


def test_note_stacked_while_the_coins_already_fall_falls_after_them() -> None:
    station = a_till()
    station.coin()
    station.tell(NoteInEscrow(Minor(500), note_at(station, 1)))
    station.press("return_money").wait(1)
    station.tell(NoteStacked(Minor(500), note_at(station, 2)))
    station.pay_out()
    assert station.screen == "cash_back"
    station.pay_out()
    assert (station.paid_out, station.screen) == (700, "home")
    assert "owed" not in station.balances()


def test_note_that_came_late_when_the_hoppers_are_empty_becomes_a_voucher() -> None:
    station = a_till(inside=200)
    station.coin().press("return_money").wait(1)
    station.tell(NoteStacked(Minor(500), note_at(station, 1)))
    station.pay_out()
    assert (station.screen, station.param("amount_minor")) == ("cash_iou", 500)


# --- the limit of a simplified invoice ------------------------------------------------------------------


def selling_dear(limit: int) -> PayingStation:
    """A station that invoices; its simplified invoices end at `limit`."""
    station = a_till(receipt=replace(KIOSK, simplified_limit=Minor(limit)))
    station.point_settings = PointSettings(issues_invoices=True, simplified_limit=Minor(limit))
    station.restarted()
    return station


def test_cash_beyond_a_simplified_invoice_is_not_let_in_for_a_charge() -> None:
    station = selling_dear(1200)
    station.note(500)
    assert station.param("notes") == [500]
    station.note(500)
    assert station.param("notes") == []
    assert takes_coins(station)
    station.coin()
    assert not takes_coins(station)
    assert station.param("credit_minor") == 1200


def test_sale_above_the_limit_is_booked_told_and_says_how_to_get_an_invoice() -> None:
    station = selling_dear(1000)
    station.point_settings = replace(station.point_settings, simplified_limit=Minor(80))
    station.restarted()
    station.plugged().coin().coin().press("start").asks().press("key_ok").charge(1, 2000)
    station.press("stop").enter(station.code())
    sale = next(key for key in station.postings if key.startswith("sale:"))
    session = sale.removeprefix("sale:")
    assert station.balances()["sales"] + station.balances()["vat"] == 90
    (told,) = [each for each in station.incidents if each.code == "invoice.limit"]
    assert isinstance(told, Incident)
    message = station.deliveries[f"tx:{session}:receipt"]
    assert message.payload["fullInvoice"] is True  # type: ignore[union-attr]  # a VendorMessage


def test_receipt_on_the_screen_says_that_a_full_invoice_is_due() -> None:
    station = selling_dear(80)
    station.plugged()
    station.press("pay_card")
    station.bank().wait(3).asks().press("key_ok").charge(1, 2000)
    station.press("stop").enter(station.code())
    station.unplugged()
    assert station.screen == "receipt"
    assert station.param("full_invoice") is True
    assert str(station.param("qr")).startswith("https://receipts.example/r/")


def test_receipt_below_the_limit_has_its_invoice() -> None:
    station = selling_dear(90)
    station.plugged()
    station.press("pay_card")
    station.bank().wait(3).asks().press("key_ok").charge(1, 2000)
    station.press("stop").enter(station.code())
    station.unplugged()
    assert station.param("full_invoice") is False
    assert "invoice.limit" not in station.incident_codes()
