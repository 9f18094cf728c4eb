"""Devices, clock and journal for actors under test: they keep what they were told."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.record import Batch, PointRecord
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.ports import (
    ConnectorHardware,
    DeviceUnavailable,
    LinkState,
    StatusReport,
)


@dataclass
class Board:
    """Board, lease and meter of one connector in one; closes as soon as it may."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    is_offline: bool = False

    def _tell(self, *words: Any) -> None:
        self.told.append(words)
        if self.is_offline:
            raise DeviceUnavailable("offline")

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        self._tell("permit", generation, limit)

    async def forbid(self, generation: Generation) -> None:
        self._tell("forbid", generation)

    async def set_limit(self, limit: MilliAmp) -> None:
        self._tell("set_limit", limit)

    async def set_lock(self, *, locked: bool) -> None:
        self._tell("set_lock", locked)

    async def renew(self, generation: Generation) -> None:
        self._tell("renew", generation)

    async def revoke(self, generation: Generation) -> None:
        self._tell("revoke", generation)

    async def sample(self) -> None:
        self._tell("sample")

    def set_fast(self, *, fast: bool) -> None:
        self.told.append(("set_fast", fast))

    async def run(self) -> None:
        await asyncio.Event().wait()

    def hardware(self) -> ConnectorHardware:
        return ConnectorHardware(self, self, self)

    def words(self) -> list[str]:
        return [words[0] for words in self.told]


@dataclass
class Acceptor:
    levels: list[tuple[str, int]] = field(default_factory=list)

    def accept(self, generation: Generation) -> None:
        self.levels.append(("accept", generation))

    def inhibit(self, generation: Generation) -> None:
        self.levels.append(("inhibit", generation))

    async def run(self) -> None:
        await asyncio.Event().wait()


class MemoryJournal:
    """Durable after `delay_s`, in order; keeps everything."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.batches: list[Batch] = []

    def append(self, batch: Batch) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self.batches.append(batch)
        if self.delay_s:
            loop.call_later(self.delay_s, done.set_result, None)
        else:
            done.set_result(None)
        return done

    def saved(self, connector: ConnectorId) -> PointRecord | None:
        found = [p for b in self.batches for p in b.points if p.connector == connector]
        return found[-1] if found else None

    def incident_codes(self) -> list[str]:
        return [i.code for b in self.batches for i in b.incidents]

    def delivered(self) -> list[str]:
        return [d.key for b in self.batches for d in b.deliveries]


@dataclass
class QuietBackend:
    answer: TokenAnswer = field(default_factory=lambda: TokenAnswer(TokenStatus.ACCEPTED))
    link: LinkState = LinkState.ONLINE
    reports: list[StatusReport] = field(default_factory=list)
    wakes: int = 0

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def authorise(self, id_tag: str, connector: ConnectorId, *, card: bool) -> TokenAnswer:
        del id_tag, connector, card
        await asyncio.sleep(0.1)
        return self.answer

    def report(self, status: StatusReport) -> None:
        self.reports.append(status)

    def wake(self) -> None:
        self.wakes += 1


class CountingEntropy:
    """The next number each time: unique, and the same in every run."""

    def __init__(self) -> None:
        self._next = 0

    def _count(self) -> int:
        self._next += 1
        return self._next

    def token(self, length: int) -> bytes:
        return self._count().to_bytes(length, "big")

    def below(self, limit: int) -> int:
        return self._count() % limit

    def identifier(self) -> str:
        return f"{self._count():08d}-0000-4000-8000-000000000000"


class Tasks:
    """`Spawn` for tests: keeps the crashes, cancels what is left at the end."""

    def __init__(self) -> None:
        self.crashes: list[tuple[str, BaseException]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.crashes.append((task.get_name(), error))

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
