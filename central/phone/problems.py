"""What somebody tells of a point from the page of a charge. Each has a number, and a finding tells the operator."""

from dataclasses import dataclass

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.feed import Feed
from central.storage.store import Store
from central.storage.tables.phones import PROBLEM


@dataclass(frozen=True, slots=True)
class Problem:
    """`page` empty: told from elsewhere. `contact`: an e-mail or telephone, or empty."""

    point: str
    connector: int
    page: str
    words: str
    contact: str
    language: str


class Problems:
    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed

    def report(self, problem: Problem) -> str:
        """The number that the customer and the operator speak of."""
        at = utc_text(self._clock.utc())
        with self._store.change():
            row = self._store.database.numbered(
                PROBLEM,
                point=problem.point,
                connector=problem.connector,
                page=problem.page or None,
                words=problem.words,
                contact=problem.contact,
                language=problem.language,
                at=at,
            )
            number = f"P-{row:06d}"
            detail = f"{number}, connector {problem.connector}"
            finding = self._store.add_finding(at, problem.point, "problem.told", detail)
            self._feed.changed("finding", str(finding.id))
        return number

    def all(self, limit: int = 100) -> list[tuple[str, str, Problem]]:
        """(number, when, what), newest first."""
        newest = select(PROBLEM).order_by(PROBLEM.c.id.desc()).limit(limit)
        names = ("point", "connector", "words", "contact", "language")
        return [
            (
                f"P-{row.id:06d}",
                row.at,
                Problem(page=row.page or "", **{each: getattr(row, each) for each in names}),
            )
            for row in self._store.database.rows(newest)
        ]
