"""A device's end of two lines, one of which is connected: a terminal, or one in memory."""

import asyncio

from typing_extensions import override

from drivers.port import PortLost
from drivers.receive_buffer import ReceiveBuffer
from simulator.line_faults import LineFault
from simulator.pipes import Line, MemoryLine


class SwitchLine(Line):
    """Connected to `first` until `use_memory`. Faults are of the device, so both lines have them."""

    def __init__(self, first: Line, memory: MemoryLine) -> None:
        self.echo = first.echo
        self.memory = memory
        self._first = first
        self._connected: Line = first
        self._received = ReceiveBuffer()

    def use_memory(self) -> None:
        self._connected = self.memory
        self._received.take()

    async def run(self) -> None:
        """Hears both lines until both are taken down."""
        async with asyncio.TaskGroup() as tasks:
            for line in (self._first, self.memory):
                tasks.create_task(self._hear(line))

    async def _hear(self, line: Line) -> None:
        while True:
            try:
                chunk = await line.read()
            except PortLost:  # taken down for good: the station ends
                return
            if line is self._connected:
                self._received.put(chunk)

    @override
    async def read(self) -> bytes:
        return await self._received.get()

    @override
    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        self._connected.write(chunk, after_s=after_s)

    @override
    def fault(self, kind: LineFault) -> None:
        for line in (self._first, self.memory):
            line.fault(kind)

    @override
    def clear(self, kind: LineFault) -> None:
        for line in (self._first, self.memory):
            line.clear(kind)
