"""The cabinet's inputs: no press lost, none made up, and what a technician is told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
    DoorMoved,
    Hazard,
    HazardRaised,
    JackMoved,
    KeyPressed,
    TactileKey,
)
from drivers.cabinet.driver import STUCK_S, CabinetDriver
from drivers.modbus.bus import ModbusBus
from drivers.modbus.codec import AnswerFinder, encode, read_discrete_inputs
from drivers.trace import Trace
from simulator.devices.cabinet import SimulatedCabinet
from simulator.vtime import VirtualClock, run_virtual
from tests.support.transports import NORMAL, Transport, on_every_transport


class Cabinet:
    def __init__(self, transport: Transport) -> None:
        self.clock = VirtualClock()
        self.line = transport.line("cabinet")
        self.device = SimulatedCabinet(self.line)
        self.events: list[object] = []
        trace = Trace("cabinet", self.clock.monotonic)
        bus = ModbusBus(self.line.open_port, trace, baudrate=9600)
        self.driver = CabinetDriver(bus, self.events.append, clock=self.clock)

    def keys(self) -> list[TactileKey]:
        return [event.key for event in self.events if isinstance(event, KeyPressed)]

    def said(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]

    async def online(self) -> None:
        async with asyncio.timeout(30):
            while not self.said(DeviceOnline):  # noqa: ASYNC110 - in virtual time
                await asyncio.sleep(0.05)


def play(story: Callable[[Cabinet], Awaitable[None]], transport: Transport) -> None:
    async def run() -> None:
        cabinet = Cabinet(transport)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.run()) for each in (cabinet.device, cabinet.driver)]
            await cabinet.online()
            await story(cabinet)
            for task in running:
                task.cancel()

    run_virtual(run())


@on_every_transport
def test_every_press_arrives_once_and_none_is_made_up(transport: Transport) -> None:
    async def story(cabinet: Cabinet) -> None:
        for key in ("next", "next", "prev", "ok", "cancel"):
            await cabinet.device.press(key)
            await asyncio.sleep(1.0)
        await transport.disturb(cabinet.line)
        await asyncio.sleep(30)
        pressed = [TactileKey(key) for key in ("next", "next", "prev", "ok", "cancel")]
        assert not surplus(cabinet.keys(), pressed)
        if transport.name not in ("loss", "garbage"):  # there a press may come too late to count
            assert cabinet.keys() == pressed

    play(story, transport)


def surplus(heard: list[TactileKey], pressed: list[TactileKey]) -> Counter[TactileKey]:
    """What was heard and never pressed."""
    return Counter(heard) - Counter(pressed)


def test_presses_between_two_questions_are_counted() -> None:
    async def story(cabinet: Cabinet) -> None:
        await asyncio.sleep(70)  # it looks twice a second now
        await cabinet.device.press("ok")
        await cabinet.device.press("ok")
        await asyncio.sleep(1)
        assert cabinet.keys() == [TactileKey.OK, TactileKey.OK]

    play(story, NORMAL)


def test_counters_that_begin_anew_are_nobodys_presses() -> None:
    async def story(cabinet: Cabinet) -> None:
        for _ in range(4):
            await cabinet.device.press("ok")
            await asyncio.sleep(0.5)
        cabinet.device.power_cut()
        await asyncio.sleep(10)
        cabinet.device.power_on()
        await asyncio.sleep(20)
        assert len(cabinet.keys()) == 4
        assert len(cabinet.said(DeviceOffline)) == 1

    play(story, NORMAL)


def test_jack_and_door_are_told_as_they_move_and_when_found_closed() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.device.set_jack(is_in=True)
        await asyncio.sleep(1)
        cabinet.device.set_jack(is_in=False)
        cabinet.device.fault("door_open")
        await asyncio.sleep(2)
        assert cabinet.said(JackMoved) == [JackMoved(is_in=True), JackMoved(is_in=False)]
        assert cabinet.said(DoorMoved) == [DoorMoved(is_open=True)]

    play(story, NORMAL)


def test_key_that_never_comes_up_is_told_once_and_counts_again_when_it_does() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.device.fault("stuck")
        await asyncio.sleep(3 * STUCK_S)
        assert len(cabinet.said(DeviceIncident)) == 4
        before = len(cabinet.keys())
        cabinet.device.clear("stuck")
        await asyncio.sleep(1)
        await cabinet.device.press("ok")
        await asyncio.sleep(1)
        assert len(cabinet.keys()) == before + 1

    play(story, NORMAL)


def test_question_for_inputs_is_the_one_of_the_specification() -> None:
    """Modbus application protocol §6.2: read 22 inputs from 00C4 of a unit; answer AC DB 35."""
    request = read_discrete_inputs(1, 0x00C4, 22)
    assert encode(request)[:-2] == bytes.fromhex("01 02 00 C4 00 16")
    body = bytes.fromhex("01 02 03 AC DB 35")
    from simulator.devices.rtu import crc16

    answer = AnswerFinder(request).feed(body + crc16(body))
    assert answer is not None
    assert [int(bit) for bit in answer.bits[:8]] == [0, 0, 1, 1, 0, 1, 0, 1]


def test_supply_that_fails_while_power_flows_is_told_before_it_is_dark() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.driver.watch(closely=True)
        for _ in range(20):
            cabinet.device.fault("mains_lost")
            await asyncio.sleep(0.2)
            assert cabinet.events[-1] == HazardRaised(Hazard.MAINS_LOST)
            cabinet.device.clear("mains_lost")
            await asyncio.sleep(0.3 + 0.017)

    play(story, NORMAL)
