"""Invoices that a point leaves to the central system: one a receipt, in one sequence without a gap."""

from typing import Any

import pytest

from central.system import CentralSystem
from tests.central.test_loads import a_load
from tests.central.test_receipt_page import a_refund, fetch, tell
from tests.support.central import CARD, Point, a_receipt, a_system, converse

pytestmark = pytest.mark.usefixtures("both_databases")

TOKEN = "abcdefghijklmnopqrstuvwx24"
ASKED = {"invoicing": {"issuer": "Plaza SL", "nif": "B12345674"}}


def cash(number: str, **changes: Any) -> dict[str, Any]:
    sold = {"receiptNumber": number, "transactionId": None, "idTag": "CASH", "means": "cash"}
    return a_receipt(**sold | ASKED | changes)


def numbered(system: CentralSystem, content: dict[str, Any]) -> str | None:
    status, answer = tell(system, "Session.Receipt", content)
    assert status == "Accepted"
    invoice = answer.get("invoice")
    return None if invoice is None else str(invoice["number"])


def test_each_receipt_that_asks_has_the_next_number_and_asked_again_the_same() -> None:
    system = a_system()
    asked = [cash("R-1"), cash("R-2"), cash("R-1"), cash("R-3"), cash("R-2")]
    found = [numbered(system, each) for each in asked]
    assert found == ["CS-000001", "CS-000002", "CS-000001", "CS-000003", "CS-000002"]


def test_receipt_that_does_not_ask_or_has_its_own_takes_no_number() -> None:
    system = a_system()
    plain = cash("R-1")
    del plain["invoicing"]
    assert numbered(system, plain) is None
    assert numbered(system, cash("R-2", invoice="P07-000001")) is None
    assert numbered(system, cash("R-3")) == "CS-000001"


def test_second_receipt_of_a_transaction_is_held_and_leaves_no_gap() -> None:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=5000)

    async def script(point: Point) -> None:
        await point.start()
        await point.stop(1, 11_000)
        for number in ("R-1", "R-2"):
            await point.transfer("Session.Receipt", a_receipt(receiptNumber=number, **ASKED))

    converse(system, script)
    assert numbered(system, cash("R-3")) == "CS-000002"


def test_page_shows_the_invoice_in_the_name_of_its_issuer() -> None:
    system = a_system()
    numbered(system, cash("R-1", page=TOKEN, hash=""))
    found = fetch(system, f"/r/{TOKEN}", "en")
    assert "Simplified invoice" in found.text
    assert "CS-000001" in found.text
    assert "Plaza SL" in found.text
    assert "Fingerprint" not in found.text


def test_load_that_is_taxed_has_its_invoice() -> None:
    system = a_system()
    system.accounts.create_card(CARD)
    for _ in range(2):
        _, answer = tell(system, "GreenCard.TopUp", a_load(**ASKED))
        assert answer["invoice"]["number"] == "CS-000001"


def test_refund_of_our_invoice_has_its_corrective_one_in_a_series_of_its_own() -> None:
    system = a_system()
    numbered(system, cash("R-1", page=TOKEN))
    refund = a_refund(idTag="CASH", means="cash")
    for _ in range(2):
        tell(system, "Session.Refund", refund)
    tell(system, "Session.Refund", a_refund(idTag="CASH", means="cash", reference="A2"))
    found = fetch(system, f"/r/{TOKEN}", "en").text
    assert "CSR-000001" in found
    assert "CSR-000002" in found
    assert numbered(system, cash("R-2")) == "CS-000002"
