"""The security log: a rolling table, written with the commit that holds the event's cause."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from chargepoint.domain.security import SecurityEvent
from chargepoint.store.postings import stamp

KEPT_EVENTS = 10_000


def write(connection: sqlite3.Connection, events: Iterable[SecurityEvent]) -> None:
    for event in events:
        connection.execute(
            "INSERT INTO security_event (id, at, word, info) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (event.id, stamp(event.at), event.word, event.info),
        )
        connection.execute(
            "DELETE FROM security_event"
            " WHERE sequence <= (SELECT MAX(sequence) FROM security_event) - ?",
            (KEPT_EVENTS,),
        )


def read(
    connection: sqlite3.Connection, since: datetime | None, until: datetime | None, limit: int
) -> list[tuple[str, ...]]:
    """(at, word, info), oldest first."""
    return _newest(connection, "at, word, info", "security_event", "sequence", since, until, limit)


def incidents(
    connection: sqlite3.Connection, since: datetime | None, until: datetime | None, limit: int
) -> list[tuple[str, ...]]:
    """(at, code, device, detail), oldest first; without the frames, which may hold cards."""
    columns = "at, code, device, detail"
    return _newest(connection, columns, "incident", "rowid", since, until, limit)


def boots(connection: sqlite3.Connection, limit: int) -> list[tuple[str, ...]]:
    found = connection.execute(
        "SELECT started_at, previous_clean FROM boot ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [(at, "after a clean end" if clean else "after a cut") for at, clean in reversed(found)]


def _newest(  # noqa: PLR0913, PLR0917 - the parts of one statement, all of them ours
    connection: sqlite3.Connection,
    columns: str,
    table: str,
    order: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[tuple[str, ...]]:
    bounds = (stamp(since) if since else "", stamp(until) if until else "9999", limit)
    found: list[tuple[str, ...]] = connection.execute(
        f"SELECT {columns} FROM {table} WHERE at >= ? AND at <= ?"  # noqa: S608 - our own words
        f" ORDER BY {order} DESC LIMIT ?",
        bounds,
    ).fetchall()
    return found[::-1]
