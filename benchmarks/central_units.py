"""What one link, one heartbeat, one step of a charge needs of the server: the unit costs of docs/scale.md.

    python -m benchmarks.central_units [--points 300]

The server is a process of its own with its accounts in a file; every point charges once, step by step,
and the server's processor time is divided by the steps.
"""

import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks import figures
from benchmarks.central_points import Server, a_server
from benchmarks.proc import cpu_s, rss_mib

_LETTERS = str.maketrans("0123456789", "abcdefghij")
_SUBPROTOCOLS = [Subprotocol("ocpp1.6")]


@dataclass
class Point:
    """`sizes`: characters sent and received, by action."""

    number: int
    socket: ClientConnection
    sizes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    transaction: int = 0

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps([2, f"{self.number}-{len(self.sizes)}", action, payload])
        await self.socket.send(text)
        answer = str(await self.socket.recv())
        self.sizes[payload.get("messageId", action)].append(len(text) + len(answer))
        result: dict[str, Any] = json.loads(answer)[2]
        return result

    async def tell(self, message_id: str, content: dict[str, Any]) -> dict[str, Any]:
        payload = {"vendorId": "es.citere", "messageId": message_id, "data": json.dumps(content)}
        return await self.call("DataTransfer", payload)

    @property
    def page(self) -> str:
        return f"{self.number:026d}".translate(_LETTERS)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def _euros(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "EUR"}


async def boot(point: Point) -> None:
    names = {"chargePointVendor": "Citere", "chargePointModel": "K1"}
    await point.call("BootNotification", names)


async def heartbeat(point: Point) -> None:
    await point.call("Heartbeat", {})


async def status(point: Point) -> None:
    told = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": _now()}
    await point.call("StatusNotification", told)


async def start(point: Point) -> None:
    begun = {"connectorId": 1, "idTag": "CASH", "timestamp": _now(), "meterStart": 1000}
    answer = await point.call("StartTransaction", begun)
    point.transaction = int(answer["transactionId"])


async def values(point: Point) -> None:
    sampled = [
        {"value": "5000", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
        {"value": "7000", "measurand": "Power.Active.Import", "unit": "W"},
    ]
    taken = {"timestamp": _now(), "sampledValue": sampled}
    named = {"connectorId": 1, "transactionId": point.transaction}
    await point.call("MeterValues", named | {"meterValue": [taken]})


async def cost(point: Point) -> None:
    news = {
        "transactionId": point.transaction,
        "connectorId": 1,
        "cost": _euros(100),
        "energyWh": 4000,
        "seconds": 100,
        "page": point.page,
        "stage": "charging",
        "hasCode": True,
    }
    await point.tell("Session.Cost", news)


async def stop(point: Point) -> None:
    ended = {"transactionId": point.transaction, "meterStop": 11_000, "timestamp": _now()}
    await point.call("StopTransaction", ended)


async def receipt(point: Point) -> None:
    document = {
        "receiptNumber": f"R-{point.number}",
        "transactionId": point.transaction,
        "idTag": "CASH",
        "means": "cash",
        "lines": [{"item": "energy", "amount": 410, "energyWh": 10_000, "milliPerKwh": 41_000}],
        "vat": _euros(71),
        "total": _euros(410),
        "energyWh": 10_000,
        "discount": {"percent": 0, "reason": ""},
        "hash": "0" * 64,
        "page": point.page,
        "localTime": _now()[:19],
    }
    await point.tell("Session.Receipt", document)


Step = Callable[[Point], Awaitable[None]]
STEPS: Sequence[tuple[str, Step, int]] = (
    ("BootNotification", boot, 1),
    ("Heartbeat", heartbeat, 5),
    ("StatusNotification", status, 3),
    ("StartTransaction", start, 1),
    ("MeterValues", values, 3),
    ("Session.Cost", cost, 3),
    ("StopTransaction", stop, 1),
    ("Session.Receipt", receipt, 1),
)


def kept_bytes(database: Path) -> int:
    with closing(sqlite3.connect(database)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = link.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(row.fetchone()[0])


async def measure(server: Server, database: Path, count: int) -> None:
    before_mib = rss_mib(server.pid)
    url = f"{server.links}/P-"
    points = [
        Point(n, await connect(f"{url}{n}", subprotocols=_SUBPROTOCOLS, compression=None))
        for n in range(count)
    ]
    figures.heading(f"{count} points", "KiB")
    figures.row("a link: memory", [(rss_mib(server.pid) - before_mib) * 1024 / count])
    empty = kept_bytes(database)
    figures.heading("the server's processor", "ms")
    for name, step, times in STEPS:
        before_s = cpu_s(server.pid)
        for _ in range(times):
            async with asyncio.TaskGroup() as tasks:
                for point in points:
                    tasks.create_task(_done(step, point))
        figures.row(name, [(cpu_s(server.pid) - before_s) * 1000 / count / times])
    figures.heading("frame and answer", "B")
    for name, sizes in points[-1].sizes.items():
        figures.row(name, [sum(sizes) / len(sizes)])
    figures.heading("kept of a charge", "B")
    figures.row("rows and indexes", [(kept_bytes(database) - empty) / count])
    for point in points:
        await point.socket.close()


async def _done(step: Step, point: Point) -> None:
    await step(point)


def main() -> None:
    parser = figures.parser(__doc__, runs=1)
    parser.add_argument("--points", type=int, default=300)
    options = parser.parse_args()
    for _ in range(options.runs):
        with (
            TemporaryDirectory(prefix="units-") as folder,
            a_server(Path(folder), options.points, None) as server,
        ):
            database = next(Path(folder).glob("*.sqlite"))
            asyncio.run(measure(server, database, options.points))


if __name__ == "__main__":
    main()
