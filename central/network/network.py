"""This process among the others: hears them, tells them, and sends orders to the points they hold.

    changed ──► state row + NOTIFY central_feed ──► every other process reads it ──► its pages
    order   ──► order row + NOTIFY to the holder ──► its link ──► answer + NOTIFY ──► whoever asked
    connect ──► the point's row is ours ──► NOTIFY to who held it: that link is closed

While it lives a process holds an advisory lock on its name. PostgreSQL takes it away with the
connection; whoever then gets the lock frees the points of the dead.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.exc import SQLAlchemyError

from central.clock import Clock, utc_text
from central.errors import CallRefused, NoAnswer, PointAway
from central.feed import EVERYTHING, Change, Feed, FrameLog
from central.fleet.registry import Registry
from central.network.answers import answered_text, content_of, refused_text
from central.network.frames import SharedFrames
from central.network.rows import NOBODY, NetworkRows, Order, lock_of
from central.network.states import state_text, take_state
from central.storage.store import Store

logger = logging.getLogger(__name__)

_FEED_CHANNEL = "central_feed"
_BATCH_GAP_S = 0.05  # NOTIFY takes a lock at commit: twenty batches a second are enough for eyes
_BATCH_MAX = 100  # names in one notification, which PostgreSQL limits to 8000 bytes
# Frames have a way of their own; what waits to leave, this process sends.
_OWN_KINDS = frozenset({"frame", "outgoing"})
_BURY_EVERY_S = 5.0
_AGAIN_AFTER_S = 1.0
_ROUTE_S = 5.0  # for the way there and back, besides the point's own time


class Holder(Protocol):
    """A system of several processes, and this one's links."""

    @property
    def store(self) -> Store: ...

    @property
    def feed(self) -> Feed: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def frames(self) -> FrameLog: ...

    async def call_here(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Raises PointAway, NoAnswer, CallRefused."""
        ...

    async def drop(self, point: str) -> None:
        """The point has a newer link elsewhere; ours is closed."""
        ...

    def held(self) -> list[str]: ...


class Network:
    """`name`: of this process, its own each time it starts."""

    def __init__(self, holder: Holder, clock: Clock, *, name: str, call_timeout_s: float) -> None:
        self._store = store = holder.store
        self._clock = clock
        self._feed = holder.feed
        self._registry = holder.registry
        self._holder = holder
        self.name = name
        self._wait_s = call_timeout_s + _ROUTE_S
        self._rows = NetworkRows(store.database)
        self._channel = f"central_{name}"
        self._frames = SharedFrames(store, holder.frames, _FEED_CHANNEL)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self.joined = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. A database that goes away is waited for."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._tell())
                tasks.create_task(self._bury())
                tasks.create_task(self._frames.run())
                while True:
                    try:
                        await self._listen()
                    except (psycopg.Error, SQLAlchemyError) as error:
                        logger.warning("database away", extra={"reason": str(error)})
                        self.joined.clear()
                        await asyncio.sleep(_AGAIN_AFTER_S)
        finally:
            self._tasks = None
            await self._leave()

    async def _leave(self) -> None:
        """Nobody has to find out that we are gone, unless the database is gone too."""
        try:
            freed = await self._store.run(self._rows.leave, self.name)
            if freed:
                await self._store.run(self._spread, [("point", point) for point in freed])
        except SQLAlchemyError as error:
            logger.warning("left without a word", extra={"reason": str(error)})

    # --- points -------------------------------------------------------------------------------------

    async def claim(self, point: str) -> None:
        """This process holds the point's newest link."""
        before = await self._store.run(self._rows.claim, point, self.name)
        if before not in (NOBODY, self.name):
            await self._send(before, {"taken": point})

    async def _claim_again(self, point: str) -> None:
        """After the database was away: a point that went elsewhere meanwhile stays there."""
        holder = await self._store.run(self._rows.holder, point)
        if holder in (NOBODY, self.name):
            await self.claim(point)
        else:
            await self._holder.drop(point)

    async def _let_go(self) -> None:
        """Of points whose link ended while the database was away."""
        lost = await self._store.run(self._rows.keep_only, self.name, self._holder.held())
        for point in set(lost) & set(self._holder.held()):
            await self.claim(point)  # it came while we looked
        if lost:
            await self._store.run(self._spread, [("point", point) for point in lost])

    async def release(self, point: str) -> bool:
        """Whether another process holds the point by now."""
        await self._store.run(self._rows.release, point, self.name)
        return await self._store.run(self._rows.holder, point) != NOBODY

    async def call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Raises PointAway, NoAnswer, CallRefused, as a link of our own would."""
        holder = await self._store.run(self._rows.holder, point)
        if holder in (NOBODY, self.name):
            raise PointAway(f"{point} is not connected")
        now = utc_text(self._clock.utc())
        order = Order(0, point, self.name, holder, action, json.dumps(payload), now)
        number = await self._store.run(self._place, order)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s):
                    await self._arrival(number)
            answered = await self._store.run(self._rows.order, number)
        finally:
            del self._waiting[number]
            await self._store.run(self._rows.forget, number)
        if answered is None or answered.answer is None:
            raise NoAnswer(f"{point}: no answer to {action} from the process that holds it")
        return content_of(answered.answer)

    def _arrival(self, number: int) -> asyncio.Future[None]:
        """Of the answer to an order; it may be here before anybody waits."""
        if number not in self._waiting:
            self._waiting[number] = asyncio.get_running_loop().create_future()
        return self._waiting[number]

    def _place(self, order: Order) -> int:
        with self._store.change():
            number = self._rows.place_inside(order)
            self._rows.tell_inside(f"central_{order.asked_of}", json.dumps({"order": number}))
        return number

    # --- telling ------------------------------------------------------------------------------------

    async def _tell(self) -> None:
        with self._feed.subscribed(own_only=True) as subscription:
            while changes := await subscription.changes():
                told = [each for each in changes if each[0] not in _OWN_KINDS]
                if not told:
                    continue
                try:
                    await self._store.run(self._spread, told)
                except SQLAlchemyError as error:
                    # When the database is back everybody reads everything anyway.
                    logger.warning("changes not told", extra={"reason": str(error)})
                await asyncio.sleep(_BATCH_GAP_S)

    def _spread(self, changes: list[Change]) -> None:
        held = set(self._holder.held())
        names = held if EVERYTHING in changes else {n for kind, n in changes if kind == "point"}
        documents = {name: state_text(self._registry.point(name)) for name in names & held}
        with self._store.change():
            self._rows.save_inside(self.name, documents)
            for first in range(0, len(changes), _BATCH_MAX):
                part = changes[first : first + _BATCH_MAX]
                text = json.dumps({"from": self.name, "changes": part})
                if len(text.encode()) > 7_900:
                    text = json.dumps({"from": self.name, "changes": [EVERYTHING]})
                self._rows.tell_inside(_FEED_CHANNEL, text)

    async def _send(self, process: str, message: dict[str, Any]) -> None:
        def send() -> None:
            with self._store.change():
                self._rows.tell_inside(f"central_{process}", json.dumps(message))

        await self._store.run(send)

    # --- hearing ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        url = self._store.database.engine.url.set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
        async with connection:
            await connection.execute(
                "SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [lock_of(self.name)]
            )
            for channel in (_FEED_CHANNEL, self._channel):
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            await self._store.run(self._rows.join, self.name, utc_text(self._clock.utc()))
            for point in self._holder.held():
                await self._claim_again(point)
            await self._let_go()
            await self._learn(None)
            await self._frames.learn()
            if self._holder.held():
                # What changed while the database was away was told to nobody.
                await self._store.run(self._spread, [EVERYTHING])
            self._feed.heard(EVERYTHING)
            self.joined.set()
            async for notice in connection.notifies():
                await self._hear(json.loads(notice.payload))

    async def _hear(self, message: dict[str, Any]) -> None:
        assert self._tasks is not None
        match message:
            case {"from": str(process), "changes": list(changes)}:
                if process != self.name:
                    await self._heard([(str(kind), str(name)) for kind, name in changes])
            case {"frames": int()}:
                await self._frames.learn()
            case {"order": int(number)}:
                self._tasks.create_task(self._carry_out(number))
            case {"answer": int(number)}:
                if not (arrived := self._arrival(number)).done():
                    arrived.set_result(None)
            case {"taken": str(point)}:
                self._tasks.create_task(self._holder.drop(point))
            case _:
                logger.warning("notification ignored", extra={"fields": sorted(message)})

    async def _heard(self, changes: list[Change]) -> None:
        if EVERYTHING in changes:
            await self._learn(None)
        elif points := {name for kind, name in changes if kind == "point"}:
            await self._learn(points)
        for change in changes:
            self._feed.heard(change)

    async def _learn(self, points: set[str] | None) -> None:
        """States of points that we do not hold ourselves."""
        mine = set(self._holder.held())
        for each in await self._store.run(self._rows.states, points):
            if each.point not in mine:
                known = self._registry.point(each.point)
                take_state(known, each.document, is_connected=each.process != NOBODY)

    async def _carry_out(self, number: int) -> None:
        try:
            await self._carry_out_order(number)
        except SQLAlchemyError as error:
            # Whoever asked waits its time and says that there was no answer.
            logger.warning("order not carried out", extra={"reason": str(error)})

    async def _carry_out_order(self, number: int) -> None:
        order = await self._store.run(self._rows.order, number)
        if order is None or order.answer is not None:
            return
        try:
            called = self._holder.call_here(order.point, order.action, json.loads(order.payload))
            answer = answered_text(await called)
        except (CallRefused, PointAway, NoAnswer) as error:
            answer = refused_text(error)
        await self._store.run(self._answer, order, answer)

    def _answer(self, order: Order, answer: str) -> None:
        with self._store.change():
            if self._rows.answer_inside(order.id, answer):
                channel = f"central_{order.asked_by}"
                self._rows.tell_inside(channel, json.dumps({"answer": order.id}))

    # --- the dead -----------------------------------------------------------------------------------

    async def _bury(self) -> None:
        while True:
            await asyncio.sleep(_BURY_EVERY_S)
            try:
                freed = await self._store.run(self._rows.bury, self.name)
                if freed:
                    logger.warning("a process died", extra={"points": len(freed)})
                    await self._learn(set(freed))
            except SQLAlchemyError as error:
                logger.warning("database away", extra={"reason": str(error)})
                continue
            for point in freed:
                self._feed.changed("point", point)
