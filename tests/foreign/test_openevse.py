"""Our driver and OpenEVSE boards of many builds, none of them made here."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardTemperature,
    ContactorMoved,
    DeviceOffline,
    DeviceOnline,
    LockJammed,
    LockMoved,
)
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.port import PortLost
from drivers.rapi.driver import OpenEvseDriver
from drivers.serial_port import serial_opener
from drivers.trace import Trace
from tests.foreign.driven import Driven, played
from tests.foreign.openevse import Build, OpenEvse
from tests.foreign.patience import counted_opener, until

pytestmark = pytest.mark.timeout(120)  # on a machine that may be busy

TEN_A = MilliAmp(10_000)
NEW = Build()
FIELD = Build("7.1.3", "5.1.3", has_heartbeat=False, has_lock=False)  # as most are that were sold
BUILDS = {
    "new": NEW,
    "field": FIELD,
    "first_of_its_protocol": replace(FIELD, firmware="6.2.1", protocol="5.1.0"),
    "of_the_next_protocol": Build("9.0.0", "6.0.0"),
    "without_ids": replace(NEW, echoes_ids=False),
    "without_ids_or_lock": replace(FIELD, echoes_ids=False),
    "silent_about_its_offer": replace(NEW, names_amperes=False),
    "emulator": replace(FIELD, echoes_ids=False, names_amperes=False, asleep="FD"),
    "lower_case": replace(NEW, checksum="%02x"),
    "sums": replace(NEW, sums=True),
    "byte_by_byte": replace(NEW, at_a_time=1),
    "talkative": replace(NEW, says_first=("ST 02", "WF 02", "AN 0", "AT", "ZZ 1")),
}


class Station(Driven):
    def __init__(self, folder: Path, build: Build, *, has_fixed_cable: bool = False) -> None:
        self.board = OpenEvse(folder / "by-id", build)
        super().__init__(self.board.line)
        self.driver = OpenEvseDriver(
            counted_opener(str(self.board.line.stable), 115_200),
            self.events.append,
            Trace("evse", self.clock.monotonic),
            clock=self.clock,
            connector=ConnectorId(1),
            has_fixed_cable=has_fixed_cable,
        )

    @override
    def runs(self) -> list[Coroutine[Any, Any, None]]:
        return [self.driver.run()]

    async def charging(self) -> None:
        await self.online()
        self.board.plug("C")
        await self.driver.permit(Generation(1), TEN_A)
        await until(lambda: ContactorMoved(ConnectorId(1), True) in self.events, 3.0)


Story = Callable[[Station], Awaitable[None]]


def play(folder: Path, build: Build, story: Story, *, has_fixed_cable: bool = False) -> None:
    played(lambda: Station(folder, build, has_fixed_cable=has_fixed_cable), story)


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_board_of_any_build_charges_when_permitted_and_opens_when_not(
    build: Build, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        board = station.board
        await station.charging()
        assert board.is_closed
        assert board.offer_a == 10
        await asyncio.sleep(60)
        assert board.offer_a == 10
        await station.driver.forbid(Generation(2))
        assert board.is_asleep
        await until(lambda: not board.is_closed, 3.5)
        await until(lambda: ContactorMoved(ConnectorId(1), False) in station.events, 1.0)
        board.plug("A")
        await asyncio.sleep(60)
        assert station.offline == []
        assert board.saved_a == []
        assert board.commands[0] == "FS"
        assert ("SY" in board.commands[20:]) == build.has_heartbeat

    play(tmp_path, build, story)


@pytest.mark.parametrize("name", ["field", "emulator"])
def test_board_without_supervision_of_its_host_is_told_as_such_once(
    name: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        await asyncio.sleep(60)
        assert station.incidents.count("evse.unsupervised") == 1
        assert station.board.commands.count("SC 10 V") == 1

    play(tmp_path, BUILDS[name], story)


@pytest.mark.parametrize("name", ["new", "without_ids"])
def test_lock_goes_to_and_fro(name: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        for wanted in (True, False):
            await station.driver.set_lock(locked=wanted)
            await until(lambda wanted=wanted: LockMoved(ConnectorId(1), wanted) in station.events)

    play(tmp_path, BUILDS[name], story)


@pytest.mark.parametrize("name", ["field", "without_ids_or_lock"])
def test_board_without_a_lock_is_online_and_says_so_when_one_is_needed(
    name: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        assert station.incidents.count("evse.no_lock") == 1
        with pytest.raises(DeviceUnavailable, match="no lock"):
            await station.driver.set_lock(locked=True)
        assert LockJammed(ConnectorId(1), wanted_locked=True) in station.events
        await station.driver.set_lock(locked=False)
        assert LockMoved(ConnectorId(1), False) in station.events

    play(tmp_path, BUILDS[name], story)


def test_fixed_cable_needs_no_lock(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        for wanted in (True, False):
            await station.driver.set_lock(locked=wanted)
            assert LockMoved(ConnectorId(1), wanted) in station.events
        assert "evse.no_lock" not in station.incidents

    play(tmp_path, FIELD, story, has_fixed_cable=True)


@pytest.mark.parametrize("protocol", ["2.0.1", "4.0.1"])
def test_board_of_an_older_protocol_sleeps_and_is_refused_with_the_reason(
    protocol: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: bool(station.offline))
        assert "too old" in station.offline[0].reason
        assert station.board.is_asleep

    play(tmp_path, Build("5.1.0", protocol, has_lock=False, has_heartbeat=False), story)


@pytest.mark.parametrize("echoes_ids", [True, False])
def test_board_that_knows_no_volatile_current_is_not_used_and_nothing_is_saved(
    echoes_ids: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.board.plug("C")
        with pytest.raises(DeviceUnavailable, match="refuses to offer 10 A"):
            await station.driver.permit(Generation(1), TEN_A)
        await asyncio.sleep(10)
        with pytest.raises(DeviceUnavailable):
            await station.driver.permit(Generation(1), TEN_A)
        assert station.board.is_asleep
        assert station.board.saved_a == []
        assert station.incidents.count("evse.refused") == 1

    play(tmp_path, replace(NEW, takes_volatile=False, echoes_ids=echoes_ids), story)


def test_board_that_agrees_and_offers_more_is_not_woken(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.board.says_instead = {"SC": "OK"}
        with pytest.raises(DeviceUnavailable, match="offers 32 A instead of 10 A"):
            await station.driver.permit(Generation(1), TEN_A)
        assert station.board.is_asleep

    play(tmp_path, NEW, story)


@pytest.mark.parametrize("name", ["new", "without_ids"])
def test_offer_that_jumps_when_a_missed_pulse_is_acknowledged_is_set_at_once(
    name: str, tmp_path: Path
) -> None:
    """The firmware then restores the most that it was ever configured for."""

    async def story(station: Station) -> None:
        await station.charging()
        station.board.miss_heartbeats()
        await until(lambda: station.board.heartbeat[2] == 1, 15.0)
        await until(lambda: station.board.offer_a == 10, 0.2)

    play(tmp_path, BUILDS[name], story)


@pytest.mark.parametrize("name", ["new", "field", "without_ids"])
def test_restart_that_nobody_told_of_leaves_no_greater_offer(name: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.board.restart(tells=False)
        await until(lambda: station.board.offer_a == 10, 11.0)
        assert station.offline == []

    play(tmp_path, BUILDS[name], story)


def test_restart_in_the_middle_of_a_line_is_greeted_and_its_offer_set_at_once(
    tmp_path: Path,
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.board.line.say(b"$OK 03 1")  # and the supply fails
        station.board.restart(tells=True)
        await until(lambda: station.board.offer_a == 10, 0.5)
        await until(lambda: len(station.said(BoardAnswered)) == 2)
        await station.driver.forbid(Generation(2))
        await until(lambda: not station.board.is_closed, 3.5)

    play(tmp_path, NEW, story)


@pytest.mark.parametrize(
    "reply",
    [
        "OK 6 80 16 32",
        "OK 16000 230000",
        "OK 251 -2560 -2560",
        "OK 32 0021",
        "OK 8.2.3 5.2.1",
        "OK",
    ],
)
def test_answer_to_another_question_is_no_state(reply: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        known = len(station.events)
        station.board.says_instead = {"GS": reply}
        await until(lambda: bool(station.offline), 10.0)
        assert [type(event) for event in station.events[known:]] == [DeviceOffline]
        offline = station.events[-1]
        assert isinstance(offline, DeviceOffline)
        assert offline.trace
        station.board.says_instead = {}
        await station.online(2)

    play(tmp_path, NEW, story)


@pytest.mark.parametrize("name", ["new", "without_ids"])
def test_answers_that_come_late_are_nobody_elses(name: str, tmp_path: Path) -> None:
    """Slower than anybody waits: told, and no field of one answer is read as that of another."""

    async def story(station: Station) -> None:
        await station.online()
        await until(lambda: bool(station.said(BoardTemperature)))
        known = len(station.events)
        say = station.board.say
        station.board.say = lambda text: say(text, after_s=0.7)  # type: ignore[method-assign]
        await asyncio.sleep(60)
        assert {type(event) for event in station.events[known:]} <= {DeviceOffline}
        station.board.say = say  # type: ignore[method-assign]
        await asyncio.sleep(30)
        assert len(station.said(DeviceOnline)) == 1 + len(station.offline)

    play(tmp_path, BUILDS[name], story)


def test_port_that_returns_under_another_name_is_found(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.board.line.pull_out()
        await until(lambda: bool(station.offline), 2.0)
        station.board.restart(tells=False)
        station.board.line.plug_in()
        await station.online(2)
        await until(lambda: station.board.offer_a == 10, 2.0)

    play(tmp_path, NEW, story)


def test_line_of_another_program_is_told_as_such(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        with pytest.raises(PortLost, match="in use by another program"):
            await serial_opener(str(station.board.line.stable), 115_200)()
        await asyncio.sleep(10)
        assert station.offline == []

    play(tmp_path, NEW, story)


def test_board_that_cannot_read_ids_is_spoken_to_without(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        assert not [line for line in station.board.heard if ":" in line]

    play(tmp_path, replace(NEW, reads_ids=False), story)


@pytest.mark.parametrize("is_stubborn", [False, True])
def test_protection_that_somebody_switches_off_mid_charge_is_on_again_or_the_board_is_not_used(
    is_stubborn: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.board.flags |= 0x0008  # protective earth
        station.board.is_stubborn = is_stubborn
        await until(lambda: "evse.protection_off" in station.incidents, 11.0)
        if not is_stubborn:
            await until(lambda: not station.board.flags & 0x0008, 0.5)
            assert station.offline == []
            return
        await until(lambda: bool(station.offline), 3.0)
        assert "protections off: G" in station.offline[0].reason

    play(tmp_path, NEW, story)
