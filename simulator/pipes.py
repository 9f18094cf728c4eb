"""Serial lines for simulated devices: in memory for virtual time, as pseudo-terminal for real time.

A device is written once against `Line`, the device's end:

    host (driver)  <- open_port / path ->  line  <- read, write ->  simulated device
"""

import asyncio
import os
import tty
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, Protocol

from chargepoint.ports import Entropy
from drivers.port import BytePort, PortLost
from drivers.receive_buffer import ReceiveBuffer
from simulator.line_faults import LineFault, LineTrouble, Wire

READ_CHUNK = 4096

Hear = Callable[[bytes], None]
"""The device's end of a line, told what comes from the host. Must not block."""


class Line(Protocol):
    """The device's end of a line. A line without a host is silent, never an error.

    `echo`: the bus has one data wire, the host hears itself (ccTalk).
    """

    echo: bool

    async def read(self) -> bytes:
        """At least one byte from the host; waits as long as it takes."""
        ...

    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        """Towards the host at the line's baud rate; never blocks, never raises.

        `after_s`: the device's processing time before the first byte.
        """
        ...

    def fault(self, kind: LineFault) -> None: ...

    def clear(self, kind: LineFault) -> None: ...


async def serve(line: Line, hear: Hear) -> NoReturn:
    """Hand everything from the host to `hear`, until cancelled."""
    if isinstance(line, MemoryLine):
        await line.serve(hear)
    while True:
        hear(await line.read())


class MemoryLine:
    """A line in memory. `open_port` is the host's `OpenPort`; exclusive like a real one."""

    def __init__(
        self, name: str, entropy: Entropy, *, baudrate: int = 9600, echo: bool = False
    ) -> None:
        self.echo = echo
        self.trouble = LineTrouble(entropy)
        self._name = name
        self._host: _HostEnd | None = None
        self._from_host = ReceiveBuffer()
        self._hear: Hear | None = None
        self._to_device = Wire(
            self._heard_by_device, self.trouble, baudrate=baudrate, towards_host=False
        )
        self._to_host = Wire(
            self._heard_by_host, self.trouble, baudrate=baudrate, towards_host=True
        )

    async def open_port(self) -> BytePort:
        if LineFault.UNPLUGGED in self.trouble.present:
            raise PortLost(f"{self._name}: no such device")
        if self._host is not None and self._host.is_open:
            raise PortLost(f"{self._name}: in use")
        self._host = _HostEnd(self._name, self._to_device)
        return self._host

    async def read(self) -> bytes:
        return await self._from_host.get()

    async def serve(self, hear: Hear) -> NoReturn:
        """See `serve`. No task wakes up for a byte; what `hear` raises is raised here."""
        broken: asyncio.Future[NoReturn] = asyncio.get_running_loop().create_future()

        def guarded(chunk: bytes) -> None:
            try:
                hear(chunk)
            except Exception as error:  # noqa: BLE001 - not ours: it goes to whoever serves
                if not broken.done():
                    broken.set_exception(error)

        if len(self._from_host):
            guarded(self._from_host.take())
        self._hear = guarded
        try:
            await broken
        finally:
            self._hear = None
        raise AssertionError("it ends by an exception only")

    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        self._to_host.send(chunk, after_s=after_s)

    def fault(self, kind: LineFault) -> None:
        self.trouble.present.add(kind)
        if kind is LineFault.UNPLUGGED:
            self._to_device.cut()
            self._to_host.cut()
            if self._host is not None:
                self._host.lose("unplugged")

    def clear(self, kind: LineFault) -> None:
        self.trouble.present.discard(kind)

    def _heard_by_device(self, chunk: bytes) -> None:
        if self._hear is not None:
            self._hear(chunk)
        else:
            self._from_host.put(chunk)
        if self.echo and self._host is not None:
            # The host hears its own bytes while it sends them: no second time on the wire.
            if self.trouble.present:
                self._host.received.put(chunk)
            else:
                self._host.hear_itself(chunk)

    def _heard_by_host(self, chunk: bytes) -> None:
        if self._host is not None:
            self._host.hear(chunk)


class _HostEnd:
    """The `BytePort` of a `MemoryLine`.

    What it hears of itself is handed on with what follows, as adapters do that wait a few ms for more
    bytes: it wakes nobody.
    """

    def __init__(self, name: str, to_device: Wire) -> None:
        self.received = ReceiveBuffer()
        self.is_open = True
        self._name = name
        self._to_device = to_device
        self._own = b""

    def hear(self, chunk: bytes) -> None:
        self.received.put(self._own + chunk)
        self._own = b""

    def hear_itself(self, chunk: bytes) -> None:
        self._own += chunk

    def write(self, chunk: bytes) -> None:
        self.received.check()
        self._to_device.send(chunk)

    def read(self) -> Coroutine[Any, Any, bytes]:
        return self.received.get()

    def discard_input(self) -> None:
        self.received.check()
        self.received.take()
        self._own = b""

    def close(self) -> None:
        self.lose("closed")

    def lose(self, reason: str) -> None:
        self.is_open = False
        self.received.lose(f"{self._name}: {reason}")


class PtyLine:
    """A line on a pseudo-terminal, reached by the host through the link `path`.

    The slave side stays open here, so that a host which closes and reopens finds its line. While
    unplugged, link and terminal are gone; plugged in again, the link leads to a new terminal.
    """

    def __init__(
        self, path: Path, entropy: Entropy, *, baudrate: int = 9600, echo: bool = False
    ) -> None:
        self.path = path
        self.echo = echo
        self.trouble = LineTrouble(entropy)
        self._loop = asyncio.get_running_loop()
        self._from_host = ReceiveBuffer()
        # The terminal itself has no baud rate: the answers' time on the wire is made up for here.
        self._to_device = Wire(self._heard_by_device, self.trouble, baudrate=0, towards_host=False)
        self._to_host = Wire(self._to_terminal, self.trouble, baudrate=baudrate, towards_host=True)
        self._master = self._slave = -1
        self._plug_in()

    async def read(self) -> bytes:
        return await self._from_host.get()

    def write(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        self._to_host.send(chunk, after_s=after_s)

    def fault(self, kind: LineFault) -> None:
        self.trouble.present.add(kind)
        if kind is LineFault.UNPLUGGED:
            self._unplug()

    def clear(self, kind: LineFault) -> None:
        self.trouble.present.discard(kind)
        if kind is LineFault.UNPLUGGED and self._master < 0:
            self._plug_in()

    def close(self) -> None:
        """Take the line down for good."""
        self._unplug()
        self._from_host.lose(f"{self.path}: closed")

    def _plug_in(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._loop.add_reader(self._master, self._on_readable)
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.path)

    def _unplug(self) -> None:
        self._to_device.cut()
        self._to_host.cut()
        if self._master < 0:
            return
        self._loop.remove_reader(self._master)
        self.path.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def _on_readable(self) -> None:
        try:
            chunk = os.read(self._master, READ_CHUNK)
        except OSError:  # EIO: the host closed; our own slave end keeps the terminal alive
            return
        self._to_device.send(chunk)

    def _heard_by_device(self, chunk: bytes) -> None:
        self._from_host.put(chunk)
        if self.echo:
            self._to_terminal(chunk)

    def _to_terminal(self, chunk: bytes) -> None:
        if self._master < 0:
            return
        try:
            os.write(self._master, chunk)
        except BlockingIOError:  # nobody reads: a real line forgets, too
            return
