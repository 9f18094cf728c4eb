"""A closure fault that nobody's permission caused is cleared; one that was caused stays."""

import asyncio

import pytest

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultRaised,
    DeviceIncident,
    Pilot,
)
from chargepoint.domain.units import Generation
from drivers.rapi.state import State
from simulator.devices.evse_board import EvseBoard
from simulator.ev import Vehicle
from tests.support.power import SIXTEEN_AMPERES, Socket, play


def board(socket: Socket) -> EvseBoard:
    return socket.board_device.board


def restarts(socket: Socket) -> int:
    return sum(each.code == "evse.restarted" for each in socket.said(DeviceIncident))


def mains_came_back_first(kind: str) -> object:
    """A car is plugged, the board has booted, and no core is there to put it to sleep."""

    async def before(socket: Socket) -> None:
        vehicle = Vehicle(kind=kind)
        vehicle.is_asking = kind == "stubborn"
        socket.world.plug(1, vehicle)
        await socket.until(lambda: board(socket).fault is State.CLOSURE_FAULT, 5.0)

    return before


@pytest.mark.parametrize("kind", ["normal", "stubborn"])
def test_fault_of_a_closing_before_this_core_lived_is_cleared(kind: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(BoardAnswered)), 20.0)
        (answer,) = socket.said(BoardAnswered)
        assert (answer.fault, answer.contactor_closed) == (None, False)
        assert answer.pilot is not Pilot.A
        assert restarts(socket) == 1
        assert ("contactor", "closed") not in {(what, value) for _, what, value in socket.seen}
        await socket.charging()

    play(story, before=mains_came_back_first(kind))  # type: ignore[arg-type]  # a Story


def test_fault_while_nobody_permitted_is_cleared_without_losing_the_line() -> None:
    """A stop right after the closing: the lease ends before the board's own check."""

    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.lease.renew(Generation(1))
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        await socket.until(lambda: board(socket).is_relay_on, 3.0)
        await asyncio.sleep(0.8)
        await socket.lease.revoke(Generation(2))
        await socket.board.forbid(Generation(2))
        await asyncio.sleep(8)
        assert board(socket).fault is None
        assert socket.said(BoardAnswered)[-1].fault is None

    play(story)


def test_fault_under_a_permission_stays() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)  # and no lease: no coil
        await socket.until(lambda: bool(socket.said(BoardFaultRaised)), 5.0)
        await socket.board.forbid(Generation(2))
        await asyncio.sleep(10)
        assert socket.said(BoardFaultRaised)[-1].fault is BoardFault.CLOSE_FAILED
        assert board(socket).fault is State.CLOSURE_FAULT
        assert restarts(socket) == 0

    play(story)


def test_fault_that_two_restarts_do_not_clear_is_told() -> None:
    async def before(socket: Socket) -> None:
        socket.world.plug(1, Vehicle())
        await socket.until(lambda: board(socket).fault is State.CLOSURE_FAULT, 5.0)
        socket.world.observe(lambda *_: setattr(board(socket), "fault", State.CLOSURE_FAULT))

    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(BoardAnswered)), 20.0)
        assert socket.said(BoardAnswered)[-1].fault is BoardFault.CLOSE_FAILED
        await asyncio.sleep(10)
        assert restarts(socket) == 2

    play(story, before=before)
