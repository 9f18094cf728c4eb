"""The physical truth: who lets current flow, and where every picojoule goes."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.domain.devices import Pilot
from simulator.ev import PJ_PER_MWH, Vehicle, VehicleKind
from simulator.iec61851.contactor import Wear
from simulator.iec61851.control_pilot import Source
from simulator.vtime import run_virtual
from simulator.world import NoVehicle, PlugHeld, World

WH = 1_000 * PJ_PER_MWH


class Seen:
    def __init__(self) -> None:
        self.world = World([1, 2])
        self.changes: list[tuple[float, str, int, str]] = []
        self.forget = self.world.observe(self._note)

    def _note(self, what: str, connector: int, value: str) -> None:
        self.changes.append((asyncio.get_running_loop().time(), what, connector, value))

    def values(self, what: str) -> list[str]:
        return [value for _, kind, _, value in self.changes if kind == what]

    def energise(self, amperes: int = 16) -> None:
        self.world.set_source(1, Source.PWM, amperes * 1000)
        self.world.set_relay(1, on=True)
        self.world.set_lease(1, on=True)


def tell(story: Callable[[Seen], Awaitable[None]]) -> None:
    async def everything() -> None:
        await story(Seen())

    run_virtual(everything())


def test_ten_minutes_at_sixteen_amperes_are_613_watt_hours() -> None:
    async def story(seen: Seen) -> None:
        vehicle = Vehicle()
        seen.world.plug(1, vehicle)
        seen.energise()
        await asyncio.sleep(0.5)  # the car takes its time to ask
        assert seen.world.current_ma(1) == 16_000
        await asyncio.sleep(600)
        assert seen.world.register_mwh(1) == 613_333
        assert seen.world.register_pj(2) == 0

    tell(story)


@pytest.mark.parametrize(
    ("relay", "lease", "mains"),
    [(True, True, False), (True, False, True), (False, True, True), (False, False, True)],
)
def test_contactor_needs_relay_and_lease_and_mains(relay: bool, lease: bool, mains: bool) -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle())
        seen.world.set_source(1, Source.PWM, 16_000)
        seen.world.set_mains(on=mains)
        seen.world.set_relay(1, on=relay)
        seen.world.set_lease(1, on=lease)
        await asyncio.sleep(10)
        assert not seen.world.is_contactor_closed(1)
        assert seen.world.current_ma(1) == 0

    tell(story)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 99),
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(6, 32), st.integers(1, 5_000_000)), min_size=1, max_size=8),
)
def test_meter_and_battery_count_the_same_to_the_picojoule(
    soc: int, phases: int, offers: list[tuple[int, int]]
) -> None:
    async def story(seen: Seen) -> None:
        vehicle = Vehicle(soc=soc, phases=phases, battery_kwh=30, max_a=20)
        before_pj = vehicle.stored_pj
        seen.world.plug(1, vehicle)
        for amperes, wait_ms in offers:
            seen.energise(amperes)
            await asyncio.sleep(wait_ms / 1000)
            seen.world.set_lease(1, on=False)
            await asyncio.sleep(0.7)
        assert seen.world.register_pj(1) == vehicle.received_pj == vehicle.stored_pj - before_pj

    tell(story)


def test_reading_often_changes_nothing() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(battery_kwh=60))
        seen.energise()
        await asyncio.sleep(0.5)
        for _ in range(1000):
            await asyncio.sleep(0.0137)
            seen.world.register_mwh(1)
        expected_pj = 16_000 * 230_000 * 13_700_000
        assert abs(seen.world.register_pj(1) - expected_pj) <= 16_000 * 230_000

    tell(story)


def test_car_tapers_from_eighty_percent_and_stops_when_full() -> None:
    async def story(seen: Seen) -> None:
        vehicle = Vehicle(soc=78, battery_kwh=10)
        seen.world.plug(1, vehicle)
        seen.energise()
        await asyncio.sleep(3 * 3600)
        assert vehicle.soc == 100
        currents = [float(value) for value in seen.values("current")]
        assert currents[0] == 16
        assert len(currents) == 21  # full current, nineteen steps down, nothing
        assert currents[-2:] == pytest.approx([5.36, 0])
        assert seen.values("pilot")[-1] == Pilot.B
        assert seen.world.register_pj(1) == pytest.approx(2_200 * WH, rel=1e-6)

    tell(story)


def test_locked_plug_is_held_unless_forced() -> None:
    async def story(seen: Seen) -> None:
        vehicle = Vehicle()
        seen.world.plug(1, vehicle)
        seen.world.set_lock(1, locked=True)
        with pytest.raises(PlugHeld):
            seen.world.unplug(1)
        assert seen.world.unplug(1, forced=True) is vehicle
        with pytest.raises(NoVehicle):
            seen.world.unplug(1)
        assert seen.world.is_locked(1)

    tell(story)


def test_only_one_plug_fits_a_socket() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle())
        with pytest.raises(NoVehicle):
            seen.world.plug(1, Vehicle())
        seen.world.plug(2, Vehicle())
        assert seen.values("plug") == ["plugged", "plugged"]
        with pytest.raises(NoVehicle):
            World([1]).change_vehicle(1, soc=50)

    tell(story)


def test_jammed_bolt_stays_where_it_is() -> None:
    async def story(seen: Seen) -> None:
        seen.world.set_lock_jammed(1, jammed=True)
        seen.world.drive_lock(1, locked=True)
        await asyncio.sleep(2)
        seen.world.stop_lock(1)
        seen.world.set_lock_jammed(1, jammed=False)
        await asyncio.sleep(2)
        assert seen.values("lock") == []
        seen.world.drive_lock(1, locked=True)
        await asyncio.sleep(0.69)
        assert seen.values("lock") == []
        await asyncio.sleep(0.02)
        assert seen.values("lock") == ["locked"]

    tell(story)


def test_weld_holds_closed_poles_and_waits_for_open_ones_to_close() -> None:
    async def story(seen: Seen) -> None:
        seen.world.change_contactor(1, lambda poles: poles.worn(Wear.WELDED))
        assert not seen.world.is_contactor_closed(1)
        seen.energise()
        seen.world.set_lease(1, on=False)
        seen.world.set_relay(1, on=False)
        assert seen.world.is_load_live(1)
        seen.world.set_mains(on=False)
        assert not seen.world.is_load_live(1)
        assert seen.values("contactor") == ["closed"]
        seen.world.change_contactor(1, lambda poles: poles.worn(Wear.SOUND))
        assert seen.values("contactor") == ["closed", "open"]

    tell(story)


def test_one_missing_pole_takes_its_phase_and_one_welded_pole_keeps_the_socket_live() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(phases=3))
        seen.world.change_contactor(1, lambda poles: poles.worn(Wear.MISSING, 1))
        seen.world.change_contactor(1, lambda poles: poles.worn(Wear.WELDED, 2))
        seen.world.set_voltage(1, 240_000, place=2)
        seen.energise()
        await asyncio.sleep(1)
        assert [seen.world.phase_ma(1, place) for place in range(3)] == [16_000, 0, 16_000]
        assert seen.world.power_uw(1) == 16_000 * (230_000 + 240_000)
        seen.world.set_relay(1, on=False)
        assert [seen.world.phase_ma(1, place) for place in range(3)] == [0, 0, 16_000]
        assert seen.world.is_contactor_closed(1)

    tell(story)


def test_cut_mains_end_the_current_and_come_back_without_it() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle())
        seen.energise()
        await asyncio.sleep(1)
        seen.world.set_mains(on=False, connector=1)
        assert seen.values("mains") == ["off"]
        assert (seen.world.current_ma(1), seen.world.voltage_mv(1)) == (0, 0)
        seen.world.set_mains(on=True)
        assert seen.world.voltage_mv(1) == 230_000

    tell(story)


def test_observer_hears_nothing_after_it_left() -> None:
    async def story(seen: Seen) -> None:
        seen.forget()
        seen.world.plug(1, Vehicle())
        assert not seen.changes

    tell(story)


def test_car_that_is_told_to_wait_and_to_go_on() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(ready=False))
        seen.energise()
        await asyncio.sleep(5)
        assert seen.world.pilot(1) is Pilot.B
        seen.world.change_vehicle(1, ready=True, draw_a=10)
        await asyncio.sleep(1)
        assert seen.world.current_ma(1) == 10_000
        seen.world.change_vehicle(1, draw_a=None, ventilation=True)
        assert seen.world.current_ma(1) == 16_000
        assert seen.world.pilot(1) is Pilot.D
        seen.world.change_vehicle(1, ready=False)
        assert seen.world.current_ma(1) == 0
        await asyncio.sleep(1)
        assert seen.world.pilot(1) is Pilot.B

    tell(story)


def test_car_with_a_new_state_of_charge_draws_by_it() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle())
        seen.energise()
        await asyncio.sleep(1)
        seen.world.change_vehicle(1, soc=90)
        assert seen.world.current_ma(1) == 16_000 * 650 // 1000

    tell(story)


@pytest.mark.parametrize("kind", ["refusing", "full", "sleepy"])
def test_car_that_never_asks_draws_nothing(kind: str) -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(kind=kind))
        seen.energise()
        await asyncio.sleep(3600)
        assert seen.world.register_pj(1) == 0
        assert seen.world.pilot(1) is Pilot.B

    tell(story)


@pytest.mark.parametrize(("pause_s", "wakes"), [(1.0, False), (3.0, True)])
def test_sleeping_car_wakes_by_a_long_enough_interruption(pause_s: float, wakes: bool) -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(kind=VehicleKind.SLEEPY))
        seen.energise()
        await asyncio.sleep(90)
        seen.world.set_source(1, Source.STEADY)
        await asyncio.sleep(pause_s)
        seen.world.set_source(1, Source.PWM, 16_000)
        await asyncio.sleep(5)
        assert (seen.world.current_ma(1) > 0) is wakes

    tell(story)


def test_pausing_car_takes_every_other_minute() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(kind="pausing"))
        seen.energise()
        await asyncio.sleep(600)
        assert seen.values("current")[:4] == ["16", "0", "16", "0"]
        assert seen.world.register_pj(1) == pytest.approx(16 * 230 / 60 * 5 * WH, rel=0.02)

    tell(story)


@pytest.mark.parametrize(("kind", "stops"), [("normal", True), ("stubborn", False)])
def test_end_of_the_offer_is_obeyed_by_most_cars(kind: str, stops: bool) -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(kind=kind))
        seen.energise()
        await asyncio.sleep(5)
        seen.world.set_source(1, Source.STEADY)
        await asyncio.sleep(0.3)
        assert (seen.world.current_ma(1) == 0) is stops

    tell(story)


@pytest.mark.parametrize(
    ("source", "pilot"),
    [(Source.UNPOWERED, Pilot.E), (Source.NEGATIVE, Pilot.F), (Source.STEADY, Pilot.A)],
)
def test_pilot_shows_what_the_board_puts_on_it(source: Source, pilot: Pilot) -> None:
    async def story(seen: Seen) -> None:
        seen.world.set_source(1, source)
        assert seen.world.pilot(1) is pilot

    tell(story)


@pytest.mark.parametrize("facts", [{"soc": 101}, {"soc": -1}, {"battery_kwh": 0}, {"phases": 4}])
def test_vehicle_that_cannot_be_is_refused(facts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no such vehicle"):
        Vehicle(**facts)


def test_virtual_day_of_charging_costs_next_to_nothing() -> None:
    async def story(seen: Seen) -> None:
        seen.world.plug(1, Vehicle(battery_kwh=80))
        seen.energise()
        await asyncio.sleep(24 * 3600)
        assert seen.world.register_mwh(1) == 64_000_000

    tell(story)
