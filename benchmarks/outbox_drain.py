"""How fast a station that comes back online delivers what waits: real journal, real websocket.

    python -m benchmarks.outbox_drain [--messages 2000] [--runs 3]

A transaction for every tenth message: start, meter values, stop. Each answer is durable before the
message is confirmed, so the disk has its share. The server answers at once, in a process of its own.
"""

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from benchmarks.figures import Target, heading, parser, row
from chargepoint.app.clock import SystemClock
from chargepoint.domain.delivery import (
    Delivery,
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    TransactionStarted,
)
from chargepoint.domain.record import Batch
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, SessionId, Watt, Wh
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.ocpp.websocket import Access, websocket_connect
from chargepoint.store.journal import Journal, open_threaded
from simulator.entropy import SeededEntropy
from tests.support.charging import DeskUnderTest
from tests.support.fakes import RecordedNews, ScriptedDoor, ScriptedReservations

PER_TRANSACTION = 10
TARGET_S = 10.0
ONE = ConnectorId(1)
BEGUN = datetime(2026, 1, 1, 8, tzinfo=UTC)


def _answering(port: Connection) -> None:
    """The server's process: says which port it has, and answers until it is ended."""
    numbers = itertools.count(1)
    accepted = {"status": "Accepted"}
    now = {"currentTime": "2026-01-01T08:00:00.000Z"}

    async def answer(connection: ServerConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            if frame[0] != 2:
                continue
            body: dict[str, object] = {}
            match frame[2]:
                case "BootNotification":
                    body = {**now, **accepted, "interval": 300}
                case "Heartbeat":
                    body = {**now}
                case "StartTransaction":
                    body = {"transactionId": next(numbers), "idTagInfo": accepted}
                case _:
                    pass
            await connection.send(json.dumps([3, frame[1], body]))

    async def listen() -> None:
        async with serve(answer, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as server:
            port.send(server.sockets[0].getsockname()[1])
            await asyncio.Event().wait()

    asyncio.run(listen())


@contextmanager
def _a_server() -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_answering, args=(theirs,), daemon=True
    )
    process.start()
    try:
        yield f"ws://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _waiting(messages: int) -> Iterator[Delivery]:
    for number in range(messages):
        place, transaction = number % PER_TRANSACTION, number // PER_TRANSACTION
        session, at = SessionId(f"s{transaction}"), BEGUN + timedelta(minutes=number)
        register = Wh(1000 * number)
        if place == 0:
            yield TransactionStarted(session, ONE, "TAG", register, at)
        elif place == PER_TRANSACTION - 1:
            yield TransactionEnded(session, ONE, "TAG", register, at, StopReason.LOCAL)
        else:
            power, current = Watt(3680), MilliAmp(16_000)
            yield MeterValuesTaken(
                session, ONE, place, at, register, power, current, MilliVolt(230_000)
            )


def _backend(url: str, journal: Journal, clock: SystemClock) -> Ocpp16Backend:
    return Ocpp16Backend(
        identity=StationIdentity("CP-1", "Citere", "Plaza"),
        connect=websocket_connect(Access(url, "CP-1")),
        door=ScriptedDoor(),
        news=RecordedNews(),
        outbox=journal,
        settings=journal,
        local_list=journal.local_list,
        reservations=ScriptedReservations(),
        charging=DeskUnderTest(clock=clock).desk,
        clock=clock,
        entropy=SeededEntropy(1),
        connectors=2,
    )


async def _drain(url: str, folder: Path, messages: int) -> float:
    """Seconds from the start of the station's backend to an empty outbox."""
    clock = SystemClock()
    journal = open_threaded(str(folder / "journal.sqlite"), clock, print)
    await journal.append(Batch(deliveries=tuple(_waiting(messages))))
    async with asyncio.TaskGroup() as group:
        began_s = time.perf_counter()
        running = group.create_task(_backend(url, journal, clock).run())
        while journal.head() is not None:  # noqa: ASYNC110 - the journal tells nobody
            await asyncio.sleep(0.005)
        took_s = time.perf_counter() - began_s
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    journal.close()
    return took_s


def main() -> None:
    options = parser(__doc__, runs=3)
    options.add_argument("--messages", type=int, default=2000)
    asked = options.parse_args()
    taken_s = []
    for _ in range(asked.runs):
        with _a_server() as url, tempfile.TemporaryDirectory() as folder:
            taken_s.append(asyncio.run(_drain(url, Path(folder), asked.messages)))
    heading("the outbox after a time offline", "s")
    row(f"{asked.messages} messages delivered", taken_s, Target(TARGET_S))


if __name__ == "__main__":
    main()
