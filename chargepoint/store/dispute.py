"""One charge from first coin to last message, for whoever has to judge it: what the journal holds of it.

Codes, tokens of pages and whole card numbers are no part of it: it leaves the station on a stick.
"""

import json
import sqlite3
from datetime import timedelta
from typing import Any

from chargepoint.store import unsettled
from chargepoint.store.postings import stamp, unstamp

_AROUND = timedelta(minutes=15)  # coins before the start, change and trouble after the end
_MOST_ROWS = 2_000
_SHOWN_DIGITS = 4
_CARDS = frozenset({"idTag", "id_tag", "maskedPan", "parent_tag", "stopped_by", "masked_pan"})
_SECRETS = frozenset({"code", "page", "next_code", "qr"})

Row = dict[str, Any]


def extract(connection: sqlite3.Connection, session: str) -> Row | None:
    """None: there is no such charge."""
    found = connection.execute(
        "SELECT connector, body, closed_at FROM session WHERE id = ?", (session,)
    ).fetchone()
    if found is None:
        return None
    connector, body, closed_at = int(found[0]), json.loads(found[1]), str(found[2])
    ended = unstamp(closed_at)
    began = unstamp(body["started_at"]) if body.get("started_at") else ended
    window = (stamp(began - _AROUND), stamp(ended + _AROUND))
    return {
        "session": session,
        "connector": connector,
        "closedAt": closed_at,
        "record": _cleaned(body),
        "messages": _messages(connection, session),
        "postings": _postings(connection, session, connector, window),
        "payouts": _payouts(connection, session),
        "invoices": _invoices(connection, session),
        "refunds": _refunds(connection, session),
        "incidents": _incidents(connection, connector, window),
        "service": _service(connection, session, window),
    }


def _messages(connection: sqlite3.Connection, session: str) -> list[Row]:
    """Start, each reading, stop, receipt: as they were queued for the central system."""
    found = connection.execute(
        "SELECT sequence, kind, body, state, attempts, queued_at FROM outbox"
        " WHERE key >= ? AND key < ? ORDER BY sequence LIMIT ?",
        (f"tx:{session}:", f"tx:{session};", _MOST_ROWS),
    )
    return [
        {
            "sequence": sequence,
            "kind": kind,
            "state": state,
            "attempts": attempts,
            "queuedAt": at,
            "content": _cleaned(json.loads(body)),
        }
        for sequence, kind, body, state, attempts, at in found
    ]


def _postings(
    connection: sqlite3.Connection, session: str, connector: int, window: tuple[str, str]
) -> list[Row]:
    """Of this charge by name, and what came and went at its connector around it."""
    found = connection.execute(
        "SELECT posting.id, at, key, account, signed_minor FROM posting"
        " JOIN entry ON posting.id = posting_id WHERE posting.id IN ("
        "  SELECT posting_id FROM entry JOIN posting ON posting.id = posting_id"
        "  WHERE instr(key, ?1) OR instr(account, ?1)"
        "  OR (at BETWEEN ?3 AND ?4 AND account IN ('unassigned', 'credit:' || ?2, 'held:' || ?2)))"
        " ORDER BY posting.id, entry.rowid LIMIT ?5",
        (session, str(connector), *window, _MOST_ROWS),
    )
    return [
        {
            "posting": number,
            "at": at,
            "key": unsettled.masked_key(key),
            "account": account,
            "signedMinor": amount,
        }
        for number, at, key, account, amount in found
    ]


def _payouts(connection: sqlite3.Connection, session: str) -> list[Row]:
    found = connection.execute(
        "SELECT serial, mark, coin_minor, paid, changed_at FROM payout"
        " WHERE instr(reference, ?) ORDER BY changed_at",
        (session,),
    )
    return [
        {"hopper": serial, "mark": json.loads(mark), "coinMinor": coin, "paid": paid, "at": at}
        for serial, mark, coin, paid, at in found
    ]


def _invoices(connection: sqlite3.Connection, session: str) -> list[Row]:
    found = connection.execute(
        "SELECT number, kind, issued_at, corrects, previous_hash, hash FROM invoice"
        " WHERE session = ? ORDER BY id",
        (session,),
    )
    names = ("number", "kind", "issuedAt", "corrects", "previousHash", "hash")
    return [dict(zip(names, row, strict=True)) for row in found]


def _refunds(connection: sqlite3.Connection, session: str) -> list[Row]:
    found = connection.execute(
        "SELECT reference, amount_minor, reason, role, state, result, asked_at FROM refund"
        " WHERE session = ? ORDER BY asked_at",
        (session,),
    )
    names = ("reference", "amountMinor", "reason", "by", "state", "result", "askedAt")
    return [dict(zip(names, row, strict=True)) for row in found]


def _incidents(
    connection: sqlite3.Connection, connector: int, window: tuple[str, str]
) -> list[Row]:
    """Of its connector and of what all share, each with the frames on the wire before it."""
    found = connection.execute(
        "SELECT at, code, device, detail, trace FROM incident"
        " WHERE at BETWEEN ? AND ? ORDER BY id LIMIT ?",
        (*window, _MOST_ROWS),
    )
    return [
        {"at": at, "code": code, "device": device, "detail": detail, "frames": trace.splitlines()}
        for at, code, device, detail, trace in found
        if device.partition(":")[2] in ("", str(connector)) or device.startswith("hopper:")
    ]


def _service(connection: sqlite3.Connection, session: str, window: tuple[str, str]) -> list[Row]:
    found = connection.execute(
        "SELECT at, who, role, what, outcome FROM service_log"
        " WHERE at BETWEEN ? AND ? OR instr(what, ?) ORDER BY id LIMIT ?",
        (*window, session, _MOST_ROWS),
    )
    names = ("at", "who", "role", "what", "outcome")
    return [dict(zip(names, row, strict=True)) for row in found]


def _cleaned(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: _field(name, each) for name, each in value.items() if name not in _SECRETS
            }
        case list():
            return [_cleaned(each) for each in value]
        case _:
            return value


def _field(name: str, value: Any) -> Any:
    if name in _CARDS and isinstance(value, str) and len(value) > _SHOWN_DIGITS:
        return f"…{value[-_SHOWN_DIGITS:]}"
    return _cleaned(value)
