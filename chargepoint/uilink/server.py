"""Serves snapshots to the kiosk and takes its intents; knows whether a live one is there.

One newest snapshot per client, slow clients get fewer. A line that is no message of this contract
closes that client; it may come back.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from chargepoint import contract
from chargepoint.contract import Alive, ContractViolated, Hello, Intent, Snapshot
from chargepoint.uilink.presence import Presence

log = logging.getLogger(__name__)

_BEAT_S = 1.0
_CLIENTS = 4

Subscribe = Callable[[Callable[[Snapshot], None]], Callable[[], None]]


class UiServer:
    def __init__(
        self,
        path: str,
        subscribe: Subscribe,
        on_intent: Callable[[Intent], None],
        presence: Presence,
    ) -> None:
        self._path = path
        self._subscribe = subscribe
        self._on_intent = on_intent
        self._presence = presence
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
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(outlet.run())
                await self._receive(reader)
                sending.cancel()
        except* (ConnectionError, OSError):
            log.info("kiosk went away")
        finally:
            unsubscribe()
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
                return
            match message:
                case Intent():
                    self._on_intent(message)
                case Hello() | Alive():
                    self._presence.beat(loop.time())
                case _:
                    log.warning("kiosk sent a snapshot")
                    return


def _listening(path: str) -> socket.socket:
    """A fresh socket file that owner and group may use."""
    Path(path).unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.bind(path)
    Path(path).chmod(0o660)
    return line


class _Outlet:
    """The newest snapshot for one client, and a heartbeat when nothing changes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._newest: Snapshot | None = None
        self._fresh = asyncio.Event()

    def put(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        self._fresh.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_S):
                    await self._fresh.wait()
            message: contract.Message = Alive()
            if self._fresh.is_set() and self._newest is not None:
                self._fresh.clear()
                message = self._newest
            self._writer.write(contract.encode(message))
            await self._writer.drain()
