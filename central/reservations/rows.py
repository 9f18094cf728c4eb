"""Reservations as rows; every change belongs in a caller's commit."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, union, update

from central.clock import utc_text
from central.reservations import hours
from central.reservations.records import (
    HOLDING,
    OPEN,
    Bay,
    Kind,
    Notice,
    Reservation,
    State,
    Told,
)
from central.storage.engine import Database
from central.storage.tables.reservations import (
    RESERVATION,
    RESERVATION_CALENDAR,
    RESERVATION_NOTICE,
    RESERVATION_QUARTER,
    RESERVATION_TRY,
    RESERVATION_WITHDRAWAL,
)

_ONE = select(RESERVATION).where(RESERVATION.c.id == bindparam("number"))
_IS_OPEN = RESERVATION.c.state.in_(OPEN)
# Asked at every change of any point: put together once.
_WITH_BUSINESS = union(
    select(RESERVATION.c.point).where(RESERVATION.c.state.in_(HOLDING)),
    select(RESERVATION_WITHDRAWAL.c.point),
    select(RESERVATION_CALENDAR.c.point),
)


class ReservationRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- reservations -------------------------------------------------------------------------------

    def make(self, **fields: Any) -> Reservation:
        number = self._database.numbered(RESERVATION, **fields)
        made = self.one(number)
        assert made is not None
        return made

    def save(self, changed: Reservation) -> None:
        fields = asdict(changed)
        number = fields.pop("id")
        self._database.write(update(RESERVATION).where(RESERVATION.c.id == number).values(**fields))

    def one(self, number: int) -> Reservation | None:
        row = self._database.first(_ONE, number=number)
        return None if row is None else _reservation(row)

    def of_transaction(self, transaction_id: int) -> Reservation | None:
        found = RESERVATION.c.transaction_id == transaction_id
        row = self._database.first(select(RESERVATION).where(found))
        return None if row is None else _reservation(row)

    def of_member(self, member_id: int) -> list[Reservation]:
        """Newest first."""
        found = select(RESERVATION).where(RESERVATION.c.member_id == member_id)
        return self._all(found.order_by(RESERVATION.c.begins_at.desc(), RESERVATION.c.id.desc()))

    def newest(
        self, limit: int, *, after: int = 0, points: Collection[str] | None = None
    ) -> list[Reservation]:
        """By their hours; `after` so many; of these points, or of all."""
        order = (RESERVATION.c.begins_at.desc(), RESERVATION.c.id.desc())
        found = _at(select(RESERVATION), points).order_by(*order)
        return self._all(found.offset(after).limit(limit))

    def count(self, points: Collection[str] | None = None) -> int:
        counted = select(func.count()).select_from(RESERVATION)
        return int(self._database.value(_at(counted, points)))

    def open(self, point: str | None = None) -> list[Reservation]:
        """Whose holders are still to come, in the order of their hours."""
        found = select(RESERVATION).where(_IS_OPEN)
        if point is not None:
            found = found.where(RESERVATION.c.point == point)
        return self._all(found.order_by(RESERVATION.c.begins_at, RESERVATION.c.id))

    def open_with_code(self, point: str, code: str) -> Reservation | None:
        return next((each for each in self.open(point) if each.code == code), None)

    def made_since(self, member_id: int, at: str) -> int:
        found = (RESERVATION.c.member_id == member_id) & (RESERVATION.c.made_at >= at)
        refused = RESERVATION.c.state.in_((State.REFUSED, State.LAPSED))
        counted = select(func.count()).select_from(RESERVATION).where(found, ~refused)
        return int(self._database.value(counted))

    def marks(self, member_id: int, since: str) -> int:
        found = (RESERVATION.c.member_id == member_id) & (RESERVATION.c.outcome == "mark")
        counted = select(func.count()).select_from(RESERVATION)
        return int(self._database.value(counted.where(found, RESERVATION.c.over_at >= since)))

    def let_go(self, member_id: int) -> None:
        """The hours stay in the books, whose they were does not."""
        theirs = RESERVATION.c.member_id == member_id
        self._database.write(update(RESERVATION).where(theirs).values(member_id=None))
        told = RESERVATION_NOTICE.c.member_id == member_id
        self._database.write(delete(RESERVATION_NOTICE).where(told))

    def move_card(self, before: str, after: str) -> None:
        theirs = _IS_OPEN & (RESERVATION.c.number == before)
        moved = update(RESERVATION).where(theirs)
        self._database.write(moved.values(number=after, told=Told.NO))  # its point learns the card

    def _all(self, statement: Any) -> list[Reservation]:
        return [_reservation(row) for row in self._database.rows(statement)]

    # --- quarters of an hour ------------------------------------------------------------------------

    def take(self, bay: Bay, begin: datetime, end: datetime, number: int) -> None:
        """Every quarter of the time; the caller looked whether they are free, and the key of the
        table stands behind it.
        """
        for quarter in hours.quarters(begin, end):
            self._database.insert(
                RESERVATION_QUARTER,
                point=bay.point,
                connector=bay.connector,
                begins_at=utc_text(quarter),
                reservation_id=number,
            )

    def give_back(self, number: int, since: datetime | None = None) -> None:
        """What of it has not passed, or all."""
        found = RESERVATION_QUARTER.c.reservation_id == number
        if since is not None:
            found &= RESERVATION_QUARTER.c.begins_at >= utc_text(hours.floor(since))
        self._database.write(delete(RESERVATION_QUARTER).where(found))

    def taken(
        self, points: Collection[str], begin: datetime, end: datetime, *, but: int = 0
    ) -> set[Bay]:
        """Bays of which any of that time is somebody's; what is the reservation's `but` is not."""
        found = select(RESERVATION_QUARTER.c.point, RESERVATION_QUARTER.c.connector).where(
            RESERVATION_QUARTER.c.point.in_(sorted(points)),
            RESERVATION_QUARTER.c.begins_at >= utc_text(hours.floor(begin)),
            RESERVATION_QUARTER.c.begins_at < utc_text(end),
            RESERVATION_QUARTER.c.reservation_id != but,
        )
        return {Bay(row.point, row.connector) for row in self._database.rows(found.distinct())}

    def taken_quarters(
        self, point: str, begin: datetime, end: datetime, *, but: int = 0
    ) -> set[tuple[int, str]]:
        """(connector, beginning) of what is somebody's; what is the reservation's `but` is not."""
        columns = (RESERVATION_QUARTER.c.connector, RESERVATION_QUARTER.c.begins_at)
        found = select(*columns).where(
            RESERVATION_QUARTER.c.point == point,
            RESERVATION_QUARTER.c.begins_at >= utc_text(begin),
            RESERVATION_QUARTER.c.begins_at < utc_text(end),
            RESERVATION_QUARTER.c.reservation_id != but,
        )
        return {(row.connector, row.begins_at) for row in self._database.rows(found)}

    # --- what a point must know ---------------------------------------------------------------------

    def points_with_business(self) -> set[str]:
        """Points that something may have to be told."""
        return {row.point for row in self._database.rows(_WITH_BUSINESS)}

    def withdraw(self, gone: Reservation) -> None:
        """The point is to forget it, as soon as it hears us; by itself it does so when it expires."""
        if gone.told is not Told.NO:
            self._database.upsert(
                RESERVATION_WITHDRAWAL,
                point=gone.point,
                reservation_id=gone.id,
                until=gone.arrive_by,
            )

    def withdrawals(self, point: str, now: str) -> list[int]:
        found = RESERVATION_WITHDRAWAL.c.point == point
        standing = found & (RESERVATION_WITHDRAWAL.c.until > now)
        rows = self._database.rows(
            select(RESERVATION_WITHDRAWAL.c.reservation_id)
            .where(standing)
            .order_by(RESERVATION_WITHDRAWAL.c.reservation_id)
        )
        return [row.reservation_id for row in rows]

    def withdrawn(self, point: str, number: int, now: str) -> None:
        """This one, and those that have expired by themselves."""
        here = RESERVATION_WITHDRAWAL.c.point == point
        this = RESERVATION_WITHDRAWAL.c.reservation_id == number
        expired = RESERVATION_WITHDRAWAL.c.until <= now
        self._database.write(delete(RESERVATION_WITHDRAWAL).where(here, this | expired))

    def calendars(self, point: str) -> dict[int, str]:
        """Connector by connector, as the point last accepted it."""
        found = RESERVATION_CALENDAR.c.point == point
        rows = self._database.rows(select(RESERVATION_CALENDAR).where(found))
        return {row.connector: row.entries for row in rows}

    def keep_calendar(self, bay: Bay, entries: str) -> None:
        if entries == "[]":
            here = RESERVATION_CALENDAR.c.point == bay.point
            this = RESERVATION_CALENDAR.c.connector == bay.connector
            self._database.write(delete(RESERVATION_CALENDAR).where(here, this))
            return
        self._database.upsert(
            RESERVATION_CALENDAR, point=bay.point, connector=bay.connector, entries=entries
        )

    # --- what people must know ----------------------------------------------------------------------

    def notify(self, about: Reservation, kind: str, facts: Mapping[str, str], at: str) -> None:
        if about.member_id is None:
            return
        self._database.insert(
            RESERVATION_NOTICE,
            member_id=about.member_id,
            reservation_id=about.id,
            kind=kind,
            facts=json.dumps(facts, sort_keys=True, ensure_ascii=False),
            at=at,
        )

    def unsent(self, limit: int = 100) -> list[Notice]:
        unsent = RESERVATION_NOTICE.c.sent_at.is_(None)
        found = select(RESERVATION_NOTICE).where(unsent).order_by(RESERVATION_NOTICE.c.id)
        return [_notice(row) for row in self._database.rows(found.limit(limit))]

    def sent(self, number: int, at: str) -> bool:
        """Whether it is ours to send: another process may have been first."""
        this = (RESERVATION_NOTICE.c.id == number) & RESERVATION_NOTICE.c.sent_at.is_(None)
        return self._database.write(update(RESERVATION_NOTICE).where(this).values(sent_at=at)) == 1

    def notices(self, member_id: int, limit: int = 5) -> Sequence[Notice]:
        """Newest first."""
        theirs = RESERVATION_NOTICE.c.member_id == member_id
        order = RESERVATION_NOTICE.c.id.desc()
        found = select(RESERVATION_NOTICE).where(theirs).order_by(order).limit(limit)
        return [_notice(row) for row in self._database.rows(found)]

    # --- wrong codes --------------------------------------------------------------------------------

    def tries(self, point: str, since: str) -> int:
        here = (RESERVATION_TRY.c.point == point) & (RESERVATION_TRY.c.at > since)
        counted = select(func.count()).select_from(RESERVATION_TRY).where(here)
        return int(self._database.value(counted))

    def tried(self, point: str, at: str, since: str) -> None:
        """One more; those before `since` count no longer."""
        here = RESERVATION_TRY.c.point == point
        self._database.write(delete(RESERVATION_TRY).where(here, RESERVATION_TRY.c.at <= since))
        self._database.insert(RESERVATION_TRY, point=point, at=at)


def _at(statement: Any, points: Collection[str] | None) -> Any:
    return statement if points is None else statement.where(RESERVATION.c.point.in_(points))


def _reservation(row: Row[*tuple[Any, ...]]) -> Reservation:
    fields = row._asdict()
    fields["kind"], fields["state"] = Kind(row.kind), State(row.state)
    fields["told"] = Told(row.told)
    return Reservation(**fields)


def _notice(row: Row[*tuple[Any, ...]]) -> Notice:
    return Notice(
        row.id, row.member_id, row.reservation_id, row.kind, json.loads(row.facts), row.at
    )
