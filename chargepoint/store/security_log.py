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
    connection: sqlite3.Connection, since: datetime | None, until: datetime | None
) -> list[tuple[str, str, str]]:
    """(at, word, info), oldest first."""
    found: list[tuple[str, str, str]] = connection.execute(
        "SELECT at, word, info FROM security_event WHERE at >= ? AND at <= ? ORDER BY sequence",
        (stamp(since) if since else "", stamp(until) if until else "9999"),
    ).fetchall()
    return found
