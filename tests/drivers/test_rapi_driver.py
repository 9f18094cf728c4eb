"""The RAPI driver against the simulated board, in virtual time."""

import asyncio
import itertools

import pytest

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    LockJammed,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.rapi.codec import Command, host_decoder
from drivers.trace import Direction
from simulator.ev import Vehicle
from simulator.line_faults import LineFault
from tests.support.power import CONNECTOR, SIXTEEN_AMPERES, Socket, play
from tests.support.transports import Transport, on_every_transport

EVSE = DeviceRef(DeviceKind.EVSE, CONNECTOR)


def commands_sent(socket: Socket) -> list[Command]:
    lines = b"".join(
        bytes.fromhex(frame.octets)
        for frame in socket.board_trace.frames()
        if frame.direction is Direction.SENT
    )
    return [one for one in host_decoder().feed(lines) if isinstance(one, Command)]


def names_sent(socket: Socket) -> list[str]:
    return [command.name for command in commands_sent(socket)]


def offline(socket: Socket) -> list[DeviceOffline]:
    return [event for event in socket.said(DeviceOffline) if event.device == EVSE]


def test_board_comes_online_asleep_and_answers_in_full() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        assert DeviceOnline(EVSE, firmware="8.2.3") in socket.events
        assert socket.said(BoardAnswered) == [
            BoardAnswered(CONNECTOR, Pilot.A, contactor_closed=False, locked=False, fault=None)
        ]
        assert names_sent(socket)[0] == "FS"
        assert not offline(socket)

    play(story)


@on_every_transport
def test_car_charges_when_permitted_and_stops_when_forbidden(transport: Transport) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.until(lambda: PilotChanged(CONNECTOR, Pilot.B) in socket.events)
        await asyncio.sleep(5)
        assert not socket.world.is_contactor_closed(1)
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.keep_leased(for_s=12))
            await socket.until(lambda: ContactorMoved(CONNECTOR, True) in socket.events)
            await transport.disturb(socket.board_line)
        await socket.until(lambda: ContactorMoved(CONNECTOR, True) in socket.events)
        await forbidden(socket)
        await socket.until(lambda: socket.said(ContactorMoved)[-1].closed is False, 5.0)
        assert not socket.world.is_contactor_closed(1)

    async def forbidden(socket: Socket) -> None:
        """As its caller does: again until it is carried out."""
        for _ in range(5):
            try:
                return await socket.board.forbid(Generation(2))
            except DeviceUnavailable:
                await asyncio.sleep(0.5)
        raise AssertionError("five forbids failed")

    play(story, transport)


def test_lock_moves_and_reports_when_it_has_arrived() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.board.set_lock(locked=True)
        assert not socket.world.is_locked(1)
        took_s = await socket.until(lambda: LockMoved(CONNECTOR, True) in socket.events)
        assert 0.7 <= took_s < 1.2
        assert socket.world.is_locked(1)

    play(story)


def test_lock_is_reported_jammed_after_three_tries() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.board_device.fault("lock_jam")
        await socket.board.set_lock(locked=True)
        await socket.until(lambda: LockJammed(CONNECTOR, True) in socket.events)
        assert [c.arguments for c in commands_sent(socket) if c.name == "S5"][-3:] == [("1",)] * 3
        assert not socket.said(LockMoved)

    play(story)


def test_plug_that_jammed_on_its_release_is_let_go_when_the_jam_is_gone() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.board.set_lock(locked=True)
        await socket.until(lambda: LockMoved(CONNECTOR, True) in socket.events)
        socket.board_device.fault("lock_jam")
        await socket.board.set_lock(locked=False)
        await socket.until(lambda: LockJammed(CONNECTOR, False) in socket.events)
        await asyncio.sleep(60)
        assert socket.world.is_locked(1)
        socket.board_device.clear("lock_jam")
        await socket.until(lambda: LockMoved(CONNECTOR, False) in socket.events, 20.0)
        assert not socket.world.is_locked(1)

    play(story)


def test_newer_lock_command_replaces_the_one_under_way() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        await socket.board.set_lock(locked=True)
        await socket.board.set_lock(locked=False)
        await socket.until(lambda: bool(socket.said(LockMoved)))
        await asyncio.sleep(5)
        assert socket.said(LockMoved) == [LockMoved(CONNECTOR, False)]

    play(story)


def test_forbid_is_on_the_wire_at_once_while_a_reply_is_outstanding() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.board_line.fault(LineFault.SILENT)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(unavailable(socket.board.set_lock(locked=True)))
            await asyncio.sleep(0.01)
            at_s = socket.clock.monotonic()
            tasks.create_task(unavailable(socket.board.forbid(Generation(1))))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert names_sent(socket)[-1] == "FS"
            assert socket.clock.monotonic() - at_s < 0.05

    async def unavailable(call) -> None:
        with pytest.raises(DeviceUnavailable):
            await call

    play(story)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3, 4))))
@pytest.mark.parametrize("delay_s", [0.0, 0.003, 0.4])
def test_permits_that_come_late_never_undo_a_newer_forbid(
    order: tuple[int, ...], delay_s: float
) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await asyncio.sleep(1)
        async with asyncio.TaskGroup() as tasks:
            for place, generation in enumerate(order):
                tasks.create_task(act(socket, generation, place * delay_s))
        await asyncio.sleep(5)
        assert socket.board_device.board.mode == "sleeping"

    async def act(socket: Socket, generation: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if generation % 2:
            await socket.board.permit(Generation(generation), SIXTEEN_AMPERES)
        else:
            await socket.board.forbid(Generation(generation))

    play(story)


def test_offer_changes_at_most_every_five_seconds_and_the_newest_wins() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle(max_a=32))
        await socket.board.permit(Generation(1), MilliAmp(10_000))
        for amperes in (11, 12, 13, 14):
            await asyncio.sleep(0.7)
            await socket.board.set_limit(MilliAmp(amperes * 1000))
        await asyncio.sleep(10)
        offers = [c.arguments[0] for c in commands_sent(socket) if c.name == "SC"]
        assert offers == ["10", "14"]

    play(story)


def test_limit_below_six_amperes_pauses_at_once_and_more_resumes() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        await socket.board.set_limit(MilliAmp(5_999))
        await socket.until(lambda: not socket.world.is_contactor_closed(1), 1.0)
        await socket.board.set_limit(MilliAmp(8_000))
        await socket.keep_leased(for_s=3)
        assert socket.world.current_ma(1) == 8_000

    play(story)


def test_permission_ends_with_the_car_it_was_given_for() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.world.unplug(1)
        await socket.until(lambda: socket.board_device.board.mode == "sleeping", 2.0)
        socket.world.plug(1, Vehicle())
        await socket.keep_leased(for_s=5)
        assert socket.world.current_ma(1) == 0

    play(story)


def test_restarted_board_is_put_to_sleep_and_answers_again() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.until(lambda: PilotChanged(CONNECTOR, Pilot.B) in socket.events)
        socket.board_device.power_cut()
        socket.board_device.power_on()
        await socket.until(lambda: len(socket.said(BoardAnswered)) == 2, 5.0)
        assert socket.said(BoardAnswered)[-1].pilot is Pilot.B
        await socket.keep_leased(for_s=5)
        assert socket.world.current_ma(1) == 0
        assert socket.board_device.board.is_lock_manual

    play(story)


def test_charge_resumes_after_a_board_restart_while_still_permitted() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.board_device.power_cut()
        assert not socket.world.is_contactor_closed(1)
        socket.board_device.power_on()
        await socket.keep_leased(for_s=5)
        assert socket.world.current_ma(1) == 16_000

    play(story)


def test_forbid_waits_a_moment_for_a_board_that_is_coming_back() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.board_line.fault(LineFault.UNPLUGGED)
        await socket.until(lambda: bool(offline(socket)), 1.0)
        asked_s = socket.clock.monotonic()
        with pytest.raises(DeviceUnavailable):
            await socket.board.forbid(Generation(1))
        assert socket.clock.monotonic() - asked_s == pytest.approx(1.0)
        socket.board_line.clear(LineFault.UNPLUGGED)
        await asyncio.sleep(0.5)
        await socket.board.forbid(Generation(2))
        assert socket.board_device.board.mode == "sleeping"

    play(story)


def test_new_core_finds_the_charge_of_the_old_one_stopped() -> None:
    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(BoardAnswered)))
        assert not socket.said(BoardAnswered)[0].contactor_closed
        assert not socket.world.is_contactor_closed(1)

    async def before(socket: Socket) -> None:
        """A board left awake by nobody we know, with a car that charges."""
        socket.world.plug(1, Vehicle(kind="stubborn"))
        socket.world.set_lease(1, on=True)
        socket.lease_device.fault("stuck")
        await socket.until(lambda: socket.world.current_ma(1) > 0)

    play(story, before=before)


@pytest.mark.parametrize("kind", ["silent", "garbled", "unplugged"])
def test_broken_line_is_reported_once_and_recovers(kind: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.board_device.fault(kind)
        await socket.until(lambda: bool(offline(socket)), 10.0)
        await asyncio.sleep(60)
        assert len(offline(socket)) == 1
        assert offline(socket)[0].trace
        with pytest.raises(DeviceUnavailable):
            await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        socket.board_device.clear(kind)
        await socket.until(lambda: len(socket.said(BoardAnswered)) == 2, 15.0)

    play(story)


def test_slow_board_stays_online() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.board_device.fault("slow")
        await asyncio.sleep(60)
        assert not offline(socket)

    play(story)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("leakage_ac", BoardFault.RCD_TRIP),
        ("leakage_dc", BoardFault.RCD_TRIP),
        ("ground_lost", BoardFault.GROUND_LOST),
        ("overheat", BoardFault.OVERHEAT),
        ("diode", BoardFault.DIODE),
    ],
)
def test_fault_while_charging_opens_is_told_and_ends_with_the_plug(
    kind: str, fault: BoardFault
) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.board_device.fault(kind)
        await socket.until(lambda: BoardFaultRaised(CONNECTOR, fault) in socket.events, 2.0)
        await socket.until(lambda: ContactorMoved(CONNECTOR, False) in socket.events, 7.0)
        socket.board_device.clear(kind)
        socket.world.unplug(1)
        await socket.until(lambda: BoardFaultCleared(CONNECTOR, fault) in socket.events, 3.0)
        assert socket.said(PilotChanged)[-1].pilot is Pilot.A

    play(story)


def test_welded_contactor_is_told_and_stays_told() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.board_device.fault("weld")
        await socket.board.forbid(Generation(2))
        raised = BoardFaultRaised(CONNECTOR, BoardFault.WELD)
        await socket.until(lambda: raised in socket.events, 5.0)
        assert socket.said(ContactorMoved)[-1].closed
        socket.world.unplug(1)
        await asyncio.sleep(5)
        assert not socket.said(BoardFaultCleared)
        socket.board_device.clear("weld")
        await socket.until(lambda: len(socket.said(BoardAnswered)) == 2, 5.0)
        assert socket.said(BoardAnswered)[-1].fault is None

    play(story)


def test_car_that_needs_ventilation_is_refused() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle(ventilation=True))
        await socket.lease.renew(Generation(1))
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        raised = BoardFaultRaised(CONNECTOR, BoardFault.VENTILATION)
        await socket.until(lambda: raised in socket.events, 3.0)
        assert not socket.world.is_contactor_closed(1)

    play(story)


def test_board_falls_back_to_six_amperes_without_its_host_and_is_raised_again() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.keep_leased(for_s=60))
            socket.board_device.fault("silent")
            await socket.until(lambda: socket.world.current_ma(1) == 6_000, 31.0)
            socket.board_device.clear("silent")
            await socket.until(lambda: socket.world.current_ma(1) == 16_000, 20.0)

    play(story)
