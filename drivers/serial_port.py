"""`BytePort` over a serial line: pyserial configures and locks it, the event loop moves the bytes.

The modem lines are left as the system sets them: writing `rts` or `dtr` fails on pseudo-terminals.
"""

import asyncio
import errno
import os
import termios
from typing import Literal

import serial

from drivers.port import BytePort, OpenPort, PortLost
from drivers.receive_buffer import ReceiveBuffer

Parity = Literal["N", "E", "O"]

READ_CHUNK = 4096
SEND_LIMIT = 65_536  # a line that takes nothing for this long is not a line any more
_IN_USE = frozenset({errno.EAGAIN, errno.EBUSY})  # its lock is somebody else's
PSEUDO_TERMINALS = "/dev/pts/"


def serial_opener(
    path: str,
    baudrate: int,
    *,
    bytesize: int = 8,
    parity: Parity = "N",
    stopbits: int = 1,
) -> OpenPort:
    """An opener for one device file; the path is resolved at each opening, links may come back."""

    async def open_port() -> BytePort:
        return SerialPort(
            _open_exclusive(
                path, baudrate=baudrate, bytesize=bytesize, parity=parity, stopbits=stopbits
            )
        )

    return open_port


def _open_exclusive(
    path: str, *, baudrate: int, bytesize: int, parity: Parity, stopbits: int
) -> serial.Serial:
    # A pseudo-terminal has no parity and no seven-bit words: the second configuration of such a
    # line fails with EINVAL.
    is_pseudo = os.path.realpath(path).startswith(PSEUDO_TERMINALS)
    try:
        return serial.Serial(
            path,
            baudrate,
            bytesize=serial.EIGHTBITS if is_pseudo else bytesize,
            parity=serial.PARITY_NONE if is_pseudo else parity,
            stopbits=stopbits,
            timeout=0,
            exclusive=True,
        )
    # ValueError: a word length or baud rate that this adapter does not know.
    except (OSError, ValueError, termios.error) as error:
        if isinstance(error, OSError) and error.errno in _IN_USE:
            raise PortLost(f"{path} is in use by another program") from error
        raise PortLost(f"{path} cannot be opened: {error}") from error


class SerialPort:
    """An open serial line. Made by `serial_opener`, within the running loop."""

    def __init__(self, line: serial.Serial) -> None:
        self._line = line
        self._fd: int = line.fileno()
        self._name = str(line.name)
        self._loop = asyncio.get_running_loop()
        self._received = ReceiveBuffer()
        self._unsent = bytearray()
        self._is_open = True
        self._loop.add_reader(self._fd, self._on_readable)

    def write(self, chunk: bytes) -> None:
        self._received.check()
        if len(self._unsent) + len(chunk) > SEND_LIMIT:
            self._lose("takes no more bytes")
            self._received.check()
        self._unsent += chunk
        self._send()
        self._received.check()

    async def read(self) -> bytes:
        return await self._received.get()

    def discard_input(self) -> None:
        self._received.check()
        try:
            termios.tcflush(self._fd, termios.TCIFLUSH)
        except termios.error as error:
            self._lose(str(error))
        self._received.check()
        self._received.take()

    def close(self) -> None:
        self._lose("closed")

    def _on_readable(self) -> None:
        try:
            chunk = os.read(self._fd, READ_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:  # EIO or ENXIO: unplugged, or the other end is gone
            self._lose(f"unplugged: {error.strerror}")
            return
        if chunk:
            self._received.put(chunk)
        else:
            self._lose("unplugged: the line hung up")

    def _send(self) -> None:
        try:
            sent = os.write(self._fd, self._unsent)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError as error:
            self._lose(str(error))
            return
        del self._unsent[:sent]
        if self._unsent:
            self._loop.add_writer(self._fd, self._send)
        else:
            self._loop.remove_writer(self._fd)

    def _lose(self, reason: str) -> None:
        if not self._is_open:
            return
        self._is_open = False
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._received.lose(f"{self._name}: {reason}")
        self._line.close()
