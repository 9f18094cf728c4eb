"""`BytePort` over a TCP connection, for devices on the network. Bytes only; no message bounds."""

import asyncio
import socket

from typing_extensions import override

from drivers.port import BytePort, OpenPort, PortLost
from drivers.receive_buffer import ReceiveBuffer

CONNECT_S = 5.0
SEND_LIMIT = 65_536  # a device that takes nothing for this long is not there any more


def tcp_opener(host: str, port: int, *, connect_s: float = CONNECT_S) -> OpenPort:
    """An opener for one address; a name is resolved at each opening."""

    async def open_port() -> BytePort:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(connect_s):
                _, connection = await loop.create_connection(
                    lambda: TcpPort(f"{host}:{port}"), host, port
                )
        except (OSError, TimeoutError) as error:
            raise PortLost(f"{host}:{port} does not answer: {error}") from error
        return connection

    return open_port


class TcpPort(asyncio.Protocol):
    """An open connection. Made by `tcp_opener`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._received = ReceiveBuffer()
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a stream has two directions"
        self._transport = transport
        line: socket.socket = transport.get_extra_info("socket")
        # Without it a device whose cable was pulled is never missed while nothing is sent.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    @override
    def data_received(self, data: bytes) -> None:
        self._received.put(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._lose("hung up" if exc is None else str(exc))

    def write(self, chunk: bytes) -> None:
        self._received.check()
        assert self._transport is not None, "connected before it is handed out"
        if self._transport.get_write_buffer_size() + len(chunk) > SEND_LIMIT:
            self._lose("takes no more bytes")
            self._received.check()
        self._transport.write(chunk)

    async def read(self) -> bytes:
        return await self._received.get()

    def discard_input(self) -> None:
        self._received.check()
        self._received.take()

    def close(self) -> None:
        self._lose("closed")

    def _lose(self, reason: str) -> None:
        self._received.lose(f"{self._name}: {reason}")
        if self._transport is not None:
            self._transport.abort()
