"""The core as a process of its own: how it ends when it is told to."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.real_station import Plan, RealStation
from simulator.scenario_file import parse
from simulator.station_ready import until_ready

pytestmark = [pytest.mark.system, pytest.mark.timeout(90)]

CHARGE = """
title: a charge begins
given: {cards: {GC-1: {balance: 20.00}}}
steps:
  - plug: {connector: 1, ev: {soc: 20, max_a: 16}}
  - central: {send: RemoteStartTransaction, payload: {connectorId: 1, idTag: $GC-1.number}}
  - expect: {contactor: {1: closed}, within: 20s}
"""
ORDERED_STOP_S = 1.0  # far below the three seconds after which the lease would do it


def test_terminated_core_opens_the_contactor_and_ends_clean_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    said: list[str] = []
    scenario = parse(CHARGE, "charge.yaml")

    async def story() -> None:
        loop = asyncio.get_running_loop()
        real = RealStation(
            Plan(scenario, StationOptions(), tmp_path, tmp_path, core_said=said.append)
        )
        async with real.running() as station:
            await until_ready(station, expects_link=True, check=real.check)
            assert await Player(station).run(scenario.steps) == ()
            core = real.processes["core"]
            assert core.pid is not None
            os.kill(core.pid, signal.SIGTERM)
            terminated_s = loop.time()
            while station.world.is_contactor_closed(1):
                assert loop.time() - terminated_s < ORDERED_STOP_S
                await asyncio.sleep(0.01)
            while core.is_running:  # noqa: ASYNC110 - as its supervisor sees it
                await asyncio.sleep(0.01)
            assert is_marked_clean(tmp_path)

    asyncio.run(story())
    assert not [line for line in said if "never awaited" in line or "Warning" in line]


def is_marked_clean(state: Path) -> bool:
    """The end of the last life is in the journal."""
    with closing(sqlite3.connect(state / "journal.sqlite")) as connection:
        (boots,) = connection.execute("SELECT MAX(id) FROM boot").fetchone()
        row = connection.execute("SELECT value FROM setting WHERE key = 'boot.clean'").fetchone()
    return bool(row == (str(boots),))
