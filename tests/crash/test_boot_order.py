"""What is done first after a cut, in the order that design §6.4 wants.

    1 boot row   2 contactors ordered open and read back   3 acceptors shut, meters and coins read
    4 sessions settled or resumed   5 acceptors open, the outbox is drained, only after that

Told by what passes on the wires, in the second life of a station that went dark in a charge.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulator.fitting import Wiring
from simulator.pipes import Line
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_station import JOURNAL, VirtualStation, resolved
from simulator.vtime import run_virtual
from simulator.wiretap import TappedLine

CHARGE = """
title: Dark in the middle of two charges
given:
  config: {tariff.energy: 1.00, tariff.session: 0, session.resume_limit: 1, station.connectors: 2}
steps:
  - plug: {connector: 1, ev: {soc: 20, max_a: 16}}
  - coin: 2.00
  - expect: {screen: cash_in, credit: 2.00, within: 10s}
  - touch: start
  - expect: {contactor: {1: closed}, within: 20s}
  - wait: 20s
"""
DARK_S = 30.0
LIVES_S = 40.0
MODIFY_INHIBITS, MASTER_INHIBIT = 231, 228  # ccTalk
READ_EVENTS = 229
HEADER_AT, DATA_AT = 3, 4


@dataclass
class Seen:
    """In order: (who, what)."""

    journal: Path
    facts: list[tuple[str, str]] = field(default_factory=list)
    boots_at_first_byte: int | None = None

    def tap(self, wiring: Wiring, line: Line) -> Line:
        def hear(direction: str, octets: bytes) -> None:
            if self.boots_at_first_byte is None and direction == "tx":
                self.boots_at_first_byte = self._boots()
            self.facts.append((wiring.name, named(wiring.name, direction, octets)))

        return TappedLine(line, hear)

    def moved(self, machine: str, before: str, after: str) -> None:
        self.facts.append((machine, f"{before} > {after}"))

    def told(self, kind: str, entry: dict[str, object]) -> None:
        if kind == "screens":
            self.facts.append(("screen", str(entry["id"])))
        elif kind == "ocpp" and entry["dir"] == "sent" and entry["type"] == 2:
            self.facts.append(("ocpp", str(entry["action"])))

    def forget(self) -> None:
        self.facts.clear()
        self.boots_at_first_byte = None

    def _boots(self) -> int:
        with closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM boot").fetchone()
        return int(count)

    def first(self, who: str, fits: Callable[[str], bool] = bool) -> int:
        return next(
            place for place, (name, what) in enumerate(self.facts) if name == who and fits(what)
        )

    def of(self, who: str) -> list[str]:
        return [what for name, what in self.facts if name == who]


def named(line: str, direction: str, octets: bytes) -> str:
    if line != "coin_acceptor" or len(octets) <= DATA_AT:
        return f"{direction} {octets.decode('latin-1')}"
    header, data = octets[HEADER_AT], octets[DATA_AT:-1]
    if header in (MODIFY_INHIBITS, MASTER_INHIBIT) and direction == "tx":
        return f"tx {'opens' if any(data) else 'shuts'} {header}"
    return f"{direction} {header}"


@pytest.fixture(scope="module")
def second_life(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("boot")
    scenario = parse(CHARGE, "boot")
    seen = Seen(folder / JOURNAL)

    async def live() -> None:
        config = resolved(scenario, StationOptions(), folder)
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(
                scenario, config, folder, tasks, tap=seen.tap, moved=seen.moved
            )
            async with virtual.running() as station:
                await _go_dark_and_come_back(virtual, station)

    async def _go_dark_and_come_back(virtual: VirtualStation, station: Station) -> None:
        await until_ready(station, expects_link=True)
        assert await Player(station).run(scenario.steps) == ()
        await virtual.power.cut()
        await asyncio.sleep(DARK_S)
        seen.forget()
        station.record.listeners.append(seen.told)
        await virtual.power.restore()
        await asyncio.sleep(LIVES_S)

    run_virtual(live())
    return seen


def test_boot_row_is_durable_before_a_device_hears_anything(second_life: Seen) -> None:
    assert second_life.boots_at_first_byte == 2


@pytest.mark.parametrize("connector", [1, 2])
def test_first_word_to_each_board_is_to_open(second_life: Seen, connector: int) -> None:
    told = [each for each in second_life.of(f"evse:{connector}") if each.startswith("tx")]
    assert told[0].startswith("tx $FS")
    assert not [each for each in told if each.startswith("tx $FE")]


@pytest.mark.parametrize("connector", [1, 2])
def test_point_is_known_when_contactor_and_meter_were_read_back(
    second_life: Seen, connector: int
) -> None:
    seen = second_life
    known = seen.first(f"point:{connector}", lambda what: what.startswith("booting >"))
    state_asked = seen.first(f"evse:{connector}", lambda what: what.startswith("tx $GS"))
    answers = [what for name, what in seen.facts[state_asked:known] if name == f"evse:{connector}"]
    assert any(what.startswith("rx $OK fe") for what in answers)  # asleep: its relay is open
    assert seen.first(f"meter:{connector}", lambda what: what.startswith("rx")) < known


def test_charge_of_before_is_settled_not_resumed(second_life: Seen) -> None:
    states = second_life.of("point:1")
    assert states[0].startswith("booting > ")
    assert not [each for each in states if "energised" in each]


def test_lease_is_renewed_for_nobody(second_life: Seen) -> None:
    relays = [each for each in second_life.of("lease_timer") if each.startswith("tx")]
    assert not [each for each in relays if each[4:5] == "\x05" and "\xff" in each]


def test_acceptor_stays_shut_until_a_screen_is_there(second_life: Seen) -> None:
    seen = second_life
    opened = seen.first("coin_acceptor", lambda what: what.startswith("tx opens"))
    assert seen.first("coin_acceptor", lambda what: what == f"tx {READ_EVENTS}") < opened
    assert seen.first("screen", lambda what: what not in ("boot", "recover", "starting")) < opened
    assert seen.first("point:2") < opened  # somebody can be served: nobody charged there


def test_central_system_hears_the_boot_before_anything_else(second_life: Seen) -> None:
    sent = second_life.of("ocpp")
    assert sent[0] == "BootNotification"
    assert "StopTransaction" in sent
    assert "StartTransaction" not in sent
