"""The receipt on the screen: its QR code, its invoice, and the way to paper."""

from dataclasses import replace

from chargepoint.domain.devices import DeviceKind
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import InvoiceIssued, PrintFailed, SharedDevice
from chargepoint.domain.effects import PrintReceipt
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings, page_token
from chargepoint.domain.units import Minor, SessionId
from tests.support.points import PUBLIC, at
from tests.support.stations import StationUnderTest

SETTINGS = DialogueSettings(tariff=PUBLIC, minimum=Minor(100))
NOTE = replace(SETTINGS, receipt=ReceiptSettings(link="https://r.example"), printer_fitted=True)
KIOSK = replace(SETTINGS, receipt=ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza"))


def at_the_receipt(settings: DialogueSettings) -> StationUnderTest:
    station = StationUnderTest(settings=settings).booted().plugged()
    station.press("pay_cash").coin().press("start").press("key_ok").asks()
    station.charge(1, 4444).unplugged()
    while station.dialogue.screen() != "receipt":
        station.press("key_ok")
    return station


def buttons(station: StationUnderTest) -> dict[str, bool]:
    return {each.id: each.enabled for each in station.dialogue.buttons()}


def params(station: StationUnderTest) -> dict[str, object]:
    return dict(station.dialogue.params(at(station.seconds)))


def test_note_leads_to_its_page_at_once() -> None:
    station = at_the_receipt(NOTE)
    leaving = station.dialogue.data.leaving
    assert leaving is not None
    assert params(station)["qr"] == f"https://r.example/r/{page_token(leaving.session)}"
    station.press("receipt_qr")
    assert station.dialogue.screen() == "receipt_qr"
    assert params(station)["qr"] == leaving.qr
    station.press("key_ok")
    assert station.dialogue.screen() == "thanks"


def test_qr_code_without_anywhere_to_lead_is_struck() -> None:
    station = at_the_receipt(SETTINGS)
    assert buttons(station)["receipt_qr"] is False
    assert "receipt_print" not in buttons(station)


def test_invoice_brings_number_and_qr_code_to_its_own_receipt_only() -> None:
    station = at_the_receipt(KIOSK)
    receipt = str(params(station)["number"])
    assert buttons(station)["receipt_qr"] is False
    station.tell(InvoiceIssued("another", "P-9", "https://agency/9"))
    assert buttons(station)["receipt_qr"] is False
    station.tell(InvoiceIssued(receipt, "P-1", "https://agency/1"))
    assert (params(station)["number"], params(station)["qr"]) == ("P-1", "https://agency/1")
    assert buttons(station)["receipt_qr"] is True


def test_paper_is_ordered_and_its_failure_shows_the_qr_code() -> None:
    station = at_the_receipt(NOTE)
    leaving = station.dialogue.data.leaving
    assert leaving is not None
    station.press("receipt_print")
    assert PrintReceipt(leaving.session, "es") in station.effects
    station.tell(PrintFailed(SessionId("another")))
    assert station.dialogue.screen() == "thanks"
    station.tell(PrintFailed(leaving.session))
    assert station.dialogue.screen() == "receipt_qr"


def test_printer_that_is_away_is_struck() -> None:
    station = at_the_receipt(NOTE)
    station.tell(SharedDevice(DeviceKind.PRINTER, online=False))
    assert buttons(station)["receipt_print"] is False
