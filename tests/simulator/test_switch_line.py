"""A device keeps its voice while the line behind it is exchanged."""

import asyncio
from contextlib import suppress

import pytest

from drivers.port import PortLost
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.pipes import MemoryLine
from simulator.switch_line import SwitchLine
from simulator.vtime import run_virtual


def _lines() -> tuple[MemoryLine, MemoryLine, SwitchLine]:
    first, second = (MemoryLine(name, SeededEntropy(1)) for name in ("first", "second"))
    return first, second, SwitchLine(first, second)


async def _heard(line: SwitchLine) -> bytes:
    async with asyncio.timeout(1):
        return await line.read()


def test_device_speaks_and_listens_on_the_connected_line_only() -> None:
    async def exchange() -> None:
        first, second, switch = _lines()
        one, other = await first.open_port(), await second.open_port()
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(switch.run())
            one.write(b"a")
            assert await _heard(switch) == b"a"
            switch.use_memory()
            one.write(b"lost")
            other.write(b"b")
            assert await _heard(switch) == b"b"
            switch.write(b"answer")
            assert (await other.read())[:1] == b"a"
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    pytest.fail(f"the line that was left heard {await one.read()!r}")
            hearing.cancel()

    run_virtual(exchange())


def test_fault_is_of_the_device_whatever_line_it_is_on() -> None:
    async def exchange() -> None:
        first, second, switch = _lines()
        switch.fault(LineFault.UNPLUGGED)
        for line in (first, second):
            with pytest.raises(PortLost):
                await line.open_port()
        switch.clear(LineFault.UNPLUGGED)
        for line in (first, second):
            (await line.open_port()).close()

    run_virtual(exchange())
