"""A simulated coin acceptor, its line, its driver and a till: the stage of the ccTalk suites."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chargepoint.domain.devices import (
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceEvent,
    DeviceOffline,
    DeviceOnline,
)
from chargepoint.domain.units import Generation
from drivers.cctalk.driver import AcceptorFitting, CoinAcceptorDriver
from drivers.port import OpenPort
from drivers.trace import Direction, Trace
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.pipes import Line
from simulator.vtime import run_virtual
from tests.support.transports import NORMAL, Transport

Event = TypeVar("Event")

FIRST, SECOND, THIRD = Generation(1), Generation(2), Generation(3)
PATIENCE_S = 60.0


class Till:
    """A core of three lines: keeps what the driver emits and stores every cursor with it."""

    def __init__(self) -> None:
        self.facts: list[DeviceEvent] = []
        self.stored: dict[str, CoinCursor] = {}
        self.credits: dict[tuple[str, int, int], int] = {}
        self.changed = asyncio.Event()

    def emit(self, fact: DeviceEvent) -> None:
        self.facts.append(fact)
        if isinstance(fact, CoinSeen | CoinRefused | CoinCursorMoved):
            self.stored[fact.cursor.serial] = fact.cursor
        if isinstance(fact, CoinSeen):
            key = (fact.cursor.serial, fact.cursor.epoch, fact.cursor.sequence)
            assert key not in self.credits
            self.credits[key] = fact.value
        self.changed.set()

    def of(self, kind: type[Event]) -> list[Event]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    @property
    def credit(self) -> list[int]:
        return list(self.credits.values())


class Post:
    """An acceptor, its line, its driver and a till."""

    def __init__(
        self, line: Line, open_port: OpenPort, fitting: AcceptorFitting | None = None
    ) -> None:
        self.line = line
        self.open_port = open_port
        self.fitting = fitting or AcceptorFitting()
        self.till = Till()
        self.device = SimulatedCoinAcceptor(line, crc=self.fitting.crc)
        self.trace = Trace("coins", asyncio.get_running_loop().time)
        self.driver = self.new_driver()
        self.group = asyncio.TaskGroup()
        self.running: list[asyncio.Task[None]] = []

    def new_driver(self) -> CoinAcceptorDriver:
        return CoinAcceptorDriver(
            self.open_port,
            self.till.emit,
            self.trace,
            stored_cursor=self.till.stored.get,
            fitting=self.fitting,
        )

    async def core_dies(self) -> None:
        """Its task ends in whatever it is doing; what is stored stays, a new one is ready."""
        task = self.running.pop()
        task.cancel()
        await asyncio.wait([task])
        self.driver = self.new_driver()

    def core_starts(self) -> None:
        self.running.append(self.group.create_task(self.driver.run()))

    async def online(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOnline)) >= times)
        await self.till.until(lambda: bool(self.till.stored))

    async def offline(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOffline)) >= times)

    async def accepting(self) -> None:
        await eventually(lambda: self.device.takes_coins)

    async def credited(self, *values: int) -> None:
        await self.till.until(lambda: len(self.till.credit) >= len(values))
        assert self.till.credit == list(values)

    def sent_since(self, at_s: float) -> list[str]:
        return [
            frame.meaning
            for frame in self.trace.frames()
            if frame.direction is Direction.SENT and frame.at_s >= at_s
        ]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the physical world announces nothing
            await asyncio.sleep(0.05)


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def while_running(post: Post, story: Callable[[Post], Awaitable[None]]) -> None:
    async with post.group:
        post.running.append(post.group.create_task(post.device.run()))
        post.core_starts()
        await story(post)
        for task in post.running:
            task.cancel()


def play(
    story: Callable[[Post], Awaitable[None]],
    transport: Transport = NORMAL,
    *,
    has_echo: bool = True,
    fitting: AcceptorFitting | None = None,
) -> None:
    async def main() -> None:
        line = transport.line("coins", echo=has_echo)
        await while_running(Post(line, line.open_port, fitting), story)

    run_virtual(main())
