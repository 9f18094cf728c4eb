"""Serves snapshots to the kiosk and takes its intents; knows whether a live one is there.

One newest snapshot per client, slow clients get fewer. A line that is no message of this contract
closes that client; it may come back.
"""

import asyncio
import contextlib
import logging
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path

from chargepoint import contract
from chargepoint.contract import (
    Ability,
    Alive,
    ContractViolated,
    Hello,
    Intent,
    Key,
    Shown,
    Snapshot,
)
from chargepoint.uilink.presence import Presence

log = logging.getLogger(__name__)

_BEAT_S = 1.0
_CLIENTS = 4
_MOST_KEYS = 16  # pressed and not sent; a kiosk that reads that slowly shows nothing either

Subscribe = Callable[[Callable[[Snapshot], None]], Callable[[], None]]
Listen = Callable[[Callable[[Key], None]], Callable[[], None]]


class UiServer:
    def __init__(  # noqa: PLR0913 - both directions of the wire, by name
        self,
        path: str,
        subscribe: Subscribe,
        on_intent: Callable[[Intent], None],
        presence: Presence,
        *,
        listen: Listen,
        on_ability: Callable[[Ability], None],
        on_shown: Callable[[Shown], None],
    ) -> None:
        self._path = path
        self._subscribe = subscribe
        self._on_intent = on_intent
        self._presence = presence
        self._listen = listen
        self._on_ability = on_ability
        self._on_shown = on_shown
        self._clients = 0

    async def run(self) -> None:
        line = _listening(self._path)
        server = await asyncio.start_unix_server(
            self._serve, sock=line, limit=contract.MAX_LINE_BYTES
        )
        loop = asyncio.get_running_loop()
        async with server:
            while True:
                await asyncio.sleep(_BEAT_S)
                self._presence.check(loop.time())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._clients >= _CLIENTS:
            writer.close()
            return
        self._clients += 1
        outlet = _Outlet(writer)
        unsubscribe = self._subscribe(outlet.put)
        unlisten = self._listen(outlet.press)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(outlet.run())
                await self._receive(reader)
                sending.cancel()
        except* (ConnectionError, OSError):
            log.info("kiosk went away")
        finally:
            unsubscribe()
            unlisten()
            writer.close()
            self._clients -= 1
            if self._clients == 0:
                self._presence.gone()

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                line = await reader.readline()
                if not line:
                    return
                message = contract.decode(line)
            except (ContractViolated, ValueError) as error:
                log.warning("kiosk line refused", extra={"why": str(error)})
                self._on_ability(Ability("version", works=False, detail=str(error)))
                return
            match message:
                case Intent():
                    self._on_intent(message)
                case Ability():
                    self._on_ability(message)
                case Shown():
                    self._on_shown(message)
                case Hello() | Alive():
                    self._presence.beat(loop.time())
                case _:
                    log.warning("kiosk sent what only the core says")
                    return


def _listening(path: str) -> socket.socket:
    """A fresh socket file that owner and group may use."""
    Path(path).unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.bind(path)
    Path(path).chmod(0o660)
    return line


class _Outlet:
    """Keys in order and the newest snapshot for one client, a heartbeat when nothing changes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._newest: Snapshot | None = None
        self._keys: deque[Key] = deque(maxlen=_MOST_KEYS)  # full: the oldest goes
        self._fresh = asyncio.Event()

    def put(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        self._fresh.set()

    def press(self, key: Key) -> None:
        self._keys.append(key)
        self._fresh.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_S):
                    await self._fresh.wait()
            is_fresh = self._fresh.is_set()
            self._fresh.clear()
            for message in self._waiting() if is_fresh else (Alive(),):
                self._writer.write(contract.encode(message))
            await self._writer.drain()

    def _waiting(self) -> tuple[contract.Message, ...]:
        """A key was pressed on the screen of before it: what it changed comes behind it."""
        keys, newest = tuple(self._keys), self._newest
        self._keys.clear()
        self._newest = None
        return keys if newest is None else (*keys, newest)
