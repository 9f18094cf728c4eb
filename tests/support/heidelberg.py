"""One Heidelberg unit under test: world, simulated unit, driver, and everything the driver said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chargepoint.domain.devices import DeviceEvent, DeviceKind, DeviceOnline, DeviceRef
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.heidelberg.driver import HeidelbergDriver
from drivers.modbus.bus import ModbusBus
from drivers.trace import Trace
from simulator.devices.heidelberg import LAYOUT_1_0_8, SimulatedHeidelberg
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World
from tests.support.transports import NORMAL, Transport

CONNECTOR = ConnectorId(1)
BOARD = DeviceRef(DeviceKind.EVSE, CONNECTOR)
LEASE = DeviceRef(DeviceKind.LEASE_TIMER, CONNECTOR)
SIXTEEN_AMPERES = MilliAmp(16_000)

E = TypeVar("E")


class Unit:
    def __init__(self, transport: Transport, layout: int, watchdog_ms: int | None) -> None:
        self.clock = VirtualClock()
        self.world = World([1])
        self.events: list[DeviceEvent] = []
        self.seen: list[tuple[float, str, str]] = []
        self.world.observe(
            lambda what, _connector, value: self.seen.append((self.clock.monotonic(), what, value))
        )
        self.line = transport.line("evse", baudrate=19_200)
        self.device = SimulatedHeidelberg(
            self.line, self.world, 1, layout=layout, watchdog_ms=watchdog_ms
        )
        self.trace = Trace("evse", self.clock.monotonic)
        bus = ModbusBus(self.line.open_port, self.trace, baudrate=19_200, gap_s=0.1)
        self.board = HeidelbergDriver(
            bus, self.events.append, clock=self.clock, connector=CONNECTOR, unit=1
        )
        self.driving: asyncio.Task[None] | None = None

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def when(self, what: str, value: str) -> float:
        return [at_s for at_s, *change in self.seen if change == [what, value]][-1]

    async def until(self, holds: Callable[[], bool], within_s: float = 30.0) -> None:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - the predicate has no event to wait for
                await asyncio.sleep(0.005)

    async def online(self) -> None:
        await self.until(lambda: DeviceRef(DeviceKind.EVSE, CONNECTOR) in self._online())

    def _online(self) -> list[DeviceRef]:
        return [event.device for event in self.said(DeviceOnline)]

    async def charging(self, generation: int = 1) -> None:
        """Permitted and leased, tried again as the keeper of the lease does."""
        for _ in range(20):
            try:
                await self.board.lease.renew(Generation(generation))
                await self.board.permit(Generation(generation), SIXTEEN_AMPERES)
                break
            except DeviceUnavailable:
                await asyncio.sleep(0.5)
        await self.leased(4.0, lambda: self.world.current_ma(1) > 0, generation)

    async def leased(
        self, for_s: float, until: Callable[[], bool] = lambda: False, generation: int = 1
    ) -> None:
        """As its keeper does: once a second."""
        end_s = self.clock.monotonic() + for_s
        while self.clock.monotonic() < end_s and not until():
            await self.board.lease.renew(Generation(generation))
            await asyncio.sleep(1.0)

    def kill_host(self) -> None:
        """From one instant to the next nobody is there any more."""
        assert self.driving is not None
        self.driving.cancel()


Story = Callable[[Unit], Awaitable[None]]


def play(
    story: Story,
    transport: Transport = NORMAL,
    *,
    layout: int = LAYOUT_1_0_8,
    watchdog_ms: int | None = None,
) -> None:
    async def everything() -> None:
        unit = Unit(transport, layout, watchdog_ms)
        async with asyncio.TaskGroup() as tasks:
            device = tasks.create_task(unit.device.run())
            await unit.until(lambda: unit.device.is_powered)
            unit.driving = tasks.create_task(unit.board.run())
            await story(unit)
            device.cancel()
            unit.driving.cancel()

    run_virtual(everything())
