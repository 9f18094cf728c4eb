"""A vehicle: what its battery takes, and how it answers the control pilot (IEC 61851-1 Annex A).

It knows nothing of wires. `world` tells it the time and what the socket offers, and asks for the
switch S2 and the current it draws. Energy is an integer number of picojoules (µW x µs), so that
what a meter counts and what a battery stores are the same number.
"""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from simulator.iec61851.control_pilot import OPEN, SHORTED, Load, vehicle_load
from simulator.iec61851.proximity import NOMINAL_OHM

PJ_PER_MWH = 3_600_000_000_000  # 1 mWh = 3.6 J
PERCENT = 100

TAPER_FROM_PERCENT = 80
TAPER_STEP_PERMILLE = 35  # each percent above takes 3.5 % of the full current: 30 % are left at 100

CLOSE_S2_AFTER_US = 500_000  # from the first PWM to asking for energy
OPEN_S2_AFTER_US = 200_000  # from the loss of PWM to having stopped; the standard allows 3 s
WAKE_PAUSE_US = 3_000_000  # a steady pilot this long, then PWM again, wakes a sleeping car


class Wire(StrEnum):
    """Of the pilot, on the way to the vehicle's electronics; of the proximity contact in the plug."""

    OK = "ok"
    SHORT = "short"  # to earth
    OPEN = "open"


class VehicleKind(StrEnum):
    NORMAL = "normal"
    PUNCTUAL = "punctual"  # the same, called by what it is
    REFUSING = "refusing"  # connected, never asks for energy
    PAUSING = "pausing"  # a minute of charging, a minute of pause
    FULL = "full"  # arrives charged
    SLEEPY = "sleepy"  # misses the first offer; wakes when the pilot is interrupted
    STUBBORN = "stubborn"  # keeps S2 closed when the offer ends: the contactor opens under load
    FLAKY = "flaky"  # asks and stops as it pleases
    NON_COMPLIANT = "non_compliant"  # as stubborn, and takes what it can, whatever is offered


NEVER_STOPS = frozenset({VehicleKind.STUBBORN, VehicleKind.NON_COMPLIANT})
# How long it asks and pauses in turn; a rhythm that fits nobody's timer.
RHYTHMS_US = {
    VehicleKind.PAUSING: (60_000_000, 60_000_000),
    VehicleKind.FLAKY: (23_000_000, 2_000_000, 11_000_000, 700_000, 41_000_000, 5_000_000),
}


class VehicleChange(TypedDict, total=False):
    """What may happen to a plugged car; what is not given stays."""

    soc: int
    ready: bool
    draw_a: int | None
    diode_shorted: bool
    ventilation: bool
    pilot: str
    proximity: str
    cable_a: int
    kind: str


class Vehicle:
    """One car with its state of charge; keeps it from plug to plug."""

    def __init__(  # noqa: PLR0913 - the facts of a car, all by name, all with a default
        self,
        *,
        soc: int = 20,
        battery_kwh: int = 40,
        max_a: int = 16,
        phases: int = 1,
        ready: bool = True,
        kind: VehicleKind | str = VehicleKind.NORMAL,
        draw_a: int | None = None,
        diode_shorted: bool = False,
        ventilation: bool = False,
        pilot: str = "ok",
        proximity: str = "ok",
        cable_a: int = 32,
    ) -> None:
        if not 0 <= soc <= PERCENT or battery_kwh <= 0 or phases not in (1, 2, 3):
            raise ValueError(f"no such vehicle: {soc} %, {battery_kwh} kWh, {phases} phases")
        self.kind = VehicleKind(kind)
        self.capacity_pj = battery_kwh * 1_000_000 * PJ_PER_MWH
        self.received_pj = 0
        self.stored_pj = 0
        self.max_ma = max_a * 1000
        self.phases = phases
        self.is_ready = ready
        self.draw_ma = None if draw_a is None else draw_a * 1000  # draws this, whatever is offered
        self.is_diode_shorted = diode_shorted
        self.needs_ventilation = ventilation
        self.wire = Wire(pilot)
        self.proximity = Wire(proximity)
        self.cable_a = _known_cable(cable_a)  # of the cable it came with
        self.is_asking = False  # S2 closed
        self.charge_to(PERCENT if self.kind is VehicleKind.FULL else soc)
        self._pilot = _PilotMemory()

    @property
    def load(self) -> Load:
        """What the pilot finds here."""
        match self.wire:
            case Wire.SHORT:
                return SHORTED
            case Wire.OPEN:
                return OPEN
            case Wire.OK:
                return vehicle_load(
                    is_asking=self.is_asking,
                    ventilated=self.needs_ventilation,
                    has_diode=not self.is_diode_shorted,
                )

    @property
    def proximity_ohm(self) -> int | None:
        """Between the proximity contact of the plug and earth; None: nothing."""
        match self.proximity:
            case Wire.SHORT:
                return 0
            case Wire.OPEN:
                return None
            case Wire.OK:
                return NOMINAL_OHM[self.cable_a]

    def charge_to(self, soc: int) -> None:
        self.stored_pj = self.capacity_pj * soc // PERCENT

    @property
    def soc(self) -> int:
        """Whole percent, rounded down."""
        return self.stored_pj * PERCENT // self.capacity_pj

    @property
    def is_full(self) -> bool:
        return self.stored_pj >= self.capacity_pj

    def take(self, energy_pj: int) -> None:
        self.stored_pj += energy_pj
        self.received_pj += energy_pj

    def until_next_step_pj(self) -> int:
        """Energy to the state of charge where the current changes next."""
        next_percent = max(self.soc + 1, TAPER_FROM_PERCENT)
        # Rounded up: one picojoule short of the step would still be the old percent.
        return -(-self.capacity_pj * next_percent // PERCENT) - self.stored_pj

    def current_ma(self, offered_ma: int) -> int:
        """What each phase draws while the socket is live."""
        if not self.is_asking or not self._wants_energy():
            return 0
        if self.draw_ma is not None:
            return self.draw_ma
        beyond = max(0, self.soc - TAPER_FROM_PERCENT)
        accepted_ma = self.max_ma * (1000 - TAPER_STEP_PERMILLE * beyond) // 1000
        if self.kind is VehicleKind.NON_COMPLIANT:
            return accepted_ma
        return min(accepted_ma, offered_ma)

    def change(self, change: VehicleChange) -> None:
        if "soc" in change:
            self.charge_to(change["soc"])
        self.is_ready = change.get("ready", self.is_ready)
        self.kind = VehicleKind(change.get("kind", self.kind))
        self.is_diode_shorted = change.get("diode_shorted", self.is_diode_shorted)
        self.needs_ventilation = change.get("ventilation", self.needs_ventilation)
        self.wire = Wire(change.get("pilot", self.wire))
        self.proximity = Wire(change.get("proximity", self.proximity))
        self.cable_a = _known_cable(change.get("cable_a", self.cable_a))
        if "draw_a" in change:
            draw_a = change["draw_a"]
            self.draw_ma = None if draw_a is None else draw_a * 1000

    def plugged(self) -> None:
        self._pilot = _PilotMemory()
        self.is_asking = False

    def unplugged(self) -> None:
        self.is_asking = False

    def sense(self, *, is_offered: bool, now_us: int) -> int | None:
        """Take note of the pilot now, move S2 if its time has come; when to be asked again."""
        is_offered = is_offered and self.wire is Wire.OK
        self._pilot.note(is_offered=is_offered, now_us=now_us)
        pause_change_us = self._pause_change_us(now_us)
        wants = self._is_wanting(is_offered=is_offered)
        if wants == self.is_asking:
            self._pilot.move_at_us = None
            return pause_change_us
        if self._pilot.move_at_us is None:
            self._pilot.move_at_us = now_us + (CLOSE_S2_AFTER_US if wants else OPEN_S2_AFTER_US)
        if now_us < self._pilot.move_at_us:
            return min(self._pilot.move_at_us, pause_change_us or self._pilot.move_at_us)
        self.is_asking = wants
        self._pilot.move_at_us = None
        if self.kind in RHYTHMS_US and wants:
            self._pilot.pause_change_us = now_us + self._beat_us()
        return self._pilot.pause_change_us

    def _pause_change_us(self, now_us: int) -> int | None:
        """The end of a pause is timed from its beginning, the next pause from the first current."""
        memory = self._pilot
        if memory.pause_change_us is not None and now_us >= memory.pause_change_us:
            memory.is_paused = not memory.is_paused
            memory.beat += 1
            memory.pause_change_us = now_us + self._beat_us() if memory.is_paused else None
        return memory.pause_change_us

    def _beat_us(self) -> int:
        rhythm = RHYTHMS_US.get(self.kind, RHYTHMS_US[VehicleKind.PAUSING])
        return rhythm[self._pilot.beat % len(rhythm)]

    def _wants_energy(self) -> bool:
        return self.is_ready and not self.is_full and not self._pilot.is_paused

    def _is_wanting(self, *, is_offered: bool) -> bool:
        if not self._wants_energy() or self.kind is VehicleKind.REFUSING:
            return False
        if self.kind is VehicleKind.SLEEPY and not self._pilot.was_woken:
            return False
        return is_offered or (self.kind in NEVER_STOPS and self.is_asking)


def _known_cable(cable_a: int) -> int:
    if cable_a not in NOMINAL_OHM:
        raise ValueError(f"no cable of {cable_a} A: {', '.join(map(str, NOMINAL_OHM))}")
    return cable_a


@dataclass(slots=True)
class _PilotMemory:
    """What the car remembers of the pilot since it was plugged in."""

    is_offered: bool = False
    was_offered: bool = False
    was_woken: bool = False
    steady_since_us: int = 0
    move_at_us: int | None = None
    pause_change_us: int | None = None
    is_paused: bool = False
    beat: int = 0  # of its rhythm

    def note(self, *, is_offered: bool, now_us: int) -> None:
        if is_offered == self.is_offered:
            return
        if is_offered:
            steady_us = now_us - self.steady_since_us
            self.was_woken |= self.was_offered and steady_us >= WAKE_PAUSE_US
            self.was_offered = True
        else:
            self.steady_since_us = now_us
        self.is_offered = is_offered
