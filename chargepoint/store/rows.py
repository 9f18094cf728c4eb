"""Writes one batch inside one transaction; turns deliveries into rows and back."""

import json
import sqlite3
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from chargepoint.domain.delivery import (
    Delivery,
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    TransactionStarted,
    VendorMessage,
)
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.payments import NoteCursor
from chargepoint.domain.progress import Step, Task, TaskProgress
from chargepoint.domain.record import Batch
from chargepoint.domain.security import SecurityEvent, SecurityWord
from chargepoint.domain.supply.metering import load_details, load_signed, load_values
from chargepoint.store import (
    cash_box,
    invoices,
    payments,
    postings,
    refunds,
    reservations,
    security_log,
    service_log,
    vouchers,
)

_KINDS: dict[str, type[Delivery]] = {
    "start": TransactionStarted,
    "meter": MeterValuesTaken,
    "stop": TransactionEnded,
    "vendor": VendorMessage,
    "security": SecurityEvent,
    "progress": TaskProgress,
}
_WORDS: dict[str, type[StrEnum]] = {
    "reason": StopReason,
    "word": SecurityWord,
    "task": Task,
    "step": Step,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
stamp, unstamp = postings.stamp, postings.unstamp


def dump(delivery: Delivery) -> tuple[str, str]:
    """(kind, body) of an outbox row."""
    body: dict[str, Any] = asdict(delivery)
    if "at" in body:
        body["at"] = stamp(body["at"])
    return _NAMES[type(delivery)], json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def load(kind: str, body: str) -> Delivery:
    fields = json.loads(body)
    if "at" in fields:
        fields["at"] = unstamp(fields["at"])
    for name, words in _WORDS.items():
        if name in fields:
            fields[name] = words(fields[name])
    if "details" in fields:
        fields["details"] = load_details(fields["details"])
    if "values" in fields:
        fields["values"] = load_values(fields["values"])
    if "signed" in fields:
        fields["signed"] = load_signed(fields["signed"])
    return _KINDS[kind](**fields)


def write(connection: sqlite3.Connection, batch: Batch, at: datetime) -> None:
    """All of `batch` or nothing. Raises sqlite3.Error; the transaction is rolled back then."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _write_all(connection, batch, stamp(at))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _accepted(cursor: CoinCursor | NoteCursor) -> int | None:
    return cursor.accepted if isinstance(cursor, CoinCursor) else None


def _write_all(connection: sqlite3.Connection, batch: Batch, at: str) -> None:
    for posting in batch.postings:
        postings.write(connection, posting, at)
    connection.executemany(
        "INSERT INTO outbox (key, kind, body, queued_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        [(delivery.key, *dump(delivery), at) for delivery in batch.deliveries],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO point_state VALUES (?, ?, ?, ?)",
        [(p.connector, p.state, json.dumps(p.body, ensure_ascii=False), at) for p in batch.points],
    )
    connection.executemany(
        "INSERT INTO session (id, connector, body, closed_at, invoice_due) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body, invoice_due = excluded.invoice_due",
        [
            (s.session, s.connector, json.dumps(s.body, ensure_ascii=False), at, s.invoice_due)
            for s in batch.sessions
        ],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO device_cursor VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (c.serial, c.epoch, c.sequence, c.counter, c.buffer, at, _accepted(c))
            for c in batch.cursors
        ],
    )
    connection.executemany(
        "INSERT INTO incident (at, code, device, detail, trace) VALUES (?, ?, ?, ?, ?)",
        [(at, i.code, i.device, i.detail, "\n".join(i.trace)) for i in batch.incidents],
    )
    connection.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", batch.settings)
    payments.write_holds(connection, batch.holds, at)
    payments.write_payouts(connection, batch.payouts, at)
    invoices.write(connection, batch.invoices)
    refunds.write(connection, batch.refunds, at)
    service_log.write(connection, batch.service_notes, at)
    for sealed in batch.seals:
        cash_box.seal_inside(connection, sealed, at)
    reservations.write(connection, batch.reservations, batch.reservations_ended)
    vouchers.write(connection, batch.vouchers, at)
    security_log.write(connection, batch.security_events)
