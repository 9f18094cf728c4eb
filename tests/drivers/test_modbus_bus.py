"""The shared bus: whose turn it is, the silence between frames, and lines that come and go."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from drivers.exchange import NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_input_registers, write_coil
from drivers.port import PortLost
from drivers.trace import Direction, Trace
from drivers.wish import Superseded
from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.devices.rtu import RtuSegment
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World

METER, OTHER_METER, RELAYS = 1, 2, 3
POWER = read_input_registers(METER, 0x0034, 2)
HOLD = write_coil(RELAYS, 0x0200, 30)
OFF = write_coil(RELAYS, 0x0000, 0)


class Segment:
    """Two meters and a relay module on one line."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.line = MemoryLine("rs485", SeededEntropy(1, "rs485"), baudrate=9600)
        self.trace = Trace("rs485", self.clock.monotonic)
        self.bus = ModbusBus(self.line.open_port, self.trace, baudrate=9600)
        world, segment = World([1, 2]), RtuSegment(self.line)
        self.meters = [
            SimulatedMeter(segment, world, number, unit=unit)
            for number, unit in ((1, METER), (2, OTHER_METER))
        ]
        self.relays = SimulatedLeaseTimer(segment, world, {0: 1, 1: 2}, unit=RELAYS)

    def units_asked(self) -> list[int]:
        return [
            bytes.fromhex(frame.octets)[0]
            for frame in self.trace.frames()
            if frame.direction is Direction.SENT
        ]

    def tell(self, story: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        async def everything() -> None:
            device = asyncio.get_running_loop().create_task(self.relays.run())
            try:
                with self.bus.in_use():
                    await story
            finally:
                device.cancel()

        return everything()


def test_lease_goes_before_waiting_readings_and_safety_before_lease() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            bus = segment.bus
            async with asyncio.TaskGroup() as tasks:
                for _ in range(3):
                    tasks.create_task(bus.ask(POWER, Priority.READING))
                await asyncio.sleep(0)
                tasks.create_task(bus.ask(HOLD, Priority.LEASE))
                tasks.create_task(bus.ask(OFF, Priority.SAFETY))

        await segment.tell(asked())
        assert segment.units_asked() == [METER, RELAYS, RELAYS, METER, METER]
        functions = [frame.octets for frame in segment.trace.frames()][2:5:2]
        assert functions[0].startswith("03 05 00 00 00 00")
        assert functions[1].startswith("03 05 02 00 00 1E")

    run_virtual(story())


def test_outdated_request_is_not_sent() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            with pytest.raises(Superseded):
                await segment.bus.ask(HOLD, Priority.LEASE, wanted=lambda: False)

        await segment.tell(asked())
        assert segment.units_asked() == []

    run_virtual(story())


def test_silence_of_three_and_a_half_bytes_precedes_every_frame() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            for _ in range(3):
                await segment.bus.ask(POWER, Priority.READING)

        await segment.tell(asked())
        frames = segment.trace.frames()
        gaps_s = [
            after.at_s - before.at_s
            for before, after in zip(frames[1:-1:2], frames[2::2], strict=True)
        ]
        assert all(gap_s == pytest.approx(3.5 * 11 / 9600) for gap_s in gaps_s)

    run_virtual(story())


def test_cancelled_waiter_and_cancelled_exchange_leave_the_bus_usable() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            loop = asyncio.get_running_loop()
            under_way, waiting = (
                loop.create_task(segment.bus.ask(POWER, Priority.READING)) for _ in range(2)
            )
            await asyncio.sleep(0.01)
            waiting.cancel()
            under_way.cancel()
            await asyncio.wait([under_way, waiting])
            await segment.bus.ask(POWER, Priority.READING)

        await segment.tell(asked())

    run_virtual(story())


def test_silent_unit_costs_its_own_time_only() -> None:
    async def story() -> None:
        segment = Segment()
        segment.meters[1].fault("silent")

        async def asked() -> None:
            with pytest.raises(NoAnswer, match="unit 2"):
                await segment.bus.ask(read_input_registers(2, 0x34, 2), Priority.READING)
            await segment.bus.ask(POWER, Priority.READING)
            segment.meters[1].clear("silent")
            await segment.bus.ask(read_input_registers(2, 0x34, 2), Priority.READING)

        await segment.tell(asked())

    run_virtual(story())


def test_garbled_unit_is_never_believed() -> None:
    async def story() -> None:
        segment = Segment()
        segment.meters[0].fault("garbled")

        async def asked() -> None:
            with pytest.raises(NoAnswer, match="9 bytes of garbage"):
                await segment.bus.ask(POWER, Priority.READING)

        await segment.tell(asked())

    run_virtual(story())


def test_illegal_address_is_a_refusal() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            with pytest.raises(Refused, match="exception 02"):
                await segment.bus.ask(read_input_registers(METER, 0x0200, 2), Priority.READING)

        await segment.tell(asked())

    run_virtual(story())


def test_unplugged_line_is_lost_and_opens_again() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            await segment.bus.ask(POWER, Priority.READING)
            segment.line.fault(LineFault.UNPLUGGED)
            for _ in range(2):
                with pytest.raises(PortLost):
                    await segment.bus.ask(POWER, Priority.READING)
            segment.line.clear(LineFault.UNPLUGGED)
            await segment.bus.ask(POWER, Priority.READING)

        await segment.tell(asked())

    run_virtual(story())


def test_line_is_free_for_others_when_the_last_driver_has_left() -> None:
    async def story() -> None:
        segment = Segment()

        async def asked() -> None:
            await segment.bus.ask(POWER, Priority.READING)
            with pytest.raises(PortLost, match="in use"):
                await segment.line.open_port()

        await segment.tell(asked())
        (await segment.line.open_port()).close()

    run_virtual(story())
