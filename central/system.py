"""The central system as one object: services, sessions, and the operator's calls to the points."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import ocpp.messages

from central.brakes import Brakes
from central.cards.replacing import Replacing
from central.clock import Clock
from central.errors import PointAway
from central.feed import Feed, FrameLog
from central.fleet.calendars import Calendars
from central.fleet.registry import Registry
from central.greencard.accounts import Programme
from central.greencard.book import AccountBook
from central.greencard.charges import Charges
from central.greencard.exchange import Exchange
from central.greencard.months import Months
from central.greencard.tariffs import Tariff
from central.ocpp import wsserver
from central.ocpp.desk import GreenCardDesk
from central.ocpp.doorkeeper import Doorkeeper, Refusal
from central.ocpp.link import Link
from central.ocpp.session16 import BootPolicy, Office, PointSession
from central.outgoing.patience import FOR_MAIL, FOR_PUSH
from central.outgoing.queue import Outgoing
from central.phone.services import PhoneServices
from central.reservations.rules import Rules
from central.reservations.service import Reservations
from central.storage.store import Store

logger = logging.getLogger(__name__)

SERVICE_TOKENS = {"CASH": "Accepted", "BANK": "Accepted", "REMOTE": "Accepted"}


class Network(Protocol):
    """Other processes of this system, with links of their own."""

    async def claim(self, point: str) -> None:
        """The newest link of the point is ours; whoever had one closes it."""
        ...

    async def release(self, point: str) -> bool:
        """Our link is gone; whether another process has one."""
        ...

    async def call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Through whoever holds the point; raises PointAway, NoAnswer, CallRefused."""
        ...


class CentralSystem:
    """Owns no task and no thread: whoever has a link awaits `serve_link`.

    `id_generator` gives the unique ids of our calls; with a fixed clock and generator the same
    input gives the same frames.
    """

    def __init__(  # noqa: PLR0913 -- what differs from one operator to another, by name
        self,
        store: Store,
        clock: Clock,
        *,
        tariff: Tariff,
        id_generator: Callable[[], str],
        programme: Programme | None = None,
        rules: Rules | None = None,
        call_timeout_s: float = 30.0,
    ) -> None:
        # Validation in a thread pool reorders calls and has no place in virtual time.
        ocpp.messages.ASYNC_VALIDATION = False
        self.store = store
        self.feed = Feed(store.database.afterwards)
        self.frames = FrameLog(self.feed)
        self.brakes = Brakes(store, clock)
        self.outgoing = Outgoing(store, clock, self.feed, {"mail": FOR_MAIL, "push": FOR_PUSH})
        self.door = Doorkeeper(store, clock, self.feed, self.brakes, id_generator)
        self.registry = Registry(self.feed, self.door.keep_password)
        self.boot = BootPolicy()
        self.accounts = AccountBook(
            store,
            clock,
            self.feed,
            tariff=tariff,
            programme=programme or Programme(),
            places_of=self.registry.places_of,
        )
        self.exchange = Exchange(store, clock, self.feed, self.accounts)
        self.months = Months(store, clock, self.feed, self.accounts)
        self.replacing = Replacing(store, clock, self.feed)
        self.lineage = store.lineage
        self.charges = Charges(store, clock, self.feed, self.accounts, dict(SERVICE_TOKENS))
        self.calendars = Calendars(self.call, clock)
        self._sessions: dict[str, PointSession] = {}
        self.reservations = Reservations(
            store,
            clock,
            self.feed,
            self.registry,
            self.accounts,
            rules=rules or Rules(),
            timezone=(programme or Programme()).timezone,
            id_generator=id_generator,
            call=self.call,
            held=self.held,
            calendars=self.calendars,
        )
        arrivals = self.reservations.arrivals
        self.phone = PhoneServices(store, clock, self.feed)
        desk = GreenCardDesk(
            store,
            clock,
            self.accounts,
            self.charges,
            self.registry,
            claim=arrivals.claim,
            phone=self.phone,
        )
        self._office = Office(
            clock,
            self.registry,
            self.charges,
            arrivals,
            desk,
            self.frames,
            self.boot,
            store.run,
            id_generator,
            call_timeout_s,
        )
        self.network: Network | None = None  # set before the first link, where there are others
        self.call_timeout_s = call_timeout_s

    async def serve_link(self, point_id: str, link: Link) -> None:
        """Serve one charge point until its link closes. A newer link of the same point wins."""
        point = self.registry.point(point_id)
        session = PointSession(point, link, self._office)
        older = self._sessions.get(point_id)
        self._sessions[point_id] = session
        if self.network is not None:
            await self.network.claim(point_id)
        point.is_connected = True
        self.registry.changed(point)
        logger.info("point connected", extra={"point": point_id})
        try:
            async with asyncio.TaskGroup() as tasks:
                if older is not None:
                    # A dead peer takes seconds to close; the new link does not wait for it.
                    tasks.create_task(older.close())
                await session.run()
        finally:
            if self._sessions.get(point_id) is session:
                del self._sessions[point_id]
                point.is_connected = False
                try:
                    if self.network is not None:
                        point.is_connected = await self.network.release(point_id)
                finally:
                    self.registry.changed(point)
            logger.info("point link ended", extra={"point": point_id})

    async def call(self, point_id: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Any OCPP 1.6 call to a point, payload and answer as on the wire.

        Raises PointAway, NoAnswer (after `call_timeout_s`) or CallRefused.
        """
        if point_id not in self._sessions and self.network is not None:
            return await self.network.call(point_id, action, payload)
        return await self.call_here(point_id, action, payload)

    async def call_here(
        self, point_id: str, action: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        """The same, where the link is one of this process."""
        session = self._sessions.get(point_id)
        if session is None:
            raise PointAway(f"{point_id} is not connected")
        return await session.ask(action, payload)

    async def drop(self, point_id: str) -> None:
        """Close our link to a point that has a newer one elsewhere."""
        session = self._sessions.get(point_id)
        if session is not None:
            await session.close()

    def held(self) -> list[str]:
        """Points whose newest link is one of this process."""
        return sorted(self._sessions)

    async def admit(self, point_id: str, password: str | None, address: str) -> Refusal | None:
        """Basic auth (OCPP-J 1.6 §6.2): asked only of points that have a password."""
        return await self.door.admit(point_id, password, address)

    @asynccontextmanager
    async def serve_websocket(
        self, host: str, port: int, secure: ssl.SSLContext | None = None
    ) -> AsyncIterator[int]:
        """Listen while the block runs; gives the port (of use when `port` is 0)."""
        async with wsserver.listen(self, host, port, secure) as bound:
            yield bound
