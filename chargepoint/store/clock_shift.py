"""What a wrong clock has written into the journal in this life, put right in one transaction.

An invoice that was issued keeps its times: its hash holds them, and they are what the customer has.
"""

import json
import sqlite3
from dataclasses import replace
from datetime import datetime
from typing import Any

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.effects import ClockMoved
from chargepoint.domain.money.settlement import local_text
from chargepoint.store.postings import stamp
from chargepoint.store.rows import dump, load, unstamp

# Stamped by the clock, never handed to anybody, and asked for again: (table, key, column).
_STAMPS = (
    ("boot", "id", "started_at"),
    ("incident", "rowid", "at"),
    ("session", "id", "closed_at"),
    ("outbox", "sequence", "queued_at"),
)
_ISSUED = "verification"  # of a document whose invoice stands in the chain


def shift(connection: sqlite3.Connection, after: int, moved: ClockMoved, zone: str) -> None:
    """`after`: the outbox's newest message of an earlier life."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _queued(connection, after, moved, zone)
        _documents(connection, moved, zone)
        for table, key, column in _STAMPS:
            _column(connection, (table, key, column), moved)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _queued(connection: sqlite3.Connection, after: int, moved: ClockMoved, zone: str) -> None:
    found = connection.execute(
        "SELECT sequence, kind, body FROM outbox WHERE state = 'queued' AND sequence > ?", (after,)
    ).fetchall()
    for sequence, kind, body in found:
        delivery = load(kind, body)
        if isinstance(delivery, VendorMessage):
            payload = _right_document(delivery.payload, moved, zone)
            _, text = dump(replace(delivery, payload=payload))
        else:
            _, text = dump(replace(delivery, at=delivery.at + moved.by))
        connection.execute("UPDATE outbox SET body = ? WHERE sequence = ?", (text, sequence))


def _documents(connection: sqlite3.Connection, moved: ClockMoved, zone: str) -> None:
    """Of sessions that ended in this life: what is printed and shown of them later."""
    found = connection.execute(
        "SELECT id, body FROM session WHERE closed_at >= ?", (stamp(moved.since),)
    ).fetchall()
    for session, text in found:
        body = json.loads(text)
        if "document" not in body:
            continue
        body["document"] = _right_document(body["document"], moved, zone)
        if "started_at" in body:
            started_at = _right(datetime.fromisoformat(body["started_at"]), moved)
            body["started_at"] = started_at.isoformat()
        connection.execute(
            "UPDATE session SET body = ? WHERE id = ?",
            (json.dumps(body, ensure_ascii=False), session),
        )


def _right_document(document: dict[str, Any], moved: ClockMoved, zone: str) -> dict[str, Any]:
    if "time" not in document or _ISSUED in document:
        return document
    at = _right(datetime.fromisoformat(str(document["time"])), moved)
    right = {**document, "time": stamp(at)}
    if "localTime" in document:
        right["localTime"] = local_text(at, zone)
    return right


def _column(connection: sqlite3.Connection, place: tuple[str, str, str], moved: ClockMoved) -> None:
    table, key, column = place
    found = connection.execute(
        f"SELECT {key}, {column} FROM {table} WHERE {column} >= ?",  # noqa: S608 - our own words
        (stamp(moved.since),),
    ).fetchall()
    connection.executemany(
        f"UPDATE {table} SET {column} = ? WHERE {key} = ?",  # noqa: S608 - our own words
        [(stamp(unstamp(at) + moved.by), row) for row, at in found],
    )


def _right(at: datetime, moved: ClockMoved) -> datetime:
    return at + moved.by if at >= moved.since else at
