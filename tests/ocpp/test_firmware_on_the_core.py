"""Firmware updates on the real core: who waits, what is Unavailable, what comes back (note 26)."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chargepoint.security_ports import Installed, InstallFailed
from chargepoint.world import World
from simulator.vtime import run_virtual
from tests.support.live_core import TWO, LiveStation, a_live_station

REQUEST = {"location": "https://files.example/fw", "retrieveDate": "2020-01-01T00:00:00Z"}


class Depot:
    """Files and slots of one machine; outlives its process."""

    def __init__(self) -> None:
        self.fails = False
        self.installed: list[str] = []

    async def download(self, url: str, name: str) -> Path:
        await asyncio.sleep(1)
        return Path(name)

    async def upload(self, url: str, name: str, content: bytes) -> None:
        raise AssertionError

    def knows(self, url: str) -> bool:
        return True

    async def install(self, package: Path, job: str) -> None:
        await asyncio.sleep(5)
        if self.fails:
            raise InstallFailed("slot not written")
        self.installed.append(job)

    async def outcome(self, job: str) -> Installed:
        return Installed.DONE if job in self.installed else Installed.FAILED


@pytest.fixture
def depot(monkeypatch: pytest.MonkeyPatch) -> Depot:
    made = Depot()
    world_of = LiveStation._world

    def world(station: LiveStation) -> World:
        return replace(world_of(station), transfer=made, installer=made)

    monkeypatch.setattr(LiveStation, "_world", world)
    return made


def told(station: LiveStation) -> list[str]:
    return [each["status"] for each in station.central.of("FirmwareStatusNotification")]


async def update(station: LiveStation) -> None:
    for action in ("FirmwareStatusNotification", "SecurityEventNotification"):
        station.central.answers[action] = {}
    await station.asks("UpdateFirmware", **REQUEST)
    await asyncio.sleep(3)


def test_an_installation_waits_for_the_charge_and_takes_nobody_new(
    depot: Depot, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(10)
            await update(station)
            assert told(station) == ["Downloading", "Downloaded"]
            assert station.statuses(2)[-1] == "Unavailable"
            assert station.statuses(1)[-1] == "Charging"
            refused = await station.says("RemoteStartTransaction", idTag="T2", connectorId=2)
            assert refused == "Rejected"
            await station.unplug()
            await asyncio.sleep(5)
            assert station.core.station.dialogue.screen() == "receipt"
            assert depot.installed == []  # somebody stands there
            await asyncio.sleep(120)
            assert len(depot.installed) == 1
            assert station.core.station.dialogue.screen() == "updating"
            assert station.exits == ["restart"]
            await station.restart()
            await station.drained()
            assert told(station) == ["Downloading", "Downloaded", "Installing", "Installed"]
            assert {station.statuses(n)[-1] for n in (0, 1, 2)} == {"Available"}
            await station.restart()
            assert told(station).count("Installed") == 1

    run_virtual(story())


def test_26_a_failed_installation_restores_availability_connector_0_included(
    depot: Depot, tmp_path: Path
) -> None:
    depot.fails = True

    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            taken_out: dict[str, Any] = {"connectorId": int(TWO), "type": "Inoperative"}
            assert await station.says("ChangeAvailability", **taken_out) == "Accepted"
            await update(station)
            await asyncio.sleep(2)
            assert station.statuses(0)[-1] == "Unavailable"
            await station.drained()
            await asyncio.sleep(5)
            assert told(station)[-2:] == ["Installing", "InstallationFailed"]
            assert station.statuses(0)[-1] == station.statuses(1)[-1] == "Available"
            assert station.statuses(2)[-1] == "Unavailable"  # as it was before
            await station.remote_charge(5)
            assert station.statuses(1)[-1] == "Charging"
            await station.restart()
            assert told(station).count("InstallationFailed") == 1

    run_virtual(story())


def test_a_cut_while_installing_ends_as_failed_and_all_is_in_service(
    depot: Depot, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await update(station)
            assert told(station)[-1] == "Installing"
            await station.restart()  # before the package was in its slot
            await station.drained()
            assert told(station)[-1] == "InstallationFailed"
            assert {station.statuses(n)[-1] for n in (0, 1, 2)} == {"Available"}

    run_virtual(story())
