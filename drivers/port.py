"""The byte line under every driver: `BytePort`, and its opener.

The pyserial implementation is `SerialPort`; the simulator has one in memory. Drivers see neither.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from chargepoint.errors import ChargepointError


class PortLost(ChargepointError):
    """The line is gone: unplugged, hung up, or it could not be opened."""


class BytePort(Protocol):
    """An open, exclusive, full-duplex byte line.

    `write` queues at once, never blocks, raises PortLost when the line is gone. `read` waits for
    at least one byte (callers set the deadline) and raises PortLost. `discard_input` drops what
    was received and not read. After `close` every call raises PortLost.
    """

    def write(self, chunk: bytes) -> None: ...

    async def read(self) -> bytes: ...

    def discard_input(self) -> None: ...

    def close(self) -> None: ...


OpenPort = Callable[[], Awaitable[BytePort]]
"""Opens the line; raises PortLost when it cannot. The driver retries with back-off."""
