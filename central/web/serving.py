"""One port for everything browsers see: the members' web, receipts, and the operator's pages."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import uvicorn
from typing_extensions import override

from central.clock import Clock
from central.system import CentralSystem
from central.web.app import MembersWeb, Options


class _PageServer(uvicorn.Server):
    """Signals belong to the process, not to one of its servers."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_page(
    system: CentralSystem, clock: Clock, host: str, port: int, options: Options | None = None
) -> AsyncIterator[int]:
    """Serve all pages while the block runs; gives the bound port."""
    with socket.create_server((host, port)) as listening:
        async with serve_page_on(system, clock, listening, options):
            yield listening.getsockname()[1]


@asynccontextmanager
async def serve_page_on(
    system: CentralSystem,
    clock: Clock,
    listening: socket.socket,
    options: Options | None = None,
) -> AsyncIterator[None]:
    """The same on a socket that listens already, so that its address was known before."""
    host, port = listening.getsockname()[:2]
    options = options or Options()
    options = replace(options, public_url=options.public_url or f"http://{host}:{port}")
    web = MembersWeb(system, clock, options)
    config = uvicorn.Config(
        web.app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _PageServer(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(web.run())
        tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            system.feed.close()
            server.should_exit = True
