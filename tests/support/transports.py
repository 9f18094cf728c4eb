"""The six lines on which every driver's suite runs.

@on_every_transport
def test_something(transport: Transport) -> None:
    async def story() -> None:
        line = transport.line("reader", baudrate=115_200)
        ... start the device on `line`, the driver on `line.open_port` ...
        await transport.disturb(line)      # at the moment it hurts most
    run_virtual(story())
"""

import asyncio
from dataclasses import dataclass

import pytest

from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.pipes import MemoryLine

UNPLUGGED_FOR_S = 0.3


@dataclass(frozen=True, slots=True)
class Transport:
    name: str
    faults: tuple[LineFault, ...] = ()
    is_unplugged_midway: bool = False

    def line(
        self, name: str, *, baudrate: int = 9600, echo: bool = False, seed: int = 1
    ) -> MemoryLine:
        line = MemoryLine(name, SeededEntropy(seed, name), baudrate=baudrate, echo=echo)
        for fault in self.faults:
            line.fault(fault)
        return line

    async def disturb(self, line: MemoryLine, away_s: float = UNPLUGGED_FOR_S) -> None:
        """Unplug and plug in again, on the transport that does so; else nothing."""
        if self.is_unplugged_midway:
            line.fault(LineFault.UNPLUGGED)
            await asyncio.sleep(away_s)
            line.clear(LineFault.UNPLUGGED)


NORMAL = Transport("normal")
BYTE_BY_BYTE = Transport("byte_by_byte", (LineFault.BYTE_BY_BYTE,))
RANDOM_CHUNKS = Transport("random_chunks", (LineFault.RANDOM_CHUNKS,))
LOSS = Transport("loss", (LineFault.LOSS,))
GARBAGE = Transport("garbage", (LineFault.NOISE, LineFault.RANDOM_CHUNKS))
UNPLUGGED_MIDWAY = Transport("unplugged_midway", is_unplugged_midway=True)

TRANSPORTS = (NORMAL, BYTE_BY_BYTE, RANDOM_CHUNKS, LOSS, GARBAGE, UNPLUGGED_MIDWAY)

on_every_transport = pytest.mark.parametrize("transport", TRANSPORTS, ids=lambda one: one.name)
