"""Who changed what, and what became of it: notes that are only ever added."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from central.storage.engine import Database
from central.storage.tables.accounts import TRAIL, TRANSACTION

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
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, note: Note) -> None:
        self._database.insert(TRAIL, **asdict(note))

    def notes(self, number: str | None = None, limit: int = 100) -> list[Note]:
        """Newest first; of one card, or of everything."""
        columns = TRAIL.c
        statement = select(
            columns.at, columns.number, columns.actor, columns.event, columns.detail
        ).order_by(columns.id.desc())
        if number is not None:
            statement = statement.where(columns.number == number)
        return [Note(*row) for row in self._database.rows(statement.limit(limit))]

    def uses(self, number: str, limit: int = 100) -> list[Note]:
        """Where and when a card charged, newest first."""
        statement = select(TRANSACTION).where(TRANSACTION.c.id_tag == number)
        return [
            Note(
                row.started_at,
                number,
                "holder",
                "charge",
                f"{row.point}/{row.connector}: {row.meter_wh - row.meter_start_wh} Wh, "
                + ("not settled" if row.total_minor is None else f"{row.total_minor} minor"),
            )
            for row in self._database.rows(statement.order_by(TRANSACTION.c.id.desc()).limit(limit))
        ]
