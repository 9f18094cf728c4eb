"""Words to systemd (sd_notify): ready, and the watchdog's ping. Silent when nobody supervises."""

import os
import socket


class Supervisor:
    """The socket named by NOTIFY_SOCKET, if any."""

    def __init__(self, address: str | None = None) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        # A leading @ names an abstract socket (sd_notify(3)).
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None
        if self._socket is not None:
            self._socket.setblocking(False)

    def ready(self) -> None:
        self._say(b"READY=1")

    def ping(self) -> None:
        self._say(b"WATCHDOG=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _say(self, words: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(words, self._address)
        except OSError:
            # A supervisor that went away cannot be told; it will notice the silence itself.
            return
