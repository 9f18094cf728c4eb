"""Physical truth of the sockets: plug, pilot, contactor poles, lock, mains, energy.

Devices act on it and read it; nothing here knows a protocol. Current flows only when the board's
relay AND the lease timer both feed the coil (or the poles are welded), and the car asks for it:

    mains ──┬── contactor poles ──── socket ──── vehicle
            │        │ coil
            └─ board relay ── lease timer        both in series

Nothing ticks: energy is settled whenever something changes or is read.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from typing_extensions import Unpack

from chargepoint.domain.devices import Pilot
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from simulator.bay import MAINS_MV, US_PER_S, Bay
from simulator.ev import PJ_PER_MWH, Vehicle, VehicleChange
from simulator.iec61851.bolt import Bolt
from simulator.iec61851.contactor import PHASES, Contactor, Wear
from simulator.iec61851.control_pilot import Levels, Source
from simulator.iec61851.duty import duty_ppm, offered_ma
from simulator.iec61851.residual import Leakage

SHORTEST_TIMER_US = 1_000  # a boundary is never aimed at more finely than this

OnChange = Callable[[str, ConnectorId, str], None]
"""`what` (plug vehicle pilot duty contactor current lock mains leakage temperature), connector, its new value as text."""


class PlugHeld(ChargepointError):
    """The plug cannot be pulled: the lock holds it."""


class NoVehicle(ChargepointError):
    """Nothing is plugged in there, or something already is."""


class World:
    """All connectors of one station. Lives on the running loop and takes its time from there."""

    def __init__(self, connectors: Iterable[int] = (1, 2)) -> None:
        self._loop = asyncio.get_running_loop()
        self._bays = {ConnectorId(number): Bay(ConnectorId(number)) for number in connectors}
        self._observers: tuple[OnChange, ...] = ()
        for bay in self._bays.values():
            bay.settled_us = bay.warmed_us = self._now_us()

    # --- watching -------------------------------------------------------------------------------

    def observe(self, on_change: OnChange) -> Callable[[], None]:
        """Every change from now on; call the result to end it. Observers must not raise."""
        self._observers = (*self._observers, on_change)

        def forget() -> None:
            self._observers = tuple(one for one in self._observers if one is not on_change)

        return forget

    @property
    def connectors(self) -> tuple[ConnectorId, ...]:
        return tuple(self._bays)

    def vehicle(self, connector: int) -> Vehicle | None:
        """Its energy settled to now."""
        bay = self._bay(connector)
        self._settle(bay)
        return bay.vehicle

    def pilot(self, connector: int) -> Pilot:
        return self._bay(connector).pilot()

    def pilot_levels(self, connector: int) -> Levels:
        return self._bay(connector).levels()

    def duty_ppm(self, connector: int) -> int | None:
        """None while the pilot does not oscillate."""
        bay = self._bay(connector)
        return bay.duty_ppm if bay.source is Source.PWM else None

    def proximity_ohm(self, connector: int) -> int | None:
        """Of the plug in the socket; None: there is none, or its contact is open."""
        vehicle = self._bay(connector).vehicle
        return None if vehicle is None else vehicle.proximity_ohm

    def contactor(self, connector: int) -> Contactor:
        return self._bay(connector).contactor

    def is_contactor_closed(self, connector: int) -> bool:
        return self._bay(connector).contactor.is_closed

    def is_load_live(self, connector: int) -> bool:
        """Behind any pole."""
        bay = self._bay(connector)
        return any(bay.is_live(place) for place in range(PHASES))

    def is_fully_live(self, connector: int) -> bool:
        bay = self._bay(connector)
        return all(bay.is_live(place) for place in range(PHASES))

    def leakage(self, connector: int) -> Leakage:
        """Through the sensor: it flows only from live contacts."""
        bay = self._bay(connector)
        return bay.leakage if self.is_load_live(connector) else Leakage()

    def temperature_milli(self, connector: int) -> int:
        """Inside the board."""
        bay = self._bay(connector)
        bay.warm_up(self._now_us())
        return bay.warmth.board_milli

    def is_locked(self, connector: int) -> bool:
        return self._bay(connector).bolt.is_locked

    def is_lock_forced(self, connector: int) -> bool:
        """It was moved last by the emergency release."""
        return self._bay(connector).bolt.is_by_hand

    def has_mains(self, connector: int) -> bool:
        return self._bay(connector).has_mains

    def current_ma(self, connector: int) -> int:
        """Of each phase that the vehicle loads."""
        return self._bay(connector).current_ma

    def phase_ma(self, connector: int, place: int) -> int:
        return self._bay(connector).phase_ma(place)

    def phase_mv(self, connector: int, place: int) -> int:
        return self._bay(connector).phase_mv(place)

    def voltage_mv(self, connector: int) -> int:
        """Of the first phase."""
        return self._bay(connector).phase_mv(0)

    def power_uw(self, connector: int) -> int:
        return self._bay(connector).power_uw

    def offered_ma(self, connector: int) -> int:
        """What the pilot tells the vehicle now."""
        return offered_ma(self.duty_ppm(connector) or 0)

    def is_welded(self, connector: int) -> bool:
        return any(pole.wear is Wear.WELDED for pole in self.contactor(connector).poles)

    def register_pj(self, connector: int) -> int:
        """All energy that ever went through the socket, settled to now."""
        bay = self._bay(connector)
        self._settle(bay)
        return bay.register_pj

    def register_mwh(self, connector: int) -> int:
        return self.register_pj(connector) // PJ_PER_MWH

    # --- the customer -----------------------------------------------------------------------------

    def plug(self, connector: int, vehicle: Vehicle) -> None:
        bay = self._bay(connector)
        if bay.vehicle is not None:
            raise NoVehicle(f"connector {connector} is taken")
        self._settle(bay)
        bay.vehicle = vehicle
        vehicle.plugged()
        self._tell("plug", bay, "plugged")
        self._update(bay)

    def unplug(self, connector: int, *, forced: bool = False) -> Vehicle:
        bay = self._bay(connector)
        vehicle = bay.vehicle
        if vehicle is None:
            raise NoVehicle(f"nothing is plugged in at connector {connector}")
        if bay.bolt.is_locked and not forced:
            raise PlugHeld(f"the lock of connector {connector} holds the plug")
        self._settle(bay)
        bay.vehicle = None
        vehicle.unplugged()
        self._tell("plug", bay, "unplugged")
        self._update(bay)
        return vehicle

    def change_vehicle(self, connector: int, **change: Unpack[VehicleChange]) -> None:
        """The scenario step `ev`: what is not given stays."""
        bay = self._bay(connector)
        if bay.vehicle is None:
            raise NoVehicle(f"nothing is plugged in at connector {connector}")
        self._settle(bay)
        bay.vehicle.change(change)
        self._tell("vehicle", bay, "changed")
        self._update(bay)

    # --- the devices ------------------------------------------------------------------------------

    def set_source(self, connector: int, source: Source, offered_ma: int = 0) -> None:
        bay = self._bay(connector)
        before = self.duty_ppm(connector)
        bay.source = source
        if source is Source.PWM:
            bay.duty_ppm = duty_ppm(offered_ma)
        if self.duty_ppm(connector) != before:
            self._tell("duty", bay, str(self.duty_ppm(connector) or 0))
        self._update(bay)

    def set_relay(self, connector: int, *, on: bool) -> None:
        """The board's output in the coil circuit."""
        bay = self._bay(connector)
        bay.is_relay_on = on
        self._update(bay)

    def set_lease(self, connector: int, *, on: bool) -> None:
        """The lease timer's output in the coil circuit."""
        bay = self._bay(connector)
        if bay.is_lease_on != on:
            bay.is_lease_on = on
            self._update(bay)

    def change_contactor(self, connector: int, change: Callable[[Contactor], Contactor]) -> None:
        """Wear of poles, or a broken coil."""
        bay = self._bay(connector)
        self._settle(bay)
        bay.contactor = change(bay.contactor)
        self._update(bay)

    def set_leakage(self, connector: int, leakage: Leakage) -> None:
        bay = self._bay(connector)
        bay.leakage = leakage
        self._tell("leakage", bay, f"{leakage.ac_ma} mA AC, {leakage.dc_ma} mA DC")

    def set_heat(self, connector: int, heated_milli: int) -> None:
        """On top of what air and current make of the board."""
        bay = self._bay(connector)
        bay.warm_up(self._now_us())
        bay.warmth = replace(bay.warmth, heated_milli=heated_milli)
        self._tell("temperature", bay, str(bay.warmth.board_milli))

    def set_voltage(
        self, connector: int, mains_mv: int = MAINS_MV, *, place: int | None = None
    ) -> None:
        """Between a phase and neutral; of all phases without a place."""
        bay = self._bay(connector)
        self._settle(bay)
        one, two, three = (
            mains_mv if place in {None, each} else old for each, old in enumerate(bay.mains_mv)
        )
        bay.mains_mv = (one, two, three)
        self._update(bay)

    def drive_lock(self, connector: int, *, locked: bool) -> None:
        """The bolt begins to move; a jammed one does not get there."""
        bay = self._bay(connector)
        self._follow_bolt(bay, bay.bolt.driven(self._now_us(), locked=locked))

    def stop_lock(self, connector: int) -> None:
        """Its supply is gone."""
        bay = self._bay(connector)
        self._follow_bolt(bay, bay.bolt.stopped(self._now_us()))

    def set_lock(self, connector: int, *, locked: bool, by_hand: bool = False) -> None:
        """At once, as the emergency release does."""
        bay = self._bay(connector)
        self._follow_bolt(bay, bay.bolt.put(locked=locked, by_hand=by_hand))

    def set_lock_jammed(self, connector: int, *, jammed: bool) -> None:
        bay = self._bay(connector)
        self._follow_bolt(bay, bay.bolt.jammed(self._now_us(), jammed=jammed))

    def set_mains(self, *, on: bool, connector: int | None = None) -> None:
        """The supply of one socket, or of all."""
        bays = self._bays.values() if connector is None else (self._bay(connector),)
        for bay in bays:
            if bay.has_mains != on:
                self._settle(bay)  # whoever hears of it may read energy
                bay.has_mains = on
                self._tell("mains", bay, "on" if on else "off")
            self._update(bay)

    # --- physics ------------------------------------------------------------------------------------

    def _bay(self, connector: int) -> Bay:
        return self._bays[ConnectorId(connector)]

    def _now_us(self) -> int:
        return round(self._loop.time() * US_PER_S)

    def _settle(self, bay: Bay) -> None:
        """Book the energy since the last change: the power was constant since then."""
        now_us = self._now_us()
        energy_pj = bay.power_uw * (now_us - bay.settled_us)
        bay.settled_us = now_us
        if energy_pj and bay.vehicle is not None:
            bay.register_pj += energy_pj
            bay.vehicle.take(energy_pj)

    def _update(self, bay: Bay) -> None:
        """Let everything follow from the new situation; set the timer for the next by itself."""
        self._settle(bay)
        self._move_poles(bay)
        wake_us = None
        if bay.vehicle is not None:
            is_offered = bay.source is Source.PWM and offered_ma(bay.duty_ppm) > 0
            wake_us = bay.vehicle.sense(is_offered=is_offered, now_us=bay.settled_us)
        self._follow_current(bay)
        self._arm(bay, wake_us)
        pilot = bay.pilot()
        if pilot is not bay.last_pilot:
            bay.last_pilot = pilot
            self._tell("pilot", bay, pilot)

    def _move_poles(self, bay: Bay) -> None:
        was_closed = bay.contactor.is_closed
        bay.contactor = bay.contactor.driven(
            on=bay.is_relay_on and bay.is_lease_on and bay.has_mains
        )
        if bay.contactor.is_closed != was_closed:
            self._tell("contactor", bay, "open" if was_closed else "closed")

    def _follow_current(self, bay: Bay) -> None:
        current_ma = 0
        if bay.vehicle is not None and bay.can_supply:
            current_ma = bay.vehicle.current_ma(offered_ma(bay.duty_ppm))
        if current_ma != bay.current_ma:
            bay.warm_up(bay.settled_us)
            bay.current_ma = current_ma
            self._tell("current", bay, f"{current_ma / 1000:g}")

    def _follow_bolt(self, bay: Bay, moved: Bolt) -> None:
        """Where it is now, and a timer for its arrival."""
        was_locked, bay.bolt = bay.bolt.is_locked, moved
        if bay.lock_timer is not None:
            bay.lock_timer.cancel()
            bay.lock_timer = None
        if moved.is_locked != was_locked:
            self._tell("lock", bay, "locked" if moved.is_locked else "unlocked")
        arrives_us = moved.arrives_in_us()
        if arrives_us is not None:
            delay_s = max(SHORTEST_TIMER_US, arrives_us) / US_PER_S
            bay.lock_timer = self._loop.call_later(delay_s, self._bolt_arrives, bay)

    def _bolt_arrives(self, bay: Bay) -> None:
        self._follow_bolt(bay, bay.bolt.at(self._now_us()))

    def _arm(self, bay: Bay, wake_us: int | None) -> None:
        if bay.timer is not None:
            bay.timer.cancel()
            bay.timer = None
        if bay.vehicle is not None and bay.power_uw:
            step_us = bay.settled_us + -(-bay.vehicle.until_next_step_pj() // bay.power_uw)
            wake_us = step_us if wake_us is None else min(wake_us, step_us)
        if wake_us is not None:
            delay_us = max(SHORTEST_TIMER_US, wake_us - bay.settled_us)
            bay.timer = self._loop.call_later(delay_us / US_PER_S, self._update, bay)

    def _tell(self, what: str, bay: Bay, value: str) -> None:
        for on_change in self._observers:
            on_change(what, bay.connector, value)
