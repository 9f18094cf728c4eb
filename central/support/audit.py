"""Who looked at what, and what came of it: rows that are only ever added.

Each row seals the one before, so that a changed, lost or inserted row shows (`first_broken`). A card
is named by its number here, because the trail is the evidence; pages show its last four digits.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.storage.store import Store
from central.storage.tables.support import SUPPORT_AUDIT

_NAME = "support:audit"
_OLDEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Look:
    """`agent`: their sign-in name. `subject`: a card, a point or a complaint; empty: none was found."""

    agent: str
    action: str
    subject: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    at: str
    look: Look
    seal: str


class Audit:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock

    def add(self, look: Look) -> None:
        """In a commit of its own."""
        with self._store.change(_NAME):
            self.add_inside(look)

    def add_inside(self, look: Look) -> None:
        """In a commit of the caller's, which named `names()` among what it decides about."""
        newest = select(SUPPORT_AUDIT.c.seal).order_by(SUPPORT_AUDIT.c.id.desc()).limit(1)
        before = self._rows.value(newest) or _OLDEST
        at = utc_text(self._clock.utc())
        self._rows.insert(SUPPORT_AUDIT, at=at, seal=_seal(before, at, look), **asdict(look))

    @staticmethod
    def names(*others: str) -> tuple[str, ...]:
        return (_NAME, *others)

    def entries(self, subject: str | None = None, limit: int = 200) -> list[Entry]:
        """Newest first."""
        statement = select(SUPPORT_AUDIT).order_by(SUPPORT_AUDIT.c.id.desc()).limit(limit)
        if subject is not None:
            statement = statement.where(SUPPORT_AUDIT.c.subject == subject)
        return [_entry(row) for row in self._rows.rows(statement)]

    def first_broken(self) -> int | None:
        """The id of the first row that is not as it was written, or whose predecessor is not."""
        before = _OLDEST
        for row in self._rows.rows(select(SUPPORT_AUDIT).order_by(SUPPORT_AUDIT.c.id)):
            entry = _entry(row)
            if entry.seal != _seal(before, entry.at, entry.look):
                return entry.id
            before = entry.seal
        return None


def _entry(row: Any) -> Entry:
    look = Look(row.agent, row.action, row.subject, row.outcome, row.reason)
    return Entry(row.id, row.at, look, row.seal)


def _seal(before: str, at: str, look: Look) -> str:
    content = json.dumps([before, at, asdict(look)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
