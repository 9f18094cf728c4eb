"""What our RPC costs: Heartbeat through it against a raw echo on the same kind of websocket.

    python benchmarks/rpc_roundtrip.py [--calls 2000]

Both ends run in one process, so the figures contain the server's share. The ratio is the point.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.link import Terms
from chargepoint.ocpp.rpc import Answer, Limits, Peer, Rpc
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.websocket import Access, websocket_connect

ANSWER = {"currentTime": "2026-01-01T00:00:00.000Z"}
WARM_UP = 200
SUBPROTOCOLS = [Subprotocol("ocpp1.6")]


async def _echo(connection: ServerConnection) -> None:
    async for text in connection:
        await connection.send(text)


async def _heartbeats(connection: ServerConnection) -> None:
    async for text in connection:
        await connection.send(json.dumps([3, json.loads(text)[1], ANSWER]))


async def _timed(once: Callable[[], Awaitable[object]], calls: int) -> list[float]:
    for _ in range(WARM_UP):
        await once()
    taken_us = []
    for _ in range(calls):
        began_s = time.perf_counter()
        await once()
        taken_us.append((time.perf_counter() - began_s) * 1e6)
    return taken_us


async def _raw(calls: int) -> list[float]:
    frame = json.dumps([3, "x" * 36, ANSWER])
    async with serve(_echo, "127.0.0.1", 0, subprotocols=SUBPROTOCOLS) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", subprotocols=SUBPROTOCOLS) as socket:

            async def once() -> None:
                await socket.send(frame)
                await socket.recv()

            return await _timed(once, calls)


async def _nothing(_action: str, _payload: Payload) -> Answer:
    return Answer({})


async def _rpc(calls: int) -> list[float]:
    numbers = itertools.count()
    peer = Peer(
        answer=_nothing,
        supported=frozenset(),
        may_answer=lambda: True,
        identifier=lambda: f"{next(numbers):036}",
        observe=lambda _direction, _text: None,
        incident=print,
    )
    async with serve(_heartbeats, "127.0.0.1", 0, subprotocols=SUBPROTOCOLS) as server:
        port = server.sockets[0].getsockname()[1]
        link = await websocket_connect(Access(f"ws://127.0.0.1:{port}", "CP-1"))(Terms())
        rpc = Rpc(link, Schemas(sent=["Heartbeat"], answered=[]), peer, Limits())
        async with asyncio.TaskGroup() as group:
            group.create_task(rpc.run())
            taken_us = await _timed(lambda: rpc.call("Heartbeat", {}), calls)
            await link.close()
        return taken_us


def _row(name: str, taken_us: list[float]) -> float:
    cuts = statistics.quantiles(taken_us, n=100)
    print(f"{name:24} p50 {cuts[49]:7.0f} us   p90 {cuts[89]:7.0f} us   p99 {cuts[98]:7.0f} us")
    return cuts[49]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args().calls
    raw_us = _row("raw websocket echo", asyncio.run(_raw(calls)))
    rpc_us = _row("Heartbeat through rpc", asyncio.run(_rpc(calls)))
    print(f"ratio of the medians     {rpc_us / raw_us:.2f} (target: at most 3)")


if __name__ == "__main__":
    main()
