"""Charges that a technician looks for: by receipt, time, amount, or a card's last digits. Never writes."""

import json
import sqlite3
from typing import Any

_MOST = 200
_SELECT = (
    "SELECT id, json_extract(body, '$.document'), closed_at FROM session"
    " WHERE json_type(body, '$.document') IS NOT NULL"
)
_WANTED = {
    "": "1",
    "card": "substr(json_extract(body, '$.document.maskedPan'), -length(?1)) = ?1"
    " OR substr(json_extract(body, '$.document.idTag'), -length(?1)) = ?1",
    "receipt": "substr(replace(json_extract(body, '$.document.receiptNumber'), '-', ''), -length(?1)) = ?1"
    " OR substr(replace(json_extract(body, '$.document.invoice'), '-', ''), -length(?1)) = ?1",
    "amount": "json_extract(body, '$.document.total.amount') = CAST(?1 AS INTEGER)",
    "time": "closed_at >= substr(?1, 1, instr(?1, '/') - 1) AND closed_at < substr(?1, instr(?1, '/') + 1)",
}

Found = tuple[str, dict[str, Any], str]


def find(connection: sqlite3.Connection, wanted: str) -> list[Found]:
    """(session, receipt, end), newest first. `wanted`: `card:8074`, `receipt:42`, `amount:612`,
    `time:FROM/UNTIL`; empty: the newest.
    """
    kind, colon, what = wanted.partition(":")
    if not colon and wanted:
        kind, what = "card", wanted
    statement = f"{_SELECT} AND ({_WANTED[kind]}) ORDER BY rowid DESC LIMIT ?2"
    found = connection.execute(statement, (what, _MOST))
    return [(session, json.loads(document), closed_at) for session, document, closed_at in found]
