"""The audit: what it shows, what it seals, what it notices, and that it only reads."""

import asyncio
import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money import ledger
from chargepoint.domain.payments import HopperMark
from chargepoint.domain.record import Batch, HoldRecord, HoldState, PayoutRecord
from chargepoint.domain.session import BankHold
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.store import audit, cash_box, schema
from chargepoint.store.cash_box import Level, SealRefused
from chargepoint.store.journal import Journal, open_inline

AT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOLD = BankHold("B1", "0231", "000975", "52523535", Minor(4000), "559883******8074")
MARK = HopperMark("710050", 3, 1, 100, "P1")


class FixedClock:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return AT


def coin(number: int, value: int, account: str = ledger.UNASSIGNED) -> ledger.Posting:
    key = f"coin:C1:1:{number}"
    return ledger.transfer(key, Minor(value), debit=ledger.CASH_BOX, credit=account)


def filled(path: Path, *batches: Batch) -> Path:
    """A journal that holds these commits."""

    async def write() -> None:
        journal: Journal = open_inline(str(path), FixedClock())
        for batch in batches:
            await journal.append(batch)
        journal.close()

    asyncio.run(write())
    return path


def coins(*values: int) -> Batch:
    return Batch(postings=tuple(coin(n, value) for n, value in enumerate(values, 1)))


def report_of(path: Path) -> audit.Report:
    with closing(audit.open_read_only(path)) as connection:
        return audit.audit(connection)


def collect(path: Path, counted: int, role: str = "collector") -> cash_box.Period:
    with closing(schema.connect(str(path))) as connection:
        return cash_box.seal(connection, Minor(counted), role, AT)


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


# --- what it shows -------------------------------------------------------------------------------


def test_accounts_are_shown_in_the_sign_people_read(tmp_path: Path) -> None:
    report = report_of(filled(tmp_path / "j", coins(200, 50)))
    lines = list(audit.lines_of(report))
    assert [line.split() for line in lines[1:4]] == [
        ["cash_box", "2.50", "debit"],
        ["unassigned", "2.50", "credit"],
        ["debit", "and", "credit", "2.50", "2.50"],
    ]
    assert lines[-1] == "the books balance"


def test_everything_that_waits_is_listed(tmp_path: Path) -> None:
    voucher = ledger.transfer("voucher:12345678", Minor(80), debit="owed", credit="voucher")
    used = ledger.transfer("voucher:87654321", Minor(20), debit="owed", credit="voucher")
    back = ledger.transfer(
        "voucherin:redeem:87654321", Minor(20), debit="voucher", credit="unassigned"
    )
    path = filled(
        tmp_path / "j",
        Batch(
            postings=(coin(1, 200, ledger.OWED), voucher, used, back),
            holds=(HoldRecord(HOLD, HoldState.CAPTURE, Minor(825)),),
            payouts=(PayoutRecord(MARK, Minor(50)),),
            deliveries=(VendorMessage("voucher:12345678:issue", "Voucher.Issue", {}),),
        ),
        Batch(
            postings=(coin(2, 100, ledger.topup("T1")), coin(3, 100, ledger.credit(ConnectorId(1))))
        ),
    )
    found = {(item.kind, item.reference, item.amount_minor) for item in report_of(path).unsettled}
    assert found == {
        ("owed", "owed", 100),
        ("unassigned", "unassigned", 20),
        ("topup", "topup:T1", 100),
        ("credit", "credit:1", 100),
        ("voucher", "voucher:…678", 80),
        ("hold capture", "B1 receipt 0231", 4000),
        ("payout", "P1 hopper 710050", None),
        ("message queued", "1 voucher:…678:issue", None),
    }  # fmt: skip


def test_codes_of_vouchers_are_nowhere_in_the_output(tmp_path: Path) -> None:
    voucher = ledger.transfer("voucher:12345678", Minor(80), debit="owed", credit="voucher")
    path = filled(tmp_path / "j", Batch(postings=(voucher,)))
    assert audit.main([str(path), "--csv", str(tmp_path / "csv")]) == 0
    for file in (tmp_path / "csv").iterdir():
        assert "12345678" not in file.read_text("utf-8"), file
    assert not any("12345678" in line for line in audit.lines_of(report_of(path)))


def test_levels_are_by_value_and_by_place(tmp_path: Path) -> None:
    note = ledger.transfer("note:N1:1:1", Minor(1000), debit="cash_box", credit="unassigned")
    float_ = ledger.transfer("float:50", Minor(2000), debit="hopper", credit="surplus")
    path = filled(
        tmp_path / "j",
        coins(200, 200, 50),
        Batch(postings=(note, float_), payouts=(PayoutRecord(MARK, Minor(50), 3),)),
    )
    assert report_of(path).levels == (
        Level("coin", 50, 1),
        Level("coin", 200, 2),
        Level("note", 1000, 1),
        Level("hopper", 50, 37),
    )


# --- collections ---------------------------------------------------------------------------------


def test_collection_empties_the_box_and_books_the_difference(tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200, 50))
    first = collect(path, 245)
    report = report_of(path)
    assert (first.number, first.book_minor, first.difference_minor) == (1, 250, -5)
    assert first.levels == (Level("coin", 50, 1), Level("coin", 200, 1))
    balances = report.balances
    assert (balances["cash_box"], balances["collected"], balances["surplus"]) == (0, 245, -5)
    assert (report.wrongs, report.levels) == ([], ())


def test_second_collection_counts_from_the_first(tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200))
    first = collect(path, 200)
    filled(path, Batch(postings=(coin(9, 50),)))
    second = collect(path, 50)
    assert (second.number, second.book_minor, second.previous_seal) == (2, 50, first.seal)
    assert second.first_posting == first.last_posting + 1
    assert report_of(path).wrongs == []


@given(st.lists(st.sampled_from([10, 20, 50, 100, 200]), max_size=8), st.integers(0, 2000))
def test_collection_sums_to_zero_whatever_was_counted(values: list[int], counted: int) -> None:
    posting = ledger.collect("k", booked=Minor(sum(values)), counted=Minor(counted))
    assert sum(entry.signed_minor for entry in posting.entries) == 0


def test_collection_without_a_role_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200))
    with pytest.raises(SealRefused):
        collect(path, 200, " ")
    assert report_of(path).periods == []


# --- what it notices -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE entry SET signed_minor = 199 WHERE signed_minor = 200", "does not sum to zero"),
        ("UPDATE posting SET at = 'x' WHERE id = 1", "period 1 is not as it was sealed"),
        ("UPDATE period SET counted_minor = 100", "period 1 is not as it was sealed"),
        ("UPDATE period SET number = 2", "period 2 does not follow"),
    ],
)
def test_what_was_changed_afterwards_is_found(tmp_path: Path, statement: str, wrong: str) -> None:
    path = filled(tmp_path / "j", coins(200))
    collect(path, 200)
    spoil(path, statement)
    assert any(wrong in each for each in report_of(path).wrongs)
    assert audit.main([str(path)]) == 1


# --- the command ---------------------------------------------------------------------------------


def test_audit_of_a_live_journal_reads_and_waits_for_nobody(tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200))
    with closing(schema.connect(str(path))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM entry")
        assert report_of(path).balances["cash_box"] == 200
        writer.execute("ROLLBACK")
    with closing(audit.open_read_only(path)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM entry")


def test_command_collects_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = filled(tmp_path / "j", coins(200))
    assert audit.main([str(path), "--collect", "1.95", "--role", "collector"]) == 0
    assert "counted 1.95, booked 2.00, difference -0.05" in capsys.readouterr().out


def test_csv_holds_every_posting(tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200, 50))
    audit.main([str(path), "--csv", str(tmp_path / "csv")])
    with (tmp_path / "csv" / "postings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["signed_minor"]) for row in rows) == 0
    assert [row["account"] for row in rows] == ["cash_box", "unassigned"] * 2


@pytest.mark.parametrize("text", ["-1", "1.005", "NaN", "Infinity", "much", ""])
def test_amount_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    path = filled(tmp_path / "j", coins(200))
    with pytest.raises(SystemExit) as ended:
        audit.main([str(path), f"--collect={text}", "--role", "x"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "make", [Path.touch, lambda path: path.write_text("no journal"), lambda _: None]
)
def test_what_is_no_journal_is_told(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "j")
    assert audit.main([str(tmp_path / "j"), "--collect", "1", "--role", "x"]) == 2
    assert audit.main([str(tmp_path / "j")]) == 2


def test_settled_things_wait_no_more(tmp_path: Path) -> None:
    done = HoldRecord(HOLD, HoldState.DONE, Minor(825), Minor(825))
    path = filled(
        tmp_path / "j",
        Batch(holds=(done,), payouts=(replace(PayoutRecord(MARK, Minor(50)), paid=3),)),
    )
    assert report_of(path).unsettled == []


def test_sale_that_is_taxed_twice_is_noticed(tmp_path: Path) -> None:
    sale = ledger.Sale(Minor(605), vat=Minor(105))
    prepaid = ledger.Sale(Minor(605), vat=Minor(0), vat_prepaid=Minor(105))
    both = ledger.Sale(Minor(605), vat=Minor(105), vat_prepaid=Minor(105))
    booked = [
        ledger.settle(f"sale:S{n}", each, payer=ledger.GC_CLEARING)
        for n, each in enumerate((sale, prepaid, both))
    ]
    path = filled(tmp_path / "journal.sqlite", Batch(postings=tuple(booked)))
    assert report_of(path).wrongs == ["posting sale:S2 is taxed twice"]
