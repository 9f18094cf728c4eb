"""Invoices are issued once, in order, and no cut breaks their chain."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargepoint.app.gate import Gate
from chargepoint.app.invoicing import Invoicing
from chargepoint.domain.dialogue.events import InvoiceIssued
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings, Supply
from chargepoint.domain.record import Batch, SessionRecord
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.store import invoices, schema
from chargepoint.store.journal import Journal
from chargepoint.store.writer import InlineWriter
from simulator.powercut import Cut, CuttingWriter, Order

KIOSK = ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza SL", "P07")
SESSIONS = ("s1", "s2", "s3")


class FixedClock:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return datetime(2027, 7, 1, 22, 30, tzinfo=UTC)


def billed(session: str, number: str = "") -> SessionRecord:
    document = {
        "receiptNumber": number or f"CP-1-{session}",
        "total": {"amount": 242, "currency": "EUR"},
        "vat": {"percent": 21, "amount": 42, "currency": "EUR"},
        "lines": [{"item": "energy", "amount": 242, "energyWh": 5378}],
    }
    return SessionRecord(SessionId(session), ConnectorId(1), {"document": document}, True)


class Life:
    """One start of the station over a journal file; may be cut."""

    def __init__(self, path: Path, settings: ReceiptSettings = KIOSK) -> None:
        connection = schema.connect(str(path))
        connection.execute("PRAGMA synchronous = OFF")
        schema.migrate(connection)
        self.writer = CuttingWriter(InlineWriter(connection))
        self.journal = Journal(str(path), FixedClock(), connection, self.writer)
        self.gate = Gate(self.journal)
        self.issued: list[InvoiceIssued] = []
        self.invoicing = Invoicing(
            self.gate,
            self.journal,
            FixedClock(),
            settings,
            timezone="Europe/Madrid",
            issued=self.issued.append,
        )

    def finish(self, session: str) -> None:
        """As a point: billed in one commit, and the station hears of it after."""
        self.gate.commit_then(Batch(sessions=(billed(session),)), self.invoicing.issue_due)

    def is_known(self, session: str) -> bool:
        with closing(sqlite3.connect(self.journal.path)) as connection:
            found = connection.execute("SELECT 1 FROM session WHERE id = ?", (session,))
            return found.fetchone() is not None


def rows(path: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def breaks(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return invoices.chain_breaks(connection)


def live(path: Path, order: tuple[Cut, int] | None = None) -> Life:
    life = Life(path)
    if order is not None:
        life.writer.arm(Order(*order, life.writer.seal))
    life.invoicing.issue_due()
    for session in SESSIONS:
        if not life.is_known(session):
            life.finish(session)
    return life


def test_receipt_carries_its_invoice_and_is_sent_with_it(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "j"
        life = live(path)
        numbers = [number for (number,) in rows(path, "SELECT number FROM invoice ORDER BY id")]
        assert numbers == ["P07-000001", "P07-000002", "P07-000003"]
        head = life.journal.head()
        assert head is not None
        payload: dict[str, Any] = head.delivery.payload  # type: ignore[union-attr]  # a receipt
        ((told_hash,),) = rows(path, "SELECT hash FROM invoice WHERE serial = 1")
        assert (payload["invoice"], payload["hash"]) == ("P07-000001", told_hash)
        assert payload["issuedAt"] == "2027-07-02T00:30:00+02:00"
        assert life.issued[0].receipt == "CP-1-s1"
        assert "numserie=P07-000001" in life.issued[0].qr

    asyncio.run(story())


@pytest.mark.parametrize("first", range(1, 8))
@pytest.mark.parametrize("mode", [Cut.BEFORE, Cut.AT])
def test_chain_is_whole_wherever_two_lives_are_cut(tmp_path: Path, mode: Cut, first: int) -> None:
    async def story(path: Path, second: int) -> None:
        live(path, (mode, first))
        live(path, (mode, second))
        live(path)

    for second in range(1, 8):
        path = tmp_path / str(second)
        asyncio.run(story(path, second))
        assert breaks(path) == []
        assert rows(path, "SELECT session FROM invoice ORDER BY id") == [(s,) for s in SESSIONS]
        sent = [json.loads(body)["payload"] for (body,) in rows(path, "SELECT body FROM outbox")]
        told = rows(path, "SELECT number, hash FROM invoice ORDER BY id")
        assert [(each["invoice"], each["hash"]) for each in sent] == told
        assert rows(path, "SELECT id FROM session WHERE invoice_due = 1") == []


def test_commits_that_wait_for_the_disk_are_issued_once_and_in_order(tmp_path: Path) -> None:
    async def story() -> None:
        life = Life(tmp_path / "j")
        life.journal.append(Batch(sessions=tuple(billed(s) for s in SESSIONS)))
        waiting: list[Batch] = []

        class Slow:
            def append(self, batch: Batch) -> asyncio.Future[None]:
                waiting.append(batch)
                return asyncio.get_running_loop().create_future()

        slow = Invoicing(
            Gate(Slow()),
            life.journal,
            FixedClock(),
            KIOSK,
            timezone="UTC",
            issued=life.issued.append,
        )
        slow.issue_due()
        slow.issue_due()
        minted = [invoice for batch in waiting for invoice in batch.invoices]
        assert [each.session for each in minted] == list(SESSIONS)
        assert [each.record.previous for each in minted[1:]] == [each.hash for each in minted[:-1]]
        assert life.issued == []

    asyncio.run(story())


def test_site_that_gave_up_invoicing_sends_the_receipt_without_one(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "j"
        life = Life(path, ReceiptSettings())
        life.finish("s1")
        assert rows(path, "SELECT COUNT(*) FROM invoice") == [(0,)]
        assert rows(path, "SELECT key FROM outbox") == [("tx:s1:receipt",)]

    asyncio.run(story())


def test_corrective_takes_its_place_in_the_chain(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "j"
        life = live(path)
        supply = Supply(SessionId("s1"), Minor(-242), Minor(-42), 21, corrects="P07-000001")
        life.journal.append(Batch(invoices=(life.invoicing.next(supply),)))
        assert breaks(path) == []
        assert rows(path, "SELECT number FROM invoice WHERE kind = 'R5'") == [("P07R-000001",)]

    asyncio.run(story())


def test_changed_invoice_is_found(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "j"
        live(path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE invoice SET body = replace(body, '242', '142') WHERE id = 2")
            connection.commit()
        assert breaks(path) == ["P07-000002 is not what was issued"]

    asyncio.run(story())


def test_second_invoice_for_a_session_is_refused_by_the_journal(tmp_path: Path) -> None:
    async def story() -> None:
        life = live(tmp_path / "j")
        supply = Supply(SessionId("s1"), Minor(242), Minor(42), 21)
        with pytest.raises(sqlite3.IntegrityError):
            life.journal.append(Batch(invoices=(life.invoicing.next(supply),)))

    asyncio.run(story())
