"""The book of points: every lot moves points from one account to a card, or back; sums are zero.

Accounts: `card:N` · `granted` for what was paid · `opening`. What expires is left out of a card's
sum, never taken away; points of a refund are taken back with the end of the lot they came from.
"""

import sqlite3
from dataclasses import dataclass

GRANTED = "granted"
OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Lot:
    """`points` below zero: taken back. Once per `key`."""

    key: str
    number: str
    points: int
    expires_at: str | None = None
    against: str = GRANTED


def share_of(points: int, total_minor: int, *, before_minor: int, after_minor: int) -> int:
    """What a refund takes back, so that all parts of a total take exactly all its points."""
    return points * after_minor // total_minor - points * before_minor // total_minor


class PointBook:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, lot: Lot, at: str) -> bool:
        """False if this key was booked before, and nothing happened."""
        cursor = self._db.execute(
            "INSERT INTO point_lot (key, number, points, expires_at, against, at) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (lot.key, lot.number, lot.points, lot.expires_at, lot.against, at),
        )
        return cursor.rowcount == 1

    def lot(self, key: str) -> Lot | None:
        row = self._db.execute(
            "SELECT key, number, points, expires_at, against FROM point_lot WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else Lot(**dict(row))

    def on_card(self, number: str, at: str) -> int:
        """Those that have not expired."""
        row = self._db.execute(
            "SELECT COALESCE(SUM(points), 0) FROM point_lot "
            "WHERE number = ? AND (expires_at IS NULL OR expires_at > ?)",
            (number, at),
        ).fetchone()
        return int(row[0])

    def balances(self) -> dict[str, int]:
        """The trial balance, expired points included; its values sum to zero."""
        rows = self._db.execute(
            "SELECT account, SUM(points) AS total FROM ("
            "SELECT 'card:' || number AS account, points FROM point_lot "
            "UNION ALL SELECT against, -points FROM point_lot) GROUP BY account ORDER BY account"
        )
        return {row["account"]: row["total"] for row in rows}
