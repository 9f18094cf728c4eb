"""What local lists shall hold: of each tag its newest change, numbered; a number is a list version."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select

from central.storage.engine import Database
from central.storage.tables.accounts import CARD
from central.storage.tables.points import LIST_ENTRY, POINT_LIST

_STATUS = {"active": "Accepted", "blocked": "Blocked", "expired": "Expired"}


class Listed(StrEnum):
    """Which cards points know by heart, for when they cannot ask."""

    NONE = "none"
    BLOCKED = "blocked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Entry:
    """`status` None: the tag leaves the list."""

    id_tag: str
    version: int
    status: str | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Which points with a list know a card's newest state, and which were not reached yet."""

    points: tuple[str, ...]
    waiting: tuple[str, ...]


def confirmed(database: Database, number: str) -> Confirmed | None:
    """None where points keep no list, or this card never was on it."""
    entry = select(LIST_ENTRY.c.version).where(LIST_ENTRY.c.id_tag == number)
    version = database.value(entry)
    if version is None:
        return None
    kept = select(POINT_LIST).where(POINT_LIST.c.version >= 0).order_by(POINT_LIST.c.point)
    rows = database.rows(kept)
    return Confirmed(
        tuple(row.point for row in rows if row.version >= version),
        tuple(row.point for row in rows if row.version < version),
    )


class ListRows:
    def __init__(self, database: Database, listed: Listed) -> None:
        self._database = database
        self._listed = listed

    def newest(self) -> int:
        newest = select(func.coalesce(func.max(LIST_ENTRY.c.version), 0))
        return int(self._database.value(newest))

    def listed(self) -> int:
        """How many tags are on the list now."""
        on_it = select(func.count()).select_from(LIST_ENTRY).where(LIST_ENTRY.c.status.is_not(None))
        return int(self._database.value(on_it))

    def after(self, version: int) -> list[Entry]:
        """Every tag that changed after `version`, in the order of its newest change."""
        rows = select(LIST_ENTRY.c.id_tag, LIST_ENTRY.c.version, LIST_ENTRY.c.status)
        later = rows.where(LIST_ENTRY.c.version > version).order_by(LIST_ENTRY.c.version)
        return [Entry(row.id_tag, row.version, row.status) for row in self._database.rows(later)]

    def bring_up_to_date(self, numbers: Collection[str] | None = None) -> None:
        """As these cards are now, or all. What is right already keeps its version."""
        cards, entries = select(CARD.c.number, CARD.c.state), select(LIST_ENTRY)
        if numbers is not None:
            cards = cards.where(CARD.c.number.in_(numbers))
            entries = entries.where(LIST_ENTRY.c.id_tag.in_(numbers))
        with self._database.change("local_list"):
            found = self._database.rows(cards)
            wanted = {row.number: self._status(row.state) for row in found}
            kept = {row.id_tag: row.status for row in self._database.rows(entries)}
            version = self.newest()
            for id_tag in sorted(wanted.keys() | kept.keys()):
                status = wanted.get(id_tag)
                if status != kept.get(id_tag):
                    version += 1
                    self._database.upsert(LIST_ENTRY, id_tag=id_tag, version=version, status=status)

    def confirm(self, point: str, version: int) -> None:
        """What the point says it has."""
        with self._database.change(f"point:{point}"):
            self._database.upsert(POINT_LIST, point=point, version=version)

    def _status(self, state: str) -> str | None:
        status = _STATUS[state]
        if self._listed is Listed.NONE or (self._listed is Listed.BLOCKED and status == "Accepted"):
            return None
        return status
