"""The bench on the whole station in one process, driven as a program drives it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx2
import yaml

from simulator.bench import fixture
from simulator.bench.app import create_app
from simulator.bench.hub import EventHub
from simulator.bench.inside import inside_desk
from simulator.bench.live import LiveBench
from simulator.paced import PacedLoop
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

RATE = 100


class Driver:
    """A program beside the bench: its HTTP client, and every event it has seen."""

    def __init__(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> None:
        self._client = client
        self.events = events

    async def do(self, **step: Any) -> dict[str, Any]:
        answer = await self._client.post("/api/do", content=json.dumps(step))
        return {"status": answer.status_code, **answer.json()}

    async def get(self, path: str) -> httpx2.Response:
        return await self._client.get(path)

    async def state(self) -> dict[str, Any]:
        return dict((await self.get("/api/state")).json())

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]


def _drive(folder: Path, drive: Callable[[Driver], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, PacedLoop)
        loop.rate = RATE
        async with inside_desk(StationOptions(), folder) as desk:
            bench, hub = LiveBench(desk), EventHub()
            app = create_app(bench, hub, fixture.given(StationOptions()))
            transport = httpx2.ASGITransport(app=app)
            async with (
                httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
                asyncio.TaskGroup() as tasks,
            ):
                driver = Driver(client, [])
                running = [
                    tasks.create_task(bench.follow()),
                    tasks.create_task(hub.follow(bench)),
                    tasks.create_task(_note(hub, driver.events)),
                ]
                await driver.do(expect={"screen": "home", "within": "30s"})
                await driver.do(expect={"device": {"coin_acceptor": "online"}, "within": "30s"})
                await drive(driver)
                for task in running:
                    task.cancel()
            bench.close()

    with asyncio.Runner(loop_factory=PacedLoop) as runner:
        runner.run(main())


async def _note(hub: EventHub, events: list[dict[str, Any]]) -> None:
    async with aclosing(hub.listen()) as heard:
        async for event in heard:
            events.append(event)  # noqa: PERF401 - it never ends


async def _start_a_charge(driver: Driver) -> None:
    await driver.do(plug={"connector": 1, "ev": {"soc": 20, "max_a": 16}})
    await driver.do(coin="2.00")
    await driver.do(touch="start")
    answer = await driver.do(expect={"contactor": {"1": "closed"}, "within": "20s"})
    assert answer["held"], answer


def test_charge_is_seen_on_every_wire_in_every_book(tmp_path: Path) -> None:
    async def drive(driver: Driver) -> None:
        await _start_a_charge(driver)
        await driver.do(expect={"connector": {"1": "Charging"}, "within": "20s"})
        await driver.do(wait="5s")
        state = await driver.state()
        charging = state["connectors"]["1"]
        assert charging["machine"] == "session/energised"
        assert (charging["pilot"], charging["lock"], charging["current_a"]) == ("C", "locked", 16)
        assert charging["energy_wh"] > 0
        assert state["ledger"]["balanced"] is True
        moved = ("cash_box", "credit:1", "held:1")
        assert [state["ledger"]["accounts"][each] for each in moved] == [200, 0, 200]
        assert state["ready"] is True
        assert state["cards"]["GC-1"]["balance"] == 2000
        assert {each["bus"] for each in driver.of("wire")} == {
            "cabinet",
            "coin_acceptor", "card_reader", "lease_timer", "evse:1", "evse:2", "meter:1", "meter:2",
            "note_validator", "bank_terminal", "printer",
            *(f"hopper:{value}" for value in (10, 20, 50, 100, 200)),
        }  # fmt: skip
        meanings = [event["meaning"] for event in driver.of("wire")]
        assert any(meaning.startswith("coin 2.00 € accepted") for meaning in meanings)
        assert "$FE: let the car have power" in meanings
        moves = [(each["machine"], each["to"]) for each in driver.of("transition")]
        assert ("point:1", "session/energised") in moves
        assert ("dialogue", "cash_in") in moves
        first, second = driver.of("posting")[-2:]
        assert first["entries"] == {"cash_box": 200, "credit:1": 200}
        assert second["entries"] == {"credit:1": -200, "held:1": 200}
        assert "StartTransaction" in {each["action"] for each in driver.of("ocpp")}
        picture = await driver.get("/api/screen.png")
        assert picture.content.startswith(b"\x89PNG")

    _drive(tmp_path, drive)


def test_what_was_done_becomes_a_scenario_that_passes(tmp_path: Path) -> None:
    recorded: list[str] = []

    async def drive(driver: Driver) -> None:
        await _start_a_charge(driver)
        await driver.do(wait="20s")
        await driver.do(power="cut")
        await driver.do(power="restore")
        await driver.do(expect={"contactor": {"1": "closed"}, "within": "60s"})
        await driver.do(touch="stop")
        await driver.do(enter_code="own")
        await driver.do(expect={"screen": "unplug", "within": "30s"})
        await driver.do(unplug={"connector": 1})
        await driver.do(expect={"connector": {"1": "Available"}, "within": "30s"})
        recorded.append((await driver.get("/api/scenario.yaml")).text)

    _drive(tmp_path, drive)
    (written,) = recorded
    acts = [next(iter(step)) for step in yaml.safe_load(written)["steps"]]
    assert [act for act in acts if act not in {"wait", "expect"}] == [
        "plug", "coin", "touch", "power", "power", "touch", "enter_code", "unplug"
    ]  # fmt: skip
    report = play_virtual(parse(written), StationOptions())
    assert report.passed, report.failures


def test_step_that_does_not_fit_is_refused_with_what_there_is(tmp_path: Path) -> None:
    async def drive(driver: Driver) -> None:
        refused = await driver.do(unplug={"connector": 2})
        assert (refused["status"], refused["error"]) == (
            400,
            "nothing is plugged in at connector 2",
        )
        for step in ({"nap": 1}, {"coin": "many"}, {"speed": 0}, {"speed": "fast"}, {"note": 0}):
            assert (await driver.do(**step))["status"] == 400, step
        missed = await driver.do(expect={"screen": "charging"})
        assert (missed["held"], missed["was"].split()[0:2]) == (False, ["screen", "home"])

    _drive(tmp_path, drive)


def test_dark_station_says_so_and_comes_back(tmp_path: Path) -> None:
    async def drive(driver: Driver) -> None:
        await driver.do(power="cut")
        dark = await driver.state()
        assert (dark["power"], dark["ready"]) == (False, False)
        assert dark["processes"] == {"core": "killed", "ui": "killed"}
        assert (await driver.get("/api/screen.png")).status_code == 503
        await driver.do(power="restore")
        assert (await driver.do(expect={"screen": "home", "within": "30s"}))["held"]
        assert (await driver.state())["processes"] == {"core": "running", "ui": "running"}
        await driver.do(fault={"device": "meter", "kind": "silent", "connector": 1})
        assert (await driver.state())["faults"] == {"meter:1": ["silent"]}

    _drive(tmp_path, drive)


def test_speed_is_the_station_s_own(tmp_path: Path) -> None:
    async def drive(driver: Driver) -> None:
        assert (await driver.do(speed=60))["ok"]
        assert (await driver.state())["speed"] == 60

    _drive(tmp_path, drive)
