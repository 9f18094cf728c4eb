"""One life of a station that is cut at a given commit, served on, and then looked at."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargepoint.store import books
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.powercut import Cut
from simulator.scenario_file import Scenario
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_power import VirtualPower
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual

DARK_S = 5.0
SERVED_S = 150.0  # the rest of the charge takes 40 s at most; the plug is pulled after half of it
WH_IN_MWH = 1000


@dataclass(frozen=True, slots=True)
class Blow:
    """`is_power`: everything goes dark; else the core alone is killed."""

    mode: Cut
    number: int
    is_power: bool


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left when everything has come to rest. Money in minor units."""

    was_struck: bool
    coins_kept: int
    accounts: dict[str, int]
    unbalanced: list[str]
    undelivered: list[tuple[int, str, str]]
    transactions: list[tuple[int, bool]]  # at the central system: billed Wh, ended
    receipts: list[dict[str, Any]]
    energy_wh: float
    is_open: bool
    is_unlocked: bool


def survive(scenario: Scenario, blow: Blow, folder: Path) -> Aftermath:
    config = resolved(scenario, StationOptions(), folder)

    async def live() -> Aftermath:
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(scenario, config, folder, tasks)
            async with virtual.running() as station:
                was_struck = await _live_through(virtual.power, station, scenario, blow)
                return _look(virtual, station, was_struck)

    return run_virtual(live())


async def _live_through(
    power: VirtualPower, station: Station, scenario: Scenario, blow: Blow
) -> bool:
    await until_ready(station, expects_link=True)
    before = len(station.record.physical)
    if blow.is_power:
        power.arm(blow.mode, blow.number)
    else:
        power.arm_kill(blow.mode, blow.number)
    async with asyncio.TaskGroup() as tasks:
        play = tasks.create_task(Player(station).run(scenario.steps))
        while not play.done() and not _is_struck(station, before):
            await station.changes.wait(1.0)
        play.cancel()
    if not _is_struck(station, before):
        return False
    if blow.is_power:
        await asyncio.sleep(DARK_S)
        await power.restore()
    await _serve(station)
    return True


def _is_struck(station: Station, before: int) -> bool:
    return any(
        (entry["what"], entry["value"]) == ("core", "killed")
        for entry in station.record.physical[before:]
    )


async def _serve(station: Station) -> None:
    """The customer stays until the charge is over, pulls the plug and goes."""
    until_s = station.now_s + SERVED_S
    while station.now_s < until_s:
        await asyncio.sleep(1)
        is_over = station.now_s > until_s - SERVED_S / 2
        if is_over and station.world.vehicle(1) and not station.world.is_locked(1):
            station.world.unplug(1)


def _look(virtual: VirtualStation, station: Station, was_struck: bool) -> Aftermath:
    frames = station.record.ocpp
    receipts = {
        frame["payload"]["data"]
        for frame in frames
        if frame["type"] == 2 and frame["payload"].get("messageId") == "Session.Receipt"
    }
    return Aftermath(
        was_struck=was_struck,
        coins_kept=sum(
            int(each["value"]) for each in station.record.physical if each["what"] == "coin"
        ),
        accounts=books.balances(station.journal),
        unbalanced=books.unbalanced(station.journal),
        undelivered=books.undelivered(station.journal),
        transactions=[
            (each.energy_wh, not each.is_running) for each in virtual.central.store.transactions()
        ],
        receipts=[json.loads(each) for each in sorted(receipts)],
        energy_wh=station.world.register_mwh(1) / WH_IN_MWH,
        is_open=not station.world.is_contactor_closed(1),
        is_unlocked=not station.world.is_locked(1),
    )
