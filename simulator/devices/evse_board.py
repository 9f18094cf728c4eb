"""The firmware of a charging board: pilot classification, relay, protections, lock, supervision.

It follows the published behaviour of OpenEVSE firmware 8.2 and acts on `World`. The serial side is
`evse.py`. Times are those of the board, not of its host.
"""

from collections.abc import Callable

from chargepoint.domain.devices import Pilot
from chargepoint.domain.units import ConnectorId
from drivers.rapi.state import Flag, State
from simulator.devices.board_codes import (
    PILOT_CODES,
    PROXIMITY_FAULTS,
    RETRIED,
    UNTIL_POWER_CYCLE,
    Mode,
    flags_of,
)
from simulator.devices.board_heat import Heat
from simulator.devices.board_trouble import MENDED_UNDER_NO_POWER, BoardTrouble, damage, repair
from simulator.devices.heartbeat import Heartbeat
from simulator.devices.named_timers import NamedTimers
from simulator.iec61851.control_pilot import Source
from simulator.iec61851.proximity import Cable, cable_of
from simulator.world import World

DEBOUNCE_S = 0.25  # of every pilot change, but
DEBOUNCE_A_S = 0.025  # an unplugged car counts sooner
OPEN_S = 0.05  # a car that stops asking, or is gone: the standard gives 100 ms
PILOT_ERROR_S = 0.1  # a pilot that is short: the standard gives 3 s
SLEEP_OPEN_S = 3.0  # a car that goes on asking although put to sleep
AFTER_CLOSE_CHECK_S = 1.0  # is there a ground, is there voltage?
AFTER_OPEN_CHECK_S = 1.0  # is the voltage gone?
RETRY_S = 300.0
RETRIES = 6
OVERHEAT_OPEN_S = 5.0
OVERCURRENT_S = 10.0
OVERCURRENT_OPEN_S = 1.0
OVERCURRENT_MARGIN_MA = 5_000
BOOT_S = 1.0
LOCK_RUN_S = 0.9  # its motor: somewhat longer than a bolt needs
LOOK_AT_HEAT_S = 10.0  # while current flows

SMALLEST_A, DEFAULT_A, LARGEST_A = 6, 16, 32

NO_CAR = frozenset({Pilot.A, Pilot.E})  # that could be asked anything


class EvseBoard:
    """`on_boot` and `on_change` are called when the serial side has something to say."""

    def __init__(
        self,
        world: World,
        connector: ConnectorId,
        *,
        on_boot: Callable[[State], None],
        on_change: Callable[[], None],
    ) -> None:
        self.world = world
        self.connector = connector
        self._on_boot = on_boot
        self._on_change = on_change
        self._timers = NamedTimers()
        self.heartbeat = Heartbeat(self._timers, self._heartbeat_missed)
        self._troubles: set[BoardTrouble] = set()
        self.is_running = False
        self.saved_a = DEFAULT_A
        self.is_ventilated = False
        self.judges_proximity = False  # firmware 9: it stops where the older one gives the least
        self.trip_counts = dict.fromkeys((State.GFCI_TRIP, State.NO_GROUND, State.STUCK_RELAY), 0)
        self._forget()
        world.observe(self._on_world)

    def _forget(self) -> None:
        """What a restart loses."""
        self.mode = Mode.ENABLED
        self.fault: State | None = None
        self.pilot = Pilot.A  # debounced
        self.heat = Heat.NONE
        self.is_classifying = True
        self.is_relay_on = False
        self.has_session_ended = True
        self.sticky_flags = 0
        self.offered_a = self.saved_a
        self.is_lock_manual = False
        self.is_lock_wanted: bool | None = None
        self.heartbeat.forget()
        self._retries = 0

    # --- power --------------------------------------------------------------------------------------

    def power_on(self) -> None:
        if not self.is_running and "boot" not in self._timers:
            self._timers.after("boot", BOOT_S, self._boot)

    def power_cut(self) -> None:
        """The relay drops, the bolt stays where it is."""
        self._timers.cancel_all()
        self.is_running = False
        self._forget()
        self.world.set_relay(self.connector, on=False)
        self.world.set_source(self.connector, Source.UNPOWERED)
        self.world.stop_lock(self.connector)

    def restart(self) -> None:
        self.power_cut()
        self.power_on()

    def _boot(self) -> None:
        self.is_running = True
        if self.world.is_load_live(self.connector):
            self.fault = State.STUCK_RELAY
        self._on_boot(self.fault or State.UNKNOWN)
        self.world.set_source(self.connector, Source.STEADY)
        self.pilot = self.world.pilot(self.connector)
        self._feel_heat()

    # --- commands -----------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        if mode is self.mode:
            return
        self.mode = mode
        self._timers.cancel("sleep_open")
        if mode is Mode.SLEEPING and self.is_relay_on:
            self._timers.after("sleep_open", SLEEP_OPEN_S, self._open)
        self._reconsider()

    def offer(self, amperes: int, *, is_saved: bool) -> int:
        """The current now offered, clamped to what the board can."""
        self.offered_a = max(SMALLEST_A, min(LARGEST_A, amperes))
        if is_saved:
            self.saved_a = self.offered_a
        self._reconsider()
        return self.offered_a

    def move_lock(self, *, locked: bool) -> None:
        self.is_lock_wanted = locked
        self.world.drive_lock(self.connector, locked=locked)
        self._timers.after("lock", LOCK_RUN_S, self._lock_rests)

    # --- faults from outside ------------------------------------------------------------------------

    def fault_on(self, trouble: BoardTrouble) -> None:
        self._troubles.add(trouble)
        damage(self.world, self.connector, trouble)
        self._protect()

    def fault_off(self, trouble: BoardTrouble) -> None:
        self._troubles.discard(trouble)
        repair(self.world, self.connector, trouble)
        if trouble in MENDED_UNDER_NO_POWER:
            self.restart()

    # --- what the serial side reports -----------------------------------------------------------------

    @property
    def state(self) -> State:
        if self.fault is not None:
            return self.fault
        if self.mode is Mode.DISABLED:
            return State.DISABLED
        if self.mode is Mode.SLEEPING:
            return State.SLEEPING
        return State.C if self._may_close() else PILOT_CODES[self.pilot]

    @property
    def pilot_code(self) -> State:
        return PILOT_CODES[self.pilot] if self.is_classifying else State.UNKNOWN

    @property
    def given_a(self) -> int:
        """What the pilot says: as set, as far as cable and heat allow."""
        cable_a = LARGEST_A if self.pilot is Pilot.A else self._cable.carries_a
        return max(SMALLEST_A, min(cable_a, self.offered_a // (self.heat or 1)))

    @property
    def _cable(self) -> Cable:
        return cable_of(self.world.proximity_ohm(self.connector))

    @property
    def flags(self) -> int:
        is_connected = self.pilot is not Pilot.A  # a short is connected, too
        states = (is_connected, self.is_relay_on, self.has_session_ended, self.is_lock_manual)
        return flags_of(self.sticky_flags, *states)

    # --- pilot --------------------------------------------------------------------------------------

    def _on_world(self, what: str, connector: ConnectorId, _value: str) -> None:
        if connector != self.connector or not self.is_running:
            return
        if what == "pilot":
            self._on_pilot(self.world.pilot(connector))
        elif what == "current":
            self._on_current()
        elif what == "leakage":
            self._protect()
        elif what == "vehicle":  # its plug may say another cable
            self._reconsider()
        elif what == "temperature":
            self._feel_heat()

    def _on_pilot(self, raw: Pilot) -> None:
        if raw is Pilot.F:  # our own output, not the car's answer
            return
        if self.is_relay_on and raw in (Pilot.A, Pilot.B, Pilot.E):
            wait_s = PILOT_ERROR_S if raw is Pilot.E else OPEN_S
            self._timers.after("open", wait_s, self._open)
        wait_s = DEBOUNCE_A_S if raw is Pilot.A else DEBOUNCE_S
        self._timers.after("debounce", wait_s, self._debounced)

    def _debounced(self) -> None:
        pilot = self.world.pilot(self.connector)
        if pilot is Pilot.F:
            return
        is_gone = pilot is Pilot.A and self.pilot is not Pilot.A
        self.pilot = pilot
        if is_gone:
            self._forget_car()
        self._reconsider()

    def _forget_car(self) -> None:
        self._retries = 0
        self._timers.cancel("retry")
        if self.fault is not None and self.fault not in UNTIL_POWER_CYCLE:
            self._clear_fault()

    def _on_current(self) -> None:
        self._look_at_heat()
        limit_ma = self.given_a * 1000 + OVERCURRENT_MARGIN_MA
        if self.world.current_ma(self.connector) <= limit_ma:
            self._timers.cancel("overcurrent")
        elif "overcurrent" not in self._timers:
            self._timers.after(
                "overcurrent",
                OVERCURRENT_S,
                lambda: self._trip(State.OVER_CURRENT, open_after_s=OVERCURRENT_OPEN_S),
            )

    # --- relay and protections ------------------------------------------------------------------------

    def _reconsider(self) -> None:
        """Bring pilot, relay and lock in line with mode, car and faults; then report."""
        if not self.is_running:
            return
        is_ready = self.fault is None and self.mode is Mode.ENABLED
        if self.mode is Mode.DISABLED:
            self._open()
            self.world.set_source(self.connector, Source.NEGATIVE)
        elif is_ready and self.pilot not in NO_CAR:
            self.world.set_source(self.connector, Source.PWM, self.given_a * 1000)
        else:
            self.world.set_source(self.connector, Source.STEADY)
        self._protect()
        is_ready = is_ready and self.fault is None
        if is_ready and self._may_close():
            self._close()
        elif is_ready:
            self._open()
        self.has_session_ended = not self._may_close()
        if not self.is_lock_manual:
            self._lock_by_itself()
        self._on_change()

    def _may_close(self) -> bool:
        return self.pilot is Pilot.C or (self.pilot is Pilot.D and self.is_ventilated)

    def _protect(self) -> None:
        """Trip on what the board can see now."""
        if not self.is_running or self.fault is not None:
            return
        found = self._found_while_offering()
        if self.heat is Heat.STOP:
            self._trip(State.OVER_TEMPERATURE, open_after_s=OVERHEAT_OPEN_S)
        elif found is not None:
            self._trip(found)
        elif self.is_relay_on and self.world.leakage(self.connector).trips:
            self._trip(State.GFCI_TRIP)
        elif self._has_ground_to_test():
            self._timers.after("ground", AFTER_CLOSE_CHECK_S, self._lose_ground)

    def _found_while_offering(self) -> State | None:
        if self.mode is not Mode.ENABLED or self.pilot in NO_CAR:
            return None
        if self._is_diode_shorted() or BoardTrouble.DIODE in self._troubles:
            return State.DIODE_CHECK_FAILED
        if self.judges_proximity and not self._cable.rating_a:
            return PROXIMITY_FAULTS[self._cable.is_faulty]
        if self.pilot is Pilot.D and not self.is_ventilated:
            return State.VENT_REQUIRED
        if BoardTrouble.RCD_SELFTEST in self._troubles:
            return State.GFI_SELFTEST_FAILED
        return None

    def _is_diode_shorted(self) -> bool:
        """A pilot that is short, or just went away, says nothing about a diode."""
        levels = self.world.pilot_levels(self.connector)
        is_oscillating = self.world.duty_ppm(self.connector) is not None
        return is_oscillating and levels.high_mv > 0 and not levels.is_diode_proved

    def _has_ground_to_test(self) -> bool:
        is_lost = BoardTrouble.GROUND_LOST in self._troubles
        return is_lost and self.is_relay_on and "ground" not in self._timers

    def _lose_ground(self) -> None:
        if BoardTrouble.GROUND_LOST in self._troubles:
            self._trip(State.NO_GROUND)

    def _trip(self, fault: State, *, open_after_s: float = 0.0) -> None:
        self.fault = fault
        self.trip_counts[fault] = min(0xFF, self.trip_counts.get(fault, 0) + 1)
        self.is_classifying = True
        if fault is State.GFCI_TRIP:
            self.sticky_flags |= Flag.GFI_TRIPPED
        elif fault is State.NO_GROUND:
            self.sticky_flags |= Flag.NO_GROUND_TRIPPED
        if fault not in RETRIED or self._retries >= RETRIES:
            self.sticky_flags |= Flag.HARD_FAULT
        else:
            self._retries += 1
            self._timers.after("retry", RETRY_S, self._retry)
        if open_after_s:
            self._timers.after("open", open_after_s, self._open)
        else:
            self._open()
        self.world.set_source(self.connector, Source.STEADY)
        self._timers.after("unclassified", DEBOUNCE_S, self._stop_classifying)
        self._on_change()

    def _stop_classifying(self) -> None:
        self.is_classifying = self.fault is None
        self._on_change()

    def _retry(self) -> None:
        self._clear_fault()
        self._reconsider()

    def _clear_fault(self) -> None:
        self.fault = None
        self.is_classifying = True
        self.sticky_flags &= ~Flag.HARD_FAULT

    def _close(self) -> None:
        if not self.is_relay_on and "debounce" in self._timers:
            return  # the pilot is moving: what it was is no reason any more
        self._timers.cancel("open", "weld")
        if self.is_relay_on:
            return
        self.is_relay_on = True
        self.world.set_relay(self.connector, on=True)
        self._timers.after("close_check", AFTER_CLOSE_CHECK_S, self._check_closed)
        self._protect()

    def _open(self) -> None:
        self._timers.cancel("open", "sleep_open", "close_check", "ground")
        if not self.is_relay_on:
            return
        self.is_relay_on = False
        self.world.set_relay(self.connector, on=False)
        self._timers.after("weld", AFTER_OPEN_CHECK_S, self._check_opened)
        self._on_change()

    def _check_closed(self) -> None:
        if self.is_relay_on and not self.world.is_fully_live(self.connector):
            self._trip(State.CLOSURE_FAULT)

    def _check_opened(self) -> None:
        if not self.is_relay_on and self.world.is_load_live(self.connector):
            self._trip(State.STUCK_RELAY)

    # --- lock, supervision, timers --------------------------------------------------------------------

    def _lock_by_itself(self) -> None:
        is_wanted = self.pilot is not Pilot.A
        if is_wanted != self.world.is_locked(self.connector) and is_wanted != self.is_lock_wanted:
            self.move_lock(locked=is_wanted)

    def _lock_rests(self) -> None:
        self.world.stop_lock(self.connector)
        self.is_lock_wanted = None

    def _look_at_heat(self) -> None:
        """The current itself warms the board."""
        if self.is_relay_on and "heat" not in self._timers:
            self._timers.after("heat", LOOK_AT_HEAT_S, self._feel_heat)

    def _feel_heat(self) -> None:
        self.heat = self.heat.after(self.world.temperature_milli(self.connector))
        self._reconsider()
        self._look_at_heat()

    def _heartbeat_missed(self) -> None:
        self.offered_a = min(self.offered_a, self.heartbeat.fallback_a)
        self._reconsider()
