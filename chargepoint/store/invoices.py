"""Rows of invoices: written once, never changed; and the proof that their chain is whole."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from chargepoint.domain.money.invoice import ChainHead, Invoice, IssueRecord
from chargepoint.domain.record import SessionRecord


def write(connection: sqlite3.Connection, invoices: Iterable[Invoice]) -> None:
    connection.executemany(
        "INSERT INTO invoice (number, series, serial, kind, session, corrects, previous_hash,"
        " hash, body, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(each.number, each.series, each.serial, each.kind, each.session, each.corrects),
                *(each.record.previous, each.hash, _dump(each)),
                each.record.generated_at.isoformat(timespec="seconds"),
            )
            for each in invoices
        ],
    )


def read_due(connection: sqlite3.Connection) -> list[SessionRecord]:
    """Finished sessions whose invoice is still to be issued, in the order they finished."""
    rows = connection.execute(
        "SELECT id, connector, body FROM session WHERE invoice_due = 1 ORDER BY closed_at, rowid"
    )
    return [
        SessionRecord(session, connector, json.loads(body), invoice_due=True)
        for session, connector, body in rows
    ]


def read_head(connection: sqlite3.Connection, series: str) -> ChainHead:
    newest = connection.execute("SELECT hash FROM invoice ORDER BY id DESC LIMIT 1").fetchone()
    last = connection.execute(
        "SELECT MAX(serial) FROM invoice WHERE series = ?", (series,)
    ).fetchone()
    return ChainHead(newest[0] if newest else "", int(last[0] or 0))


def chain_breaks(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the chain, in words; empty when every link holds."""
    found: list[str] = []
    previous, serials = "", dict[str, int]()
    rows = connection.execute(
        "SELECT number, series, serial, previous_hash, hash, body FROM invoice ORDER BY id"
    )
    for number, series, serial, told_previous, told_hash, body in rows:
        if told_previous != previous:
            found.append(f"{number} does not follow the invoice before it")
        if serial != serials.get(series, 0) + 1:
            found.append(f"{number} leaves a gap in series {series}")
        if _load_record(body).hash != told_hash:
            found.append(f"{number} is not what was issued")
        previous, serials[series] = told_hash, serial
    return found


def untaxed_loads(connection: sqlite3.Connection) -> list[str]:
    """Invoices of money for a card whose VAT is not what the books have of it, in words."""
    rows = connection.execute(
        "SELECT number, json_extract(invoice.body, '$.record.vat'),"
        " COALESCE((SELECT -SUM(signed_minor) FROM posting JOIN entry ON posting.id = posting_id"
        " WHERE key = 'topupvat:' || invoice.session AND account = 'vat'), 0)"
        " FROM invoice JOIN session ON session.id = invoice.session WHERE kind = 'F2'"
        " AND json_extract(session.body, '$.document.cardNumber') IS NOT NULL ORDER BY invoice.id"
    )
    return [
        f"{number} says {said} of VAT, the books {booked}"
        for number, said, booked in rows
        if said != booked
    ]


def _dump(invoice: Invoice) -> str:
    body = asdict(invoice)
    body["record"]["generated_at"] = invoice.record.generated_at.isoformat()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _load_record(text: str) -> IssueRecord:
    fields = json.loads(text)["record"]
    at = datetime.fromisoformat(fields["generated_at"])
    return IssueRecord(**{**fields, "generated_at": at})
