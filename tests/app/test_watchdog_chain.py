"""What reaches systemd: each word over its socket, and none while the loop is late.

The other links of the chain (actor, journal, lease): tests/app/test_parts.py.
"""

import asyncio
import socket
from pathlib import Path

import pytest

from chargepoint.__main__ import HELD_S, main
from chargepoint.app.health import Health, SystemdWatchdog
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
