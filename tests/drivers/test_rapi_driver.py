"""The RAPI driver against the simulated board, in virtual time."""

import asyncio

from chargepoint.domain.devices import (
    BoardAnswered,
    ContactorMoved,
    DeviceOffline,
    DeviceOnline,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import Generation, MilliAmp
from simulator.ev import Vehicle
from tests.support.power import CONNECTOR, Socket, play


def test_board_comes_online_asleep_and_answers_in_full() -> None:
    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(BoardAnswered)))
        assert socket.said(DeviceOnline)[-1].firmware == "8.2.3"
        assert socket.said(BoardAnswered) == [
            BoardAnswered(CONNECTOR, Pilot.A, contactor_closed=False, locked=False, fault=None)
        ]
        assert not socket.said(DeviceOffline)

    play(story)


def test_car_charges_when_permitted_and_stops_when_forbidden() -> None:
    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(BoardAnswered)))
        socket.world.plug(1, Vehicle())
        await socket.until(
            lambda: socket.said(PilotChanged)[-1:] == [PilotChanged(CONNECTOR, Pilot.B)]
        )
        await asyncio.sleep(5)
        assert not socket.world.is_contactor_closed(1)
        await socket.driver.set_lock(locked=True)
        await socket.until(lambda: socket.said(LockMoved) == [LockMoved(CONNECTOR, True)])
        await socket.driver.permit(Generation(1), MilliAmp(16_000))
        await socket.until(lambda: ContactorMoved(CONNECTOR, True) in socket.events)
        await asyncio.sleep(600)
        assert 610_000 < socket.world.register_mwh(1) < 616_000
        await socket.driver.forbid(Generation(2))
        await socket.until(lambda: ContactorMoved(CONNECTOR, False) in socket.events, 1.0)
        assert not socket.world.is_contactor_closed(1)

    play(story)
