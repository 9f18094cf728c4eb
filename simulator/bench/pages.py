"""Where the central system's pages will be: an address the charge point is told before they are served."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Doorway:
    """Visitors who come too early wait in its queue."""

    listening: socket.socket

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.listening.getsockname()[1]}/"


@contextmanager
def doorway() -> Iterator[Doorway]:
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield Doorway(listening)
