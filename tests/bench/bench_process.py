"""A bench in a process of its own, and a client for it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

START_LIMIT_S = 30
STOP_LIMIT_S = 10


class Bench:
    """A running bench, and a client for it."""

    def __init__(
        self, process: asyncio.subprocess.Process, client: httpx2.AsyncClient, url: str
    ) -> None:
        self.process = process
        self._client = client
        self.url = url

    async def do(self, **step: Any) -> dict[str, Any]:
        answer = await self._client.post("/api/do", content=json.dumps(step))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def state(self) -> dict[str, Any]:
        return dict((await self._client.get("/api/state")).json())

    async def is_ready(self) -> bool:
        return (await self._client.get("/api/ready")).status_code == 200


@asynccontextmanager
async def running_bench(*arguments: str) -> AsyncIterator[Bench]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", "0", *arguments,
        stdout=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_LIMIT_S):
            async for line in process.stdout:
                if b"http://" in line:
                    break
            address = line.decode().split("http://")[1].split()[0]
            async with httpx2.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
                bench = Bench(process, client, f"http://{address}/")
                while not await bench.is_ready():  # noqa: ASYNC110 - as any program has to
                    await asyncio.sleep(0.05)
        async with httpx2.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
            yield Bench(process, client, f"http://{address}/")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
