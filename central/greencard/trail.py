"""Who changed what, and what became of it: notes that are only ever added."""

import sqlite3
from dataclasses import dataclass

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Note:
    """`number`: of the card it is about; empty when it is about the programme."""

    at: str
    number: str
    actor: str
    event: str
    detail: str


class Trail:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, note: Note) -> None:
        self._db.execute(
            "INSERT INTO trail (at, number, actor, event, detail) VALUES (?, ?, ?, ?, ?)",
            (note.at, note.number, note.actor, note.event, note.detail),
        )

    def notes(self, number: str | None = None, limit: int = 100) -> list[Note]:
        """Newest first; of one card, or of everything."""
        clause, values = ("", ()) if number is None else ("WHERE number = ?", (number,))
        rows = self._db.execute(
            f"SELECT at, number, actor, event, detail FROM trail {clause} "  # noqa: S608
            "ORDER BY id DESC LIMIT ?",
            (*values, limit),
        )
        return [Note(**dict(row)) for row in rows]

    def uses(self, number: str, limit: int = 100) -> list[Note]:
        """Where and when a card charged, newest first."""
        rows = self._db.execute(
            "SELECT started_at, point, connector, meter_wh - meter_start_wh AS wh, total_minor "
            "FROM transaction_ WHERE id_tag = ? ORDER BY id DESC LIMIT ?",
            (number, limit),
        )
        return [
            Note(
                row["started_at"],
                number,
                "holder",
                "charge",
                f"{row['point']}/{row['connector']}: {row['wh']} Wh, "
                + ("not settled" if row["total_minor"] is None else f"{row['total_minor']} minor"),
            )
            for row in rows
        ]
