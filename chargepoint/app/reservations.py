"""Keeps the book of reservations and the calendars; tells every point whom it is kept for.

What is decided here is durable before a point hears of it. A start uses a reservation up in its own
commit (domain/point/reserved.py), and this desk then reads it off the point's notice.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.app.point_actor import PointActor
from chargepoint.app.ports import JournalWriter
from chargepoint.domain.dialogue.events import WindowNear
from chargepoint.domain.effects import Claim, Keep, Stop
from chargepoint.domain.point.context import ReservationUsed
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.reservations.reservation import (
    NOT_KEPT,
    WARNINGS,
    Calendar,
    Kept,
    Reservation,
    Verdict,
    Window,
    dump_calendar,
    load_calendar,
)
from chargepoint.domain.reservations.reservation_book import Days, judge, kept, lost
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import ConnectorId
from chargepoint.pause import until_set
from chargepoint.ports import Clock
from chargepoint.reservation_ports import ReservationWanted

_CALENDAR = "calendar."
_TELL_LIMIT_S = 2.0
# The wall clock may be corrected meanwhile: no wait is trusted for longer.
_LONGEST_WAIT = timedelta(seconds=60)


class ReservationStore(JournalWriter, Protocol):
    def reservations(self) -> tuple[Reservation, ...]: ...

    def get(self, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ReservationRules:
    """What the operator of the site decided."""

    accepts: bool = True
    ends_charges: bool = True  # when a window of the calendar begins


class ReservationDesk:
    """`points` is asked each time: it is filled after this. `near`: a window comes close."""

    def __init__(
        self,
        store: ReservationStore,
        clock: Clock,
        points: Callable[[], Mapping[ConnectorId, PointActor]],
        *,
        rules: ReservationRules,
        near: Callable[[WindowNear], None],
    ) -> None:
        self._gate = Gate(store)
        self._store = store
        self._clock = clock
        self._points = points
        self._rules = rules
        self._near = near
        self._book = store.reservations()
        self._calendars: dict[ConnectorId, Calendar] = {}
        self._changed = asyncio.Event()
        self._told: set[tuple[ConnectorId, datetime, timedelta]] = set()

    # --- what the central system asks ---

    async def reserve(self, wanted: ReservationWanted) -> Verdict:
        if not self._rules.accepts:
            return Verdict.REJECTED
        made = Reservation(
            wanted.id,
            wanted.connector,
            wanted.id_tag,
            self._clock.utc(),
            wanted.expires,
            wanted.parent_tag,
        )
        verdict = judge(self._valid(), made, self._seen())
        if verdict is Verdict.ACCEPTED:
            self._book = (*(each for each in self._book if each.id != made.id), made)
            await self._gate.commit_and_wait(Batch(reservations=(made,)))
            await self._tell_and_wait()
        return verdict

    async def cancel(self, reservation: int) -> bool:
        if not any(each.id == reservation for each in self._valid()):
            return False
        self._forget(reservation)
        await self._gate.commit_and_wait(Batch(reservations_ended=(reservation,)))
        await self._tell_and_wait()
        return True

    async def set_calendar(self, connector: ConnectorId, calendar: Calendar) -> bool:
        known = self._calendar(connector)
        if calendar != known:
            if calendar.version <= known.version:
                return False
            self._calendars[connector] = calendar
            text = json.dumps(dump_calendar(calendar), separators=(",", ":"))
            await self._gate.commit_and_wait(Batch(settings=((f"{_CALENDAR}{connector}", text),)))
            await self._tell_and_wait()
        return True

    # --- what points ask ---

    def kept_now(self, connector: ConnectorId) -> Kept:
        """Whom a connector is kept for, before anybody was told."""
        return self._kept()[connector]

    # --- what points tell ---

    def heard(self, notices: tuple[object, ...]) -> None:
        """A point has changed, and it is durable."""
        for notice in notices:
            if isinstance(notice, ReservationUsed):
                self._forget(notice.reservation)
        gone = lost(self._book, self._seen()) if self._book else ()
        if gone:
            self._end(gone, "reservation.lost")
        self._tell()

    # --- time ---

    async def run(self) -> None:
        """What time brings: expiry, warnings, a window that begins. Never returns."""
        while True:
            self._changed.clear()
            now = self._clock.utc()
            expired = tuple(each for each in self._book if each.expires <= now)
            if expired:
                self._end(expired)
            self._drop_claims(now)
            for connector in self._points():
                self._pass_windows(connector, now)
            self._post_wanted()
            due = min((at for at in self._moments() if at > now), default=now + _LONGEST_WAIT)
            wait_s = min(due - now, _LONGEST_WAIT).total_seconds()
            await until_set(self._changed, wait_s)

    def _moments(self) -> Iterator[datetime]:
        """When something is due by itself."""
        for reservation in self._book:
            yield reservation.expires
        for connector, point in self._points().items():
            if point.seen.data.claimed_until is not None:
                yield point.seen.data.claimed_until
            for window in self._calendar(connector).windows:
                yield from (window.begin, window.end, *(window.begin - each for each in WARNINGS))

    def _drop_claims(self, now: datetime) -> None:
        """Whoever claimed and never plugged in; with the plug in, they are at it."""
        for point in self._points().values():
            until = point.seen.data.claimed_until
            if until is not None and until <= now and not point.seen.data.is_plugged:
                point.post(Claim(None))

    def _pass_windows(self, connector: ConnectorId, now: datetime) -> None:
        for window in self._calendar(connector).from_now(now):
            if window.holds(now):
                self._begin(connector, window)
                continue
            passed = [lead for lead in WARNINGS if now >= window.begin - lead]
            if passed and (connector, window.begin, passed[-1]) not in self._told:
                self._told |= {(connector, window.begin, lead) for lead in passed}
                if self._is_in_the_way(connector, window):
                    self._near(WindowNear(connector))

    def _begin(self, connector: ConnectorId, window: Window) -> None:
        if self._rules.ends_charges and self._is_in_the_way(connector, window):
            self._points()[connector].post(Stop(EndCause.RESERVED))

    def _is_in_the_way(self, connector: ConnectorId, window: Window) -> bool:
        """A running charge of somebody else than whom the window is for."""
        seen = self._points()[connector].seen
        if not seen.is_running or seen.session is None or seen.session.cause is not None:
            return False
        covered = seen.session.reserved_until
        return covered is None or covered <= window.begin

    # --- inside ---

    def _calendar(self, connector: ConnectorId) -> Calendar:
        if connector not in self._calendars:
            text = self._store.get(f"{_CALENDAR}{connector}")
            self._calendars[connector] = load_calendar(json.loads(text)) if text else Calendar()
        return self._calendars[connector]

    def _valid(self) -> tuple[Reservation, ...]:
        now = self._clock.utc()
        return tuple(each for each in self._book if now < each.expires)

    def _seen(self) -> dict[ConnectorId, PointSeen]:
        return {connector: point.seen for connector, point in self._points().items()}

    def _forget(self, *numbers: int) -> None:
        self._book = tuple(each for each in self._book if each.id not in numbers)

    def _end(self, gone: tuple[Reservation, ...], incident: str = "") -> None:
        numbers = tuple(each.id for each in gone)
        self._forget(*numbers)
        found = tuple(
            Incident(incident, f"reservation {each.id}, connector {each.connector}")
            for each in gone
            if incident
        )
        batch = Batch(reservations_ended=numbers, incidents=found)
        self._gate.commit_then(batch, self._post_wanted)

    def _wanted(self) -> Iterator[tuple[PointActor, Kept]]:
        """The points that do not know yet what they must."""
        found = self._kept()
        for connector, point in self._points().items():
            wanted, known = found[connector], point.seen.data.kept
            if known is not wanted and known != wanted:  # mostly the very same: nobody
                yield point, wanted

    def _kept(self) -> dict[ConnectorId, Kept]:
        points = self._points()
        calendars = {connector: self._calendar(connector) for connector in points}
        if not self._book and not any(calendar.windows for calendar in calendars.values()):
            return dict.fromkeys(points, NOT_KEPT)
        return kept(self._book, Days(calendars), self._seen(), self._clock.utc())

    def _tell(self) -> None:
        if any(True for _ in self._moments()):
            self._changed.set()
        self._post_wanted()

    def _post_wanted(self) -> None:
        for point, wanted in self._wanted():
            point.post(Keep(wanted))

    async def _tell_and_wait(self) -> None:
        self._changed.set()
        for point, wanted in list(self._wanted()):
            try:
                async with asyncio.timeout(_TELL_LIMIT_S):
                    await point.ask(Keep(wanted))
            except TimeoutError:
                point.post(Keep(wanted))
