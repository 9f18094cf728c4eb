"""Writes one posting, once, and times as the journal keeps them."""

import sqlite3
from datetime import UTC, datetime

from chargepoint.domain.money.ledger import Posting


def stamp(at: datetime) -> str:
    """UTC with milliseconds and Z, the form of storage and of OCPP (decisions §5)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def unstamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write(connection: sqlite3.Connection, posting: Posting, at: str) -> None:
    """A key that is already booked is done: the same coin seen twice is one coin."""
    cursor = connection.execute(
        "INSERT INTO posting (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
        (posting.key, at),
    )
    if cursor.rowcount == 0:
        return
    connection.executemany(
        "INSERT INTO entry VALUES (?, ?, ?)",
        [(cursor.lastrowid, e.account, e.signed_minor) for e in posting.entries],
    )
