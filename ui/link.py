"""The kiosk's end of the socket to the core. Never blocks, never waits, reconnects by itself.

Whatever arrives, only the newest snapshot matters. Words that are not of our contract version end
the connection: a kiosk that guesses could show a wrong price.
"""

import logging
import os
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from chargepoint.contract import (
    MAX_LINE_BYTES,
    Ability,
    Alive,
    ContractViolated,
    Hello,
    Intent,
    Key,
    Message,
    Shown,
    Snapshot,
    decode,
    encode,
)

RETRY_S = 0.25
_READ_BYTES = 65_536
_READS_PER_POLL = 16
_MAX_WAITING = 256  # unsent lines; more means that the core does not read

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What one poll brought."""

    snapshot: Snapshot | None = None
    keys: tuple[str, ...] = ()  # tactile keys, in order; they were pressed on the screen before
    alive: bool = False  # anything at all was heard


def tell_before_leaving(link: "Link", ability: Ability) -> None:
    """The last words of a kiosk that cannot live; without a core they are in the log only."""
    link.poll(0.0)
    link.tell((ability,))
    link.poll(0.0)


class Link:
    """One client. Call `poll` every frame."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._received = b""
        self._unsent: deque[bytes] = deque()
        self._retry_s = 0.0
        self._polled_s = 0.0
        self._abilities: tuple[Ability, ...] = ()
        self._shown: Shown | None = None
        self.trouble = ""  # why the last core was left; empty while all is well

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def poll(self, now_s: float) -> News:
        """Connect if need be, read what is there, write what fits."""
        self._polled_s = now_s
        if self._socket is None and not self._connect(now_s):
            return News()
        news = self._read(now_s)
        self._flush(now_s)
        return news

    def send(self, intent: Intent) -> bool:
        """At once. False when there is nobody to tell; a tap is never kept for later."""
        if not self._queue(intent):
            return False
        self._flush(self._polled_s)
        return self._socket is not None

    def tell(self, abilities: Sequence[Ability]) -> None:
        """What works here; said again to every core that comes."""
        self._abilities = tuple(abilities)
        for ability in self._abilities:
            self._queue(ability)

    def show(self, shown: Shown) -> None:
        """What stands on the screen; the newest is said again to every core that comes."""
        self._shown = shown
        self._queue(shown)

    def beat(self, frame: int) -> None:
        """Tell the core that this many frames were completed."""
        self._queue(Alive(frame))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._received = b""
        self._unsent.clear()

    def _connect(self, now_s: float) -> bool:
        if now_s < self._retry_s:
            return False
        self._retry_s = now_s + RETRY_S
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.setblocking(False)
        try:
            client.connect(self._path)
        except OSError:
            client.close()
            return False
        self._socket = client
        log.info("core connected", extra={"path": self._path})
        self._queue(Hello(pid=os.getpid()))
        self.tell(self._abilities)
        if self._shown is not None:
            self._queue(self._shown)
        return True

    def _queue(self, message: Message) -> bool:
        if self._socket is None:
            return False
        if len(self._unsent) >= _MAX_WAITING:
            return False
        self._unsent.append(encode(message))
        return True

    def _flush(self, now_s: float) -> None:
        while self._unsent and self._socket is not None:
            line = self._unsent.popleft()
            try:
                sent = self._socket.send(line)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self._lost(str(error), now_s)
                return
            if sent < len(line):
                self._unsent.appendleft(line[sent:])
                return

    def _read(self, now_s: float) -> News:
        snapshot: Snapshot | None = None
        heard = False
        keys: list[str] = []
        for _ in range(_READS_PER_POLL):
            chunk = self._chunk(now_s)
            if not chunk:
                break
            *lines, self._received = (self._received + chunk).split(b"\n")
            try:
                for line in lines:
                    message = decode(line)
                    heard = True
                    self.trouble = ""
                    if isinstance(message, Snapshot):
                        snapshot = message
                    elif isinstance(message, Key):
                        keys.append(message.key)
            except ContractViolated as error:
                self._lost(str(error), now_s)
                self.trouble = str(error)
                break
            if len(self._received) > MAX_LINE_BYTES:
                self._lost("a line without end", now_s)
                break
        return News(snapshot, tuple(keys), heard)

    def _chunk(self, now_s: float) -> bytes:
        """What can be read now; empty when nothing can."""
        if self._socket is None:
            return b""
        try:
            chunk = self._socket.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            self._lost(str(error), now_s)
            return b""
        if not chunk:
            self._lost("closed by the core", now_s)
        return chunk

    def _lost(self, reason: str, now_s: float) -> None:
        log.warning("core lost", extra={"reason": reason})
        self.close()
        self._retry_s = now_s + RETRY_S
