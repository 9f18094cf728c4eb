"""The waiting list as rows: first come, first offered."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select, update

from central.reservations.records import Queue, Wait
from central.storage.engine import Database
from central.storage.tables.reservations import RESERVATION_WAIT

_STANDING = (Queue.WAITING, Queue.OFFERED)
# Asked at every change of any point: put together once.
_WAITED_FOR = (
    select(RESERVATION_WAIT.c.site).where(RESERVATION_WAIT.c.state == Queue.WAITING).distinct()
)


class WaitingRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, **fields: Any) -> Wait:
        made = self.one(self._database.numbered(RESERVATION_WAIT, **fields))
        assert made is not None
        return made

    def save(self, changed: Wait) -> None:
        fields = asdict(changed)
        this = RESERVATION_WAIT.c.id == fields.pop("id")
        self._database.write(update(RESERVATION_WAIT).where(this).values(**fields))

    def one(self, number: int) -> Wait | None:
        row = self._database.first(select(RESERVATION_WAIT).where(RESERVATION_WAIT.c.id == number))
        return None if row is None else _wait(row)

    def of_reservation(self, number: int) -> Wait | None:
        found = RESERVATION_WAIT.c.reservation_id == number
        row = self._database.first(select(RESERVATION_WAIT).where(found))
        return None if row is None else _wait(row)

    def line(self, site: str) -> list[Wait]:
        """Who waits there, in the order in which they came."""
        waiting = RESERVATION_WAIT.c.state == Queue.WAITING
        here = RESERVATION_WAIT.c.site == site
        return self._all(select(RESERVATION_WAIT).where(waiting, here))

    def everybody(self) -> list[Wait]:
        """Who still waits, wherever."""
        standing = RESERVATION_WAIT.c.state.in_(_STANDING)
        return self._all(select(RESERVATION_WAIT).where(standing))

    def sites(self) -> list[str]:
        """Where anybody waits."""
        return sorted(row.site for row in self._database.rows(_WAITED_FOR))

    def of_member(self, member_id: int) -> list[Wait]:
        """Those that still stand."""
        theirs = RESERVATION_WAIT.c.member_id == member_id
        standing = RESERVATION_WAIT.c.state.in_(_STANDING)
        return self._all(select(RESERVATION_WAIT).where(theirs, standing))

    def let_go(self, member_id: int) -> None:
        theirs = RESERVATION_WAIT.c.member_id == member_id
        gone = update(RESERVATION_WAIT).where(theirs, RESERVATION_WAIT.c.state.in_(_STANDING))
        self._database.write(gone.values(state=Queue.LEFT))
        self._database.write(update(RESERVATION_WAIT).where(theirs).values(member_id=None))

    def move_card(self, before: str, after: str) -> None:
        theirs = RESERVATION_WAIT.c.state.in_(_STANDING) & (RESERVATION_WAIT.c.number == before)
        self._database.write(update(RESERVATION_WAIT).where(theirs).values(number=after))

    def _all(self, statement: Any) -> list[Wait]:
        rows = self._database.rows(statement.order_by(RESERVATION_WAIT.c.id))
        return [_wait(row) for row in rows]


def _wait(row: Row[*tuple[Any, ...]]) -> Wait:
    fields = row._asdict()
    fields["state"] = Queue(row.state)
    return Wait(**fields)
