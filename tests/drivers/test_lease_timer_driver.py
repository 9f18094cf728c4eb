"""The lease timer against the simulated relay module: who keeps the contactor closed, and how long."""

import asyncio
import itertools

import pytest

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.domain.units import Generation
from chargepoint.ports import DeviceUnavailable
from simulator.ev import Vehicle
from simulator.line_faults import LineFault
from tests.support.power import CONNECTOR, SIXTEEN_AMPERES, Socket, play
from tests.support.transports import Transport, on_every_transport

LEASE = DeviceRef(DeviceKind.LEASE_TIMER, CONNECTOR)


def offline(socket: Socket) -> list[DeviceOffline]:
    return [event for event in socket.said(DeviceOffline) if event.device == LEASE]


@on_every_transport
def test_contactor_opens_within_three_seconds_of_the_last_renewal(transport: Transport) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await charging(socket)
        await transport.disturb(socket.bus_line)
        last_s = await renewed(socket)
        await asyncio.sleep(10)
        assert socket.when("contactor", "open") - last_s <= 3.1
        assert socket.world.current_ma(1) == 0

    async def renewed(socket: Socket) -> float:
        """As its caller does: again until it is carried out."""
        for _ in range(10):
            try:
                await socket.lease.renew(Generation(1))
            except DeviceUnavailable:
                await asyncio.sleep(0.2)
            else:
                return socket.clock.monotonic()
        raise AssertionError("ten renewals failed")

    async def charging(socket: Socket) -> None:
        await renewed(socket)
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        await socket.until(lambda: socket.world.current_ma(1) > 0, 3.0)

    play(story, transport)


def test_lease_alone_energises_nothing() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.keep_leased(for_s=10)
        assert not socket.world.is_contactor_closed(1)

    play(story)


def test_board_alone_energises_nothing() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.board.permit(Generation(1), SIXTEEN_AMPERES)
        await asyncio.sleep(10)
        assert not socket.world.is_contactor_closed(1)
        assert not [value for _, what, value in socket.seen if what == "contactor"]

    play(story)


def test_revoke_opens_at_once() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        asked_s = socket.clock.monotonic()
        await socket.lease.revoke(Generation(2))
        assert socket.when("contactor", "open") - asked_s < 0.05

    play(story)


def test_revoke_waits_for_one_reply_under_way_only() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(4):
                tasks.create_task(socket.meter.sample())
            await asyncio.sleep(0.001)
            asked_s = socket.clock.monotonic()
            tasks.create_task(socket.lease.revoke(Generation(2)))
        assert socket.when("contactor", "open") - asked_s < 0.12  # 8 + 41 bytes at 9600 baud

    play(story)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3, 4))))
@pytest.mark.parametrize("delay_s", [0.0, 0.005, 0.1])
def test_renewals_that_come_late_never_undo_a_newer_revoke(
    order: tuple[int, ...], delay_s: float
) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        async with asyncio.TaskGroup() as tasks:
            for place, generation in enumerate(order):
                tasks.create_task(act(socket, generation, place * delay_s))
        assert not socket.lease_device.is_on(0)

    async def act(socket: Socket, generation: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if generation % 2:
            await socket.lease.renew(Generation(generation))
        else:
            await socket.lease.revoke(Generation(generation))

    play(story)


def test_relay_left_on_by_a_core_before_us_is_switched_off_at_once() -> None:
    async def story(socket: Socket) -> None:
        socket.lease_device.answer(bytes.fromhex("05 00 00 FF 00"))
        assert socket.lease_device.is_on(0)
        await socket.online()
        assert not socket.lease_device.is_on(0)

    play(story)


@pytest.mark.parametrize("kind", ["silent", "garbled", "unplugged"])
def test_lost_module_opens_by_itself_and_is_reported_once(kind: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.lease_device.fault(kind)
        for _ in range(5):
            if kind == "garbled":  # it hears, and keeps the contactor; nobody may rely on it
                break
            with pytest.raises(DeviceUnavailable):
                await socket.lease.renew(Generation(1))
        await asyncio.sleep(20)
        assert not socket.world.is_contactor_closed(1)
        assert len(offline(socket)) == 1
        socket.lease_device.clear(kind)
        await socket.until(lambda: socket.events.count(DeviceOnline(LEASE)) == 2, 10.0)

    play(story)


def test_lost_line_is_told_and_the_lease_comes_back_with_it() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.bus_line.fault(LineFault.UNPLUGGED)
        for call in (socket.lease.renew, socket.lease.revoke):
            with pytest.raises(DeviceUnavailable, match="rs485"):
                await call(Generation(1))
        await socket.until(lambda: bool(offline(socket)), 15.0)
        socket.bus_line.clear(LineFault.UNPLUGGED)
        await socket.until(lambda: socket.events.count(DeviceOnline(LEASE)) == 2, 10.0)
        await socket.lease.renew(Generation(2))
        assert socket.lease_device.is_on(0)

    play(story)


def test_revoke_is_dropped_when_a_newer_renewal_came_before_its_turn() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.meter.sample())
            await asyncio.sleep(0.001)
            tasks.create_task(socket.lease.revoke(Generation(1)))
            await asyncio.sleep(0.001)
            tasks.create_task(socket.lease.renew(Generation(2)))
        assert socket.lease_device.is_on(0)

    play(story)


def test_slow_module_keeps_the_contactor() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        socket.lease_device.fault("slow")
        await socket.charging()
        await socket.keep_leased(for_s=60)
        assert [value for _, what, value in socket.seen if what == "contactor"] == ["closed"]

    play(story)


def test_stuck_relay_is_an_incident_and_the_board_still_opens() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.lease_device.fault("stuck")
        await socket.lease.revoke(Generation(2))
        assert socket.world.is_contactor_closed(1)
        await socket.board.forbid(Generation(2))
        await socket.until(lambda: not socket.world.is_contactor_closed(1), 1.0)
        await asyncio.sleep(20)
        assert [event.code for event in socket.said(DeviceIncident)] == ["lease_timer.stuck"]

    play(story)
