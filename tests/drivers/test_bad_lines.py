"""Every driver on a line that goes wrong: told once and as what it is, nothing believed, back when it is well."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from chargepoint.commission.inspection import open_trial
from chargepoint.commission.trial import Heard
from chargepoint.domain.devices import (
    BoardFaultRaised,
    CoinSeen,
    ContactorMoved,
    ForeignCardRead,
    GreenCardRead,
    HazardRaised,
    KeyPressed,
    MeterSigned,
    PilotChanged,
)
from chargepoint.domain.dialogue.events import PaidOut
from chargepoint.domain.payments import NoteInEscrow, NoteStacked
from config.devices import Device
from drivers.port import BytePort, OpenPort
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.vtime import VirtualClock, run_virtual
from tests.support.commissioning import SITE, Bench, write_site

Twist = Callable[[bytes], bytes]

NAMES = {
    "coin_acceptor": "coin_acceptor",
    "note_validator": "note_validator",
    "hopper:50": "hopper.50",
    "card_reader": "card_reader",
    "bank_terminal": "bank_terminal",
    "printer": "printer",
    "cabinet": "cabinet",
    "evse:1": "evse.1",
    "lease_timer": "lease_timer.1",
    "meter:1": "meter.1",
    "evse:2": "evse.2",  # a Heidelberg, whose lease is its own
    "meter:2": "meter.2",
}
MORE = """
[devices.note_validator]
kind = "cctalk_notes"
port = "{folder}/note_validator"

[devices.hopper.50]
kind = "cctalk_hopper"
port = "{folder}/hopper:50"

[devices.bank_terminal]
kind = "zvt"
port = "{folder}/bank_terminal"

[devices.cabinet]
kind = "modbus_inputs"
port = "{folder}/cabinet"

[devices.evse.2]
kind = "heidelberg"
port = "{folder}/evse:2"

[devices.lease_timer.2]
kind = "board"

[devices.meter.2]
kind = "sdm630"
port = "{folder}/meter:2"
"""
FULL = SITE.replace("connectors = 1", "connectors = 2") + MORE
IN_TIME_S = 180.0
ITS_OWN = {"evse.2": "lease_timer.2"}  # what a device says of itself under another name

MOVED = (
    *(CoinSeen, NoteInEscrow, NoteStacked, PaidOut, GreenCardRead, ForeignCardRead, KeyPressed),
    *(ContactorMoved, PilotChanged, BoardFaultRaised, HazardRaised, MeterSigned),
)
"""What nobody did: no line that goes wrong may have anybody believe it."""


class Ears(Heard):
    """Also what would be believed."""

    def __init__(self) -> None:
        super().__init__()
        self.believed: list[object] = []

    @override
    def emit(self, event: object) -> None:
        if isinstance(event, MOVED):
            self.believed.append(event)
        super().emit(event)


class Twisted:
    """A line whose answers are twisted while `how` is there: chunks in, chunks out."""

    def __init__(self, port: BytePort, how: Callable[[], Twist | None]) -> None:
        self._port = port
        self._how = how

    def write(self, chunk: bytes) -> None:
        self._port.write(chunk)

    async def read(self) -> bytes:
        while True:
            chunk, twist = await self._port.read(), self._how()
            chunk = chunk if twist is None else twist(chunk)
            if chunk:
                return chunk

    def discard_input(self) -> None:
        self._port.discard_input()

    def close(self) -> None:
        self._port.close()


def twice(chunk: bytes) -> bytes:
    return 2 * chunk


def truncated(chunk: bytes) -> bytes:
    return chunk[: len(chunk) // 2]


class Stale:
    """Every answer is that to the question before."""

    def __init__(self) -> None:
        self._before = b""

    def __call__(self, chunk: bytes) -> bytes:
        self._before, before = chunk, self._before
        return before


class Station:
    """All drivers on lines in memory, and what they say. `twists`: by the name of the line."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(write_site(folder, FULL), VirtualClock(), SeededEntropy(1, "lines"))
        self.heard = Ears()
        self.twists: dict[str, Twist] = {}
        place = replace(self.bench.place(folder), open_line=self._opened)
        self.trial = open_trial(place, self.heard)

    def _opened(self, bus: str, device: Device) -> OpenPort:
        open_port, line = self.bench.open_line(bus, device), Path(device.port).name

        async def opened() -> BytePort:
            return Twisted(await open_port(), lambda: self.twists.get(line))

        return opened

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self.bench.devices.run())]
            running += [tasks.create_task(driver.run()) for driver in self.trial.drivers()]
            assert await self.heard.until(lambda: self.is_online(*NAMES.values()), IN_TIME_S)
            self.heard.believed.clear()
            yield
            for task in running:
                task.cancel()

    def is_online(self, *names: str) -> bool:
        return set(names) <= set(self.heard.online)

    def others_offline(self, name: str) -> list[str]:
        return [each for each in self.heard.offline if each not in (name, ITS_OWN.get(name))]


@pytest.mark.parametrize("fault", [LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED])
@pytest.mark.parametrize("line", NAMES)
def test_line_that_fails_is_told_and_comes_back(
    line: str, fault: LineFault, tmp_path: Path
) -> None:
    async def story() -> tuple[str, list[str], list[object]]:
        station, name = Station(tmp_path), NAMES[line]
        async with station.running():
            station.bench.lines[line].fault(fault)
            heard = station.heard
            assert await heard.until(lambda: name in heard.offline, IN_TIME_S)
            why, others = heard.offline[name], station.others_offline(name)
            station.bench.lines[line].clear(fault)
            assert await heard.until(lambda: station.is_online(name), IN_TIME_S)
        return why, others, heard.believed

    why, others, believed = run_virtual(story())
    assert why
    assert others == []  # nobody else is disturbed
    assert believed == []
    assert ("unplugged" in why or "no such device" in why) == (fault is LineFault.UNPLUGGED)


@pytest.mark.parametrize("line", NAMES)
def test_answers_cut_short_are_no_answers(line: str, tmp_path: Path) -> None:
    async def story() -> tuple[list[str], list[object]]:
        station, name = Station(tmp_path), NAMES[line]
        async with station.running():
            station.twists[line] = truncated
            heard = station.heard
            assert await heard.until(lambda: name in heard.offline, IN_TIME_S)
            others = station.others_offline(name)
            del station.twists[line]
            assert await heard.until(lambda: station.is_online(name), IN_TIME_S)
        return others, heard.believed

    assert run_virtual(story()) == ([], [])


@pytest.mark.parametrize("kind", ["late", "stale"])
@pytest.mark.parametrize("line", NAMES)
def test_answers_to_an_earlier_question_are_not_believed(
    line: str, kind: str, tmp_path: Path
) -> None:
    """Whether such a line is in use or not is its driver's to say; when it is well it is well."""

    async def story() -> tuple[list[str], list[object]]:
        station, name = Station(tmp_path), NAMES[line]
        async with station.running():
            wire = station.bench.lines[line]
            if kind == "stale":
                station.twists[line] = Stale()
            else:
                wire.trouble.slow_by_s = 0.9  # longer than anybody waits
                wire.fault(LineFault.SLOW)
            await asyncio.sleep(60)
            others = station.others_offline(name)
            station.twists.clear()
            wire.clear(LineFault.SLOW)
            assert await station.heard.until(lambda: station.is_online(name), IN_TIME_S)
        return others, station.heard.believed

    assert run_virtual(story()) == ([], [])


def test_answers_that_come_twice_disturb_nobody(tmp_path: Path) -> None:
    async def story() -> tuple[dict[str, str], list[str], list[object]]:
        station = Station(tmp_path)
        async with station.running():
            station.twists |= dict.fromkeys(NAMES, twice)
            await asyncio.sleep(60)
        heard = station.heard
        return heard.offline, [each.code for each in heard.incidents], heard.believed

    assert run_virtual(story()) == ({}, [], [])


@pytest.mark.parametrize("line", NAMES)
def test_port_of_another_program_is_told_as_such(line: str, tmp_path: Path) -> None:
    async def story() -> tuple[str, list[str]]:
        station, name = Station(tmp_path), NAMES[line]
        other = await station.bench.lines[line].open_port()
        heard = station.heard
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(station.bench.devices.run())]
            running += [tasks.create_task(driver.run()) for driver in station.trial.drivers()]
            assert await heard.until(lambda: name in heard.offline, IN_TIME_S)
            why, others = heard.offline[name], station.others_offline(name)
            other.close()
            assert await heard.until(lambda: station.is_online(*NAMES.values()), IN_TIME_S)
            for task in running:
                task.cancel()
        return why, others

    why, others = run_virtual(story())
    assert "in use" in why
    assert others == []
