"""Simulated Modbus units: strict about frames and addresses, silent where a real bus is silent."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusSerialClient

from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.devices.rtu import RtuSegment, crc16
from simulator.entropy import SeededEntropy
from simulator.ev import Vehicle
from simulator.iec61851.control_pilot import Source
from simulator.pipes import MemoryLine, PtyLine
from simulator.vtime import run_virtual
from simulator.world import World


class Master:
    """Raw frames at a line with a meter as unit 1 and a relay module as unit 2."""

    def __init__(self) -> None:
        self.world = World([1])
        self.line = MemoryLine("rs485", SeededEntropy(1, "rs485"), baudrate=9600)
        segment = RtuSegment(self.line)
        self.meter = SimulatedMeter(segment, self.world, 1, unit=1)
        self.relays = SimulatedLeaseTimer(segment, self.world, {0: 1}, unit=2)

    async def say(self, *pieces: bytes, pause_s: float = 0.0) -> bytes:
        port = await self.line.open_port()
        try:
            for piece in pieces:
                port.write(piece)
                await asyncio.sleep(pause_s)
            async with asyncio.timeout(1):
                return await port.read()
        except TimeoutError:
            return b""
        finally:
            port.close()


def framed(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc16(body)


def tell(story: Callable[[Master], Awaitable[None]]) -> None:
    async def everything() -> None:
        master = Master()
        running = [
            asyncio.get_running_loop().create_task(unit.run())
            for unit in (master.meter, master.relays)
        ]
        await story(master)
        for task in running:
            task.cancel()

    run_virtual(everything())


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("01 04 00 00 00 02", "01 04 04 43 66 00 00"),  # 230 V
        ("01 04 00 46 00 02", "01 04 04 42 48 00 00"),  # 50 Hz
        ("01 04 00 48 00 02", "01 04 04 44 9A 40 00"),  # 1234 kWh
        ("01 04 00 E0 00 02", "01 04 04 00 00 00 00"),
        ("01 03 FC 00 00 02", "01 03 04 01 40 6F 41"),  # serial number
        ("01 03 00 1C 00 02", "01 83 02"),  # set-up registers are not readable here
        ("01 04 02 00 00 02", "01 84 02"),
        ("01 04 00 01 00 02", "01 84 02"),  # the middle of a float
        ("01 04 00 4E 00 04", "01 84 02"),  # beyond the end
        ("01 04 00 00 00 03", "01 84 03"),
        ("01 04 00 00 00 52", "01 84 03"),  # 82 registers: 80 are the most
        ("01 01 00 00 00 08", "01 81 01"),
        ("02 05 02 00 00 1E", "02 05 02 00 00 1E"),
        ("02 05 00 00 FF 00", "02 05 00 00 FF 00"),
        ("02 05 00 00 12 34", "02 85 03"),
        ("02 05 00 08 FF 00", "02 85 02"),
        ("02 01 00 00 00 08", "02 01 01 00"),
        ("02 01 00 04 00 08", "02 81 02"),
        ("02 01 00 00 00 00", "02 81 03"),
        ("02 04 00 00 00 02", "02 84 01"),
    ],
)
def test_unit_answers_what_its_manual_says(question: str, answer: str) -> None:
    async def story(master: Master) -> None:
        assert await master.say(framed(question)) == framed(answer)

    tell(story)


@pytest.mark.parametrize(
    "frame",
    [
        framed("03 04 00 00 00 02"),  # nobody of that number
        framed("01 04 00 00 00 02")[:-1] + b"\x00",  # wrong CRC
        framed("01 04 00 00 00 02")[:-1],  # half a frame
        framed("01 04 00 00 00 02") + b"\x00",  # two masters at once
    ],
)
def test_bus_is_silent_when_nobody_is_asked_properly(frame: bytes) -> None:
    async def story(master: Master) -> None:
        assert await master.say(frame) == b""
        assert await master.say(framed("01 04 00 00 00 02"))

    tell(story)


def test_frame_in_pieces_is_one_frame_unless_there_is_a_pause() -> None:
    async def story(master: Master) -> None:
        frame = framed("01 04 00 00 00 02")
        assert await master.say(frame[:3], frame[3:], pause_s=0.01)
        assert await master.say(frame[:3], frame[3:], pause_s=0.1) == b""

    tell(story)


def test_meter_without_supply_is_silent_and_keeps_its_register() -> None:
    async def story(master: Master) -> None:
        master.world.plug(1, Vehicle())
        master.world.set_source(1, Source.PWM, 16_000)
        master.world.set_relay(1, on=True)
        master.world.set_lease(1, on=True)
        await asyncio.sleep(600.5)
        master.meter.power_cut()
        assert await master.say(framed("01 04 00 48 00 02")) == b""
        master.meter.power_on()
        answer = await master.say(framed("01 04 00 48 00 02"))
        assert struct.unpack(">f", answer[3:7])[0] == pytest.approx(1234.614, abs=0.001)

    tell(story)


def test_stuck_register_never_counts_what_went_by() -> None:
    async def story(master: Master) -> None:
        master.world.plug(1, Vehicle())
        master.world.set_source(1, Source.PWM, 16_000)
        master.world.set_relay(1, on=True)
        master.world.set_lease(1, on=True)
        master.meter.fault("stuck")
        await asyncio.sleep(3600.5)
        assert master.meter.register_mwh == 1_234_000_000
        master.meter.clear("stuck")
        assert master.meter.register_mwh == 1_234_000_000
        await asyncio.sleep(3600)
        assert master.meter.register_mwh == 1_237_680_000

    tell(story)


def test_timed_relay_falls_off_by_itself_and_is_retriggered() -> None:
    async def story(master: Master) -> None:
        hold = framed("02 05 02 00 00 1E")
        await master.say(hold)
        await asyncio.sleep(2)
        await master.say(hold)
        await asyncio.sleep(2.9)
        assert master.relays.is_on(0)
        await asyncio.sleep(0.2)
        assert not master.relays.is_on(0)

    tell(story)


def test_relays_fall_off_without_supply() -> None:
    async def story(master: Master) -> None:
        await master.say(framed("02 05 02 00 00 1E"))
        master.relays.power_cut()
        assert not master.relays.is_on(0)
        assert await master.say(framed("02 05 02 00 00 1E")) == b""
        master.relays.power_on()
        assert await master.say(framed("02 05 02 00 00 1E"))

    tell(story)


def test_relay_that_stuck_falls_off_when_it_is_mended() -> None:
    async def story(master: Master) -> None:
        await master.say(framed("02 05 02 00 00 1E"))
        master.relays.fault("stuck")
        await asyncio.sleep(10)
        assert master.relays.is_on(0)
        master.relays.clear("stuck")
        assert not master.relays.is_on(0)

    tell(story)


@pytest.mark.system
def test_independent_client_reads_the_meter_over_a_pseudo_terminal(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "meter", SeededEntropy(1, "meter"), baudrate=0)
        meter = asyncio.get_running_loop().create_task(SimulatedMeter(line, World([1]), 1).run())
        client = AsyncModbusSerialClient(str(line.path), baudrate=9600)
        assert await client.connect()
        volts = await client.read_input_registers(0x0000, count=2, device_id=1)
        refused = await client.read_input_registers(0x0200, count=2, device_id=1)
        client.close()
        meter.cancel()
        line.close()
        kind = client.DATATYPE.FLOAT32
        assert client.convert_from_registers(volts.registers, kind, word_order="big") == 230.0
        assert refused.exception_code == 2

    asyncio.run(story())
