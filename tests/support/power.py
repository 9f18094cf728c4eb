"""A socket under test: world, simulated board, driver, and everything the driver said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chargepoint.domain.devices import DeviceEvent
from chargepoint.domain.units import ConnectorId
from drivers.rapi.driver import OpenEvseDriver
from drivers.trace import Trace
from simulator.devices.evse import SimulatedEvse
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World

CONNECTOR = ConnectorId(1)
BAUD = 115_200

E = TypeVar("E")


class Socket:
    """Board and driver of connector 1 on `line`; the lease input is held on unless a test acts."""

    def __init__(self, line: MemoryLine, *, is_leased: bool = True) -> None:
        self.line = line
        self.clock = VirtualClock()
        self.world = World([1])
        self.world.set_lease(1, on=is_leased)
        self.device = SimulatedEvse(line, self.world, 1)
        self.events: list[DeviceEvent] = []
        self.trace = Trace("evse", self.clock.monotonic)
        self.driver = OpenEvseDriver(
            line.open_port, self.events.append, self.trace, clock=self.clock, connector=CONNECTOR
        )

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, holds: Callable[[], bool], within_s: float = 30.0) -> float:
        """Seconds it took; TimeoutError names nothing, the trace does."""
        began_s = self.clock.monotonic()
        async with asyncio.timeout(within_s):
            while not holds():
                await asyncio.sleep(0.005)
        return self.clock.monotonic() - began_s


def evse_line(seed: int = 1) -> MemoryLine:
    return MemoryLine("evse", SeededEntropy(seed, "evse"), baudrate=BAUD)


def play(
    story: Callable[[Socket], Awaitable[None]],
    line: Callable[[], MemoryLine] = evse_line,
    *,
    is_leased: bool = True,
) -> None:
    """Run a story in virtual time with device and driver beside it."""

    async def everything() -> None:
        socket = Socket(line(), is_leased=is_leased)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(socket.device.run()),
                tasks.create_task(socket.driver.run()),
            ]
            await story(socket)
            for task in running:
                task.cancel()

    run_virtual(everything())
