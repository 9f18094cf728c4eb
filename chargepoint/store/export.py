"""The books as CSV files for a spreadsheet or an accountant: UTF-8, one header, minor units."""

import csv
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chargepoint.store import books, cash_box, unsettled

Row = Sequence[Any]


def write(connection: sqlite3.Connection, folder: Path) -> list[Path]:
    """All files, written anew; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, tuple[Row, Iterable[Row]]] = {
        "balances": (("account", "natural_minor"), books.balances_in(connection).items()),
        "postings": (("posting", "at", "key", "account", "signed_minor"), _postings(connection)),
        "sessions": (
            ("session", "connector", "closed_at", "means", "receipt", "invoice", "energy_wh",
             "total_minor", "vat_minor"),
            _sessions(connection),
        ),
        "invoices": (
            ("number", "kind", "issued_at", "session", "corrects", "total_minor", "vat_minor",
             "previous_hash", "hash"),
            _invoices(connection),
        ),
        "periods": (
            ("number", "sealed_at", "role", "book_minor", "counted_minor", "difference_minor", "seal"),
            [
                (p.number, p.sealed_at, p.role, p.book_minor, p.counted_minor, p.difference_minor,
                 p.seal)
                for p in cash_box.periods(connection)
            ],
        ),
        "levels": (
            ("place", "coin_minor", "count"),
            [(level.place, level.value, level.count) for level in cash_box.levels(connection)],
        ),
        "unsettled": (
            ("kind", "reference", "amount_minor", "waits_for"),
            [(i.kind, i.reference, i.amount_minor, i.waits_for) for i in unsettled.items(connection)],
        ),
    }  # fmt: skip
    return [_write_one(folder / f"{name}.csv", *table) for name, table in tables.items()]


def _write_one(path: Path, head: Row, rows: Iterable[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return path


def _harmless(cell: Any) -> Any:
    """A spreadsheet takes text that begins like a formula for one."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def _postings(connection: sqlite3.Connection) -> Iterable[Row]:
    found = connection.execute(
        "SELECT posting.id, at, key, account, signed_minor FROM posting"
        " JOIN entry ON posting.id = posting_id ORDER BY posting.id, entry.rowid"
    )
    for number, at, key, account, amount in found:
        yield number, at, unsettled.masked_key(key), account, amount


def _sessions(connection: sqlite3.Connection) -> Iterable[Row]:
    found = connection.execute(
        "SELECT id, connector, closed_at, body FROM session ORDER BY closed_at, rowid"
    )
    for session, connector, closed_at, text in found:
        document = json.loads(text).get("document", {})
        yield (
            *(session, connector, closed_at, document.get("means")),
            *(document.get("receiptNumber"), document.get("invoice"), document.get("energyWh")),
            document.get("total", {}).get("amount"),
            document.get("vat", {}).get("amount"),
        )


def _invoices(connection: sqlite3.Connection) -> Iterable[Row]:
    found = connection.execute(
        "SELECT number, kind, issued_at, session, corrects, body, previous_hash, hash"
        " FROM invoice ORDER BY id"
    )
    for number, kind, issued_at, session, corrects, text, previous, own in found:
        record = json.loads(text)["record"]
        total, vat = record["total"], record["vat"]
        yield number, kind, issued_at, session, corrects, total, vat, previous, own
