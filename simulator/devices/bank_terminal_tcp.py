"""A line for a terminal on the network: a listening socket instead of a pseudo-terminal.

One host at a time; a new connection takes the place of the old one, as terminals do it.
"""

import asyncio
from collections.abc import Callable

from typing_extensions import override

from chargepoint.ports import Entropy
from drivers.receive_buffer import ReceiveBuffer
from simulator.line_faults import LineFault, LineTrouble, Wire


class TcpLine:
    """`Line` behind a port of this machine. `close` ends it."""

    def __init__(self, entropy: Entropy) -> None:
        self.echo = False
        self.trouble = LineTrouble(entropy)
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connection: _Connection | None = None
        self._from_host = ReceiveBuffer()
        self._to_device = Wire(self._from_host.put, self.trouble, baudrate=0, towards_host=False)
        self._to_host = Wire(self._deliver, self.trouble, baudrate=0, towards_host=True)

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """The port, chosen by the system for 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._connected, self._heard), host, port
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def read(self) -> bytes:
        return await self._from_host.get()

    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        self._to_host.send(chunk, after_s=after_s)

    def fault(self, kind: LineFault) -> None:
        self.trouble.present.add(kind)
        if kind is LineFault.UNPLUGGED:
            self._hang_up()

    def clear(self, kind: LineFault) -> None:
        self.trouble.present.discard(kind)

    async def close(self) -> None:
        self._hang_up()
        self._from_host.lose("closed")
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _connected(self, connection: "_Connection") -> None:
        self._hang_up()
        if LineFault.UNPLUGGED in self.trouble.present:
            connection.hang_up()
        else:
            self._connection = connection

    def _heard(self, connection: "_Connection", chunk: bytes) -> None:
        if connection is self._connection:
            self._to_device.send(chunk)

    def _deliver(self, chunk: bytes) -> None:
        if self._connection is not None:
            self._connection.write(chunk)

    def _hang_up(self) -> None:
        self._to_device.cut()
        self._to_host.cut()
        if self._connection is not None:
            self._connection.hang_up()
            self._connection = None


class _Connection(asyncio.Protocol):
    def __init__(
        self,
        connected: Callable[["_Connection"], None],
        heard: Callable[["_Connection", bytes], None],
    ) -> None:
        self._connected = connected
        self._heard = heard
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a stream has two directions"
        self._transport = transport
        self._connected(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._heard(self, data)

    def write(self, chunk: bytes) -> None:
        if self._transport is not None:
            self._transport.write(chunk)

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()
