"""Tells the points what they must keep: ReserveNow, CancelReservation, and the day of each connector.

What is to be told is worked out anew each time from what is booked and what the point last accepted;
so a point that was away, or this system, catches up by itself when the link is back.

    look ──► what is due ──► orders of each point ──► its link ──► what it answered ──► look
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from central.clock import utc_text
from central.errors import CallRefused, MalformedRequest, NoAnswer, PointAway
from central.feed import EVERYTHING, Change, Feed, Subscription
from central.fleet.calendars import Calendars
from central.reservations.records import Bay, Kind, Reservation, State, Told
from central.reservations.register import FEED, Register
from central.reservations.watch import Watch

logger = logging.getLogger(__name__)

_ENTRIES_MAX = 96  # docs/ocpp.md
_GAP_S = 0.2
_LOOK_EVERY_S = 60.0  # the clock may be set, and another process may have left something undone
_DATABASE_AGAIN_S = 1.0
_AGAIN_AFTER_S = 30.0  # a point that did not answer

Call = Callable[[str, str, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Withdraw:
    number: int


@dataclass(frozen=True, slots=True)
class Day:
    """`entries`: JSON, as in Connector.Calendar."""

    connector: int
    entries: str


@dataclass(frozen=True, slots=True)
class Keep:
    """ReserveNow: the code as its token, the card as the parent; either opens it."""

    number: int
    connector: int
    code: str
    card: str
    expires: str
    moves: int  # as often as it was changed until then: an answer to something older is told apart


Order = Withdraw | Day | Keep


class Orders:
    """What a point is to be told now. Reads only."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def of(self, point: str) -> list[Order]:
        register = self._register
        now = register.now()
        held = register.rows.open(point)
        withdrawn = [Withdraw(n) for n in register.rows.withdrawals(point, utc_text(now))]
        keeps = [
            Keep(one.id, one.connector, one.code, one.number, one.arrive_by, one.moves)
            for one in held
            if self._is_due(one, now) and not _is_behind(one, held, now)
        ]
        return [*withdrawn, *self._days(point, held, now), *keeps]

    def _is_due(self, one: Reservation, now: datetime) -> bool:
        if one.told is Told.YES or one.arrives_by <= now:
            return False
        if one.kind is Kind.NOW:
            return True
        return one.state is State.BOOKED and now >= one.begins - self._register.rules.told_before

    def _days(self, point: str, held: list[Reservation], now: datetime) -> list[Day]:
        """Of connectors whose day is another than their point last accepted.

        An hour is kept until its holder is too late: then the point frees it, even without a link.
        """
        known = self._register.rows.calendars(point)
        wanted: dict[int, list[dict[str, str]]] = {connector: [] for connector in known}
        for one in held:
            if one.kind is Kind.AHEAD and now < one.arrives_by:
                entry = {"from": one.begins_at, "to": one.arrive_by, "kind": "reserved"}
                wanted.setdefault(one.connector, []).append(entry)
        texts = {
            connector: json.dumps(entries[:_ENTRIES_MAX])
            for connector, entries in sorted(wanted.items())
        }
        return [Day(c, text) for c, text in texts.items() if known.get(c, "[]") != text]


def _is_behind(one: Reservation, held: list[Reservation], now: datetime) -> bool:
    """A point keeps one reservation of a connector: the earlier one comes first."""
    return any(
        each.bay == one.bay
        and each.told is not Told.NO
        and now < each.arrives_by
        and (each.begins_at, each.id) < (one.begins_at, one.id)
        for each in held
        if each.id != one.id
    )


async def _next_changes(subscription: Subscription, wait_s: float) -> list[Change]:
    """What changed, or EVERYTHING when the time has come; empty: the feed is closed."""
    try:
        async with asyncio.timeout(wait_s):
            changes = await subscription.changes()
    except TimeoutError:
        return [EVERYTHING]
    if changes:
        await asyncio.sleep(_GAP_S)
    return changes


class Teller:
    """`run` belongs to whoever serves the system; `held` gives the points whose links are ours."""

    def __init__(
        self,
        register: Register,
        watch: Watch,
        feed: Feed,
        *,
        call: Call,
        held: Callable[[], list[str]],
        calendars: Calendars,
    ) -> None:
        self._register = register
        self._run = register.store.run
        self._orders = Orders(register)
        self._watch = watch
        self._feed = feed
        self._call = call
        self._held = held
        self._calendars = calendars
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._next_look_s = 0.0
        self._refused: dict[str, dict[int, tuple[str, float]]] = {}
        self._silent: dict[str, float] = {}  # until when a point is left alone

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """While the block runs."""
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.run(), name="reservations")
            try:
                yield
            finally:
                running.cancel()

    async def run(self) -> None:
        """Until the feed is closed. A database that goes away is waited for."""
        async with asyncio.TaskGroup() as tasks:
            with self._feed.subscribed(FEED, "point") as subscription:
                changes: list[Change] = [EVERYTHING]
                while changes:
                    try:
                        wait_s = await self._serve(changes, tasks)
                    except DBAPIError as error:
                        logger.warning("database away", extra={"reason": str(error)})
                        await asyncio.sleep(_DATABASE_AGAIN_S)
                        changes = [EVERYTHING]
                        continue
                    changes = await _next_changes(subscription, wait_s)
            for telling in self._busy.values():
                telling.cancel()

    async def _serve(self, changes: list[Change], tasks: asyncio.TaskGroup) -> float:
        """Look, tell who must be told, and give the seconds until something is due by itself."""
        now_s = self._register.clock.monotonic()
        business, has_line = await self._run(self._business)
        is_concerned = EVERYTHING in changes or bool(business & {name for _, name in changes})
        # In a busy network changes never pause: what is due must not wait for a silence.
        if not is_concerned and not has_line and now_s < self._next_look_s:
            return self._next_look_s - now_s
        await self._run(self._watch.look)
        # What was looked at may have gone to another point.
        business, _ = await self._run(self._business)
        for point in sorted(business & set(self._held())):
            if point in self._busy:
                self._again.add(point)
            elif self._register.bays.is_in_reach(point):
                self._busy[point] = tasks.create_task(self._tell_alone(point))
        wait_s = await self._wait_s()
        self._next_look_s = now_s + wait_s
        return wait_s

    def _business(self) -> tuple[set[str], bool]:
        register = self._register
        return register.rows.points_with_business(), bool(register.waits.sites())

    async def _wait_s(self) -> float:
        due = await self._run(self._watch.due)
        if due is None:
            return _LOOK_EVERY_S
        return min(max((due - self._register.now()).total_seconds(), 0.01), _LOOK_EVERY_S)

    async def _tell_alone(self, point: str) -> None:
        try:
            self._again.add(point)
            while point in self._again:
                self._again.discard(point)
                now_s = self._register.clock.monotonic()
                if self._silent.get(point, now_s) <= now_s:
                    await self.tell(point)
        except DBAPIError as error:
            logger.warning("database away", extra={"reason": str(error)})
        finally:
            del self._busy[point]

    async def tell(self, point: str) -> None:
        """Everything that it must know now; what it does not answer is told again later."""
        orders = await self._run(self._orders.of, point)
        asked = {order.number for order in orders if isinstance(order, Keep)}
        before = self._refused.get(point, {})
        self._refused[point] = {n: when for n, when in before.items() if n in asked}
        for order in orders:
            if isinstance(order, Keep) and self._is_too_soon(point, order):
                continue
            try:
                await self._give(point, order)
            except PointAway:
                return
            except NoAnswer:
                logger.warning("point does not answer", extra={"point": point})
                self._silent[point] = self._register.clock.monotonic() + _AGAIN_AFTER_S
                return
        self._silent.pop(point, None)

    async def _give(self, point: str, order: Order) -> None:
        match order:
            case Withdraw(number):
                await self._status(point, "CancelReservation", {"reservationId": number})
                await self._run(self._forgotten, point, number)
            case Day(connector, entries):
                await self._send_day(Bay(point, connector), entries)
            case Keep():
                await self._keep(point, order)

    async def _keep(self, point: str, order: Keep) -> None:
        request = {
            "connectorId": order.connector,
            "expiryDate": order.expires,
            "idTag": order.code,
            "parentIdTag": order.card,
            "reservationId": order.number,
        }
        try:
            answer = await self._status(point, "ReserveNow", request)
        except (NoAnswer, PointAway):
            await self._run(self._watch.answered, order.number, point, "", order.moves)
            raise
        if answer != "Accepted":
            again_s = self._register.clock.monotonic() + _AGAIN_AFTER_S
            state = self._register.bays.state(Bay(point, order.connector))
            self._refused.setdefault(point, {})[order.number] = (state, again_s)
        await self._run(self._watch.answered, order.number, point, answer, order.moves)

    def _is_too_soon(self, point: str, order: Keep) -> bool:
        """What was refused is asked again when the connector has changed, or after a while."""
        state, again_s = self._refused.get(point, {}).get(order.number, ("", 0.0))
        is_same = self._register.bays.state(Bay(point, order.connector)) == state
        return is_same and self._register.clock.monotonic() < again_s

    async def _send_day(self, bay: Bay, entries: str) -> None:
        order = {"connectorId": bay.connector, "entries": json.loads(entries)}
        try:
            answer = await self._calendars.send(bay.point, order)
            status = answer.get("status")
        except (CallRefused, MalformedRequest) as error:
            logger.warning("calendar refused", extra={"point": bay.point, "reason": str(error)})
            status = "Refused"
        if status != "Accepted":
            logger.warning("calendar not taken", extra={"point": bay.point, "status": status})
        # A point that knows no calendars is not asked again and again: ReserveNow comes in time.
        await self._run(self._day_sent, bay, entries)

    async def _status(self, point: str, action: str, request: dict[str, Any]) -> str:
        """`Rejected` also where the point does not know the action."""
        try:
            answer = await self._call(point, action, request)
        except CallRefused as error:
            logger.warning("order refused", extra={"point": point, "reason": str(error)})
            return "Rejected"
        return str(answer.get("status", "Rejected"))

    def _forgotten(self, point: str, number: int) -> None:
        with self._register.store.change(f"point:{point}"):
            now = utc_text(self._register.now())
            self._register.rows.withdrawn(point, number, now)

    def _day_sent(self, bay: Bay, entries: str) -> None:
        with self._register.store.change(f"point:{bay.point}"):
            self._register.rows.keep_calendar(bay, entries)
