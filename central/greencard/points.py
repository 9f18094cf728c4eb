"""The book of points: every lot moves points from one account to a card, or back; sums are zero.

Accounts: `card:N` · `granted` for what was paid · `opening` · `moved` between cards, always zero ·
`pack:ID` what packs were had for. What expires is left out of a card's
sum, never taken away; points of a refund are taken back with the end of the lot they came from.
"""

from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select, union_all

from central.storage.engine import Database
from central.storage.tables.accounts import POINT_LOT

GRANTED = "granted"
OPENING = "opening"
MOVED = "moved"


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
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, lot: Lot, at: str) -> bool:
        """False if this key was booked before, and nothing happened."""
        return self._database.insert_new(
            POINT_LOT,
            key=lot.key,
            number=lot.number,
            points=lot.points,
            expires_at=lot.expires_at,
            against=lot.against,
            at=at,
        )

    def lot(self, key: str) -> Lot | None:
        lots = POINT_LOT.c
        row = self._database.first(
            select(lots.key, lots.number, lots.points, lots.expires_at, lots.against).where(
                lots.key == key
            )
        )
        return None if row is None else Lot(*row)

    def on_card(self, number: str, at: str) -> int:
        """Those that have not expired."""
        lots = POINT_LOT.c
        statement = select(func.coalesce(func.sum(lots.points), 0)).where(
            lots.number == number, or_(lots.expires_at.is_(None), lots.expires_at > at)
        )
        return int(self._database.value(statement))

    def groups(self, number: str, at: str) -> list[tuple[str | None, int]]:
        """What has not expired, by its end: the soonest first, what never ends last."""
        lots = POINT_LOT.c
        statement = (
            select(lots.expires_at, func.sum(lots.points))
            .where(lots.number == number, or_(lots.expires_at.is_(None), lots.expires_at > at))
            .group_by(lots.expires_at)
        )
        found = [(ends, int(points)) for ends, points in self._database.rows(statement) if points]
        return sorted(found, key=lambda group: (group[0] is None, group[0] or ""))

    def move_inside(self, old: str, new: str, at: str) -> int:
        """All that has not expired, each lot with its end; gives how many."""
        moved = self.groups(old, at)
        for place, (ends, points) in enumerate(moved):
            for number, share in ((old, -points), (new, points)):
                key = f"moved:{old}:{place}:{number}"
                self.add(Lot(key, number, share, ends, against=MOVED), at)
        return sum(points for _, points in moved)

    def undo_inside(self, prefix: str, number: str, at: str) -> None:
        """The opposite of every lot whose key begins so, onto the card that has the account now."""
        lots = POINT_LOT.c
        theirs = select(POINT_LOT).where(lots.key.startswith(prefix, autoescape=True))
        for row in self._database.rows(theirs.order_by(lots.key)):
            key = f"undone:{row.key}"
            self.add(Lot(key, number, -row.points, row.expires_at, against=row.against), at)

    def balances(self) -> dict[str, int]:
        """The trial balance, expired points included; its values sum to zero."""
        lots = POINT_LOT.c
        moved = union_all(
            select(literal("card:").concat(lots.number).label("account"), lots.points),
            select(lots.against, -lots.points),
        ).subquery()
        statement = select(moved.c.account, func.sum(moved.c.points)).group_by(moved.c.account)
        return {
            account: int(total)
            for account, total in self._database.rows(statement.order_by(moved.c.account))
        }
