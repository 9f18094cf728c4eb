"""The far end of a serial line: a pseudo-terminal that a device writes to and reads from."""

import os
import tty
from collections.abc import Callable
from pathlib import Path

from tests.foreign.patience import patient_loop

READ_AT_ONCE = 4096
PIECE_S = 0.0002


class Terminal:
    """`stable` is what the configuration names, as /dev/serial/by-id does; the terminal behind it
    has another name each time the adapter is plugged in.
    """

    def __init__(self, stable: Path, heard: Callable[[bytes], None]) -> None:
        self.stable = stable
        self._heard = heard
        self._loop = patient_loop()
        self._master = self._slave = -1
        self._clear_s = 0.0
        self.plug_in()

    def say(self, octets: bytes, *, after_s: float = 0.0, at_a_time: int = 0) -> None:
        """`at_a_time`: in pieces of so many bytes, 0.2 ms apart."""
        if after_s:
            self._loop.call_later(after_s, lambda: self.say(octets, at_a_time=at_a_time))
            return
        step = at_a_time or len(octets)
        for at in range(0, len(octets), step):
            piece = octets[at : at + step]
            self._clear_s = max(self._clear_s + PIECE_S, self._loop.time())
            self._loop.call_at(self._clear_s, lambda piece=piece: self._put(piece))

    def _put(self, piece: bytes) -> None:
        if self._master >= 0:
            self._loop.sent(len(piece))
            os.write(self._master, piece)

    def plug_in(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._loop.add_reader(self._master, self._readable)
        self.stable.symlink_to(os.ttyname(self._slave))

    def pull_out(self) -> None:
        if self._master < 0:
            return
        self._loop.remove_reader(self._master)
        self.stable.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._loop.under_way = 0

    def _readable(self) -> None:
        try:
            chunk = os.read(self._master, READ_AT_ONCE)
        except (BlockingIOError, OSError):
            return
        self._loop.arrived(len(chunk))
        self._heard(chunk)
