"""A central system on a fixed clock, and a bare websocket client that writes its frames by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from central.clock import Clock
from central.greencard.accounts import Programme
from central.greencard.tariffs import Tariff
from central.reservations.rules import Rules
from central.storage.store import Store
from central.system import CentralSystem

OPENED: ContextVar[Callable[[], Store]] = ContextVar("OPENED", default=Store)
"""Where a system's store is that a test does not give: in memory, or as `both_databases` says."""

CARD = "6034440000000005"
START = "2026-11-21T08:00:00.000Z"


@dataclass
class FixedClock:
    """Time moves when a test moves it."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 8, 0, tzinfo=UTC))

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def utc(self) -> datetime:
        return self.moment

    def advance(self, **passed: float) -> None:
        self.moment += timedelta(**passed)


def a_system(
    store: Store | None = None,
    *,
    clock: Clock | None = None,
    tariff: Tariff | None = None,
    programme: Programme | None = None,
    rules: Rules | None = None,
    call_timeout_s: float = 5.0,
) -> CentralSystem:
    numbers = iter(range(1, 1_000_000))
    return CentralSystem(
        store or OPENED.get()(),
        clock or FixedClock(),
        tariff=tariff or Tariff(),
        programme=programme,
        rules=rules,
        id_generator=lambda: f"id-{next(numbers)}",
        call_timeout_s=call_timeout_s,
    )


@dataclass
class Point:
    """The charge point's side of one websocket, without any OCPP library."""

    socket: ClientConnection
    next_id: int = 0

    async def frame(self, text: str) -> list[Any]:
        await self.socket.send(text)
        return await self.next()

    async def next(self) -> list[Any]:
        async with asyncio.timeout(5):
            answer: list[Any] = json.loads(await self.socket.recv())
            return answer

    async def call(self, action: str, payload: dict[str, Any]) -> list[Any]:
        self.next_id += 1
        return await self.frame(json.dumps([2, str(self.next_id), action, payload]))

    async def result(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = await self.call(action, payload)
        assert answer[0] == 3, answer
        content: dict[str, Any] = answer[2]
        return content

    async def transfer(self, message_id: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = await self.result(
            "DataTransfer",
            {"vendorId": "es.citere", "messageId": message_id, "data": json.dumps(content)},
        )
        assert answer["status"] == "Accepted", answer
        told: dict[str, Any] = json.loads(answer["data"])
        return told

    async def start(self, id_tag: str = CARD, **changes: Any) -> dict[str, Any]:
        payload = {"connectorId": 1, "idTag": id_tag, "timestamp": START, "meterStart": 1000}
        return await self.result("StartTransaction", payload | changes)

    async def stop(self, transaction_id: int, meter_wh: int, **changes: Any) -> dict[str, Any]:
        payload = {"transactionId": transaction_id, "meterStop": meter_wh, "timestamp": START}
        return await self.result("StopTransaction", payload | changes)


@asynccontextmanager
async def connected(
    system: CentralSystem, path: str = "/ocpp/CP-1", **options: Any
) -> AsyncIterator[Point]:
    async with system.serve_websocket("127.0.0.1", 0) as port:
        options.setdefault("subprotocols", ["ocpp1.6"])
        async with connect(f"ws://127.0.0.1:{port}{path}", **options) as socket:
            yield Point(socket)


Script = Callable[[Point], Awaitable[None]]


def converse(system: CentralSystem, script: Script) -> None:
    """Run one conversation of a connected point with `system`."""

    async def conversation() -> None:
        async with connected(system) as point:
            await script(point)

    asyncio.run(conversation())


def euros(amount_minor: int) -> dict[str, Any]:
    return {"amount": amount_minor, "currency": "EUR"}


def a_cost(**changes: Any) -> dict[str, Any]:
    """`Session.Cost` of a charge that runs: 5 kWh after 25 minutes."""
    return {
        "transactionId": 1,
        "connectorId": 1,
        "cost": euros(205),
        "energyWh": 5000,
        "seconds": 1500,
        "stage": "charging",
    } | changes


def a_car_that_pauses(page: str, **changes: Any) -> dict[str, Any]:
    """The same half an hour before its idle fee begins, on a page where it may be stopped."""
    return a_cost(
        page=page,
        stage="carPaused",
        hasCode=True,
        most=euros(1000),
        idleFeeAt="2026-11-21T08:30:00Z",
        **changes,
    )


def a_receipt(**changes: Any) -> dict[str, Any]:
    """10 kWh at 0.41: 4.10 EUR."""
    return {
        "receiptNumber": "R-1",
        "transactionId": 1,
        "idTag": CARD,
        "means": "greencard",
        "lines": [{"item": "energy", "amount": 410, "energyWh": 10_000}],
        "vat": euros(71),
        "total": euros(410),
        "energyWh": 10_000,
        "discount": {"percent": 0, "reason": ""},
        "hash": "00",
    } | changes
