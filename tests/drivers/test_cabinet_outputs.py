"""Lamps and beeper: told in time, never on for ever, and on the wire as the module knows it."""

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import CoinsFell, DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.signals import DARK, Colour, Lamp, Rhythm
from chargepoint.domain.units import ConnectorId
from drivers.cabinet.driver import FULL_INPUTS, FULL_OUTPUTS, CabinetDriver
from drivers.cabinet.outputs import LIT_S, OutputMap, Outputs, Write
from drivers.modbus.bus import ModbusBus
from drivers.modbus.codec import encode, write_coil
from drivers.trace import Trace
from simulator.devices.cabinet import SimulatedCabinet
from simulator.vtime import VirtualClock, run_virtual
from tests.support.transports import NORMAL, Transport, on_every_transport

ONE, TWO = ConnectorId(1), ConnectorId(2)
GREEN, BLUE = Lamp(Colour.GREEN), Lamp(Colour.BLUE)
LAMPS = st.builds(Lamp, st.none() | st.sampled_from(Colour), st.sampled_from(Rhythm))


class Cabinet:
    def __init__(self, transport: Transport, *, is_large: bool = True) -> None:
        self.clock = VirtualClock()
        self.line = transport.line("cabinet")
        self.device = SimulatedCabinet(self.line, is_large=is_large)
        self.events: list[object] = []
        bus = ModbusBus(self.line.open_port, Trace("cabinet", self.clock.monotonic), baudrate=9600)
        self.driver = CabinetDriver(
            bus,
            self.events.append,
            clock=self.clock,
            inputs=FULL_INPUTS if is_large else None,
            outputs=FULL_OUTPUTS,
        )

    def lamp(self, connector: ConnectorId) -> str:
        assert self.device.coils is not None
        return self.device.coils.lamp(connector)

    def beeps(self) -> int:
        assert self.device.coils is not None
        return self.device.coils.beeps

    def said(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]


def play(
    story: Callable[[Cabinet], Awaitable[None]], transport: Transport = NORMAL, **how: bool
) -> None:
    async def run() -> None:
        cabinet = Cabinet(transport, **how)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.run()) for each in (cabinet.device, cabinet.driver)]
            async with asyncio.timeout(30):
                while not cabinet.said(DeviceOnline):  # noqa: ASYNC110 - in virtual time
                    await asyncio.sleep(0.05)
            await story(cabinet)
            for task in running:
                task.cancel()

    run_virtual(run())


@on_every_transport
def test_lamps_show_what_is_wanted_in_the_end_whatever_the_line_did(transport: Transport) -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.driver.light(ONE, GREEN)
        cabinet.driver.light(TWO, Lamp(Colour.RED, Rhythm.BLINK))
        await transport.disturb(cabinet.line)
        cabinet.driver.light(ONE, BLUE)
        # With loss and garbage on the line a blink now and then is missed; what stays is steady.
        await asyncio.sleep(60)
        assert cabinet.lamp(ONE) == "blue"

    play(story, transport)


def test_each_colour_and_rhythm_is_seen_and_the_one_before_is_gone() -> None:
    async def story(cabinet: Cabinet) -> None:
        for colour in Colour:
            for rhythm in Rhythm:
                cabinet.driver.light(ONE, Lamp(colour, rhythm))
                await asyncio.sleep(5)
                assert cabinet.lamp(ONE) == str(Lamp(colour, rhythm))
        cabinet.driver.light(ONE, DARK)
        await asyncio.sleep(1)
        assert cabinet.lamp(ONE) == "dark"
        assert cabinet.lamp(TWO) == "dark"

    play(story)


def test_a_lamp_stays_lit_for_hours_and_is_dark_half_a_minute_after_the_core() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.driver.light(ONE, BLUE)
        for _ in range(8):
            await asyncio.sleep(900)
            assert cabinet.lamp(ONE) == "blue"

    async def and_then_dark() -> None:
        cabinet = Cabinet(NORMAL)
        async with asyncio.TaskGroup() as tasks:
            device = tasks.create_task(cabinet.device.run())
            driver = tasks.create_task(cabinet.driver.run())
            cabinet.driver.light(ONE, BLUE)
            await asyncio.sleep(5)
            assert cabinet.lamp(ONE) == "blue"
            driver.cancel()
            await asyncio.sleep(LIT_S)
            assert cabinet.lamp(ONE) == "dark"
            device.cancel()

    play(story)
    run_virtual(and_then_dark())


def test_a_module_that_lost_its_supply_shows_everything_again() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.driver.light(ONE, GREEN)
        await asyncio.sleep(2)
        cabinet.device.power_cut()
        await asyncio.sleep(10)
        assert cabinet.said(DeviceOffline)
        cabinet.device.power_on()
        await asyncio.sleep(15)
        assert cabinet.lamp(ONE) == "green"

    play(story)


def test_beeps_come_at_once_each_for_a_moment_and_no_flood_of_them() -> None:
    async def story(cabinet: Cabinet) -> None:
        await asyncio.sleep(70)  # it looks twice a second now
        cabinet.driver.beep(1)
        await asyncio.sleep(0.2)
        assert cabinet.beeps() == 1
        cabinet.driver.beep(2)
        await asyncio.sleep(2)
        assert cabinet.beeps() == 3
        for _ in range(50):
            cabinet.driver.beep(3)
        await asyncio.sleep(10)
        assert cabinet.beeps() == 3 + 6

    play(story)


def test_coins_are_counted_also_those_between_two_looks_and_none_is_made_up() -> None:
    async def story(cabinet: Cabinet) -> None:
        for _ in range(7):
            cabinet.device.coin_passed()
        await asyncio.sleep(1)
        cabinet.device.fault("dirty")
        cabinet.device.coin_passed()
        await asyncio.sleep(1)
        cabinet.device.power_cut()  # its counters begin anew
        await asyncio.sleep(10)
        cabinet.device.power_on()
        await asyncio.sleep(20)
        assert sum(e.count for e in cabinet.events if isinstance(e, CoinsFell)) == 7

    play(story)


def test_a_module_without_coils_is_told_once_and_its_keys_go_on() -> None:
    async def story(cabinet: Cabinet) -> None:
        cabinet.driver.light(ONE, GREEN)
        await asyncio.sleep(30)
        codes = [e.code for e in cabinet.events if isinstance(e, DeviceIncident)]
        assert codes == ["cabinet.no_outputs"]
        assert not cabinet.said(DeviceOffline)

    play(story, is_large=False)


@given(st.lists(st.tuples(LAMPS, st.floats(0, 40)), min_size=1, max_size=20))
def test_nothing_is_told_to_be_on_for_longer_than_its_lease(
    steps: list[tuple[Lamp, float]],
) -> None:
    outputs, now_s = Outputs(OutputMap()), 1000.0
    for lamp, pause_s in steps:
        outputs.light(ONE, lamp)
        for write in outputs.due(now_s):
            assert 0 <= write.on_s <= LIT_S
            outputs.told(write, now_s)
        assert 0 <= outputs.next_s(now_s) <= LIT_S / 3
        now_s += pause_s


def test_orders_on_the_wire_are_those_of_the_common_relay_boards() -> None:
    """Function 05: 0200 + coil with steps of 100 ms; 0000 + coil with 0000."""
    on, off = Write(2, LIT_S), Write(2, 0)
    told = [
        encode(write_coil(1, write.address(FULL_OUTPUTS), write.value(FULL_OUTPUTS)))[:-2]
        for write in (on, off)
    ]
    assert told == [bytes.fromhex("01 05 02 02 01 2C"), bytes.fromhex("01 05 00 02 00 00")]
