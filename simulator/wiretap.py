"""A line that is listened to: every byte passes unchanged, and is told on as it passes."""

from collections.abc import Callable

from typing_extensions import override

from simulator.line_faults import LineFault
from simulator.pipes import Line

Hear = Callable[[str, bytes], None]
"""`tx` from the core, `rx` to the core, and the bytes. Must neither block nor raise."""


class TappedLine(Line):
    """What the device hears is `tx`; what it says is `rx`, before the line damages it."""

    def __init__(self, line: Line, hear: Hear) -> None:
        self.echo = line.echo
        self._line = line
        self._hear = hear

    @override
    async def read(self) -> bytes:
        chunk = await self._line.read()
        self._hear("tx", chunk)
        return chunk

    @override
    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        self._hear("rx", chunk)
        self._line.write(chunk, after_s=after_s)

    @override
    def fault(self, kind: LineFault) -> None:
        self._line.fault(kind)

    @override
    def clear(self, kind: LineFault) -> None:
        self._line.clear(kind)
