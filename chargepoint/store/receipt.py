"""`python -m chargepoint.store.receipt`: finds receipts again, and writes a copy as text."""

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from chargepoint.domain.money.paper import Letterhead, as_text, receipt_paper
from chargepoint.domain.units import SessionId
from chargepoint.errors import ChargepointError
from chargepoint.store import command, refunds, vouchers
from chargepoint.store.audit import money, open_read_only

_EPILOG = """\
examples:
  python -m chargepoint.store.receipt state/journal.sqlite --last 10
  python -m chargepoint.store.receipt state/journal.sqlite --card 8074
      receipts of the cards, bank or Green, whose number ends so
  python -m chargepoint.store.receipt state/journal.sqlite --number CP-0001-1-000042 | lp

Reads only, also beside a running station. Exit code: 0 found, 1 nothing found, 2 no journal.
"""
_MOST = 100


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = command.parser(
        "receipt",
        "Receipts of finished sessions: found by number or card, copied as text.",
        _EPILOG,
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--number", metavar="N", help="receipt or invoice number: write a copy")
    which.add_argument("--card", metavar="DIGITS", help="last digits of a card, at least four")
    which.add_argument("--last", type=int, metavar="N", help=f"the newest N, at most {_MOST}")
    parser.add_argument("--language", choices=["es", "en"], default="es", help="of the copy")
    chosen = parser.parse_args(words)
    if chosen.card is not None and not (chosen.card.isdigit() and len(chosen.card) >= 4):
        parser.error("--card needs at least four digits")
    return chosen


def _documents(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Newest first."""
    rows = connection.execute("SELECT body FROM session ORDER BY closed_at DESC, rowid DESC")
    for (body,) in rows:
        document = json.loads(body).get("document")
        if document is not None:
            yield document


def _is_of_card(document: dict[str, Any], digits: str) -> bool:
    return any(str(document.get(name, "")).endswith(digits) for name in ("maskedPan", "idTag"))


def _line(document: dict[str, Any]) -> str:
    number = document.get("invoice", document["receiptNumber"])
    total, means = money(document["total"]["amount"]), document["means"]
    local = document.get("localTime")
    at = str(local)[:16] if local else f"{document['time'][:16]}Z"
    return f"{at:<17}  {number:<28} {means:<10} {total:>9}"


def _copy(connection: sqlite3.Connection, number: str, language: str) -> list[str]:
    session = refunds.session_of_receipt(connection, number)
    record = None if session is None else refunds.read_session(connection, session)
    if record is None:
        return []
    document = record.body["document"]
    head = Letterhead(
        point=str(document["receiptNumber"]).rsplit("-", 2)[0],
        phone="",
        at=_moment(document),
        qr=str(document.get("verification", "")),
        is_copy=True,
    )
    return [*as_text(receipt_paper(document, head, language)), *_vouchers(connection, session)]


def _vouchers(connection: sqlite3.Connection, session: SessionId | None) -> list[str]:
    """What became of change that could not be paid: whole codes, for whoever proves to be owed."""
    found = [] if session is None else vouchers.of_claim(connection, session)
    return [f"voucher {each.code}  {money(each.amount)}  until {each.expires}" for each in found]


def _moment(document: dict[str, Any]) -> str:
    """Local time; UTC on receipts from before they carried it."""
    local = document.get("localTime")
    text = str(local or document["time"])[:16].replace("T", " ")
    return text if local else f"{text} UTC"


def _found(connection: sqlite3.Connection, chosen: argparse.Namespace) -> list[str]:
    if chosen.number is not None:
        return _copy(connection, chosen.number, chosen.language)
    documents = _documents(connection)
    if chosen.card is not None:
        documents = (each for each in documents if _is_of_card(each, chosen.card))
    most = min(_MOST, chosen.last or _MOST)
    return [_line(document) for document, _ in zip(documents, range(most), strict=False)]


def main(words: list[str] | None = None) -> int:
    chosen = _parse(words)
    try:
        with closing(open_read_only(chosen.journal)) as connection:
            lines = _found(connection, chosen)
    except (ChargepointError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not lines:
        sys.stderr.write("no such receipt\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
