"""The bench's window into a running kiosk: a Unix socket that taps, reads and takes pictures.

One JSON object a line in, one a line out: {"do": "tap", "x": 10, "y": 20},
{"do": "press", "id": "start"}, {"do": "key", "key": "next"}, {"do": "tree"}, {"do": "png"}. A tap goes through the same hit
testing as a finger. Only opened when asked for on the command line.
"""

import base64
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chargepoint.contract import Intent
from ui.app import Kiosk
from ui.speech.voice import Captions

MAX_REQUEST_BYTES = 4_096
_MAX_CLIENTS = 8
_TOLD = 60

Deliver = Callable[[Intent], bool]
"""Sends an intent to the core; False when there is no core."""


class BadRequest(ValueError):
    """A line that asks for nothing we do."""


class ControlPort:
    """Answers in the frame loop; a request costs one frame at most."""

    def __init__(self, path: str, kiosk: Kiosk, deliver: Deliver) -> None:
        self._path = Path(path)
        self._kiosk = kiosk
        self._deliver = deliver
        self._clients: dict[socket.socket, bytes] = {}
        self._path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(self._path))
        self._server.listen(_MAX_CLIENTS)
        self._server.setblocking(False)

    def poll(self, now_s: float) -> None:
        """Take new clients and answer every complete line."""
        self._accept()
        for client in list(self._clients):
            self._serve(client, now_s)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._server.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            client, _ = self._server.accept()
        except (BlockingIOError, InterruptedError):
            return
        if len(self._clients) >= _MAX_CLIENTS:
            client.close()
            return
        client.setblocking(False)
        self._clients[client] = b""

    def _serve(self, client: socket.socket, now_s: float) -> None:
        try:
            chunk = client.recv(MAX_REQUEST_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        *lines, rest = (self._clients[client] + chunk).split(b"\n")
        if not chunk or len(rest) > MAX_REQUEST_BYTES:
            self._drop(client)
            return
        self._clients[client] = rest
        for line in lines:
            self._reply(client, self.answer(line, now_s))

    def _reply(self, client: socket.socket, answer: dict[str, Any]) -> None:
        line = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
        try:
            # A picture is larger than a socket buffer: give the bench a moment to read it.
            client.settimeout(1.0)
            client.sendall(line)
            client.setblocking(False)
        except OSError:
            self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        client.close()
        self._clients.pop(client, None)

    def answer(self, line: bytes, now_s: float) -> dict[str, Any]:
        """The answer to one request line; errors are answers too."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise BadRequest("not a JSON object")
            return self._do(request, now_s)
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def _do(self, request: dict[str, Any], now_s: float) -> dict[str, Any]:
        self._kiosk.refresh(now_s)
        match request.get("do"):
            case "tap":
                x, y = float(request["x"]), float(request["y"])
                return self._tapped(self._kiosk.tap_at(x, y, now_s))
            case "press":
                return self._tapped(self._kiosk.press(str(request["id"]), now_s, _held_s(request)))
            case "key":
                return self._tapped(self._kiosk.key(str(request["key"]), now_s))
            case "tree":
                return self._tree(now_s)
            case "png":
                return {"ok": True, "png": base64.b64encode(self._kiosk.png()).decode()}
            case other:
                raise BadRequest(f"cannot do {other!r}")

    def _tree(self, now_s: float) -> dict[str, Any]:
        """What is shown, and of what: numbers behind the words, and the connector in focus."""
        snapshot = self._kiosk.snapshot
        return {
            "ok": True,
            "screen": self._kiosk.tree(),
            "accepts_touch": self._kiosk.accepts_touch(now_s),
            "connector": snapshot.connector,
            "params": snapshot.params,
            "said": self._said(),
        }

    def _said(self) -> list[tuple[int, str, str]]:
        """The last sentences of the voice, each once by its number."""
        voice = self._kiosk.voice
        heard = voice.said if isinstance(voice, Captions) else ()
        return [(each.number, each.text, str(each.channel)) for each in heard][-_TOLD:]

    def _tapped(self, intent: Intent | None) -> dict[str, Any]:
        sent = intent is not None and self._deliver(intent)
        return {"ok": True, "intent": intent.id if intent else None, "sent": sent}


def _held_s(request: dict[str, Any]) -> float:
    """How long the finger of the bench stays."""
    return max(0.0, min(60.0, float(request.get("held_s", 0.0))))
