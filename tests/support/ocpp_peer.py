"""A central system by hand, frame by frame, and a station that talks to it in virtual time."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from chargepoint.auth_ports import LocalList
from chargepoint.charging_ports import ChargingProfiles
from chargepoint.domain.delivery import (
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    TransactionStarted,
)
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, SessionId, Watt, Wh
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.link import Link, LinkLost, Terms
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.ports import PointStatus, StatusReport
from simulator.entropy import SeededEntropy
from simulator.vtime import START_OF_TIME, VirtualClock
from tests.support.charging import DeskUnderTest
from tests.support.fakes import (
    MemoryLink,
    MemoryLocalList,
    MemoryOutbox,
    MemorySettings,
    RecordedNews,
    ScriptedDoor,
    ScriptedReservations,
    memory_link,
)

TIME = "2026-01-01T08:00:00.000Z"
IDENTITY = StationIdentity("CP-1", "Citere", "Plaza", serial="S1", firmware="0.1.0")

Payload = dict[str, Any]
SILENCE = object()


@dataclass(frozen=True)
class CallError:
    code: str = "InternalError"


@dataclass(frozen=True)
class After:
    """The answer, late."""

    delay_s: float
    answer: Any


@dataclass(frozen=True)
class Heard:
    """One CALL of the station."""

    at_s: float
    id: str
    action: str
    payload: Payload


def _defaults() -> dict[str, Any]:
    numbers = itertools.count(1)
    accepted = {"status": "Accepted"}
    return {
        "BootNotification": {"status": "Accepted", "currentTime": TIME, "interval": 300},
        "Heartbeat": {"currentTime": TIME},
        "StatusNotification": {},
        "Authorize": {"idTagInfo": accepted},
        "StartTransaction": lambda _: {"transactionId": next(numbers), "idTagInfo": accepted},
        "MeterValues": {},
        "StopTransaction": {},
        "DataTransfer": {"status": "UnknownVendorId"},
        "SecurityEventNotification": {},
    }


@dataclass
class ScriptedCentral:
    """Answers by `answers[action]`: a payload, SILENCE, CallError, After, a function, or a list
    of these used up one by one (the last one stays)."""

    answers: dict[str, Any] = field(default_factory=_defaults)
    heard: list[Heard] = field(default_factory=list)
    frames: list[list[Any]] = field(default_factory=list)
    is_up: bool = True
    opened: int = 0
    _link: MemoryLink | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[str, asyncio.Future[list[Any]]] = field(default_factory=dict)
    _group: asyncio.TaskGroup | None = None

    async def connect(self, _terms: Terms) -> Link:
        await asyncio.sleep(0.01)
        if not self.is_up:
            raise LinkLost("refused")
        ours, self._link = memory_link()
        self.opened += 1
        assert self._group is not None
        self._group.create_task(self._serve(self._link))
        return ours

    async def drop(self) -> None:
        assert self._link is not None
        await self._link.close()

    async def send(self, text: str) -> None:
        assert self._link is not None
        await self._link.send(text)

    async def call(self, action: str, payload: Payload) -> list[Any]:
        """The answer frame to a CALL of the central system."""
        message_id = f"central-{next(self._numbers)}"
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        await self.send(json.dumps([2, message_id, action, payload]))
        return await future

    async def _serve(self, link: MemoryLink) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._take(link, json.loads(await link.recv()))

    async def _take(self, link: MemoryLink, frame: list[Any]) -> None:
        self.frames.append(frame)
        if frame[0] != 2:
            future = self._waiting.pop(frame[1], None)
            if future is not None:
                future.set_result(frame)
            return
        _, message_id, action, payload = frame
        now_s = asyncio.get_running_loop().time()
        self.heard.append(Heard(now_s, message_id, action, payload))
        assert self._group is not None
        self._group.create_task(self._answer(link, message_id, self._pick(action), payload))

    def _pick(self, action: str) -> Any:
        answer = self.answers[action]
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer

    async def _answer(self, link: MemoryLink, message_id: str, answer: Any, call: Payload) -> None:
        if isinstance(answer, After):
            await asyncio.sleep(answer.delay_s)
            answer = answer.answer
        if callable(answer):
            answer = answer(call)
        with contextlib.suppress(ConnectionError):
            if isinstance(answer, CallError):
                await link.send(json.dumps([4, message_id, answer.code, "", {}]))
            elif answer is not SILENCE:
                await link.send(json.dumps([3, message_id, answer]))

    # --- what was heard -------------------------------------------------------------------------

    @property
    def actions(self) -> list[str]:
        return [call.action for call in self.heard]

    def of(self, action: str) -> list[Payload]:
        return [call.payload for call in self.heard if call.action == action]

    def times_of(self, action: str) -> list[float]:
        return [call.at_s for call in self.heard if call.action == action]

    def count(self, action: str) -> int:
        return self.actions.count(action)


@dataclass
class Bench:
    central: ScriptedCentral
    backend: Ocpp16Backend
    outbox: MemoryOutbox
    settings: MemorySettings
    door: ScriptedDoor
    news: RecordedNews
    seen: list[tuple[str, str]]
    reservations: ScriptedReservations

    def add(self, *deliveries: Any) -> None:
        self.outbox.add(*deliveries)
        self.backend.wake()


@asynccontextmanager
async def a_bench(
    central: ScriptedCentral | None = None,
    *,
    outbox: MemoryOutbox | None = None,
    settings: MemorySettings | None = None,
    local_list: LocalList | None = None,
    charging: ChargingProfiles | None = None,
    settle_s: float = 1.0,
    **options: Any,
) -> AsyncIterator[Bench]:
    """A running backend against a scripted central system; needs the virtual loop."""
    central = central or ScriptedCentral()
    seen: list[tuple[str, str]] = []
    bench_outbox, bench_settings = outbox or MemoryOutbox(), settings or MemorySettings()
    door, news, reservations = ScriptedDoor(), RecordedNews(), ScriptedReservations()
    backend = Ocpp16Backend(
        identity=IDENTITY,
        connect=central.connect,
        door=door,
        news=news,
        outbox=bench_outbox,
        settings=bench_settings,
        local_list=local_list or MemoryLocalList(),
        reservations=reservations,
        charging=charging or DeskUnderTest().desk,
        clock=VirtualClock(),
        entropy=SeededEntropy(7, "ocpp"),
        connectors=2,
        observe=lambda direction, text: seen.append((direction, text)),
        **options,
    )
    backend.report(StatusReport(ConnectorId(0), PointStatus.AVAILABLE))
    async with asyncio.TaskGroup() as group:
        central._group = group
        running = group.create_task(backend.run())
        await asyncio.sleep(settle_s)
        yield Bench(central, backend, bench_outbox, bench_settings, door, news, seen, reservations)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        if central._link is not None:
            await central.drop()


async def until(holds: Callable[[], bool], limit_s: float = 600.0) -> None:
    async with asyncio.timeout(limit_s):
        while not holds():  # noqa: ASYNC110 - the conditions are other parts' state
            await asyncio.sleep(0.1)


async def waits_for(awaitable: Awaitable[Any], limit_s: float = 60.0) -> Any:
    async with asyncio.timeout(limit_s):
        return await awaitable


def a_start(session: str = "s1", connector: int = 1, tag: str = "TAG1") -> TransactionStarted:
    return TransactionStarted(
        SessionId(session), ConnectorId(connector), tag, Wh(1000), START_OF_TIME
    )


def a_reading(session: str = "s1", number: int = 1, *, aligned: bool = False) -> MeterValuesTaken:
    return MeterValuesTaken(
        SessionId(session),
        ConnectorId(1),
        number,
        START_OF_TIME,
        Wh(1500),
        Watt(3680),
        MilliAmp(16_005),
        MilliVolt(230_100),
        clock_aligned=aligned,
    )


def a_stop(session: str = "s1", tag: str | None = "TAG1") -> TransactionEnded:
    return TransactionEnded(
        SessionId(session), ConnectorId(1), tag, Wh(2000), START_OF_TIME, StopReason.LOCAL
    )
