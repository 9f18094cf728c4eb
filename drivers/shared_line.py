"""One serial line for several devices with addresses: each driver has a port, one talks at a time.

The turn is passed on after every attempt, in the order of asking: a device that is dead, and asked
again and again, costs the others one time-out at most, and a stop waits no longer than that.
"""

import asyncio

from typing_extensions import override

from drivers.port import BytePort, OpenPort, PortLost


class SharedLine:
    """Open while anybody uses it. When it is lost, it is lost for all of them."""

    def __init__(self, open_port: OpenPort) -> None:
        self._open_port = open_port
        self._opening = asyncio.Lock()
        self._port: BytePort | None = None
        self._users = 0
        self.turn = asyncio.Lock()

    async def open_port(self) -> BytePort:
        """An `OpenPort` for each of the drivers."""
        async with self._opening:
            if self._port is None:
                self._port, self._users = await self._open_port(), 0
            self._users += 1
            return SharedPort(self, self._port)

    def leave(self, port: BytePort, *, is_lost: bool) -> None:
        if port is not self._port:
            return
        self._users -= 1
        if is_lost or not self._users:
            self._port = None
            port.close()


class SharedPort(BytePort):
    """Read only by whoever holds `turn`: see Exchange."""

    def __init__(self, line: SharedLine, port: BytePort) -> None:
        self._line = line
        self._port = port
        self._is_open = True

    @property
    def turn(self) -> asyncio.Lock:
        return self._line.turn

    @override
    def write(self, chunk: bytes) -> None:
        self._check()
        try:
            self._port.write(chunk)
        except PortLost:
            self._leave(is_lost=True)
            raise

    @override
    async def read(self) -> bytes:
        self._check()
        try:
            return await self._port.read()
        except PortLost:
            self._leave(is_lost=True)
            raise

    @override
    def discard_input(self) -> None:
        self._check()
        try:
            self._port.discard_input()
        except PortLost:
            self._leave(is_lost=True)
            raise

    @override
    def close(self) -> None:
        self._leave(is_lost=False)

    def _leave(self, *, is_lost: bool) -> None:
        if self._is_open:
            self._is_open = False
            self._line.leave(self._port, is_lost=is_lost)

    def _check(self) -> None:
        if not self._is_open:
            raise PortLost("closed")
