"""Refunds: once, wherever the station is cut; in the books, the chain and the outbox together."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.app.gate import Gate
from chargepoint.app.invoicing import Invoicing
from chargepoint.app.refunds import RefundDesk, RefundSettings
from chargepoint.domain.money import refund as rules
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings
from chargepoint.domain.money.refund import Refund, RefundState
from chargepoint.domain.payments import BankOutcome, BankReceipt, BankResult
from chargepoint.domain.record import Batch, SessionRecord
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import DeviceUnavailable
from chargepoint.store import audit, refund, refunds, schema
from chargepoint.store.journal import Journal
from chargepoint.store.writer import InlineWriter
from simulator.powercut import Cut, CuttingWriter, Order
from tests.app.test_invoicing import FixedClock
from tests.support.surroundings import CountingEntropy

KIOSK = ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza SL", "P07")
S1 = SessionId("s1")
AT = "2027-07-01T22:30:00.000Z"


def document(means: str, total: int = 242, vat: int = 42) -> dict[str, Any]:
    return {
        "receiptNumber": "CP-1-1",
        "idTag": "TAG",
        "means": means,
        "total": {"amount": total, "currency": "EUR"},
        "vat": {"percent": 21, "amount": vat, "currency": "EUR"},
        "lines": [{"item": "energy", "amount": total}],
    }


@dataclass
class Terminal:
    """Gives back as told; remembers what really left."""

    outcome: BankOutcome = BankOutcome.APPROVED
    is_away: bool = False
    given: list[tuple[str, int]] = field(default_factory=list)

    async def refund(self, reference: str, amount: Minor) -> BankResult:
        if self.is_away:
            raise DeviceUnavailable("offline")
        if self.outcome in (BankOutcome.APPROVED, BankOutcome.UNKNOWN):
            self.given.append((reference, amount))
        receipt = BankReceipt("0232", "000976", "52523535", amount)
        return BankResult("refund", reference, self.outcome, receipt, reason="declined")

    async def end_of_day(self) -> BankResult:
        raise NotImplementedError

    async def repeat_receipt(self) -> BankResult:
        raise NotImplementedError


class Life:
    def __init__(
        self, path: Path, terminal: Terminal | None, settings: ReceiptSettings = KIOSK
    ) -> None:
        connection = schema.connect(str(path))
        connection.execute("PRAGMA synchronous = OFF")
        schema.migrate(connection)
        self.writer = CuttingWriter(InlineWriter(connection))
        self.journal = Journal(str(path), FixedClock(), connection, self.writer)
        self.gate = gate = Gate(self.journal)
        self.invoicing = Invoicing(
            gate, self.journal, FixedClock(), settings, timezone="UTC", issued=lambda _: None
        )
        self.desk = RefundDesk(
            gate,
            self.journal,
            self.invoicing,
            clock=FixedClock(),
            entropy=CountingEntropy(),
            settings=RefundSettings(365, settings.issues_invoices),
            queued=lambda: None,
        )
        self.desk.connect(terminal)

    async def look_once(self) -> None:
        try:
            async with asyncio.timeout(0.02):
                await self.desk.run()
        except TimeoutError:
            return


def sold(path: Path, means: str) -> None:
    async def story() -> None:
        life = Life(path, None)
        record = SessionRecord(S1, ConnectorId(1), {"document": document(means)}, True)
        await life.journal.append(Batch(sessions=(record,)))
        life.invoicing.issue_due()

    asyncio.run(story())


def ask(path: Path, amount: int, reference: str = "A1") -> Refund:
    wanted = Refund(reference, S1, Minor(amount), "cable fault", "support")
    with closing(schema.connect(str(path))) as connection:
        return refunds.ask(connection, wanted, AT)


def lived(path: Path, terminal: Terminal | None = None, cut: tuple[Cut, int] | None = None) -> None:
    async def story() -> None:
        life = Life(path, terminal)
        if cut is not None:
            life.writer.arm(Order(*cut, life.writer.seal))
        await life.look_once()

    asyncio.run(story())


def look(path: Path) -> tuple[audit.Report, Refund]:
    with closing(audit.open_read_only(path)) as connection:
        found = refunds.read_one(connection, "A1")
        assert found is not None
        return audit.audit(connection), found


def rows(path: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


# --- rules ---------------------------------------------------------------------------------------


@given(
    st.integers(1, 50_000).flatmap(
        lambda total: st.tuples(
            st.just(total), st.integers(0, total // 4), st.lists(st.integers(1, 5000), max_size=6)
        )
    )
)
def test_parts_never_pass_the_whole_and_undo_its_vat_exactly(
    case: tuple[int, int, list[int]],
) -> None:
    total, vat, parts = case
    paper, already, undone = document("cash", total, vat), 0, 0
    for part in [*parts, total]:
        amount = min(part, total - already)
        if amount == 0:
            break
        assert rules.why_not(paper, amount, already) == ""
        posting = rules.posting(Refund("r", S1, Minor(amount), "x", "y"), paper, already)
        undone += sum(e.signed_minor for e in posting.entries if e.account == "vat")
        already += amount
    assert rules.why_not(paper, 1, total) != ""
    if already == total:
        assert undone == vat


@pytest.mark.parametrize(
    ("means", "amount"), [("token", 1), ("cash", 0), ("cash", -5), ("cash", 243)]
)
def test_what_may_not_be_given_back_has_a_reason(means: str, amount: int) -> None:
    assert rules.why_not(document(means), amount, 0)


# --- carrying out --------------------------------------------------------------------------------


def test_cash_comes_back_as_a_voucher_with_its_corrective_invoice(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    ask(path, 110)
    lived(path)
    report, found = look(path)
    assert found.state is RefundState.DONE
    assert found.result.startswith("voucher ")
    assert (report.balances["voucher"], report.balances["owed"]) == (110, 0)
    assert report.wrongs == []
    ((body,),) = rows(path, "SELECT body FROM invoice WHERE kind = 'R5'")
    record = json.loads(body)["record"]
    assert (record["number"], record["total"], record["vat"]) == ("P07R-000001", -110, -19)
    sent = [json.loads(b)["message_id"] for (b,) in rows(path, "SELECT body FROM outbox")]
    assert sent == ["Session.Receipt", "Session.Refund", "Voucher.Issue"]


def test_card_account_is_credited_by_message(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "greencard")
    ask(path, 242)
    lived(path)
    report, found = look(path)
    assert (found.state, report.balances["gc_clearing"]) == (RefundState.DONE, -242)
    payload = json.loads(rows(path, "SELECT body FROM outbox ORDER BY sequence")[-1][0])["payload"]
    assert payload["amount"] == {"amount": 242, "currency": "EUR"}
    assert payload["corrects"] == "P07-000001"


@pytest.mark.parametrize(
    ("terminal", "state", "clearing"),
    [
        (Terminal(), RefundState.DONE, -110),
        (Terminal(BankOutcome.DECLINED), RefundState.REFUSED, 0),
        (Terminal(BankOutcome.CANCELLED), RefundState.REFUSED, 0),
        (Terminal(BankOutcome.UNKNOWN), RefundState.UNPROVED, 0),
        (Terminal(is_away=True), RefundState.REFUSED, 0),
        (None, RefundState.REFUSED, 0),
    ],
)
def test_terminal_decides_and_is_asked_once(
    terminal: Terminal | None, state: RefundState, clearing: int, tmp_path: Path
) -> None:
    path = tmp_path / "j"
    sold(path, "bank")
    ask(path, 110)
    for _ in range(2):
        lived(path, terminal)
    report, found = look(path)
    assert (found.state, report.balances.get("card_clearing", 0)) == (state, clearing)
    assert terminal is None or len(terminal.given) <= 1


@pytest.mark.parametrize("means", ["cash", "greencard", "bank"])
@pytest.mark.parametrize("mode", [Cut.BEFORE, Cut.AT])
def test_refund_cut_anywhere_is_given_once_or_doubted(
    means: str, mode: Cut, tmp_path: Path
) -> None:
    for number in range(1, 4):
        path, terminal = tmp_path / f"j{number}", Terminal()
        sold(path, means)
        ask(path, 110)
        lived(path, terminal, (mode, number))
        lived(path, terminal)
        report, found = look(path)
        assert report.wrongs == []
        booked = -sum(amount for (amount,) in rows(path, "SELECT signed_minor FROM entry WHERE account IN ('sales', 'vat')"))  # fmt: skip
        assert booked == (-110 if found.state is RefundState.DONE else 0)
        assert found.state in (RefundState.DONE, RefundState.UNPROVED)
        assert len(terminal.given) <= 1
        if means != "bank":
            assert found.state is RefundState.DONE


def test_invoice_that_can_no_longer_be_corrected_is_not_refunded(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    ask(path, 110)
    asyncio.run(Life(path, None, ReceiptSettings()).look_once())
    assert look(path)[1].state is RefundState.REFUSED


# --- asking --------------------------------------------------------------------------------------


def test_refund_asked_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    ask(path, 110)
    lived(path)
    assert ask(path, 110).state is RefundState.DONE
    lived(path)
    assert look(path)[0].balances["voucher"] == 110
    with pytest.raises(refunds.RefundWrong):
        ask(path, 111)


def test_refunds_that_wait_count_against_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    ask(path, 200)
    with pytest.raises(refunds.RefundWrong, match="at most 42"):
        ask(path, 43, "A2")


def test_command_asks_shows_and_explains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    by = ["--reason", "cable fault", "--role", "support", "--reference", "A1"]
    assert refund.main([str(path), "--receipt", "P07-000001", "--full", *by]) == 0
    assert "A1: 2.42 asked" in capsys.readouterr().out
    lived(path)
    assert refund.main([str(path), "--receipt", "P07-000001", "--full", *by]) == 0
    assert refund.main([str(path), "--show", "A1"]) == 0
    assert "A1: 2.42 done: voucher" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--session", "s9", "--full", "--reason", "x", "--role", "y"],
        ["--receipt", "R-9", "--full", "--reason", "x", "--role", "y"],
        ["--session", "s1", "--amount", "2.43", "--reason", "x", "--role", "y"],
        ["--session", "s1", "--full", "--role", "y"],
        ["--session", "s1", "--full", "--reason", "x"],
        ["--show", "A9"],
    ],
)
def test_command_that_cannot_be_is_told(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "j"
    sold(path, "cash")
    assert refund.main([str(path), *words]) == 2
    assert rows(path, "SELECT COUNT(*) FROM refund") == [(0,)]
