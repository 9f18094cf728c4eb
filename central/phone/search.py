"""A receipt found again by its day, its sum, and the last four digits of the card that paid.

Three facts that only its customer has together; who tries is slowed by whoever asks here.
"""

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from central.storage.engine import Database
from central.storage.tables.accounts import RECEIPT

_LATEST = timedelta(days=31)  # a point that was offline delivers late
_MOST = 3


class ReceiptSearch:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, day: date, total_minor: int, last_four: str) -> list[str]:
        """Names of the pages that fit, newest first."""
        of_that_sum = (
            select(RECEIPT)
            .where(RECEIPT.c.total_minor == total_minor, RECEIPT.c.page.is_not(None))
            .where(RECEIPT.c.at >= (day - timedelta(days=1)).isoformat())
            .where(RECEIPT.c.at < (day + _LATEST).isoformat())
            .order_by(RECEIPT.c.at.desc())
        )
        found = []
        for row in self._database.rows(of_that_sum):
            document = json.loads(row.document)
            if _day(document, row.at) == day.isoformat() and last_four in _endings(document):
                found.append(str(row.page))
        return found[:_MOST]


def _day(document: dict[str, Any], at: str) -> str:
    """As it is printed on the receipt."""
    own = document.get("localTime") or document.get("issuedAt") or document.get("time") or at
    return str(own)[:10]


def _endings(document: dict[str, Any]) -> set[str]:
    means = str(document.get("means", ""))
    numbers = [document.get("maskedPan"), document.get("cardNumber")]
    if means in ("greencard", "token"):
        numbers.append(document.get("idTag"))
    return {str(number)[-4:] for number in numbers if number and len(str(number)) >= 4}
