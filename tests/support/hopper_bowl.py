"""A simulated hopper, its line and its driver: the stage of the hopper suites."""

import asyncio
from collections.abc import Awaitable, Callable

from chargepoint.domain.devices import DeviceEvent, DeviceOnline
from chargepoint.domain.payments import HopperMark, PaymentEvent, PayoutDone
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.hopper import HopperDriver
from drivers.trace import Direction, Trace
from simulator.devices.hopper import SimulatedHopper
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from tests.support.cut_port import Trip
from tests.support.transports import NORMAL, Transport

ONE_EURO = Minor(100)
PATIENCE_S = 60.0


class Bowl:
    """A hopper, its line and its driver."""

    def __init__(self, line: MemoryLine, hopper: SimulatedHopper) -> None:
        self.line = line
        self.hopper = hopper
        self.facts: list[DeviceEvent | PaymentEvent] = []
        self.trip = Trip()
        self.trace = Trace("hopper", asyncio.get_running_loop().time)
        self.driver = self.new_driver()
        self.group = asyncio.TaskGroup()
        self.running: list[asyncio.Task[None]] = []

    def new_driver(self) -> HopperDriver:
        open_port = self.trip.over(self.line.open_port)
        return HopperDriver(open_port, self.facts.append, self.trace, value=ONE_EURO)

    def start(self) -> None:
        self.running.append(self.group.create_task(self.driver.run()))

    def kill(self) -> None:
        """The core's task ends in whatever it is doing; another driver takes its place."""
        self.running.pop().cancel()
        self.driver = self.new_driver()

    async def online(self, times: int = 1) -> None:
        await eventually(
            lambda: sum(isinstance(fact, DeviceOnline) for fact in self.facts) >= times
        )

    async def result(self, mark: HopperMark) -> tuple[int, str]:
        """What a patient core learns: it pays once and asks until it knows."""
        try:
            return said(await self.driver.pay(mark), mark)
        except DeviceUnavailable:
            return await self.verified(mark)

    async def verified(self, mark: HopperMark) -> tuple[int, str]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await asyncio.sleep(1)
                try:
                    return said(await self.driver.verify(mark), mark)
                except DeviceUnavailable:
                    continue

    def dispenses(self) -> int:
        return sum(
            frame.meaning == "dispense coins" and frame.direction is Direction.SENT
            for frame in self.trace.frames()
        )


def said(done: PayoutDone, mark: HopperMark) -> tuple[int, str]:
    assert done.mark == mark
    return done.paid, done.reason


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the physical world announces nothing
            await asyncio.sleep(0.01)


def play(
    story: Callable[[Bowl], Awaitable[None]],
    transport: Transport = NORMAL,
    *,
    coins: int = 50,
    counts_lifetime: bool = True,
) -> None:
    async def main() -> None:
        line = transport.line("hopper", echo=True)
        bowl = Bowl(line, SimulatedHopper(line, coins=coins, counts_lifetime=counts_lifetime))
        async with bowl.group:
            hopper = bowl.group.create_task(bowl.hopper.run())
            bowl.start()
            await bowl.online()
            await story(bowl)
            for task in (hopper, *bowl.running):
                task.cancel()

    run_virtual(main())
