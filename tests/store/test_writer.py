"""The writer thread: one order, futures on the loop, a full disk survived, a broken one reported."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chargepoint.domain.money import ledger
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor
from chargepoint.store import schema
from chargepoint.store.journal import Journal, open_threaded
from chargepoint.store.writer import ThreadWriter


class SteppedClock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)


class Disk:
    """A journal whose clock and brokenness the test holds."""

    def __init__(self, path: Path) -> None:
        self.path = path / "journal.sqlite"
        self.clock = SteppedClock()
        self.broken: list[BaseException] = []
        self.journal = open_threaded(str(self.path), self.clock, self.broken.append)

    def has_ballast(self) -> bool:
        return Path(f"{self.path}.ballast").exists()

    @property
    def writer(self) -> ThreadWriter:
        writer = self.journal._writer
        assert isinstance(writer, ThreadWriter)
        return writer


def on_disk(path: Path, story: Callable[[Disk], Awaitable[None]]) -> None:
    async def play() -> None:
        disk = Disk(path)
        try:
            async with asyncio.timeout(10):
                await story(disk)
        finally:
            disk.journal.close()

    asyncio.run(play())


def coin(number: int) -> Batch:
    posting = ledger.transfer(
        f"coin:C1:1:{number}", Minor(200), debit=ledger.CASH_BOX, credit=ledger.UNASSIGNED
    )
    return Batch(postings=(posting,))


def test_commits_are_durable_in_their_order(tmp_path: Path) -> None:
    async def story(disk: Disk) -> None:
        done: list[int] = []
        tickets = [disk.journal.append(coin(number)) for number in range(20)]
        for number, ticket in enumerate(tickets):
            ticket.add_done_callback(lambda _ticket, n=number: done.append(n))  # type: ignore[misc]
        await asyncio.gather(*tickets)
        await asyncio.sleep(0)
        assert done == list(range(20))
        assert disk.journal.balances()["cash_box"] == 4000

    on_disk(tmp_path, story)


def test_slow_disk_is_seen_and_stalls_nobody(tmp_path: Path) -> None:
    async def story(disk: Disk) -> None:
        go_on = threading.Event()
        disk.writer.submit(lambda _connection: go_on.wait(5) and None)
        last = disk.journal.append(coin(1))
        disk.clock.now += 3
        assert disk.journal.oldest_wait_s(disk.clock.now) == 3
        assert not last.done()
        go_on.set()
        await last
        assert disk.journal.oldest_wait_s(disk.clock.now) == 0

    on_disk(tmp_path, story)


def test_age_of_the_oldest_is_of_the_one_that_waits_now(tmp_path: Path) -> None:
    async def story(disk: Disk) -> None:
        gates = [threading.Event(), threading.Event()]
        first = disk.writer.submit(lambda _connection: gates[0].wait(5) and None)
        disk.clock.now += 10
        second = disk.writer.submit(lambda _connection: gates[1].wait(5) and None)
        gates[0].set()
        await first
        disk.clock.now += 1
        assert disk.journal.oldest_wait_s(disk.clock.now) <= 11
        gates[1].set()
        await second

    on_disk(tmp_path, story)


def fill_up(connection: sqlite3.Connection) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def big(number: int) -> Batch:
    return Batch(settings=((f"key{number}", "x" * 100_000),))


def test_full_disk_frees_the_ballast_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[str] = []

    async def story(disk: Disk) -> None:
        real_drop = schema.drop_ballast

        def drop_and_make_room(path: str) -> bool:
            freed.append(path)
            disk.writer._connection.execute("PRAGMA max_page_count = 100000")
            return real_drop(path)

        monkeypatch.setattr(schema, "drop_ballast", drop_and_make_room)
        told = asyncio.Event()
        disk.journal.on_full = told.set
        await disk.writer.submit(fill_up)
        await disk.journal.append(big(1))
        assert freed == [str(disk.path)]
        assert disk.journal.get("key1") == "x" * 100_000
        assert not disk.has_ballast()
        assert disk.broken == []
        async with asyncio.timeout(5):
            await told.wait()

    on_disk(tmp_path, story)


def test_disk_that_stays_full_is_reported_and_nothing_is_called_durable(tmp_path: Path) -> None:
    async def story(disk: Disk) -> None:
        await disk.writer.submit(fill_up)
        ticket = disk.journal.append(big(1))
        behind = disk.journal.append(coin(1))
        with pytest.raises(asyncio.CancelledError):
            await ticket
        assert "full" in str(disk.broken[0])
        await asyncio.sleep(0.01)
        assert not behind.done()
        assert disk.journal.balances() == {}

    on_disk(tmp_path, story)


def test_broken_disk_is_reported_on_the_loop(tmp_path: Path) -> None:
    async def story(disk: Disk) -> None:
        def break_it(_connection: sqlite3.Connection) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        ticket = disk.writer.submit(break_it)
        with pytest.raises(asyncio.CancelledError):
            await ticket
        assert [str(error) for error in disk.broken] == ["disk I/O error"]
        assert disk.has_ballast()

    on_disk(tmp_path, story)


def test_close_writes_what_waits(tmp_path: Path) -> None:
    async def play() -> None:
        disk = Disk(tmp_path)
        for number in range(10):
            disk.journal.append(coin(number))
        disk.journal.close()
        connection = sqlite3.connect(disk.path)
        assert connection.execute("SELECT COUNT(*) FROM posting").fetchone() == (10,)
        connection.close()

    asyncio.run(play())


def test_thread_that_finishes_after_the_loop_is_gone_says_nothing(tmp_path: Path) -> None:
    go_on = threading.Event()

    async def play() -> tuple[Journal, ThreadWriter]:
        disk = Disk(tmp_path)
        disk.writer.submit(lambda _connection: go_on.wait(5) and None)
        return disk.journal, disk.writer

    journal, writer = asyncio.run(play())
    go_on.set()
    journal.close()
    assert not writer._thread.is_alive()
