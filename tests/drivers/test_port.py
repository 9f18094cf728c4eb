"""Ports and pipes: every byte both ways, until the line is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.port import BytePort, PortLost
from drivers.receive_buffer import ReceiveBuffer
from drivers.serial_port import serial_opener
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.pipes import Line, MemoryLine, PtyLine
from simulator.vtime import run_virtual
from tests.support.transports import BYTE_BY_BYTE, GARBAGE, LOSS, RANDOM_CHUNKS

DEADLINE_S = 5.0


async def read_exactly(read: Callable[[], Awaitable[bytes]], count: int) -> bytes:
    received = b""
    async with asyncio.timeout(DEADLINE_S):
        while len(received) < count:
            received += await read()
    return received


async def read_until_lost(port: BytePort) -> bytes:
    received = b""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                received += await port.read()
            except PortLost:
                return received


def write_without_giving_the_other_end_a_turn(port: BytePort, count: int) -> None:
    for _ in range(0, count, 4096):
        port.write(bytes(4096))


# --- receive buffer -------------------------------------------------------------------------------


def test_receive_buffer_when_full_forgets_the_oldest_bytes() -> None:
    buffer = ReceiveBuffer(limit=4)
    buffer.put(b"abc")
    buffer.put(b"def")
    assert buffer.take() == b"cdef"


def test_receive_buffer_when_lost_keeps_the_first_reason() -> None:
    buffer = ReceiveBuffer()
    buffer.put(b"x")
    buffer.lose("unplugged")
    buffer.lose("closed")
    with pytest.raises(PortLost, match="unplugged"):
        buffer.check()
    assert len(buffer) == 0


# --- a real pseudo-terminal -----------------------------------------------------------------------


def test_serial_port_carries_every_byte_both_ways_unchanged(tmp_path: Path) -> None:
    every_byte = bytes(range(256))

    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1), baudrate=0)
        port = await serial_opener(str(line.path), 9600, bytesize=7, parity="E")()
        port.write(every_byte)
        assert await read_exactly(line.read, 256) == every_byte
        line.write(every_byte)
        assert await read_exactly(port.read, 256) == every_byte
        port.close()
        line.close()

    asyncio.run(story())


def test_serial_port_answers_two_thousand_exchanges_without_losing_one(tmp_path: Path) -> None:
    async def mirror(line: Line) -> None:
        while True:
            line.write(await line.read())

    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1), baudrate=0)
        port = await serial_opener(str(line.path), 9600)()
        async with asyncio.TaskGroup() as group:
            device = group.create_task(mirror(line))
            for number in range(2000):
                request = number.to_bytes(4, "big")
                port.write(request)
                assert await read_exactly(port.read, 4) == request
            device.cancel()
        port.close()
        line.close()

    asyncio.run(story())


def test_serial_port_when_unplugged_is_lost_and_can_be_opened_again_later(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1))
        open_port = serial_opener(str(line.path), 9600)
        port = await open_port()
        line.fault(LineFault.UNPLUGGED)
        assert await read_until_lost(port) == b""
        with pytest.raises(PortLost):
            port.write(b"x")
        with pytest.raises(PortLost, match="cannot be opened"):
            await open_port()
        line.clear(LineFault.UNPLUGGED)
        again = await open_port()
        again.write(b"back")
        assert await read_exactly(line.read, 4) == b"back"
        again.close()
        line.close()

    asyncio.run(story())


def test_serial_port_opened_twice_is_refused_until_closed(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1))
        open_port = serial_opener(str(line.path), 9600)
        port = await open_port()
        with pytest.raises(PortLost, match="is in use by another program"):
            await open_port()
        port.close()
        (await open_port()).close()
        line.close()

    asyncio.run(story())


def test_serial_port_that_returns_under_another_name_is_found_by_its_stable_one(
    tmp_path: Path,
) -> None:
    """As udev does it: the adapter becomes ttyUSB1, and by-id leads there."""

    async def story() -> None:
        first = PtyLine(tmp_path / "ttyUSB0", SeededEntropy(1))
        stable = tmp_path / "by-id"
        stable.symlink_to(first.path)
        open_port = serial_opener(str(stable), 9600)
        port = await open_port()
        stable.unlink()
        first.fault(LineFault.UNPLUGGED)
        assert await read_until_lost(port) == b""
        with pytest.raises(PortLost, match="cannot be opened"):
            await open_port()
        second = PtyLine(tmp_path / "ttyUSB1", SeededEntropy(2))
        stable.symlink_to(second.path)
        again = await open_port()
        again.write(b"back")
        assert await read_exactly(second.read, 4) == b"back"
        again.close()
        first.close()
        second.close()

    asyncio.run(story())


def test_serial_port_when_closed_raises_on_every_call(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1))
        port = await serial_opener(str(line.path), 9600)()
        port.close()
        port.close()
        for call in (lambda: port.write(b"x"), port.discard_input):
            with pytest.raises(PortLost, match="closed"):
                call()
        with pytest.raises(PortLost, match="closed"):
            await port.read()
        line.close()

    asyncio.run(story())


def test_serial_port_when_nobody_takes_its_bytes_is_lost_and_never_blocks(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1))
        port = await serial_opener(str(line.path), 9600)()
        with pytest.raises(PortLost, match="takes no more bytes"):
            write_without_giving_the_other_end_a_turn(port, 100 * 4096)
        line.close()

    asyncio.run(story())


def test_serial_port_after_discard_gives_only_what_came_later(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1), baudrate=0)
        port = await serial_opener(str(line.path), 9600)()
        line.write(b"old")
        await asyncio.sleep(0.01)
        port.discard_input()
        line.write(b"new")
        assert await read_exactly(port.read, 3) == b"new"
        port.close()
        line.close()

    asyncio.run(story())


def test_pty_line_without_a_host_survives_whatever_the_device_says(tmp_path: Path) -> None:
    async def story() -> None:
        line = PtyLine(tmp_path / "tty", SeededEntropy(1), baudrate=0, echo=True)
        for _ in range(100):
            line.write(bytes(1000))
            await asyncio.sleep(0)
        port = await serial_opener(str(line.path), 9600)()
        port.discard_input()
        port.write(b"hello")
        assert await read_exactly(line.read, 5) == b"hello"
        received = b""  # the terminal may still hold some of what nobody read
        while not received.endswith(b"hello"):
            received += await read_exactly(port.read, 1)
        port.close()
        line.close()

    asyncio.run(story())


# --- a line in memory -----------------------------------------------------------------------------


def test_memory_line_takes_the_time_of_its_baud_rate() -> None:
    async def story() -> float:
        line = MemoryLine("test", SeededEntropy(1), baudrate=9600)
        port = await line.open_port()
        port.write(bytes(96))
        await read_exactly(line.read, 96)
        return asyncio.get_running_loop().time()

    assert run_virtual(story()) == pytest.approx(0.1)


def test_memory_line_with_echo_gives_the_host_its_own_bytes_first() -> None:
    async def story() -> bytes:
        line = MemoryLine("test", SeededEntropy(1), echo=True)
        port = await line.open_port()
        port.write(b"ask")
        await line.read()
        line.write(b"answer")
        return await read_exactly(port.read, 9)

    assert run_virtual(story()) == b"askanswer"


def test_memory_line_delivers_everything_in_order_in_any_chunks() -> None:
    async def story(faults: tuple[LineFault, ...]) -> bytes:
        line = MemoryLine("test", SeededEntropy(1))
        for fault in faults:
            line.fault(fault)
        port = await line.open_port()
        for start in range(0, 250, 50):
            line.write(bytes(range(start, start + 50)))
        return await read_exactly(port.read, 250)

    for transport in (BYTE_BY_BYTE, RANDOM_CHUNKS):
        assert run_virtual(story(transport.faults)) == bytes(range(250))


@pytest.mark.parametrize("transport", [LOSS, GARBAGE], ids=lambda one: one.name)
def test_memory_line_damages_the_same_bytes_for_the_same_seed(transport: object) -> None:
    async def story(seed: int) -> bytes:
        line = transport.line("test", seed=seed)  # type: ignore[attr-defined]
        port = await line.open_port()
        for _ in range(20):
            line.write(bytes(range(100)))
        await asyncio.sleep(10)
        return bytes(await port.read())

    first = run_virtual(story(7))
    assert first == run_virtual(story(7))
    assert first != run_virtual(story(8))
    assert first != bytes(range(100)) * 20


def test_memory_line_when_silent_passes_nothing_and_when_garbled_nothing_whole() -> None:
    async def story() -> None:
        line = MemoryLine("test", SeededEntropy(1))
        port = await line.open_port()
        line.fault(LineFault.SILENT)
        line.write(b"lost")
        port.write(b"lost")
        await asyncio.sleep(1)
        line.clear(LineFault.SILENT)
        port.write(b"heard")
        assert await read_exactly(line.read, 5) == b"heard"
        line.fault(LineFault.GARBLED)
        line.write(b"right")
        assert await read_exactly(port.read, 5) != b"right"
        line.clear(LineFault.GARBLED)
        line.fault(LineFault.SLOW)
        before_s = asyncio.get_running_loop().time()
        line.write(b"late")
        assert await read_exactly(port.read, 4) == b"late"
        assert asyncio.get_running_loop().time() - before_s > line.trouble.slow_by_s

    run_virtual(story())


def test_memory_line_when_unplugged_is_lost_and_can_be_opened_again_later() -> None:
    async def story() -> None:
        line = MemoryLine("test", SeededEntropy(1))
        port = await line.open_port()
        with pytest.raises(PortLost, match="in use"):
            await line.open_port()
        line.write(b"on its way")
        line.fault(LineFault.UNPLUGGED)
        assert await read_until_lost(port) == b""
        with pytest.raises(PortLost, match="no such device"):
            await line.open_port()
        line.clear(LineFault.UNPLUGGED)
        again = await line.open_port()
        line.write(b"back")
        assert await read_exactly(again.read, 4) == b"back"

    run_virtual(story())
