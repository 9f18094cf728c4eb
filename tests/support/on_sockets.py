"""A station on a real websocket, and the server it talks to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.backend16 import BackendLimits, Ocpp16Backend
from chargepoint.ocpp.connection import BackOff, Patience
from chargepoint.ocpp.link import Connect
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.ports import PointStatus, StatusReport
from simulator.entropy import SeededEntropy
from tests.support.charging import DeskUnderTest
from tests.support.fakes import (
    MemoryLocalList,
    MemoryOutbox,
    MemorySettings,
    RecordedNews,
    ScriptedDoor,
    ScriptedReservations,
)

Handler = Callable[[ServerConnection], Awaitable[None]]


class LoopClock:
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, 8, tzinfo=UTC)


@dataclass
class Site:
    """A station on a websocket."""

    backend: Ocpp16Backend
    outbox: MemoryOutbox
    news: RecordedNews
    door: ScriptedDoor = field(default_factory=ScriptedDoor)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - real sockets, no event to wait for
                await asyncio.sleep(0.002)


@asynccontextmanager
async def a_server(handler: Handler, **options: Any) -> AsyncIterator[str]:
    options.setdefault("subprotocols", [Subprotocol("ocpp1.6")])
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"


@asynccontextmanager
async def a_site(connect: Connect) -> AsyncIterator[Site]:
    news, door, outbox = RecordedNews(), ScriptedDoor(), MemoryOutbox()
    backend = Ocpp16Backend(
        identity=StationIdentity("CP/1", "Citere", "Plaza"),
        connect=connect,
        door=door,
        news=news,
        outbox=outbox,
        settings=MemorySettings(),
        local_list=MemoryLocalList(),
        reservations=ScriptedReservations(),
        charging=DeskUnderTest(clock=LoopClock()).desk,
        clock=LoopClock(),
        entropy=SeededEntropy(3),
        connectors=2,
        limits=BackendLimits(Patience(back_off=BackOff(0.01, 0.01))),
    )
    backend.report(StatusReport(ConnectorId(0), PointStatus.AVAILABLE))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(backend.run())
        yield Site(backend, outbox, news, door)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
