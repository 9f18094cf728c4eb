"""The Heidelberg driver against the simulated unit, in virtual time."""

import asyncio
import itertools

import pytest

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    BoardTemperature,
    ContactorMoved,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.heidelberg.registers import UnreadableState, command_of, unit_state
from simulator.ev import Vehicle
from simulator.line_faults import LineFault
from tests.support.heidelberg import BOARD, CONNECTOR, LEASE, SIXTEEN_AMPERES, Unit, play
from tests.support.transports import Transport, on_every_transport


@on_every_transport
def test_car_charges_and_stops_when_told(transport: Transport) -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        assert unit.world.current_ma(1) == 16_000
        await unit.leased(20)
        await transport.disturb(unit.line)
        await forbidden(unit)
        await unit.until(lambda: not unit.world.is_contactor_closed(1), 4.0)
        await unit.until(lambda: not last_told(unit), 20.0)

    def last_told(unit: Unit) -> bool:
        told = [e for e in unit.events if isinstance(e, ContactorMoved | BoardAnswered)][-1]
        return told.closed if isinstance(told, ContactorMoved) else told.contactor_closed

    async def forbidden(unit: Unit) -> None:
        for _ in range(10):
            try:
                return await unit.board.forbid(Generation(2))
            except DeviceUnavailable:
                await asyncio.sleep(0.3)
        raise AssertionError("ten stops failed")

    play(story, transport)


def test_unit_is_made_safe_before_anything_else_and_that_is_read_back() -> None:
    async def story(unit: Unit) -> None:
        unit.world.plug(1, Vehicle())
        await unit.online()
        first = next(line for line in unit.trace.tail() if "01 10" in line)
        assert "01 10 01 05 00 01 02 00 00" in first  # register 261 = 0
        held = unit.device.holding
        assert (held[257], held[258], held[259], held[262]) == (3000, 4, 1, 0)
        await asyncio.sleep(60)
        assert not [value for _, what, value in unit.seen if what == "current"][1:]
        assert unit.world.current_ma(1) == 0
        assert unit.said(DeviceOnline)[0] == DeviceOnline(BOARD, firmware="1.0.8")
        assert DeviceOnline(LEASE) in unit.events

    play(story)


def test_unit_that_will_not_be_supervised_is_refused() -> None:
    async def story(unit: Unit) -> None:
        await asyncio.sleep(60)
        assert not unit.said(DeviceOnline)
        assert [event.code for event in unit.said(DeviceIncident)] == ["evse.watchdog_refused"]
        assert unit.said(DeviceOffline)[0].reason == "register 257 is [15000], not 3000"
        with pytest.raises(DeviceUnavailable):
            await unit.board.permit(Generation(1), SIXTEEN_AMPERES)

    play(story, watchdog_ms=15_000)


def test_unit_of_an_old_layout_has_no_watchdog_to_set_and_is_refused() -> None:
    async def story(unit: Unit) -> None:
        await asyncio.sleep(60)
        assert not unit.said(DeviceOnline)
        (incident,) = unit.said(DeviceIncident)
        assert incident.detail == "register 257 is refused, not 3000"

    play(story, layout=0x107)


def test_contactor_opens_within_four_seconds_of_the_death_of_the_host() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        died_s = unit.clock.monotonic()
        unit.kill_host()
        await asyncio.sleep(10)
        assert unit.when("contactor", "open") - died_s < 4.0

    play(story)


def test_late_lease_takes_the_current_although_the_driver_lives() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        await unit.board.lease.renew(Generation(1))
        last_s = unit.clock.monotonic()
        await asyncio.sleep(20)
        assert unit.when("contactor", "open") - last_s < 4.0
        assert unit.device.holding[261] == 0
        await unit.board.lease.renew(Generation(1))
        await unit.leased(10)
        assert unit.world.is_contactor_closed(1)

    play(story)


def test_without_lease_and_answers_the_unit_hears_nothing_but_the_taking() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.device.fault("garbled")  # it hears, and cannot be understood
        await unit.board.lease.revoke(Generation(2))
        heard: list[bytes] = []
        answer = unit.device.answer
        unit.device.answer = lambda request: heard.append(request) or answer(request)  # type: ignore[method-assign,func-returns-value]
        await asyncio.sleep(5)
        assert heard
        assert {request[:7].hex(" ") for request in heard} == {"10 01 05 00 01 02 00"}
        assert not unit.world.is_contactor_closed(1)

    play(story)


def test_permission_without_a_lease_is_worth_nothing() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.board.permit(Generation(1), SIXTEEN_AMPERES)
        await asyncio.sleep(20)
        assert not unit.world.is_contactor_closed(1)

    play(story)


def test_stop_is_on_the_wire_after_the_gap_and_the_reply_under_way() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        for delay_s in (0.0, 0.1, 0.2, 0.3):
            await unit.leased(3)
            await asyncio.sleep(delay_s)
        asked_s = unit.clock.monotonic()
        await unit.board.forbid(Generation(2))
        assert unit.clock.monotonic() - asked_s < 0.05 + 0.1 + 0.04

    play(story)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3, 4))))
def test_late_permissions_never_undo_a_newer_stop(order: tuple[int, ...]) -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        async with asyncio.TaskGroup() as tasks:
            for place, generation in enumerate(order):
                tasks.create_task(act(unit, generation, place * 0.02))
        await asyncio.sleep(0.5)
        assert unit.device.holding[261] == 0

    async def act(unit: Unit, generation: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if generation % 2:
            await unit.board.lease.renew(Generation(generation))
            await unit.board.permit(Generation(generation), SIXTEEN_AMPERES)
        else:
            await unit.board.forbid(Generation(generation))

    play(story)


def test_new_limit_reaches_the_car_once_in_five_seconds_and_less_than_six_pauses() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        await unit.leased(6)
        for limit in (10_000, 12_000, 8_000):
            await unit.board.set_limit(MilliAmp(limit))
        await unit.leased(7)
        assert unit.world.current_ma(1) == 8_000
        await unit.board.set_limit(MilliAmp(5_999))
        await unit.leased(2)
        assert unit.world.current_ma(1) == 0
        await unit.board.set_limit(MilliAmp(32_000))
        await unit.leased(7)
        assert unit.world.current_ma(1) == 16_000

    play(story)


def test_car_that_goes_on_is_opened_under_load_and_a_deaf_unit_is_locked() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle(kind="stubborn"))
        await unit.charging()
        unit.device.fault("wrong")
        asked_s = unit.clock.monotonic()
        await unit.board.forbid(Generation(2))
        await asyncio.sleep(30)
        assert 6.0 < unit.when("contactor", "open") - asked_s < 12.0
        assert [event.code for event in unit.said(DeviceIncident)] == ["evse.not_opening"]
        assert unit.device.holding[259] == 0

    play(story)


def test_plug_and_pilot_are_told_and_a_departed_car_takes_its_permission_along() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        assert unit.said(BoardAnswered) == [BoardAnswered(CONNECTOR, Pilot.A, False, False, None)]
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.world.unplug(1)
        await unit.leased(5)
        unit.world.plug(1, Vehicle())
        await unit.leased(5)
        assert not unit.world.is_contactor_closed(1)
        pilots = [event.pilot for event in unit.said(PilotChanged)]
        assert pilots == [Pilot.B, Pilot.C, Pilot.A, Pilot.B]

    play(story)


def test_error_of_the_unit_is_a_fault_and_its_temperature_is_told() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.device.fault("leakage_dc")
        await unit.leased(3)
        assert unit.said(BoardFaultRaised) == [BoardFaultRaised(CONNECTOR, BoardFault.UNIT_ERROR)]
        assert not unit.world.is_contactor_closed(1)
        assert unit.said(BoardTemperature)[-1].temperature_milli == 28_500
        unit.device.clear("leakage_dc")
        unit.world.unplug(1)
        await unit.until(lambda: bool(unit.said(BoardFaultCleared)), 5.0)

    play(story)


def test_derating_goes_on_charging_with_less() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.device.fault("overheat")
        await unit.leased(5)
        assert unit.world.current_ma(1) == 6_000
        assert not unit.said(BoardFaultRaised)
        assert unit.said(BoardTemperature)[-1].temperature_milli == 65_100

    play(story)


def test_fixed_cable_is_held_at_once() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        await unit.board.set_lock(locked=True)
        assert unit.said(LockMoved) == [LockMoved(CONNECTOR, True)]

    play(story)


@pytest.mark.parametrize("kind", ["silent", "garbled", "unplugged"])
def test_lost_unit_is_reported_once_opens_by_itself_and_comes_back_without_power(kind: str) -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.device.fault(kind)
        await asyncio.sleep(30)
        assert not unit.world.is_contactor_closed(1)
        assert [event.device for event in unit.said(DeviceOffline)] == [BOARD, LEASE]
        with pytest.raises(DeviceUnavailable):
            await unit.board.lease.renew(Generation(1))
        unit.device.clear(kind)
        await unit.until(lambda: unit.events.count(DeviceOnline(LEASE)) == 2, 15.0)
        await unit.leased(5)
        assert not unit.world.is_contactor_closed(1)

    play(story)


def test_unit_that_restarts_mid_charge_is_made_safe_again() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.world.plug(1, Vehicle())
        await unit.charging()
        unit.device.power_cut()
        unit.device.power_on()
        await asyncio.sleep(60)
        assert unit.device.holding[257] == 3000
        assert not unit.world.is_contactor_closed(1)

    play(story)


def test_registers_become_a_state() -> None:
    state = unit_state([7, 0, 160, 3, 0xFFFF, 230, 231, 229, 1])
    assert (state.is_closed, state.most_steps, state.temperature_milli) == (True, 160, -100)
    assert unit_state([5, 0, 12, 0, 200, 0, 0, 0, 1]).is_closed  # current although it says B
    with pytest.raises(UnreadableState):
        unit_state([1, 0, 0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("limit", "steps"), [(0, 0), (5_999, 0), (6_000, 60), (16_000, 160), (32_000, 160)]
)
def test_limit_becomes_a_command_that_the_unit_takes(limit: int, steps: int) -> None:
    assert command_of(MilliAmp(limit)) == steps


def test_line_that_vanishes_is_told_as_such() -> None:
    async def story(unit: Unit) -> None:
        await unit.online()
        unit.line.fault(LineFault.UNPLUGGED)
        await unit.until(lambda: bool(unit.said(DeviceOffline)), 5.0)
        assert "evse" in unit.said(DeviceOffline)[0].reason

    play(story)
