"""A driver that runs while its story is told, and what it said; its line is pulled out in the end."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from chargepoint.domain.devices import DeviceEvent, DeviceIncident, DeviceOffline, DeviceOnline
from simulator.vtime import VirtualClock
from tests.foreign.patience import run_patiently, until
from tests.foreign.terminal import Terminal

E = TypeVar("E", bound=DeviceEvent)


class Driven(ABC):
    """One driver of ours and, on `line`, hardware that was not made here."""

    def __init__(self, line: Terminal) -> None:
        self.line = line
        self.clock = VirtualClock()
        self.events: list[DeviceEvent] = []
        self.running: list[asyncio.Task[None]] = []

    @abstractmethod
    def runs(self) -> Sequence[Coroutine[Any, Any, None]]:
        """The driver, and what keeps it company."""

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def incidents(self) -> list[str]:
        return [incident.code for incident in self.said(DeviceIncident)]

    @property
    def offline(self) -> list[DeviceOffline]:
        return self.said(DeviceOffline)

    async def online(self, times: int = 1, within_s: float = 30.0) -> None:
        await until(lambda: len(self.said(DeviceOnline)) == times, within_s)


S = TypeVar("S", bound=Driven)


def played(made: Callable[[], S], story: Callable[[S], Awaitable[None]]) -> None:
    """`made` in virtual time that waits for the line; its tasks run until the story is over."""

    async def everything() -> None:
        station = made()
        try:
            async with asyncio.TaskGroup() as tasks:
                station.running = [tasks.create_task(each) for each in station.runs()]
                await story(station)
                for each in station.running:
                    each.cancel()
        finally:
            station.line.pull_out()

    run_patiently(everything())
