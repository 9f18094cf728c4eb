"""What a card has spent without the central system: read off its sessions, never kept as a sum."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chargepoint.domain.units import Minor
from chargepoint.store.rows import stamp


def spent(connection: sqlite3.Connection, id_tag: str, since: datetime) -> Minor:
    """By sessions that began offline at `since` or later; one without a bill counts in full."""
    found: dict[str, int] = {}
    for body, amount in (*_open(connection), *_billed(connection, since)):
        order = body["order"]
        is_meant = order["offline"] and order["id_tag"] == id_tag
        if is_meant and datetime.fromisoformat(body["started_at"]) >= since:
            found[order["session"]] = amount
    return Minor(sum(found.values()))


def _open(connection: sqlite3.Connection) -> Iterator[tuple[dict[str, Any], int]]:
    for (text,) in connection.execute("SELECT body FROM point_state"):
        session = json.loads(text)["session"]
        if session is not None:
            yield session, session["limit"] or 0


def _billed(
    connection: sqlite3.Connection, since: datetime
) -> Iterator[tuple[dict[str, Any], int]]:
    """Newest first, and no further back than needed: rows are written once, in the order of time."""
    earliest = stamp(since)
    for text, closed_at in connection.execute(
        "SELECT body, closed_at FROM session ORDER BY rowid DESC"
    ):
        if closed_at < earliest:
            return
        body = json.loads(text)
        if "order" in body:  # not what was loaded onto a card
            yield body, body["total"]
