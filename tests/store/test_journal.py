"""One commit holds everything or nothing; a key is booked once; what was written is read back."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chargepoint.domain.delivery import (
    Delivery,
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    TransactionStarted,
    VendorMessage,
)
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.money import ledger
from chargepoint.domain.record import Batch, Incident, PointRecord, SessionRecord
from chargepoint.domain.units import (
    ConnectorId,
    MilliAmp,
    MilliVolt,
    Minor,
    SessionId,
    Watt,
    Wh,
)
from chargepoint.store import books, rows, schema
from chargepoint.store.journal import Journal, open_inline
from chargepoint.store.schema import JournalBroken

AT = datetime(2026, 11, 21, 8, 0, 0, 123_456, tzinfo=UTC)
S1, ONE = SessionId("S1"), ConnectorId(1)
STARTED = TransactionStarted(S1, ONE, "CASH", Wh(1000), AT)
DELIVERIES: tuple[Delivery, ...] = (
    STARTED,
    MeterValuesTaken(
        S1,
        ONE,
        1,
        AT,
        Wh(1100),
        Watt(7000),
        MilliAmp(30_000),
        MilliVolt(230_000),
        clock_aligned=True,
    ),
    TransactionEnded(S1, ONE, None, Wh(2000), AT, StopReason.POWER_LOSS),
    VendorMessage("tx:S1:receipt", "Session.Receipt", {"total": {"amount": 45}, "ñ": [1]}, S1),
)


class FixedClock:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return AT


def coin(number: int, value: int = 200) -> ledger.Posting:
    return ledger.transfer(
        f"coin:C1:1:{number}", Minor(value), debit=ledger.CASH_BOX, credit=ledger.UNASSIGNED
    )


def on_journal(path: Path, story: Callable[[Journal], Awaitable[None]]) -> None:
    async def play() -> None:
        journal = open_inline(str(path / "journal.sqlite"), FixedClock())
        try:
            await story(journal)
        finally:
            journal.close()

    asyncio.run(play())


def test_everything_of_a_batch_is_read_back(tmp_path: Path) -> None:
    cursor = CoinCursor("C1", 1, 7, 7, b"\x01\x02")
    record = PointRecord(ONE, "session/energised", {"receipts": 3, "text": "ñ"})

    async def story(journal: Journal) -> None:
        await journal.append(
            Batch(
                postings=(coin(7),),
                deliveries=(STARTED,),
                points=(record,),
                sessions=(SessionRecord(S1, ONE, {"total": 45}),),
                cursors=(cursor,),
                incidents=(Incident("coin.odd", "detail", "coin_acceptor", ("a", "b")),),
                settings=(("key", "value"),),
            )
        )
        assert journal.balances() == {"cash_box": 200, "unassigned": 200}
        assert journal.saved_points() == {ONE: record}
        assert journal.coin_cursor("C1") == cursor
        assert journal.coin_cursor("C2") is None
        assert journal.get("key") == "value"
        assert journal.get("nothing") is None
        head = journal.head()
        assert head is not None
        assert head.delivery == rows.load(*rows.dump(STARTED))
        found = books.incidents(journal.path)
        assert found[0]["code"] == "coin.odd"
        assert found[0]["trace"] == "a\nb"

    on_journal(tmp_path, story)


def test_key_that_is_booked_books_nothing_again(tmp_path: Path) -> None:
    async def story(journal: Journal) -> None:
        await journal.append(Batch(postings=(coin(1),)))
        await journal.append(Batch(postings=(coin(1), coin(2))))
        assert journal.balances()["cash_box"] == 400
        assert [key for _, key, _ in books.postings(journal.path)] == ["coin:C1:1:1", "coin:C1:1:2"]
        assert [key for _, key, _ in books.postings(journal.path, after=1)] == ["coin:C1:1:2"]

    on_journal(tmp_path, story)


def test_commit_that_breaks_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    broken = Batch(
        postings=(coin(1),),
        deliveries=(STARTED,),
        cursors=(CoinCursor("C1", 1, 1, 1),),
        incidents=(Incident("code", object()),),  # type: ignore[arg-type]
    )

    async def story(journal: Journal) -> None:
        with pytest.raises(sqlite3.Error):
            await journal.append(broken)
        assert journal.balances() == {}
        assert journal.head() is None
        assert journal.coin_cursor("C1") is None
        await journal.append(Batch(postings=(coin(1),)))
        assert journal.balances()["cash_box"] == 200

    on_journal(tmp_path, story)


def test_what_was_not_committed_is_gone_after_a_cut(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.sqlite")
    connection = schema.connect(path)
    schema.migrate(connection)
    rows.write(connection, Batch(postings=(coin(1),)), AT)
    connection.execute("BEGIN IMMEDIATE")
    rows._write_all(connection, Batch(postings=(coin(2),)), rows.stamp(AT))
    connection.close()  # the process dies here
    assert books.balances(path) == {"cash_box": 200, "unassigned": 200}
    assert books.is_balanced(path)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_delivery_survives_storage(delivery: Delivery) -> None:
    stored = rows.load(*rows.dump(delivery))
    assert type(stored) is type(delivery)
    assert stored.key == delivery.key
    assert rows.dump(stored) == rows.dump(delivery)


def test_times_are_utc_with_milliseconds() -> None:
    assert rows.stamp(AT) == "2026-11-21T08:00:00.123Z"
    assert rows.unstamp(rows.stamp(AT)).utcoffset() is not None


# --- outbox --------------------------------------------------------------------------------------


def test_outbox_is_first_in_first_out(tmp_path: Path) -> None:
    async def story(journal: Journal) -> None:
        await journal.append(Batch(deliveries=DELIVERIES[:2]))
        await journal.append(Batch(deliveries=DELIVERIES[1:]))
        keys = []
        while (item := journal.head()) is not None:
            keys.append(item.delivery.key)
            await journal.confirm(item.sequence)
        assert keys == [delivery.key for delivery in DELIVERIES]
        assert books.undelivered(journal.path) == []

    on_journal(tmp_path, story)


def test_attempts_are_counted_and_dead_letters_stand_aside(tmp_path: Path) -> None:
    async def story(journal: Journal) -> None:
        await journal.append(Batch(deliveries=DELIVERIES[:2]))
        first = journal.head()
        assert first is not None
        await journal.failed(first.sequence, dead=False)
        again = journal.head()
        assert again is not None
        assert (again.sequence, again.attempts) == (first.sequence, 1)
        await journal.failed(first.sequence, dead=True)
        following = journal.head()
        assert following is not None
        assert following.delivery.key == DELIVERIES[1].key
        states = [state for _, _, state in books.undelivered(journal.path)]
        assert states == ["dead", "queued"]

    on_journal(tmp_path, story)


def test_remote_ids_are_remembered_both_ways(tmp_path: Path) -> None:
    async def story(journal: Journal) -> None:
        assert journal.remote_id(S1) is None
        assert journal.session_of(7) is None
        await journal.remember_transaction(S1, 7)
        await journal.remember_transaction(SessionId("S2"), 7)
        assert journal.remote_id(S1) == 7
        assert journal.session_of(7) == "S2"

    on_journal(tmp_path, story)


# --- boot ----------------------------------------------------------------------------------------


def test_boot_knows_whether_the_last_life_ended_well(tmp_path: Path) -> None:
    async def story(journal: Journal) -> None:
        assert journal.boot_number() == 0
        await journal.begin_boot()
        await journal.mark_clean()
        await journal.begin_boot()
        await journal.begin_boot()
        assert journal.boot_number() == 3

    on_journal(tmp_path, story)
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    clean = [row[0] for row in connection.execute("SELECT previous_clean FROM boot ORDER BY id")]
    connection.close()
    assert clean == [1, 1, 0]


def test_journal_of_newer_software_is_refused(tmp_path: Path) -> None:
    connection = schema.connect(str(tmp_path / "journal.sqlite"))
    schema.migrate(connection)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalBroken, match="99"):
        open_inline(str(tmp_path / "journal.sqlite"), FixedClock())


def test_damaged_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is no database, not even a small one" * 100)
    with pytest.raises(JournalBroken):
        open_inline(str(path), FixedClock())


def test_migration_twice_changes_nothing(tmp_path: Path) -> None:
    connection = schema.connect(str(tmp_path / "journal.sqlite"))
    schema.migrate(connection)
    before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    schema.migrate(connection)
    assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before
    connection.close()


def test_ballast_is_kept_and_dropped_once(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.sqlite")
    schema.keep_ballast(path)
    schema.keep_ballast(path)
    assert Path(path + ".ballast").stat().st_size == schema.BALLAST_BYTES
    assert schema.drop_ballast(path)
    assert not schema.drop_ballast(path)


def test_ballast_that_finds_no_room_does_not_stop_the_boot(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    schema.keep_ballast(str(missing / "journal.sqlite"))
    assert not missing.exists()


# --- books ---------------------------------------------------------------------------------------


def test_books_find_a_posting_that_does_not_balance(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.sqlite")
    connection = schema.connect(path)
    schema.migrate(connection)
    rows.write(connection, Batch(postings=(coin(1),)), AT)
    connection.execute("UPDATE entry SET signed_minor = 1 WHERE account = 'cash_box'")
    connection.close()
    assert books.unbalanced(path) == ["coin:C1:1:1"]
    assert not books.is_balanced(path)
