"""One random walk of a whole station in virtual time, and what an honest one leaves behind.

The lines that were done are a scenario file: whatever is found plays again with `./run play`.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from chargepoint.domain.units import ConnectorId
from chargepoint.store import books
from config.schema import Config
from simulator.play import Player, StepFailed
from simulator.play_options import StationOptions
from simulator.powercut import Cut
from simulator.relay import CentralState
from simulator.scenario_file import Scenario, Step, parse
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual
from tests.crash.every_cut import MOST_TRANSACTIONS, Blow, looked_at
from tests.crash.honesty import wrongs
from tests.walk.ideas import RESTORE, Ideas
from tests.walk.sites import given

# Broken code, or a machine that met what it did not expect.
SURPRISES = frozenset({"machine.unexpected", "task.crashed", "point.crashed"})
STAYS_S = 100.0  # the customers, after the last step; then they pull the plug
SETTLES_S = 900.0  # vouchers, invoices, retries: the longest of them
NO_BLOW = Blow(Cut.AT, 0, is_power=False)


@dataclass(slots=True)
class Walked:
    """`lines`: what was done, as steps of a scenario file."""

    seed: int
    lines: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    virtual_s: float = 0.0
    looks: int = 0
    transactions: int = 0

    def replay(self) -> str:
        steps = "".join(f"  - {line}\n" for line in self.lines)
        return f"{given(self.seed)}steps:\n{steps}"


def walked(seed: int, steps: int) -> Walked:
    """So many steps as this seed draws them."""

    async def go(walk: Walked, virtual: VirtualStation, station: Station) -> None:
        player, ideas = Player(station), Ideas(walk.seed, virtual, station)
        for _ in range(steps):
            await _do(walk, player, ideas.next())
            if virtual.witness.broken:
                return
        if ideas.is_dark:
            await _do(walk, player, RESTORE)

    return _lived(seed, go)


def played(seed: int, lines: list[str]) -> Walked:
    """These lines on a fresh station."""

    async def go(walk: Walked, _virtual: VirtualStation, station: Station) -> None:
        player = Player(station)
        for line in lines:
            await _do(walk, player, line)

    return _lived(seed, go)


Go = Callable[[Walked, VirtualStation, Station], Awaitable[None]]


def _lived(seed: int, go: Go) -> Walked:
    scenario = parse(f"{given(seed)}steps: []\n", f"walk:{seed}")
    with tempfile.TemporaryDirectory(prefix="walk-") as folder:
        return run_virtual(_live(scenario, go, Path(folder)))


async def _live(scenario: Scenario, go: Go, folder: Path) -> Walked:
    config, walk = resolved(scenario, StationOptions(), folder), Walked(scenario.seed)
    async with asyncio.TaskGroup() as tasks:
        virtual = VirtualStation(scenario, config, folder, tasks)
        async with virtual.running() as station:
            await until_ready(station, expects_link=True)
            await go(walk, virtual, station)
            await _come_to_rest(virtual, station)
            walk.found += _found(virtual, station, config)
            walk.virtual_s, walk.looks = station.now_s, virtual.witness.looks
            walk.transactions = len(virtual.central.store.charges.transactions(MOST_TRANSACTIONS))
    return walk


async def _do(walk: Walked, player: Player, line: str) -> None:
    """What turns out to be impossible took its time, and that is all."""
    began_s = player.station.now_s
    try:
        await player.perform(_step(line))
        walk.lines.append(line)
    except StepFailed:
        walk.lines.append(f"wait: {round((player.station.now_s - began_s) * 1000)}ms")


@lru_cache(maxsize=1000)
def _step(line: str) -> Step:
    return parse(f"title: step\nsteps:\n  - {line}\n").steps[0]


async def _come_to_rest(virtual: VirtualStation, station: Station) -> None:
    """Everything is mended, everybody leaves, and what is owed and untold has its time."""
    for title in tuple(virtual.hardware.faults):
        device, _, place = title.partition(":")
        virtual.hardware.clear(device, None, int(place) if place else None)
    for trouble in station.troubles.values():
        await trouble.end(None)
    await station.central.set_state(CentralState.UP)
    if virtual.power.core is None and not station.world.has_mains(1):
        await virtual.power.restore()
    await asyncio.sleep(STAYS_S)
    for connector in station.world.connectors:
        if station.world.vehicle(connector) is not None:
            station.world.unplug(connector, forced=True)
    await asyncio.sleep(SETTLES_S)


def _found(virtual: VirtualStation, station: Station, config: Config) -> list[str]:
    promises = [f"{each.expected}: {each.was}" for each in virtual.witness.verdict()]
    surprises = [
        f"{each['code']}: {each['detail']}"
        for each in books.incidents(station.journal)
        if each["code"] in SURPRISES
    ]
    after = looked_at(virtual, station, config, was_struck=False)
    after = replace(after, is_unlocked=not _held_for_nothing(virtual, station))
    return promises + surprises + wrongs(after, NO_BLOW)


def _held_for_nothing(virtual: VirtualStation, station: Station) -> list[ConnectorId]:
    """Connectors whose lock holds. Behind contacts that had welded it waits for a technician, and a cable
    that stays with its owner for that card (UnlockConnectorOnEVSideDisconnect).
    """
    core = virtual.power.core
    assert core is not None  # everything was mended, and had its time
    points = {c: point.seen.data for c, point in core.core.station.points.items()}
    return [
        connector
        for connector in station.world.connectors
        if station.world.is_locked(connector)
        and not (points[connector].is_welded or points[connector].cable_of)
    ]
