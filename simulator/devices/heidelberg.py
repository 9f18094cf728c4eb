"""Simulated Heidelberg Energy Control: pilot, contactor, watchdog and registers, strictly.

What the real unit refuses, this one refuses: registers it lacks, currents between 0 and 6 A or above
16 A, and requests that follow its last answer too soon. Its fixed cable has no lock.
"""

import asyncio
import struct
from enum import StrEnum

from chargepoint.domain.devices import Pilot
from chargepoint.domain.units import ConnectorId
from simulator.devices.named_timers import NamedTimers
from simulator.devices.rtu import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    RtuSegment,
    refusal,
    segment_of,
)
from simulator.ev import PJ_PER_MWH
from simulator.iec61851.contactor import Wear
from simulator.iec61851.control_pilot import Source
from simulator.iec61851.residual import NO_LEAKAGE, TRIP_DC_MA, Leakage
from simulator.line_faults import LineFault
from simulator.pipes import Line
from simulator.world import World

READ_INPUT = 0x04
WATCHDOG, STANDBY, REMOTE_LOCK, CURRENT, FAIL_SAFE = 257, 258, 259, 261, 262
SINCE_1_0_8 = frozenset({WATCHDOG, STANDBY})
LAYOUT_1_0_8 = 0x108
INPUTS = (range(4, 19), range(100, 118), range(200, 204))

REQUEST_GAP_S = 0.09  # hosts leave 100 ms; what comes sooner is not heard
BOOT_S = 2.0
DEBOUNCE_S, DEBOUNCE_A_S = 0.25, 0.025
OPEN_S = 0.05
PILOT_ERROR_S = 0.1
FORCED_OPEN_S = 6.0  # IEC 61851-1: a car that ignores the end of the offer
CLOSE_S = 0.5
UNLOCK_S = 10.0
DERATED_STEPS = 60
DERATED_MILLI, RESTORED_MILLI = 65_000, 62_000
ITSELF_MILLI = 3_400  # it runs that much warmer than a bare board
HOT_MILLI = 36_600  # on top of that


class UnitTrouble(StrEnum):
    WELD = "weld"
    LEAKAGE_DC = "leakage_dc"
    OVERHEAT = "overheat"  # it derates
    DIODE = "diode"
    DEAF = "wrong"  # agrees to every current, and keeps the one it has


class SimulatedHeidelberg:
    """`layout`: 0x107 lacks watchdog and standby. `watchdog_ms`: keeps this, whatever it is told."""

    def __init__(
        self,
        line: Line | RtuSegment,
        world: World,
        connector: int,
        *,
        unit: int = 1,
        layout: int = LAYOUT_1_0_8,
        watchdog_ms: int | None = None,
    ) -> None:
        self.unit = unit
        self.is_powered = False
        self._world = world
        self._connector = ConnectorId(connector)
        self._layout = layout
        self._fixed_watchdog_ms = watchdog_ms
        self._timers = NamedTimers()
        self._troubles: set[UnitTrouble] = set()
        self._told: set[int] = set()  # registers, since its power came
        self._is_giving = True
        self._given_mwh = 0
        self._began_mwh = world.register_mwh(self._connector)
        self._forget()
        self._segment = segment_of(line)
        self._segment.attach(self)
        world.observe(self._on_world)
        world.set_lease(connector, on=True)  # no second contact in its coil: the watchdog is inside
        self.power_on()

    def _forget(self) -> None:
        self.holding = {WATCHDOG: 15_000, STANDBY: 0, REMOTE_LOCK: 1, CURRENT: 160, FAIL_SAFE: 60}
        if self._fixed_watchdog_ms is not None:
            self.holding[WATCHDOG] = self._fixed_watchdog_ms
        self.allowed = self.holding[CURRENT]  # in 0.1 A: what it would offer
        self._pilot = Pilot.A
        self._is_closed = False
        self._is_in_error = False
        self._is_derated = False
        self._answered_s = float("-inf")

    @property
    def is_governed(self) -> bool:
        """Somebody has told it what to offer, and what when nobody speaks to it any more."""
        return {CURRENT, FAIL_SAFE} <= self._told

    @property
    def given_mwh(self) -> int:
        """By its own defaults, each time from its power on until it was governed and then open: a vehicle
        that goes on has its time.
        """
        if not self._is_giving:
            return self._given_mwh
        return self._given_mwh + self._world.register_mwh(self._connector) - self._began_mwh

    async def run(self) -> None:
        await self._segment.run()

    # --- from outside -------------------------------------------------------------------------------

    def fault(self, kind: str) -> None:
        if kind not in set(UnitTrouble):
            self._segment.fault(self, LineFault(kind))
            return
        self._troubles.add(UnitTrouble(kind))
        self._change_world(UnitTrouble(kind), is_there=True)
        self._is_in_error |= kind in {UnitTrouble.LEAKAGE_DC, UnitTrouble.DIODE}
        self._reconsider()

    def clear(self, kind: str) -> None:
        if kind not in set(UnitTrouble):
            self._segment.clear(self, LineFault(kind))
            return
        self._troubles.discard(UnitTrouble(kind))
        self._change_world(UnitTrouble(kind), is_there=False)
        self._reconsider()

    def _change_world(self, trouble: UnitTrouble, *, is_there: bool) -> None:
        world, connector = self._world, self._connector
        if trouble is UnitTrouble.WELD:
            wear = Wear.WELDED if is_there else Wear.SOUND
            world.change_contactor(connector, lambda poles: poles.worn(wear))
        elif trouble is UnitTrouble.LEAKAGE_DC:
            world.set_leakage(connector, Leakage(dc_ma=TRIP_DC_MA) if is_there else NO_LEAKAGE)
        elif trouble is UnitTrouble.OVERHEAT:
            world.set_heat(connector, HOT_MILLI if is_there else 0)

    def power_cut(self) -> None:
        self._given_mwh = self.given_mwh
        self._began_mwh = self._world.register_mwh(self._connector)
        self._told, self._is_giving = set(), True
        self.is_powered = False
        self._timers.cancel_all()
        self._world.set_relay(self._connector, on=False)
        self._world.set_source(self._connector, Source.UNPOWERED)
        self._forget()

    def power_on(self) -> None:
        if not self.is_powered and "boot" not in self._timers:
            self._timers.after("boot", BOOT_S, self._boot)

    def _boot(self) -> None:
        self.is_powered = True
        self._feed()
        self._pilot = self._world.pilot(self._connector)
        self._reconsider()

    # --- pilot and contactor ------------------------------------------------------------------------

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def _offered(self) -> int:
        """In 0.1 A; 0 is no offer at all."""
        return min(self.allowed, DERATED_STEPS) if self._is_derated else self.allowed

    @property
    def _refuses_car(self) -> bool:
        """A car whose diode is shorted is seen as soon as it is plugged in: the unit tells state E, as
        it does of a pilot that is short itself.
        """
        vehicle = self._world.vehicle(self._connector)
        is_shorted = vehicle is not None and vehicle.is_diode_shorted
        return self._pilot is Pilot.E or (is_shorted and self._pilot is not Pilot.A)

    @property
    def _is_locked(self) -> bool:
        return self.holding[REMOTE_LOCK] == 0 or "unlock" in self._timers

    def _on_world(self, what: str, connector: ConnectorId, _value: str) -> None:
        if connector != self._connector or not self.is_powered:
            return
        if what in {"vehicle", "leakage"}:
            self._protect()
        elif what == "temperature":
            self._feel_heat()
        elif what == "pilot":
            self._on_pilot(self._world.pilot(connector))

    def _on_pilot(self, raw: Pilot) -> None:
        if raw is Pilot.F:  # our own output
            return
        if self._is_closed and raw in (Pilot.A, Pilot.B, Pilot.E):
            wait_s = PILOT_ERROR_S if raw is Pilot.E else OPEN_S
            self._timers.after("open", wait_s, self._open)
        self._timers.after(
            "debounce", DEBOUNCE_A_S if raw is Pilot.A else DEBOUNCE_S, self._debounced
        )

    def _protect(self) -> None:
        """Current that does not come back, or a car that it refuses."""
        self._is_in_error |= self._is_closed and self._world.leakage(self._connector).trips
        self._reconsider()

    def _feel_heat(self) -> None:
        warm = self._world.temperature_milli(self._connector) + ITSELF_MILLI
        if warm >= DERATED_MILLI:
            self._is_derated = True
        elif warm <= RESTORED_MILLI:
            self._is_derated = False
        self._reconsider()

    def _debounced(self) -> None:
        pilot = self._world.pilot(self._connector)
        self._pilot = self._pilot if pilot is Pilot.F else pilot
        if self._pilot is Pilot.A and not self._troubles:
            self._is_in_error = False
        self._reconsider()

    def _reconsider(self) -> None:
        if not self.is_powered:
            return
        is_held = self._is_in_error or self._is_locked or self._refuses_car
        offers = self._offered > 0 and not is_held
        if self._is_locked:
            self._world.set_source(self._connector, Source.NEGATIVE)
        elif offers and self._pilot is not Pilot.A:
            self._world.set_source(self._connector, Source.PWM, self._offered * 100)
        else:
            self._world.set_source(self._connector, Source.STEADY)
        self._move_contactor(offers=offers)

    def _move_contactor(self, *, offers: bool) -> None:
        if self._is_in_error or self._is_locked or self._refuses_car:
            self._open()
        elif not offers or self._pilot is not Pilot.C:
            self._timers.cancel("close")
            if self._is_closed and "forced" not in self._timers:
                self._timers.after("forced", FORCED_OPEN_S, self._open)
        else:
            self._timers.cancel("forced")
            if not self._is_closed and "close" not in self._timers:
                self._timers.after("close", CLOSE_S, self._close)

    def _close(self) -> None:
        self._is_closed = True
        self._world.set_relay(self._connector, on=True)

    def _open(self) -> None:
        self._timers.cancel("open", "forced", "close")
        self._is_closed = False
        self._world.set_relay(self._connector, on=False)
        self._stop_giving()

    def _stop_giving(self) -> None:
        if self.is_governed and not self._is_closed:
            self._given_mwh, self._is_giving = self.given_mwh, False

    # --- watchdog -----------------------------------------------------------------------------------

    def _feed(self) -> None:
        self._timers.cancel("watchdog")
        if self.holding[WATCHDOG]:
            self._timers.after("watchdog", self.holding[WATCHDOG] / 1000, self._starved)

    def _starved(self) -> None:
        """Until the next command for a current."""
        self.allowed = self.holding[FAIL_SAFE]
        self._reconsider()

    # --- registers ----------------------------------------------------------------------------------

    def answer(self, request: bytes) -> bytes | None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._answered_s < REQUEST_GAP_S:
            return None
        self._answered_s = now_s
        self._feed()
        match request[0]:
            case 0x03 | 0x04:
                return self._read(request)
            case 0x06:
                address, value = struct.unpack(">HH", request[1:5])
                return self._write(request, address, (value,)) or request
            case 0x10:
                address, count, size = struct.unpack(">HHB", request[1:6])
                if size != 2 * count or len(request) != 6 + size:
                    return refusal(request, ILLEGAL_VALUE)
                values = struct.unpack(f">{count}H", request[6:])
                return self._write(request, address, values) or request[:5]
            case _:
                return refusal(request, ILLEGAL_FUNCTION)

    def _read(self, request: bytes) -> bytes:
        function, first, count = struct.unpack(">BHH", request)
        wanted = range(first, first + count)
        if not count:
            return refusal(request, ILLEGAL_VALUE)
        if function == READ_INPUT:
            is_there = any(first in span and wanted[-1] in span for span in INPUTS)
            values = self._inputs()
        else:
            is_there = all(self._has(address) for address in wanted)
            values = self.holding
        if not is_there:
            return refusal(request, ILLEGAL_ADDRESS)
        words = [values.get(address, 0) & 0xFFFF for address in wanted]
        return struct.pack(f">BB{count}H", function, 2 * count, *words)

    def _has(self, address: int) -> bool:
        is_old = self._layout < LAYOUT_1_0_8
        return address in self.holding and not (is_old and address in SINCE_1_0_8)

    def _write(self, request: bytes, first: int, values: tuple[int, ...]) -> bytes | None:
        """A refusal, or None when it is done."""
        wanted = dict(enumerate(values, first))
        if not all(self._has(address) for address in wanted):
            return refusal(request, ILLEGAL_ADDRESS)
        if not all(_is_allowed(address, value) for address, value in wanted.items()):
            return refusal(request, ILLEGAL_VALUE)
        for address, value in wanted.items():
            self._set(address, value)
        self._told |= wanted.keys()
        self._feed()
        self._reconsider()
        self._stop_giving()
        return None

    def _set(self, address: int, value: int) -> None:
        if address == WATCHDOG and self._fixed_watchdog_ms is not None:
            return
        if address == REMOTE_LOCK and value and not self.holding[REMOTE_LOCK]:
            self._timers.after("unlock", UNLOCK_S, self._reconsider)
        self.holding[address] = value
        if address == CURRENT and UnitTrouble.DEAF not in self._troubles:
            self.allowed = value

    def _inputs(self) -> dict[int, int]:
        world, connector = self._world, self._connector
        energy_wh = world.register_pj(connector) // PJ_PER_MWH // 1000
        deci_a = [world.phase_ma(connector, phase) // 100 for phase in range(3)]
        volts = [world.phase_mv(connector, phase) // 1000 for phase in range(3)]
        return {
            4: self._layout,
            5: self._state(),
            **dict(zip((6, 7, 8), deci_a, strict=True)),
            9: (world.temperature_milli(connector) + ITSELF_MILLI) // 100,
            **dict(zip((10, 11, 12), volts, strict=True)),
            13: 1,
            14: world.power_uw(connector) // 1_000_000,
            **dict(zip((15, 16, 17, 18), (*divmod(energy_wh, 1 << 16),) * 2, strict=True)),
            100: 16,
            101: 6,
        }

    def _state(self) -> int:
        held = ((self._refuses_car, 9), (self._is_in_error, 11), (self._is_locked, 10))
        for is_so, state in held:
            if is_so:
                return state
        offers = int(self._offered > 0)
        match self._pilot:
            case Pilot.C if self._is_closed and self._is_derated:
                return 8
            case Pilot.C:
                return 6 + int(self._is_closed)
            case Pilot.B:
                return 4 + offers
            case _:
                return 2 + offers


def _is_allowed(address: int, value: int) -> bool:
    if address in (CURRENT, FAIL_SAFE):
        return value == 0 or 60 <= value <= 160
    if address == REMOTE_LOCK:
        return value in (0, 1)
    return address != STANDBY or value in (0, 4)
