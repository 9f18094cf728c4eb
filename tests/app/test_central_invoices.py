"""Receipt mode `central`: the number comes with the answer, once, and is kept with the receipt."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings
from chargepoint.domain.money.paper import Letterhead, as_text, receipt_paper
from chargepoint.domain.money.refund import RefundState
from chargepoint.domain.record import Batch, SessionRecord
from chargepoint.domain.units import ConnectorId
from simulator.powercut import Cut, Order
from tests.app.test_invoicing import Life
from tests.app.test_refunds import S1, ask, document, lived, look, rows

CENTRAL = ReceiptSettings(
    ReceiptMode.CENTRAL, "B12345674", "Plaza SL", link="https://receipts.example"
)
ANSWER = {"status": "Accepted", "invoice": {"number": "CS-000007", "issuedAt": "2027-07-01T22:30Z"}}


def asking(**changes: Any) -> dict[str, Any]:
    return document("cash") | {"invoicing": CENTRAL.asked, "connectorId": 1} | changes


async def billed(life: Life, told: dict[str, Any]) -> VendorMessage:
    record = SessionRecord(S1, ConnectorId(1), {"document": told})
    await life.journal.append(Batch(sessions=(record,)))
    return VendorMessage("tx:s1:receipt", "Session.Receipt", told, S1)


def kept(life: Life) -> dict[str, Any]:
    record = life.journal.session_record(S1)
    assert record is not None
    found: dict[str, Any] = record.body["document"]
    return found


def paper(told: dict[str, Any]) -> str:
    head = Letterhead("07", "", "1.7.2027", "https://receipts.example/r/x")
    return "\n".join(as_text(receipt_paper(told, head, "es")))


def test_number_of_the_answer_is_on_the_receipt_and_told_once(tmp_path: Path) -> None:
    async def story() -> None:
        life = Life(tmp_path / "j", CENTRAL)
        message = await billed(life, asking())
        assert "Su factura estará en la página" in paper(kept(life))
        for _ in range(2):
            life.invoicing.delivered(message, ANSWER)
        (told,) = life.issued
        assert (told.receipt, told.number) == ("CP-1-1", "CS-000007")
        assert told.qr.startswith("https://receipts.example/r/")
        found = paper(kept(life))
        for words in ("FACTURA SIMPLIFICADA", "CS-000007", "Plaza SL", "NIF B12345674"):
            assert words in found
        assert "VERI*FACTU" not in found

    asyncio.run(story())


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (document("cash"), ANSWER),
        (asking(), {"status": "Accepted"}),
        (asking(), {"invoice": "CS-1"}),
        (asking(), {"invoice": {"number": ""}}),
        (asking(invoice="P07-1"), ANSWER),
    ],
)
def test_answer_without_a_number_or_to_who_did_not_ask_changes_nothing(
    tmp_path: Path, told: dict[str, Any], answer: dict[str, Any]
) -> None:
    async def story() -> None:
        life = Life(tmp_path / "j", CENTRAL)
        message = await billed(life, told)
        life.invoicing.delivered(message, answer)
        assert kept(life) == told
        assert life.issued == []

    asyncio.run(story())


@pytest.mark.parametrize("cut", list(Cut))
def test_power_that_goes_as_the_answer_comes_loses_no_number(tmp_path: Path, cut: Cut) -> None:
    async def story() -> None:
        life = Life(tmp_path / "j", CENTRAL)
        message = await billed(life, asking())
        life.writer.arm(Order(cut, 1, life.writer.seal))
        life.invoicing.delivered(message, ANSWER)
        again = Life(tmp_path / "j", CENTRAL)
        again.invoicing.delivered(message, ANSWER)
        assert kept(again)["invoice"] == "CS-000007"

    asyncio.run(story())


def test_refund_is_corrected_by_who_issued_the_invoice(tmp_path: Path) -> None:
    path = tmp_path / "j"

    async def story() -> None:
        life = Life(path, CENTRAL)
        message = await billed(life, asking(page="x"))
        life.invoicing.delivered(message, ANSWER)

    asyncio.run(story())
    ask(path, 110)
    lived(path)
    report, refund = look(path)
    assert refund.state is RefundState.DONE
    assert report.wrongs == []
    assert rows(path, "SELECT COUNT(*) FROM invoice") == [(0,)]
