"""Rows of refunds: asked for by a command, carried out by the station, kept for ever."""

import json
import sqlite3
from collections.abc import Iterable

from chargepoint.domain.money import refund as rules
from chargepoint.domain.money.refund import Refund, RefundState
from chargepoint.domain.record import SessionRecord
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.errors import ChargepointError

_COLUMNS = "reference, session, amount_minor, reason, role, state, result"
_NOT_REFUSED = "state <> 'refused'"


class RefundWrong(ChargepointError):
    """A refund that cannot be asked for; nothing was written."""


def write(connection: sqlite3.Connection, refunds: Iterable[Refund], at: str) -> None:
    connection.executemany(
        "UPDATE refund SET state = ?, result = ?, changed_at = ? WHERE reference = ?",
        [(each.state, each.result, at, each.reference) for each in refunds],
    )


def ask(connection: sqlite3.Connection, wanted: Refund, at: str) -> Refund:
    """Write it down for the station, once: asked again, what became of it. Raises RefundWrong."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        known = read_one(connection, wanted.reference)
        if known is None:
            _require_possible(connection, wanted)
            connection.execute(
                "INSERT INTO refund VALUES (?, ?, ?, ?, ?, 'asked', '', ?, ?)",
                (
                    *(wanted.reference, wanted.session, wanted.amount),
                    *(wanted.reason, wanted.role, at, at),
                ),
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    if known is not None and (known.session, known.amount) != (wanted.session, wanted.amount):
        raise RefundWrong(f"reference {wanted.reference} is that of another refund")
    return known or wanted


def _require_possible(connection: sqlite3.Connection, wanted: Refund) -> None:
    record = read_session(connection, wanted.session)
    if record is None or "document" not in record.body:
        raise RefundWrong(f"no finished session {wanted.session}")
    if record.invoice_due:
        raise RefundWrong("its invoice is not issued yet: start the station first")
    already = refunded(connection, wanted.session, only_done=False)
    why = rules.why_incomplete(wanted.reason, wanted.role) or rules.why_not(
        record.body["document"], wanted.amount, already
    )
    if why:
        raise RefundWrong(why)


def read(connection: sqlite3.Connection, states: Iterable[RefundState]) -> list[Refund]:
    wanted = frozenset(states)
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM refund WHERE state IN ('asked', 'sent', 'unproved')"  # noqa: S608
        " ORDER BY asked_at, rowid"
    )
    return [each for each in map(_refund, found) if each.state in wanted]


def read_one(connection: sqlite3.Connection, reference: str) -> Refund | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM refund WHERE reference = ?",  # noqa: S608 - constant columns
        (reference,),
    ).fetchone()
    return None if row is None else _refund(row)


def refunded(connection: sqlite3.Connection, session: SessionId, *, only_done: bool) -> Minor:
    """Given back on a session; what may still be given counts too unless `only_done`."""
    clause = "state = 'done'" if only_done else _NOT_REFUSED
    row = connection.execute(
        f"SELECT COALESCE(SUM(amount_minor), 0) FROM refund WHERE session = ? AND {clause}",  # noqa: S608
        (session,),
    ).fetchone()
    return Minor(row[0])


def read_session(connection: sqlite3.Connection, session: SessionId) -> SessionRecord | None:
    row = connection.execute(
        "SELECT connector, body, invoice_due FROM session WHERE id = ?", (session,)
    ).fetchone()
    if row is None:
        return None
    connector, body, due = row
    return SessionRecord(session, ConnectorId(connector), json.loads(body), bool(due))


def session_of_receipt(connection: sqlite3.Connection, number: str) -> SessionId | None:
    """By receipt or invoice number, newest first."""
    row = connection.execute(
        "SELECT id FROM session WHERE json_extract(body, '$.document.receiptNumber') = ?1"
        " OR json_extract(body, '$.document.invoice') = ?1 ORDER BY closed_at DESC LIMIT 1",
        (number,),
    ).fetchone()
    return None if row is None else SessionId(row[0])


def next_reference(connection: sqlite3.Connection, session: SessionId) -> str:
    row = connection.execute("SELECT COUNT(*) FROM refund WHERE session = ?", (session,)).fetchone()
    return f"{session}-R{row[0] + 1}"


def _refund(row: tuple[str, str, int, str, str, str, str]) -> Refund:
    reference, session, amount, reason, role, state, result = row
    return Refund(
        reference, SessionId(session), Minor(amount), reason, role, RefundState(state), result
    )
