"""Several simulated devices on one line: all hear the host, each answers for itself."""

import asyncio

from drivers.receive_buffer import ReceiveBuffer
from simulator.line_faults import LineFault
from simulator.pipes import Line


class SharedBus:
    """`member` gives each device its end. Faults are those of the line, but for silence."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._members: list[BusMember] = []
        self._pump = asyncio.Lock()

    def member(self) -> "BusMember":
        made = BusMember(self)
        self._members.append(made)
        return made

    async def read_for(self, heard: ReceiveBuffer) -> bytes:
        """Whoever waits first reads for all."""
        async with self._pump:
            while not (chunk := heard.take()):
                octets = await self.line.read()
                for each in self._members:
                    each.heard.put(octets)
        return chunk


class BusMember:
    """Implements Line."""

    def __init__(self, bus: SharedBus) -> None:
        self._bus = bus
        self._is_silent = False
        self.heard = ReceiveBuffer()
        self.echo = bus.line.echo

    async def read(self) -> bytes:
        return await self._bus.read_for(self.heard)

    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        if not self._is_silent:
            self._bus.line.write(chunk, after_s=after_s)

    def fault(self, kind: LineFault) -> None:
        if kind is LineFault.SILENT:
            self._is_silent = True
        else:
            self._bus.line.fault(kind)

    def clear(self, kind: LineFault) -> None:
        if kind is LineFault.SILENT:
            self._is_silent = False
        else:
            self._bus.line.clear(kind)
