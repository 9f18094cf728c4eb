"""Runs the HTTP interface on the loopback address, on a port of choice or a free one."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from typing_extensions import override
from uvicorn import Config, Server

from simulator.bench.app import create_app
from simulator.bench.hub import EventHub
from simulator.bench.port import Bench

LOOPBACK = "127.0.0.1"
_WS_MAX_BYTES = 4_096  # pages say nothing on the websocket
_SHUTDOWN_S = 1
_KEEP_ALIVE_S = 3_600


class PortBusy(OSError):
    """Another program listens there already."""


class _QuietServer(Server):
    """Leaves Ctrl-C to the bench, which has more than a web server to end."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int, host: str = LOOPBACK) -> socket.socket:
    """A listening socket; the bench moves money and contactors, so no other address is allowed."""
    if host != LOOPBACK:
        raise ValueError(f"the bench listens on {LOOPBACK} only, not on {host}")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortBusy(f"port {port} is taken: choose another with --port N") from error
    listener.listen()
    return listener


@asynccontextmanager
async def serving(
    bench: Bench, listener: socket.socket, given: Mapping[str, Any] | None = None
) -> AsyncIterator[str]:
    """Serve while the block runs; yields the address of the page."""
    hub = EventHub()
    config: dict[str, Any] = {"lifespan": "off", "log_config": None, "access_log": False}
    config |= {"ws": "websockets-sansio", "ws_max_size": _WS_MAX_BYTES, "server_header": False}
    # Where the station's time runs faster than the browser's, idle connections seem to last long.
    config |= {"ws_ping_interval": None, "timeout_keep_alive": _KEEP_ALIVE_S}
    app = create_app(bench, hub, given)
    server = _QuietServer(Config(app, timeout_graceful_shutdown=_SHUTDOWN_S, **config))
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(hub.follow(bench), name="bench-events")
        serve = tasks.create_task(server.serve(sockets=[listener]), name="bench-http")
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            following.cancel()
            server.should_exit = True
            await serve
