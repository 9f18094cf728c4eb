"""What is put on paper, and what the customer sees when it is not."""

import asyncio
from typing import Any

import pytest

from chargepoint.app.printing import PrintDesk
from chargepoint.domain.dialogue.events import PrintFailed
from chargepoint.domain.effects import PrintReceipt
from chargepoint.domain.money.invoice import ReceiptSettings, page_token
from chargepoint.domain.money.paper import Paper, PaperLine, PaperQr, PaperRow
from chargepoint.domain.record import SessionRecord
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ports import DeviceUnavailable

S1 = SessionId("s1")
DOCUMENT: dict[str, Any] = {
    "receiptNumber": "CP-1-1-000001",
    "connectorId": 1,
    "time": "2027-07-01T22:30:00.000Z",
    "lines": [{"item": "energy", "amount": 150, "energyWh": 3400}],
    "vat": {"percent": 21, "amount": 26},
    "total": {"amount": 150},
    "means": "cash",
}


class Printer:
    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.papers: list[Paper] = []

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def print(self, paper: Paper) -> None:
        if not self.works:
            raise DeviceUnavailable("paper_out")
        self.papers.append(paper)


class Book:
    def __init__(self, record: SessionRecord | None) -> None:
        self.record = record

    def session_record(self, session: SessionId) -> SessionRecord | None:
        return self.record if self.record and self.record.session == session else None


def printed(printer: Printer, record: SessionRecord | None, times: int = 1) -> list[PrintFailed]:
    failed: list[PrintFailed] = []
    desk = PrintDesk(
        printer,
        Book(record),
        ReceiptSettings(link="https://r.example"),
        letterhead=("CP-1", "+34 900 000 000", "Europe/Madrid"),
        failed=failed.append,
    )
    for _ in range(times):
        asyncio.run(desk.print(PrintReceipt(S1, "es")))
    return failed


def billed(*, due: bool = False, **more: Any) -> SessionRecord:
    return SessionRecord(S1, ConnectorId(1), {"document": {**DOCUMENT, **more}}, due)


def test_receipt_has_local_time_and_the_way_to_its_page() -> None:
    printer = Printer()
    assert printed(printer, billed()) == []
    parts = printer.papers[0].parts
    assert PaperRow("Fecha", "2027-07-02 00:30") in parts
    assert PaperQr(f"https://r.example/r/{page_token(S1)}") in parts


def test_invoice_has_the_agencys_qr_code() -> None:
    printer = Printer()
    url = "https://www2.agenciatributaria.gob.es/x"
    printed(printer, billed(invoice="P-1", issuer="Plaza", nif="B12345674", verification=url))
    assert PaperQr(url) in printer.papers[0].parts


def test_second_print_says_that_it_is_a_copy() -> None:
    printer = Printer()
    printed(printer, billed(), times=2)
    copy = PaperLine("COPIA", bold=True, centred=True)
    assert [copy in paper.parts for paper in printer.papers] == [False, True]


@pytest.mark.parametrize(
    ("works", "record"), [(False, billed()), (True, billed(due=True)), (True, None)]
)
def test_what_did_not_come_out_is_told(works: bool, record: SessionRecord | None) -> None:
    assert printed(Printer(works=works), record) == [PrintFailed(S1)]


def test_paper_of_a_contract_says_who_bills_it() -> None:
    printer = Printer()
    record = SessionRecord(S1, ConnectorId(1), {"document": {**DOCUMENT, "means": "token"}})
    assert printed(printer, record) == []
    (paper,) = printer.papers
    words = [part.text for part in paper.parts if isinstance(part, PaperLine)]
    assert any("emisor de su tarjeta" in each for each in words)
    assert any(isinstance(part, PaperRow) and part.left == "PRECIO PÚBLICO" for part in paper.parts)
    assert not any(isinstance(part, PaperRow) and part.left == "Pagado con" for part in paper.parts)
