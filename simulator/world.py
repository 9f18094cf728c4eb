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
from dataclasses import dataclass
from enum import Enum

from typing_extensions import Unpack

from chargepoint.domain.devices import Pilot
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from simulator.ev import PJ_PER_MWH, Vehicle, VehicleChange

MAINS_MV = 230_000
US_PER_S = 1_000_000
SHORTEST_TIMER_US = 1_000  # a boundary is never aimed at more finely than this

OnChange = Callable[[str, ConnectorId, str], None]
"""`what` (plug vehicle pilot contactor current lock mains), connector, its new value as text."""


class PlugHeld(ChargepointError):
    """The plug cannot be pulled: the lock holds it."""


class NoVehicle(ChargepointError):
    """Nothing is plugged in there, or something already is."""


class Source(Enum):
    """What the board puts on the control pilot."""

    UNPOWERED = "unpowered"
    STEADY = "steady"  # X1: +12 V
    PWM = "pwm"  # X2: 1 kHz, duty says how much
    NEGATIVE = "negative"  # -12 V: state F


@dataclass(slots=True)
class Bay:
    """One connector. `world` alone changes it."""

    connector: ConnectorId
    vehicle: Vehicle | None = None
    source: Source = Source.UNPOWERED
    offered_ma: int = 0
    is_relay_on: bool = False
    is_lease_on: bool = False
    is_welded: bool = False
    is_closed: bool = False  # the poles
    is_locked: bool = False
    is_lock_jammed: bool = False
    is_lock_forced: bool = False  # it was moved last by the emergency release
    is_coil_broken: bool = False
    has_mains: bool = True
    mains_mv: int = MAINS_MV
    current_ma: int = 0
    register_pj: int = 0
    settled_us: int = 0
    timer: asyncio.TimerHandle | None = None
    last_pilot: Pilot = Pilot.A

    @property
    def power_uw(self) -> int:
        phases = self.vehicle.phases if self.vehicle is not None else 0
        return self.current_ma * self.mains_mv * phases

    def pilot(self) -> Pilot:
        """The state that a voltmeter on the pilot would show."""
        match self.source:
            case Source.UNPOWERED:
                return Pilot.E
            case Source.NEGATIVE:
                return Pilot.F
            case Source.STEADY | Source.PWM:
                return self._load()

    def _load(self) -> Pilot:
        if self.vehicle is None:
            return Pilot.A
        if not self.vehicle.is_asking:
            return Pilot.B
        return Pilot.D if self.vehicle.needs_ventilation else Pilot.C


class World:
    """All connectors of one station. Lives on the running loop and takes its time from there."""

    def __init__(self, connectors: Iterable[int] = (1, 2)) -> None:
        self._loop = asyncio.get_running_loop()
        self._bays = {ConnectorId(number): Bay(ConnectorId(number)) for number in connectors}
        self._observers: tuple[OnChange, ...] = ()
        for bay in self._bays.values():
            bay.settled_us = self._now_us()

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

    def is_contactor_closed(self, connector: int) -> bool:
        return self._bay(connector).is_closed

    def is_load_live(self, connector: int) -> bool:
        bay = self._bay(connector)
        return bay.is_closed and bay.has_mains

    def is_locked(self, connector: int) -> bool:
        return self._bay(connector).is_locked

    def is_lock_forced(self, connector: int) -> bool:
        return self._bay(connector).is_lock_forced

    def has_mains(self, connector: int) -> bool:
        return self._bay(connector).has_mains

    def current_ma(self, connector: int) -> int:
        """Per phase."""
        return self._bay(connector).current_ma

    def phases(self, connector: int) -> int:
        """How many phases the vehicle loads."""
        vehicle = self._bay(connector).vehicle
        return 0 if vehicle is None else vehicle.phases

    def voltage_mv(self, connector: int) -> int:
        bay = self._bay(connector)
        return bay.mains_mv if bay.has_mains else 0

    def power_uw(self, connector: int) -> int:
        return self._bay(connector).power_uw

    def offered_ma(self, connector: int) -> int:
        """What the pilot tells the vehicle now."""
        bay = self._bay(connector)
        return bay.offered_ma if bay.source is Source.PWM else 0

    def is_welded(self, connector: int) -> bool:
        return self._bay(connector).is_welded

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
        if bay.is_locked and not forced:
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
        bay.source = source
        if source is Source.PWM:
            # The last offer stays known: a car that is slow to stop still draws it.
            bay.offered_ma = offered_ma
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

    def set_welded(self, connector: int, *, welded: bool) -> None:
        """Poles that are closed stay closed; poles that are open weld when they next close."""
        bay = self._bay(connector)
        bay.is_welded = welded
        self._update(bay)

    def set_coil_broken(self, connector: int, *, broken: bool) -> None:
        """The contactor's coil is fed and pulls nothing."""
        self._bay(connector).is_coil_broken = broken
        self._update(self._bay(connector))

    def set_voltage(self, connector: int, mains_mv: int = MAINS_MV) -> None:
        """Between each phase and neutral."""
        bay = self._bay(connector)
        self._settle(bay)
        bay.mains_mv = mains_mv
        self._update(bay)

    def set_lock(self, connector: int, *, locked: bool, by_hand: bool = False) -> bool:
        """Whether the bolt reached its place: a jammed one stays where it is."""
        bay = self._bay(connector)
        bay.is_lock_forced = by_hand
        if bay.is_lock_jammed:
            return bay.is_locked == locked
        if bay.is_locked != locked:
            bay.is_locked = locked
            self._tell("lock", bay, "locked" if locked else "unlocked")
        return True

    def set_lock_jammed(self, connector: int, *, jammed: bool) -> None:
        self._bay(connector).is_lock_jammed = jammed

    def set_mains(self, *, on: bool, connector: int | None = None) -> None:
        """The supply of one socket, or of all."""
        bays = self._bays.values() if connector is None else (self._bay(connector),)
        for bay in bays:
            if bay.has_mains != on:
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
            wake_us = bay.vehicle.sense(is_offered=bay.source is Source.PWM, now_us=bay.settled_us)
        self._follow_current(bay)
        self._arm(bay, wake_us)
        pilot = bay.pilot()
        if pilot is not bay.last_pilot:
            bay.last_pilot = pilot
            self._tell("pilot", bay, pilot)

    def _move_poles(self, bay: Bay) -> None:
        has_coil = bay.is_relay_on and bay.is_lease_on and bay.has_mains and not bay.is_coil_broken
        is_closed = has_coil or (bay.is_welded and bay.is_closed)
        if is_closed != bay.is_closed:
            bay.is_closed = is_closed
            self._tell("contactor", bay, "closed" if is_closed else "open")

    def _follow_current(self, bay: Bay) -> None:
        current_ma = 0
        if bay.vehicle is not None and bay.is_closed and bay.has_mains:
            current_ma = bay.vehicle.current_ma(bay.offered_ma)
        if current_ma != bay.current_ma:
            bay.current_ma = current_ma
            self._tell("current", bay, f"{current_ma / 1000:g}")

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
