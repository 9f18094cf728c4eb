"""What a network of points needs of one server process: memory, processor, and time to the open pages.

    python -m benchmarks.central_points [--points 1000] [--listeners 500] [--seconds 20] [--db URL]

The server is a process of its own (`python -m central`), every point a websocket to it. They send
heartbeats every five minutes and together 20 status changes a second. Then the listeners open the
live page's event stream, and each change is timed from the point's frame to every one of them.
"""

import asyncio
import contextlib
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks import figures
from benchmarks.proc import cpu_s, rss_mib

CHANGES_PER_S = 20
HEARTBEAT_S = 300.0
STATUSES = ("Available", "Charging", "Faulted")  # three: none of 1,000 repeats its own
TARGET_MIB, TARGET_PERCENT, TARGET_FAN_OUT_S = 300.0, 50.0, 1.0
_DIALLING_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    page_port: int
    links: str


@contextmanager
def a_server(folder: Path, points: int, place: str | None) -> Iterator[Server]:
    """Keeps its accounts in a file, unless `place` says where."""
    sites = {
        f"P-{number}": {
            "name": f"Point {number}",
            "latitude": 43 + number / 3000,
            "longitude": -2.0,
        }
        for number in range(points)
    }
    (folder / "cards.json").write_text(json.dumps({"points": sites}))
    words = ["-m", "central", "--port", "0", "--ocpp-port", "0"]
    words += [
        "--db",
        place or str(folder / "central.sqlite"),
        "--cards",
        str(folder / "cards.json"),
    ]
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        told = {
            line.partition(" ")[0]: line.split()[-1] for line in itertools.islice(child.stdout, 3)
        }
        port = int(told["page"].rpartition(":")[2].strip("/"))
        yield Server(child.pid, port, told["charge"].removesuffix("/<id>"))
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()


@dataclass
class Crowd:
    """The points: their sockets, and when each told its newest status."""

    sockets: dict[str, ClientConnection] = field(default_factory=dict)
    told_at: dict[str, float] = field(default_factory=dict)
    turns: Iterator[int] = field(default_factory=itertools.count)

    async def call(self, name: str, action: str, payload: Mapping[str, object]) -> None:
        await self.sockets[name].send(json.dumps([2, "1", action, payload]))

    async def change(self, seconds: float) -> None:
        """20 changes a second, each at another point."""
        names = random.Random(7).sample(sorted(self.sockets), len(self.sockets))
        began = time.perf_counter()
        for number in range(int(seconds * CHANGES_PER_S)):
            turn = next(self.turns)
            name, status = names[turn % len(names)], STATUSES[turn % len(STATUSES)]
            self.told_at[name] = time.perf_counter()
            told = {"connectorId": 1, "errorCode": "NoError", "status": status}
            await self.call(name, "StatusNotification", told)
            await asyncio.sleep(
                max(0.0, began + (number + 1) / CHANGES_PER_S - time.perf_counter())
            )

    async def beat(self) -> None:
        for name in itertools.cycle(self.sockets):
            await self.call(name, "Heartbeat", {})
            await asyncio.sleep(HEARTBEAT_S / len(self.sockets))


@asynccontextmanager
async def a_crowd(server: Server, points: int) -> AsyncIterator[Crowd]:
    crowd, few = Crowd(), asyncio.Semaphore(_DIALLING_AT_ONCE)

    async def dial(name: str) -> None:
        async with few:
            socket = await life.enter_async_context(
                connect(
                    f"{server.links}/{name}",
                    subprotocols=[Subprotocol("ocpp1.6")],
                    open_timeout=60,
                    ping_interval=None,
                )
            )
            crowd.sockets[name] = socket
            boot = {"chargePointVendor": "V", "chargePointModel": "M"}
            await crowd.call(name, "BootNotification", boot)
            await socket.recv()

    async def drain(socket: ClientConnection) -> None:
        async for _ in socket:
            pass

    async with contextlib.AsyncExitStack() as life:
        async with asyncio.TaskGroup() as tasks:
            for number in range(points):
                tasks.create_task(dial(f"P-{number}"))
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(drain(each)) for each in crowd.sockets.values()]
            running.append(tasks.create_task(crowd.beat()))
            yield crowd
            for each in running:
                each.cancel()


async def listen(port: int, crowd: Crowd, took_s: list[float]) -> None:
    """From the frame that left a point until its change is here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(b"GET /live?in=eu&since=9999999999999 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                now = time.perf_counter()
                told = crowd.told_at
                places = json.loads(line[6:])["places"]
                took_s += [now - told[each["id"]] for each in places if each["id"] in told]
    finally:
        writer.close()


async def measure(server: Server, points: int, listeners: int, seconds: float) -> None:
    async with a_crowd(server, points) as crowd:
        await asyncio.sleep(3)
        began_s, before_s = time.perf_counter(), cpu_s(server.pid)
        await crowd.change(seconds)
        percent = (cpu_s(server.pid) - before_s) / (time.perf_counter() - began_s) * 100
        figures.heading(f"{points} points, {CHANGES_PER_S} changes a second", "% of a core")
        figures.row("server: processor", [percent], figures.Target(TARGET_PERCENT))
        figures.heading("the same", "MiB")
        figures.row("server: resident memory", [rss_mib(server.pid)], figures.Target(TARGET_MIB))
        took_s: list[float] = []
        crowd.told_at.clear()
        async with asyncio.TaskGroup() as tasks:
            pages = [
                tasks.create_task(listen(server.page_port, crowd, took_s)) for _ in range(listeners)
            ]
            await asyncio.sleep(3)
            took_s.clear()
            await crowd.change(min(10.0, seconds))
            await asyncio.sleep(2)
            for each in pages:
                each.cancel()
        figures.heading(f"a change on each of {listeners} pages", "s")
        figures.row("point's frame to page", took_s, figures.Target(TARGET_FAN_OUT_S))
        figures.heading("with these pages open", "MiB")
        figures.row("server: resident memory", [rss_mib(server.pid)], figures.Target(TARGET_MIB))


def main() -> None:
    parser = figures.parser(__doc__, runs=1)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each look")
    parser.add_argument("--db", help="database URL (default: a SQLite file of this run)")
    options = parser.parse_args()
    for _ in range(options.runs):
        with (
            TemporaryDirectory(prefix="central-") as folder,
            a_server(Path(folder), options.points, options.db) as server,
        ):
            asyncio.run(measure(server, options.points, options.listeners, options.seconds))


if __name__ == "__main__":
    main()
