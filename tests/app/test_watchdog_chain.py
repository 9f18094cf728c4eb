"""What reaches systemd: each word over its socket, and none while the loop is late, or while any
actor, the journal or a contactor's lease of a whole station stands still.

The links one by one: tests/app/test_parts.py.
"""

import asyncio
import socket
from pathlib import Path

import pytest

from chargepoint.__main__ import HELD_S, main
from chargepoint.app.health import Health, SystemdWatchdog
from chargepoint.domain.devices import Hazard, HazardCleared
from chargepoint.domain.dialogue.events import LinkChanged
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual


def listening(address: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(address)
    line.setblocking(False)
    return line


@pytest.mark.parametrize("is_abstract", [False, True])
def test_words_reach_the_socket_that_systemd_names(
    is_abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"@{tmp_path.name}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    with listening(f"\0{tmp_path.name}" if is_abstract else name) as line:
        watchdog = SystemdWatchdog()
        watchdog.ready()
        watchdog.ping()
        assert [line.recv(64), line.recv(64)] == [b"READY=1", b"WATCHDOG=1"]


def test_nobody_listens_and_the_core_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    SystemdWatchdog().ping()
    monkeypatch.delenv("NOTIFY_SOCKET")
    SystemdWatchdog().ping()


class Counted:
    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1

    def ready(self) -> None:
        pass


@pytest.mark.parametrize(("late_s", "is_fed"), [(0.9, True), (1.1, False)])
def test_loop_that_is_late_starves_the_watchdog(
    late_s: float, is_fed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        loop, watchdog = asyncio.get_running_loop(), Counted()
        on_time = loop.time
        health = Health(watchdog, [], {}, lambda: 0.0, lambda _is_stalled: None)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(health.run())
            await asyncio.sleep(5.1)
            assert watchdog.pings == 10
            # Each pause of half a second takes so much longer.
            monkeypatch.setattr(loop, "time", lambda: on_time() * (0.5 + late_s) / 0.5)
            await asyncio.sleep(30)
            before = watchdog.pings
            await asyncio.sleep(30)
            assert (watchdog.pings > before) is is_fed
            running.cancel()

    run_virtual(story())


@pytest.mark.parametrize("is_under_systemd", [True, False])
def test_wrong_configuration_is_not_tried_again_at_once(
    is_under_systemd: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if is_under_systemd:
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    waits: list[float] = []
    (tmp_path / "site.toml").write_text("[station]\nconnectors = 0\n", "utf-8")
    assert main(["--config", str(tmp_path / "site.toml")], wait=waits.append) == 2
    assert waits == ([HELD_S] if is_under_systemd else [])
    assert "station.connectors" in capsys.readouterr().err


CHARGING = """
title: Somebody charges
given: {cards: {GC-1: {balance: 20.00}}}
steps:
  - plug: {connector: 1, ev: {soc: 20, max_a: 16, phases: 1}}
  - tap: GC-1
  - touch: start
  - expect: {contactor: {1: closed}, within: 20s}
  - wait: 5s
"""
STARVED_AFTER_S = 10.0
PING_S = 0.5


async def _stand_still(virtual: VirtualStation, station: Station, part: str) -> None:
    core = virtual.power.core
    assert core is not None
    if part == "journal":
        await station.troubles["disk"].begin("silent", None)
    else:
        (task,) = [each for each in asyncio.all_tasks() if each.get_name() == part]
        task.cancel()
    # Each actor has something to do, and the journal something to keep.
    core.core.station.emit(HazardCleared(Hazard.FLOOD))
    core.core.station.incident("test.incident", "")
    core.core.station.post(LinkChanged(online=True))


@pytest.mark.parametrize("part", ["nothing", "station", "point:1", "point:2", "lease:1", "journal"])
def test_no_part_of_a_station_stands_still_while_the_watchdog_is_fed(
    part: str, tmp_path: Path
) -> None:
    scenario = parse(CHARGING, "watchdog")
    config = resolved(scenario, StationOptions(), tmp_path)
    pings: list[int] = []

    async def live() -> None:
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(scenario, config, tmp_path, tasks)
            async with virtual.running() as station:
                await until_ready(station, expects_link=True)
                assert await Player(station).run(scenario.steps) == ()
                core = virtual.power.core
                assert core is not None
                if part != "nothing":
                    await _stand_still(virtual, station, part)
                await asyncio.sleep(STARVED_AFTER_S)
                before = core.watchdog.pings
                await asyncio.sleep(STARVED_AFTER_S)
                pings.append(core.watchdog.pings - before)

    run_virtual(live())
    assert pings == [STARVED_AFTER_S / PING_S if part == "nothing" else 0]
