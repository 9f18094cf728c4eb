"""Boards that are not what we were promised: scripted answers, wrong ones among them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    DeviceEvent,
    DeviceIncident,
    DeviceOffline,
    LockJammed,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.rapi.codec import Command, Event, Frame, Reply, encode, host_decoder
from drivers.rapi.driver import OpenEvseDriver
from drivers.rapi.state import (
    BoardState,
    Flag,
    State,
    UnreadableState,
    parse_state_event,
    parse_state_reply,
)
from drivers.trace import Trace
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual

TEN_AMPERES = MilliAmp(10_000)
ASLEEP, READY = "OK fe 0 01 0200", "OK 02 0 02 0700"
GOOD = {
    "FS": "OK",
    "FE": "OK",
    "GV": "OK 8.2.3 5.2.1",
    "GE": "OK 10 0021",
    "GP": "NK",
    "FF": "OK",
    "SY": "OK 30 6 0",
    "S5": "OK",
    "G5": "OK 0 M",
    "GS": ASLEEP,
    "SC": "OK 10",
}


class Scripted:
    """Answers each command with the line under its name; `echoes_ids` as new firmware does."""

    def __init__(self, answers: Mapping[str, str], *, echoes_ids: bool = True) -> None:
        self.answers = GOOD | dict(answers)
        self.echoes_ids = echoes_ids
        self.asked: list[Command] = []
        self.events: list[DeviceEvent] = []
        clock = VirtualClock()
        self.line = MemoryLine("evse", SeededEntropy(1, "evse"), baudrate=115_200)
        self.driver = OpenEvseDriver(
            self.line.open_port,
            self.events.append,
            Trace("evse", clock.monotonic),
            clock=clock,
            connector=ConnectorId(1),
        )

    async def run(self) -> None:
        decoder = host_decoder()
        while True:
            for frame in decoder.feed(await self.line.read()):
                assert isinstance(frame, Command)
                self.asked.append(frame)
                self.say(self._answer(frame))

    def say(self, frame: Frame) -> None:
        self.line.write(encode(frame))

    def names(self) -> list[str]:
        return [command.name for command in self.asked]

    def said(self, kind: type[DeviceEvent]) -> list[DeviceEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def _answer(self, command: Command) -> Reply:
        verdict, *arguments = self.answers[command.name].split()
        sequence = command.sequence if self.echoes_ids else None
        return Reply(verdict == "OK", tuple(arguments), sequence)


def tell(board: Callable[[], Scripted], story: Callable[[Scripted], Awaitable[None]]) -> None:
    async def everything() -> None:
        scripted = board()
        loop = asyncio.get_running_loop()
        running = [loop.create_task(scripted.run()), loop.create_task(scripted.driver.run())]
        await asyncio.sleep(1)
        await story(scripted)
        for task in running:
            task.cancel()

    run_virtual(everything())


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"GV": "OK 4.0.0 4.0.1"}, "too old"),
        ({"GV": "OK 8.2.3"}, "unreadable version"),
        ({"GV": "NK"}, "unreadable version"),
        ({"FS": "NK"}, "refuses \\$FS"),
        ({"GE": "OK 16 0023"}, "leaves protections off: D"),
        ({"GE": "NK"}, "does not say which checks"),
        ({"GS": "NK"}, "refuses \\$GS"),
        ({"GS": "OK 1 125"}, "2 fields"),
        ({"GS": "OK xx 0 01 0200"}, "state report"),
    ],
)
def test_board_that_cannot_be_trusted_is_offline_with_the_reason(
    answers: dict[str, str], reason: str
) -> None:
    async def story(board: Scripted) -> None:
        (event,) = board.said(DeviceOffline)
        assert isinstance(event, DeviceOffline)
        assert reason.replace("\\", "") in event.reason

    tell(lambda: Scripted(answers), story)


def test_calls_to_an_offline_board_are_unavailable() -> None:
    async def story(board: Scripted) -> None:
        driver = board.driver
        for call in (
            driver.permit(Generation(1), TEN_AMPERES),
            driver.forbid(Generation(2)),
            driver.set_limit(TEN_AMPERES),
            driver.set_lock(locked=True),
        ):
            with pytest.raises(DeviceUnavailable, match="offline"):
                await call

    tell(lambda: Scripted({"GV": "NK"}), story)


def test_board_without_ids_is_understood_by_order() -> None:
    async def story(board: Scripted) -> None:
        assert board.said(BoardAnswered)
        await board.driver.permit(Generation(1), TEN_AMPERES)
        assert board.names()[-2:] == ["SC", "FE"]

    tell(lambda: Scripted({}, echoes_ids=False), story)


def test_line_that_the_board_could_not_read_is_said_again() -> None:
    async def story(board: Scripted) -> None:
        board.echoes_ids = False
        board.answers["SC"] = "NK"
        with pytest.raises(DeviceUnavailable):
            await board.driver.permit(Generation(1), TEN_AMPERES)
        assert board.names().count("SC") == 3

    tell(lambda: Scripted({}), story)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"SC": "NK 16"}, "offers 16 A instead of 10 A"),
        ({"SC": "NK"}, "refuses to offer 10 A"),
        ({"FE": "NK"}, "refuses \\$FE"),
    ],
)
def test_permission_that_the_board_refuses_is_unavailable_and_not_kept(
    answers: dict[str, str], reason: str
) -> None:
    async def story(board: Scripted) -> None:
        with pytest.raises(DeviceUnavailable, match=reason):
            await board.driver.permit(Generation(1), TEN_AMPERES)
        board.asked.clear()
        await asyncio.sleep(10)
        assert "FE" not in board.names()

    tell(lambda: Scripted(answers), story)


def test_late_and_unasked_replies_are_ignored() -> None:
    async def story(board: Scripted) -> None:
        board.say(Reply(ok=True, arguments=("03", "0", "03", "0540"), sequence=0x77))
        board.say(Reply(ok=False))
        await asyncio.sleep(10)
        assert len(board.events) == 2

    tell(lambda: Scripted({}), story)


def test_ids_start_again_after_the_last() -> None:
    async def story(board: Scripted) -> None:
        await asyncio.sleep(1000)
        ids = [command.sequence for command in board.asked]
        assert ids[:300] == [1 + place % 255 for place in range(300)]

    tell(lambda: Scripted({}), story)


def test_board_that_offers_less_is_believed() -> None:
    async def story(board: Scripted) -> None:
        await board.driver.permit(Generation(1), TEN_AMPERES)
        board.answers["GS"] = READY
        await asyncio.sleep(20)
        assert board.names().count("SC") == 1

    tell(lambda: Scripted({"SC": "NK 8", "GE": "OK 8 0021"}), story)


def test_board_that_changes_its_offer_by_itself_is_set_again() -> None:
    async def story(board: Scripted) -> None:
        await board.driver.permit(Generation(1), TEN_AMPERES)
        board.answers["GS"] = READY
        board.say(Event("AT", ("02", "02", "32", "0700")))
        await asyncio.sleep(6)
        assert board.names().count("SC") == 2

    tell(lambda: Scripted({}), story)


def test_board_that_refuses_to_sleep_is_unavailable() -> None:
    async def story(board: Scripted) -> None:
        board.answers["FS"] = "NK"
        with pytest.raises(DeviceUnavailable, match="not forbidden"):
            await board.driver.forbid(Generation(1))

    tell(lambda: Scripted({}), story)


def test_board_that_wakes_by_itself_is_put_to_sleep_again() -> None:
    async def story(board: Scripted) -> None:
        board.asked.clear()
        board.answers["GS"] = READY
        board.say(Event("AT", ("02", "02", "10", "0700")))
        await asyncio.sleep(0.1)
        assert board.names()[:2] == ["GS", "FS"]
        assert board.said(PilotChanged) == [PilotChanged(ConnectorId(1), Pilot.B)]

    tell(lambda: Scripted({}), story)


def test_board_without_a_lock_says_so_when_it_is_needed() -> None:
    async def story(board: Scripted) -> None:
        assert board.said(BoardAnswered)
        with pytest.raises(DeviceUnavailable, match="no lock"):
            await board.driver.set_lock(locked=True)
        assert "G5" not in board.names()

    tell(lambda: Scripted({"S5": "NK"}), story)


def test_lock_that_fell_back_to_automatic_is_taken_over_again() -> None:
    async def story(board: Scripted) -> None:
        board.answers["S5"] = "NK"
        await board.driver.set_lock(locked=True)
        assert [c.arguments for c in board.asked if c.name == "S5"][-2:] == [("1",), ("M",)]
        board.answers["S5"] = "OK"
        await asyncio.sleep(6)
        assert board.said(LockJammed) == [LockJammed(ConnectorId(1), True)]

    tell(lambda: Scripted({}), story)


def test_lock_whose_position_cannot_be_read_is_never_called_moved() -> None:
    async def story(board: Scripted) -> None:
        await board.driver.set_lock(locked=True)
        board.answers["G5"] = "OK 7 M"
        await asyncio.sleep(6)
        assert not board.said(LockJammed)

    tell(lambda: Scripted({}), story)


def test_hand_worked_release_is_noticed() -> None:
    async def story(board: Scripted) -> None:
        board.answers["G5"] = "OK 1 M"
        await asyncio.sleep(15)
        assert len(board.events) == 3

    tell(lambda: Scripted({}), story)


def test_state_that_nobody_knows_is_an_incident_once() -> None:
    async def story(board: Scripted) -> None:
        board.answers["GS"] = "OK 12 0 00 0300"
        await asyncio.sleep(20)
        (incident,) = board.said(DeviceIncident)
        assert isinstance(incident, DeviceIncident)
        assert incident.code == "evse.unknown_state"

    tell(lambda: Scripted({}), story)


def test_unreadable_and_foreign_events_change_nothing() -> None:
    async def story(board: Scripted) -> None:
        known = list(board.events)
        board.say(Event("AT", ("02", "02", "many", "0700")))
        board.say(Event("AT", ("02",)))
        board.say(Event("AN", ("0",)))
        board.say(Event("WF", ("02",)))
        await asyncio.sleep(0.1)
        assert board.events == known

    tell(lambda: Scripted({}), story)


@pytest.mark.parametrize(
    ("state", "before", "pilot"),
    [
        (BoardState(State.C, State.C, Flag.EV_CONNECTED), Pilot.B, Pilot.C),
        (BoardState(State.SLEEPING, State.B, Flag.EV_CONNECTED), Pilot.A, Pilot.B),
        (BoardState(State.GFCI_TRIP, State.UNKNOWN, Flag.EV_CONNECTED), Pilot.C, Pilot.C),
        (BoardState(State.GFCI_TRIP, State.UNKNOWN, Flag.EV_CONNECTED), Pilot.A, Pilot.B),
        (BoardState(State.GFCI_TRIP, State.UNKNOWN, 0), Pilot.C, Pilot.A),
        (BoardState(State.DISABLED, State.UNKNOWN, 0), Pilot.B, Pilot.F),
        (BoardState(State.VENT_REQUIRED, State.VENT_REQUIRED, Flag.EV_CONNECTED), Pilot.B, Pilot.D),
    ],
)
def test_pilot_is_told_as_far_as_the_board_knows_it(
    state: BoardState, before: Pilot, pilot: Pilot
) -> None:
    assert state.pilot(before) is pilot


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (0x04, BoardFault.VENTILATION),
        (0x05, BoardFault.DIODE),
        (0x06, BoardFault.RCD_TRIP),
        (0x07, BoardFault.GROUND_LOST),
        (0x08, BoardFault.WELD),
        (0x09, BoardFault.RCD_SELFTEST),
        (0x0A, BoardFault.OVERHEAT),
        (0x0B, BoardFault.OVERCURRENT),
        (0x0E, BoardFault.CLOSE_FAILED),
        (0x03, None),
        (0xFE, None),
        (0x0F, BoardFault.PROXIMITY),
        (0x10, BoardFault.PROXIMITY),
        (0x11, BoardFault.MEMORY),
        (0x12, None),
    ],
)
def test_every_fault_state_has_its_meaning(code: int, fault: BoardFault | None) -> None:
    assert BoardState(code, 0, 0).fault is fault


def test_welded_contactor_is_closed_whatever_the_coil_is_told() -> None:
    assert BoardState(State.STUCK_RELAY, 0, 0).is_closed
    assert not BoardState(State.SLEEPING, 0, 0).is_closed


@pytest.mark.parametrize("arguments", [(), ("01", "0", "01"), ("01", "0", "zz", "0200")])
def test_unreadable_state_report_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UnreadableState):
        parse_state_reply(arguments)


def test_state_event_brings_the_offer() -> None:
    assert parse_state_event(("03", "03", "16", "0540")) == (BoardState(3, 3, 0x0540), 16)
