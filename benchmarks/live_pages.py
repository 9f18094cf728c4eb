"""How fast a change at a point is on every open page: 1,000 points, 500 listeners, 20 changes a second.

    python -m benchmarks.live_pages [--listeners 500] [--points 1000] [--seconds 10]

Listeners are bare sockets in this process, so its processor time is the server's and theirs together.
"""

import asyncio
import json
import statistics
import time
from argparse import ArgumentParser

from central.clock import SystemClock
from central.fleet.registry import ConnectorState, Site, Socket
from central.greencard.tariffs import Tariff
from central.storage.store import Store
from central.system import CentralSystem
from central.web.app import Options
from central.web.serving import serve_page

CHANGES_PER_S = 20


def a_network(points: int) -> CentralSystem:
    system = CentralSystem(Store(), SystemClock(), tariff=Tariff(), id_generator=lambda: "id")
    for number in range(points):
        site = Site(f"Point {number}", 43 + number / 3000, -2, "Kalea 1", (Socket(1), Socket(2)))
        system.registry.provision(f"P-{number}", site, None)
        system.registry.point(f"P-{number}").is_connected = True
    return system


async def listen(port: int, began: dict[str, float], heard: dict[str, list[float]]) -> None:
    """Notes when each state that is waited for arrives here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(b"GET /live?in=eu&since=9999999999999 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                now = time.perf_counter()
                for place in json.loads(line[6:])["places"]:
                    heard.setdefault(place["id"], []).append(now - began[place["id"]])
    finally:
        writer.close()


async def measure(listeners: int, points: int, seconds: float) -> None:
    system = a_network(points)
    began: dict[str, float] = {}
    heard: dict[str, list[float]] = {}
    pages = serve_page(system, SystemClock(), "127.0.0.1", 0, Options())
    async with pages as port, asyncio.TaskGroup() as tasks:
        open_pages = [tasks.create_task(listen(port, began, heard)) for _ in range(listeners)]
        await asyncio.sleep(2)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        for number in range(int(seconds * CHANGES_PER_S)):
            name = f"P-{number % points}"
            point = system.registry.point(name)
            point.connectors[1] = ConnectorState("Charging")
            began[name] = time.perf_counter()
            system.registry.changed(point)
            await asyncio.sleep(1 / CHANGES_PER_S)
        await asyncio.sleep(1)
        share = (time.process_time() - cpu_s) / (time.perf_counter() - wall_s)
        for task in open_pages:
            task.cancel()
    last = [max(times) for times in heard.values() if len(times) == listeners]
    print(f"{listeners} listeners, {points} points, {CHANGES_PER_S} changes a second")
    print(
        f"on every page after  median {statistics.median(last) * 1000:.0f} ms, worst {max(last) * 1000:.0f} ms"
    )
    print(f"heard by all         {len(last)} of {len(began)}")
    print(f"processor            {share:.0%} of a core, listeners included")


def main() -> None:
    arguments = ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--listeners", type=int, default=500)
    arguments.add_argument("--points", type=int, default=1000)
    arguments.add_argument("--seconds", type=float, default=10.0)
    given = arguments.parse_args()
    asyncio.run(measure(given.listeners, given.points, given.seconds))


if __name__ == "__main__":
    main()
