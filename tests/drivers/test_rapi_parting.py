"""The bolt lets go only after the board has looked whether the contacts parted."""

import asyncio

from chargepoint.domain.devices import BoardFault, BoardFaultRaised, ContactorMoved, LockMoved
from chargepoint.domain.units import Generation
from simulator.ev import Vehicle
from tests.support.power import CONNECTOR, SIXTEEN_AMPERES, Socket, play

LOCKED, LET_GO = LockMoved(CONNECTOR, True), LockMoved(CONNECTOR, False)
OPENED = ContactorMoved(CONNECTOR, False)


async def charged_and_stopped(socket: Socket, *, is_welded: bool = False) -> None:
    await socket.online()
    socket.world.plug(1, Vehicle())
    await socket.board.set_lock(locked=True)
    await socket.until(lambda: LOCKED in socket.events)
    await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(socket.keep_leased(for_s=5))
        await socket.until(lambda: ContactorMoved(CONNECTOR, True) in socket.events)
    if is_welded:
        socket.board_device.fault("weld")
    await socket.board.forbid(Generation(2))
    await socket.until(lambda: OPENED in socket.events, 5.0)


def test_release_ordered_as_the_contactor_opens_then_only_after_the_boards_own_look() -> None:
    async def story(socket: Socket) -> None:
        await charged_and_stopped(socket)
        opened_s = asyncio.get_running_loop().time()
        await socket.board.set_lock(locked=False)
        assert asyncio.get_running_loop().time() - opened_s >= 1.4
        await socket.until(lambda: LET_GO in socket.events)
        assert not socket.world.is_locked(1)

    play(story)


def test_release_when_the_contacts_are_found_welded_then_the_bolt_stays() -> None:
    async def story(socket: Socket) -> None:
        await charged_and_stopped(socket, is_welded=True)
        await socket.board.set_lock(locked=False)
        assert BoardFaultRaised(CONNECTOR, BoardFault.WELD) in socket.events
        await asyncio.sleep(10)
        assert socket.world.is_locked(1)
        assert LET_GO not in socket.events

    play(story)


def test_release_when_locking_is_ordered_meanwhile_then_the_newer_order_stands() -> None:
    async def story(socket: Socket) -> None:
        await charged_and_stopped(socket)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.board.set_lock(locked=False))
            await asyncio.sleep(0.5)
            await socket.board.set_lock(locked=True)
        await asyncio.sleep(5)
        assert socket.world.is_locked(1)
        assert LET_GO not in socket.events

    play(story)
