"""The journal: one file, one writer, one order, a future per commit (store/writer.py).

Reads see committed rows only.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from chargepoint.app.pins import StoredPin
from chargepoint.domain.delivery import Delivery
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.effects import ClockMoved
from chargepoint.domain.money.invoice import ChainHead
from chargepoint.domain.money.refund import Refund, RefundState
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.payments import NoteCursor
from chargepoint.domain.record import (
    Batch,
    HoldRecord,
    HoldState,
    PayoutRecord,
    PointRecord,
    SessionRecord,
)
from chargepoint.domain.reservations.reservation import Reservation
from chargepoint.domain.service.passport import closed_key
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import Clock, OutboxItem
from chargepoint.store import (
    books,
    clock_shift,
    commission_reports,
    invoices,
    offline,
    payments,
    refunds,
    reservations,
    rows,
    schema,
    security_log,
    vouchers,
)
from chargepoint.store.charging_profiles import ProfileTable
from chargepoint.store.commission_reports import KeptReport
from chargepoint.store.local_list import LocalListTable
from chargepoint.store.service_book import ServiceBook
from chargepoint.store.writer import InlineWriter, ThreadWriter, Writer


def open_inline(path: str, clock: Clock) -> "Journal":
    """Writes on the caller's thread: simulation and tests."""
    connection = schema.connect(path, check=True)
    schema.migrate(connection)
    return Journal(path, clock, connection, InlineWriter(connection))


def open_threaded(path: str, clock: Clock, on_broken: Callable[[BaseException], None]) -> "Journal":
    """Writes on a thread of its own: the product."""
    reader = schema.connect(path, check=True)
    schema.migrate(reader)
    schema.keep_ballast(path)
    writer = ThreadWriter(path, clock, on_broken)
    journal = Journal(path, clock, reader, writer)
    writer.on_full = lambda: journal.on_full()  # noqa: PLW0108 - whoever wants to know comes later
    return journal


class Journal:
    """Implements ports.Outbox and ports.Settings besides `append`."""

    def __init__(self, path: str, clock: Clock, reader: sqlite3.Connection, writer: Writer) -> None:
        self.path = path
        self._clock = clock
        self._reader = reader
        self._writer = writer
        self.on_full: Callable[[], None] = lambda: None
        """Called when the disk was full and what was kept back has made room."""
        self._confirming = 0  # on its way to the disk
        self._last_of_before = 0  # the outbox's newest message of an earlier life
        self._shifts = 0  # under way: what waits in the outbox is not as it will be
        self.local_list = LocalListTable(reader, writer)
        self.profiles = ProfileTable(reader, writer, clock)

    # --- writing ---

    def append(self, batch: Batch) -> asyncio.Future[None]:
        """A future that is done when `batch` is durable; FIFO."""
        at = self._clock.utc()
        return self._writer.submit(lambda connection: rows.write(connection, batch, at))

    def oldest_wait_s(self, now: float) -> float:
        """How long the oldest commit has been waiting."""
        return self._writer.oldest_wait_s(now)

    def close(self) -> None:
        """Write what waits, then close. Blocks at most 300 ms."""
        self._writer.close()
        self._reader.close()

    # --- boot ---

    def begin_boot(self) -> Awaitable[None]:
        """Write the boot row."""
        last = self.boot_number()
        newest = self._reader.execute("SELECT MAX(sequence) FROM outbox").fetchone()[0]
        self._last_of_before = int(newest or 0)
        clean = last == 0 or self.get("boot.clean") == str(last)
        at = rows.stamp(self._clock.utc())
        return self._execute(
            "INSERT INTO boot (started_at, previous_clean) VALUES (?, ?)", at, int(clean)
        )

    def boot_number(self) -> int:
        """Seasons the intents and postings of this life."""
        row = self._reader.execute("SELECT MAX(id) FROM boot").fetchone()
        return int(row[0] or 0)

    def mark_clean(self) -> Awaitable[None]:
        return self.put("boot.clean", str(self.boot_number()))

    def saved_points(self) -> dict[ConnectorId, PointRecord]:
        found = self._reader.execute("SELECT connector, state, body FROM point_state")
        return {c: PointRecord(c, state, json.loads(body)) for c, state, body in found}

    def balances(self) -> dict[str, int]:
        return books.balances_in(self._reader)

    def coin_cursor(self, serial: str) -> CoinCursor | None:
        row = self._reader.execute(
            "SELECT epoch, sequence, counter, buffer, accepted FROM device_cursor WHERE serial = ?",
            (serial,),
        ).fetchone()
        if row is None:
            return None
        epoch, sequence, counter, buffer, accepted = row
        is_closed = self.get(closed_key(serial)) == str(epoch)
        return CoinCursor(
            serial, epoch, sequence, counter, buffer, is_closed=is_closed, accepted=accepted
        )

    def note_cursor(self, serial: str) -> NoteCursor | None:
        found = self.coin_cursor(serial)
        if found is None:
            return None
        return NoteCursor(
            found.serial,
            found.epoch,
            found.sequence,
            found.counter,
            found.buffer,
            is_closed=found.is_closed,
        )

    # --- payments ---

    def holds(self, *states: HoldState) -> list[HoldRecord]:
        return payments.read_holds(self._reader, states)

    def open_payouts(self) -> list[PayoutRecord]:
        return payments.read_open_payouts(self._reader)

    def hopper_level(self, value: Minor) -> int:
        """Coins of this value that came in (refills) less those paid out, by the books."""
        row = self._reader.execute(
            "SELECT COALESCE(SUM(paid), 0) FROM payout WHERE coin_minor = ?", (value,)
        ).fetchone()
        return payments.refilled(self._reader, value) - int(row[0])

    def saved_topups(self, state: str | None) -> dict[str, Minor]:
        """Money in topup:REF, by REF, whose message is in this state; None: it was never queued."""
        found = {}
        for account, amount in self.balances().items():
            if not account.startswith("topup:") or amount <= 0:
                continue
            row = self._reader.execute(
                "SELECT state FROM outbox WHERE key = ?", (account,)
            ).fetchone()
            if (None if row is None else row[0]) == state:
                found[account.removeprefix("topup:")] = Minor(amount)
        return found

    def offline_spent(self, id_tag: str, since: datetime) -> Minor:
        """What a card spent in sessions that began without the central system."""
        return offline.spent(self._reader, id_tag, since)

    def is_booked(self, key: str) -> bool:
        row = self._reader.execute("SELECT 1 FROM posting WHERE key = ?", (key,)).fetchone()
        return row is not None

    def is_queued(self, key: str) -> bool:
        known = "SELECT 1 FROM outbox WHERE key = ? AND state = 'queued'"
        return self._reader.execute(known, (key,)).fetchone() is not None

    # --- vouchers ---

    def voucher(self, code: str) -> VoucherRecord | None:
        return vouchers.read(self._reader, code)

    def vouchers_of_stop_code(self, stop_code: str, since: datetime) -> tuple[VoucherRecord, ...]:
        return vouchers.of_stop_code(self._reader, stop_code, since)

    # --- invoices ---

    def sessions_due(self) -> list[SessionRecord]:
        return invoices.read_due(self._reader)

    def chain_head(self, series: str) -> ChainHead:
        return invoices.read_head(self._reader, series)

    # --- reservations ---

    def reservations(self) -> tuple[Reservation, ...]:
        return reservations.read(self._reader)

    # --- refunds ---

    def refunds(self, *states: RefundState) -> list[Refund]:
        return refunds.read(self._reader, states)

    def session_record(self, session: SessionId) -> SessionRecord | None:
        return refunds.read_session(self._reader, session)

    def refunded(self, session: SessionId) -> Minor:
        return refunds.refunded(self._reader, session, only_done=True)

    # --- service menu ---

    def service_book(self) -> ServiceBook:
        return ServiceBook(self._reader)

    def service_pins(self) -> list[StoredPin]:
        return self.service_book().pins()

    def next_refund(self, session: SessionId) -> str:
        return refunds.next_reference(self._reader, session)

    async def ask_refund(self, wanted: Refund) -> str:
        """Why not; empty when it is written down for the station to carry out."""
        at, why = rows.stamp(self._clock.utc()), ""

        def work(connection: sqlite3.Connection) -> None:
            nonlocal why
            try:
                refunds.ask(connection, wanted, at)
            except refunds.RefundWrong as wrong:
                why = str(wrong)

        await self._writer.submit(work)
        return why

    def resend_dead_letters(self) -> Awaitable[None]:
        """They go out again in their old places."""
        return self._execute(
            "UPDATE outbox SET state = 'queued', attempts = 0 WHERE state = 'dead'"
        )

    def commission_report(self) -> KeptReport | None:
        return commission_reports.newest(self._reader)

    def keep_report(self, report: KeptReport) -> Awaitable[None]:
        return self._writer.submit(lambda connection: commission_reports.write(connection, report))

    # --- ports.Settings ---

    def get(self, key: str) -> str | None:
        row = self._reader.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> Awaitable[None]:
        return self.append(Batch(settings=((key, value),)))

    def newest_moment(self) -> datetime | None:
        """The latest time that anything here was written at."""
        (text,) = self._reader.execute(
            "SELECT MAX(at) FROM (SELECT MAX(started_at) AS at FROM boot"
            " UNION ALL SELECT MAX(queued_at) FROM outbox UNION ALL SELECT MAX(at) FROM incident)"
        ).fetchone()
        return None if text is None else rows.unstamp(text)

    # --- what may be read from afar (app/diagnostics.py) ---

    def security_events(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> list[tuple[str, ...]]:
        return security_log.read(self._reader, since, until, limit)

    def incidents_between(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> list[tuple[str, ...]]:
        return security_log.incidents(self._reader, since, until, limit)

    def boots(self, limit: int) -> list[tuple[str, ...]]:
        return security_log.boots(self._reader, limit)

    # --- ports.Outbox ---

    def shift_clock(self, moved: ClockMoved, zone: str, then: Callable[[], None]) -> None:
        """Move the times of what this life has written and not yet delivered; `then` is called after.

        Until it is durable the queue gives nothing away.
        """
        after = self._last_of_before

        def done(_future: "asyncio.Future[None]") -> None:
            self._shifts -= 1
            then()

        self._shifts += 1
        written = self._writer.submit(
            lambda connection: clock_shift.shift(connection, after, moved, zone)
        )
        written.add_done_callback(done)

    def head(self) -> OutboxItem | None:
        if self._shifts:
            return None
        row = self._reader.execute(
            "SELECT sequence, kind, body, attempts FROM outbox"
            " WHERE state = 'queued' AND sequence <> ? ORDER BY sequence LIMIT 1",
            (self._confirming,),
        ).fetchone()
        if row is None:
            return None
        return OutboxItem(row[0], rows.load(row[1], row[2]), row[3])

    def confirm(self, sequence: int) -> Awaitable[None]:
        self._confirming = sequence
        return self._execute("UPDATE outbox SET state = 'confirmed' WHERE sequence = ?", sequence)

    def failed(self, sequence: int, *, dead: bool) -> Awaitable[None]:
        state = "dead" if dead else "queued"
        return self._execute(
            "UPDATE outbox SET attempts = attempts + 1, state = ? WHERE sequence = ?",
            state,
            sequence,
        )

    def remember_transaction(self, session: SessionId, remote_id: int) -> Awaitable[None]:
        return self._execute(
            "INSERT OR REPLACE INTO remote_transaction VALUES (?, ?)", session, remote_id
        )

    def remote_id(self, session: SessionId) -> int | None:
        row = self._reader.execute(
            "SELECT remote_id FROM remote_transaction WHERE session = ?", (session,)
        ).fetchone()
        return None if row is None else int(row[0])

    def session_of(self, remote_id: int) -> SessionId | None:
        row = self._reader.execute(
            "SELECT session FROM remote_transaction WHERE remote_id = ?"
            " ORDER BY rowid DESC LIMIT 1",
            (remote_id,),
        ).fetchone()
        return None if row is None else SessionId(row[0])

    def of_session(self, session: SessionId) -> list[Delivery]:
        found = self._reader.execute(
            "SELECT kind, body FROM outbox WHERE key >= ? AND key < ? ORDER BY sequence",
            (f"tx:{session}:", f"tx:{session};"),  # ';' follows ':'
        )
        return [rows.load(kind, body) for kind, body in found]

    def _execute(self, statement: str, *values: Any) -> Awaitable[None]:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)

        return self._writer.submit(work)
