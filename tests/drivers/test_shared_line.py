"""Acceptor and two hoppers on one ccTalk line: on six transports, with one of them dead."""

import asyncio
from collections.abc import Awaitable, Callable

from chargepoint.domain.devices import CoinSeen, DeviceOffline, DeviceOnline
from chargepoint.domain.units import Generation, Minor
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.driver import CoinAcceptorDriver
from drivers.cctalk.hopper import HopperDriver, HopperFitting
from drivers.shared_line import SharedLine
from drivers.trace import Trace
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.hopper import SimulatedHopper
from simulator.line_faults import LineFault
from simulator.shared_bus import SharedBus
from simulator.vtime import run_virtual
from tests.support.transports import NORMAL, UNPLUGGED_MIDWAY, Transport, on_every_transport

EUROS, TENS = 3, 4
LONG_S = 120


class Till:
    """Three simulated devices and their three drivers."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.line = transport.line("till", echo=True)
        bus = SharedBus(self.line)
        self.members = [bus.member() for _ in range(3)]
        self.coins = SimulatedCoinAcceptor(self.members[0])
        self.bowls = [
            SimulatedHopper(line, coins=50, value_minor=value, serial=value, address=address)
            for line, value, address in zip(self.members[1:], (100, 10), (EUROS, TENS), strict=True)
        ]
        self.said: list[object] = []
        self.shared = SharedLine(self.line.open_port)
        self.acceptor = CoinAcceptorDriver(
            self.shared.open_port, self.said.append, self._trace(), stored_cursor=lambda _: None
        )
        self.hoppers = [
            HopperDriver(
                self.shared.open_port,
                self.said.append,
                self._trace(),
                value=Minor(value),
                fitting=HopperFitting(address=address),
            )
            for value, address in ((100, EUROS), (10, TENS))
        ]

    def _trace(self) -> Trace:
        return Trace("till", asyncio.get_running_loop().time)

    def seen(self) -> int:
        return sum(each.value for each in self.said if isinstance(each, CoinSeen))

    async def pays(self, index: int, coins: int) -> int:
        """Coins that are proved paid; asked again where it could not even be begun."""
        hopper = self.hoppers[index]
        for number in range(40):
            try:
                mark = await hopper.mark(coins, f"P{index}-{number}")
            except DeviceUnavailable:
                await asyncio.sleep(3)
                continue
            try:
                return (await hopper.pay(mark)).paid
            except DeviceUnavailable:
                return await self._verified(index, mark)
        raise AssertionError("never connected")

    async def _verified(self, index: int, mark: object) -> int:
        while True:
            await asyncio.sleep(3)
            try:
                return (await self.hoppers[index].verify(mark)).paid  # type: ignore[arg-type]
            except DeviceUnavailable:
                continue


def at_the_till(story: Callable[[Till], Awaitable[None]], transport: Transport = NORMAL) -> None:
    async def live() -> None:
        till = Till(transport)
        async with asyncio.TaskGroup() as tasks:
            parts = (till.coins, *till.bowls, till.acceptor, *till.hoppers)
            running = [tasks.create_task(part.run()) for part in parts]
            till.acceptor.accept(Generation(1))
            await asyncio.sleep(30)
            await story(till)
            for task in running:
                task.cancel()

    run_virtual(live())


@on_every_transport
def test_coins_go_in_and_out_at_the_same_time(transport: Transport) -> None:
    async def story(till: Till) -> None:
        async def inserts() -> None:
            for value in (200, 100, 50):
                while await till.coins.insert(value) != "accepted":  # noqa: ASYNC110 - a customer
                    await asyncio.sleep(2)
                await till.transport.disturb(till.line)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(inserts())
            euros = tasks.create_task(till.pays(0, 3))
            tens = tasks.create_task(till.pays(1, 4))
        await asyncio.sleep(LONG_S)
        assert till.seen() == 350
        assert [bowl.paid_out for bowl in till.bowls] == [euros.result(), tens.result()]
        if transport is NORMAL:
            assert [euros.result(), tens.result()] == [3, 4]

    at_the_till(story, transport)


def test_a_dead_device_starves_nobody() -> None:
    async def story(till: Till) -> None:
        till.members[1].fault(LineFault.SILENT)
        await asyncio.sleep(LONG_S)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        assert await till.pays(1, 2) == 2
        assert loop.time() - began_s < 5
        assert await till.coins.insert(200) == "accepted"
        await asyncio.sleep(2)
        assert till.seen() == 200
        reasons = [each for each in till.said if isinstance(each, DeviceOffline)]
        assert {each.device.name for each in reasons} == {"100"}

    at_the_till(story)


def test_a_line_that_is_lost_is_lost_and_found_for_all() -> None:
    async def story(till: Till) -> None:
        await till.transport.disturb(till.line, away_s=5)
        await asyncio.sleep(LONG_S)
        for kind in (DeviceOffline, DeviceOnline):
            told = [each for each in till.said if isinstance(each, kind)]
            assert len(told) >= 3, told
        assert await till.pays(0, 1) == 1

    at_the_till(story, UNPLUGGED_MIDWAY)
