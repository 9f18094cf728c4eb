"""Two server processes that are one system: orders find their point, changes are heard, the dead buried."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from central.network.rows import NOBODY, NetworkRows
from central.storage.engine import Database
from central.storage.store import Store
from central.support.agents import Agents
from tests.support.central import FixedClock, Point
from tests.support.members import MARIA, CountedEntropy, cheap_passwords
from tests.support.operators import as_program

pytestmark = pytest.mark.system


@dataclass
class Process:
    child: subprocess.Popen[str]
    page: str
    links: str

    def get(self, path: str) -> Any:
        asked = urllib.request.Request(f"{self.page}{path}", headers=as_program())
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def order(self, point: str, action: str, payload: dict[str, Any]) -> tuple[int, Any]:
        body = json.dumps({"action": action, "payload": payload}).encode()
        asked = urllib.request.Request(
            f"{self.page}/api/points/{point}/call",
            body,
            {"Content-Type": "application/json"} | as_program(),
        )
        try:
            with urllib.request.urlopen(asked, timeout=50) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@contextmanager
def a_process(place: str) -> Iterator[Process]:
    words = [
        "-m",
        "central",
        "--port",
        "0",
        "--ocpp-port",
        "0",
        "--db",
        place,
        "--local-list",
        "none",
    ]
    _with_an_operator(place)
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        page = _told(child.stdout, "http://").partition("/operator")[0].rstrip("/")
        yield Process(child, page, _told(child.stdout, "ws://").removesuffix("/<id>"))
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)
        child.stdout.close()


def _with_an_operator(place: str) -> None:
    hashed = cheap_passwords().hashed_now(MARIA.password)
    with contextlib.closing(Store(place)) as store:
        agents = Agents(store, FixedClock(), CountedEntropy())
        agents.join(MARIA.login, MARIA.name, MARIA.role, hashed)


def _told(lines: Iterable[str], scheme: str) -> str:
    """The next address of this scheme that a program says."""
    return next(word for line in lines for word in line.split() if word.startswith(scheme))


@asynccontextmanager
async def a_point(process: Process, name: str = "CP-1") -> AsyncIterator[Point]:
    async with connect(f"{process.links}/{name}", subprotocols=["ocpp1.6"]) as socket:  # type: ignore[list-item]
        point = Point(socket)
        await point.result("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        yield point


async def answer_one(socket: ClientConnection, payload: dict[str, Any]) -> str:
    """The action of the next call, which is answered."""
    _, unique_id, action, _ = json.loads(await socket.recv())
    await socket.send(json.dumps([3, unique_id, payload]))
    return str(action)


async def until(process: Process, name: str, **wanted: Any) -> dict[str, Any]:
    """As the process's page shows the point, when it shows it so."""
    for _ in range(200):
        shown = await asyncio.to_thread(process.get, "/api/points")
        for each in shown:
            if each["id"] == name and wanted.items() <= each.items():
                found: dict[str, Any] = each
                return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name} never showed {wanted}")


@pytest.mark.timeout(90)
def test_two_processes_when_one_holds_a_point_then_both_know_and_reach_it(
    postgres_place: str,
) -> None:
    async def conversation(one: Process, two: Process) -> None:
        async with a_point(one) as point:
            await point.result(
                "StatusNotification",
                {"connectorId": 1, "errorCode": "NoError", "status": "Charging"},
            )
            shown = await until(two, "CP-1", connected=True, vendor="V")
            for _ in range(100):
                if shown["connectors"]:
                    break
                shown = await until(two, "CP-1", connected=True)
            assert shown["connectors"][0]["status"] == "Charging"
            asked = asyncio.to_thread(two.order, "CP-1", "UnlockConnector", {"connectorId": 1})
            async with asyncio.TaskGroup() as tasks:
                ordered = tasks.create_task(asked)
                assert await answer_one(point.socket, {"status": "Unlocked"}) == "UnlockConnector"
            assert ordered.result() == (200, {"status": "Unlocked"})
            refused = await asyncio.to_thread(two.order, "CP-1", "MakeCoffee", {})
            assert refused[0] == 422
        await until(two, "CP-1", connected=False)
        away = await asyncio.to_thread(two.order, "CP-1", "ClearCache", {})
        assert away[0] == 409

    with a_process(postgres_place) as one, a_process(postgres_place) as two:
        asyncio.run(conversation(one, two))


@pytest.mark.timeout(90)
def test_point_when_it_comes_back_at_another_process_then_that_one_has_it(
    postgres_place: str,
) -> None:
    async def conversation(one: Process, two: Process) -> None:
        async with a_point(one) as before, a_point(two) as after:
            with pytest.raises(ConnectionClosed):
                async with asyncio.timeout(20):
                    await before.socket.recv()
            asked = asyncio.to_thread(one.order, "CP-1", "ClearCache", {})
            async with asyncio.TaskGroup() as tasks:
                ordered = tasks.create_task(asked)
                assert await answer_one(after.socket, {"status": "Accepted"}) == "ClearCache"
            assert ordered.result() == (200, {"status": "Accepted"})
            await until(one, "CP-1", connected=True)

    with a_process(postgres_place) as one, a_process(postgres_place) as two:
        asyncio.run(conversation(one, two))


@pytest.mark.timeout(90)
def test_process_when_it_dies_then_its_points_are_free(postgres_place: str) -> None:
    async def conversation(one: Process, two: Process) -> None:
        async with a_point(one):
            await until(two, "CP-1", connected=True)
            os.kill(one.child.pid, signal.SIGKILL)
            await until(two, "CP-1", connected=False)
        async with a_point(two):
            await until(two, "CP-1", connected=True)

    with a_process(postgres_place) as two, a_process(postgres_place) as one:
        asyncio.run(conversation(one, two))


@pytest.mark.timeout(90)
def test_database_when_it_was_away_then_all_is_heard_again(postgres_place: str) -> None:
    async def conversation(one: Process, two: Process) -> None:
        async with a_point(one) as point:
            await until(two, "CP-1", connected=True)
            with psycopg.connect(postgres_place, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            await asyncio.sleep(0.05)
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
            await point.result("StatusNotification", status)
            for _ in range(200):
                shown = await until(two, "CP-1", connected=True)
                if shown["connectors"]:
                    break
                await asyncio.sleep(0.05)
            assert shown["connectors"][0]["status"] == "Charging"
            async with asyncio.TaskGroup() as tasks:
                asked = asyncio.to_thread(two.order, "CP-1", "ClearCache", {})
                ordered = tasks.create_task(asked)
                assert await answer_one(point.socket, {"status": "Accepted"}) == "ClearCache"
            assert ordered.result() == (200, {"status": "Accepted"})

    with a_process(postgres_place) as one, a_process(postgres_place) as two:
        asyncio.run(conversation(one, two))


def test_point_when_released_late_then_its_new_holder_keeps_it(postgres_place: str) -> None:
    database = Database(postgres_place)
    rows = NetworkRows(database)
    assert rows.claim("CP-1", "one") == NOBODY
    assert rows.claim("CP-1", "two") == "one"
    rows.release("CP-1", "one")
    assert rows.holder("CP-1") == "two"
    with database.change():
        rows.save_inside("one", {"CP-1": "stale"})
    assert [each.document for each in rows.states()] == ["{}"]
    rows.release("CP-1", "two")
    assert rows.holder("CP-1") == NOBODY
    database.close()
