"""One socket under test: world, simulated devices, drivers, and everything the drivers said.

board on a line of its own, meter and lease timer together on one RS-485 line
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chargepoint.domain.devices import DeviceEvent, DeviceOnline
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.modbus.models import model_of
from drivers.modbus.reading import Seal
from drivers.rapi.driver import OpenEvseDriver
from drivers.trace import Trace
from simulator.devices.evse import SimulatedEvse
from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.devices.meter_b23 import SimulatedB23
from simulator.devices.rtu import RtuSegment
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World
from tests.support.transports import NORMAL, Transport

CONNECTOR = ConnectorId(1)
METER_UNIT, LEASE_UNIT = 11, 21
SIXTEEN_AMPERES = MilliAmp(16_000)

E = TypeVar("E")


class Socket:
    """Devices and drivers of connector 1, not yet running; see `play`."""

    def __init__(
        self, transport: Transport, model: str, fitted: str = "", seal: Seal | None = None
    ) -> None:
        self.transport = transport
        self.clock = VirtualClock()
        self.world = World([1])
        self.events: list[DeviceEvent] = []
        self.seen: list[tuple[float, str, str]] = []  # what physically changed, and when
        self.world.observe(
            lambda what, _connector, value: self.seen.append((self.clock.monotonic(), what, value))
        )
        self.board_line = transport.line("evse", baudrate=115_200)
        self.bus_line = transport.line("rs485", baudrate=9_600)
        segment = RtuSegment(self.bus_line)
        self.board_device = SimulatedEvse(self.board_line, self.world, 1)
        self.meter_device = simulated_meter(segment, self.world, fitted or model)
        self.lease_device = SimulatedLeaseTimer(segment, self.world, {0: 1}, unit=LEASE_UNIT)
        self.board_trace = Trace("evse", self.clock.monotonic)
        self.driving: list[asyncio.Task[None]] = []  # board, meter, lease: cancelled, they are dead
        self.bus_trace = Trace("rs485", self.clock.monotonic)
        self.bus = ModbusBus(self.bus_line.open_port, self.bus_trace, baudrate=9_600)
        emit, clock = self.events.append, self.clock
        self.board = OpenEvseDriver(
            self.board_line.open_port, emit, self.board_trace, clock=clock, connector=CONNECTOR
        )
        self.meter = ModbusMeterDriver(
            self.bus,
            emit,
            clock=clock,
            connector=CONNECTOR,
            unit=METER_UNIT,
            model=model_of(model, seal=seal),
        )
        self.lease = LeaseTimerDriver(
            self.bus,
            emit,
            clock=clock,
            connector=CONNECTOR,
            unit=LEASE_UNIT,
            relay=RelayMap(),
        )

    def devices(self) -> tuple[Awaitable[None], ...]:
        return (self.board_device.run(), self.meter_device.run(), self.lease_device.run())

    def drivers(self) -> tuple[Awaitable[None], ...]:
        return (self.board.run(), self.meter.run(), self.lease.run())

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def when(self, what: str, value: str) -> float:
        """The last time that this physically happened."""
        return [at_s for at_s, *change in self.seen if change == [what, value]][-1]

    async def until(self, holds: Callable[[], bool], within_s: float = 30.0) -> float:
        """Seconds it took."""
        began_s = self.clock.monotonic()
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - the predicate has no event to wait for
                await asyncio.sleep(0.005)
        return self.clock.monotonic() - began_s

    async def online(self) -> None:
        await self.until(lambda: len(self.said(DeviceOnline)) == 3)

    async def charging(self, generation: int = 1) -> None:
        """A car is plugged, permitted, leased for 3 s, and draws current."""
        await self.lease.renew(Generation(generation))
        await self.board.permit(Generation(generation), SIXTEEN_AMPERES)
        await self.until(lambda: self.world.current_ma(1) > 0, 3.0)

    async def keep_leased(self, generation: int = 1, for_s: float = 60.0) -> None:
        end_s = self.clock.monotonic() + for_s
        while self.clock.monotonic() < end_s:
            await self.lease.renew(Generation(generation))
            await asyncio.sleep(min(1.0, max(0.0, end_s - self.clock.monotonic())))


def simulated_meter(segment: RtuSegment, world: World, model: str) -> SimulatedMeter:
    if model == "b23":
        return SimulatedB23(segment, world, 1, unit=METER_UNIT)
    return SimulatedMeter(segment, world, 1, unit=METER_UNIT, model=model)


Story = Callable[[Socket], Awaitable[None]]


def play(
    story: Story,
    transport: Transport = NORMAL,
    *,
    model: str = "sdm630",
    fitted: str = "",
    seal: Seal | None = None,
    before: Story | None = None,
) -> None:
    """Tell a story in virtual time with devices and drivers running beside it.

    `model`: the meter that is configured; `fitted`: the one that is there, if another. `before`: what happened to the devices before the drivers were started.
    """

    async def everything() -> None:
        socket = Socket(transport, model, fitted, seal)
        if before is not None:
            await before(socket)
        async with asyncio.TaskGroup() as tasks:
            devices = [tasks.create_task(_run(one)) for one in socket.devices()]
            socket.driving = [tasks.create_task(_run(one)) for one in socket.drivers()]
            await story(socket)
            for task in (*devices, *socket.driving):
                task.cancel()

    run_virtual(everything())


async def _run(what: Awaitable[None]) -> None:
    await what
