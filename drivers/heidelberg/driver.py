"""Heidelberg Energy Control behind `ports.EvseBoard`: permission, current, what it observes.

The unit has pilot, contactor, protections and a fixed cable; its safety against a dead host is its
watchdog: without a frame for three seconds it offers the fail-safe current, which is none. A unit
that does not confirm both settings is refused. What may be said to it:

    lease holds               everything
    no lease, current taken   everything but a current
    no lease, not yet taken   the command that takes it, and nothing else
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from pymodbus.pdu import ModbusPDU

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardTemperature,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    LockMoved,
    Pilot,
)
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.errors import ChargepointError
from chargepoint.pause import until_set
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.exchange import Backoff, NoAnswer
from drivers.heidelberg import registers as at
from drivers.heidelberg.lease import WatchdogLease
from drivers.heidelberg.registers import UnitState, UnreadableState, command_of, unit_state
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_holding_registers, read_input_registers, write_registers
from drivers.observed import Observed, Openings, differences
from drivers.port import PortLost
from drivers.wish import Level, Superseded, Wanted, always

POLL_BUSY_S = 0.5  # and so its watchdog hears six frames in its three seconds
POLL_IDLE_S = 1.0
POLL_WATCHING_S = 0.2  # a stop not yet confirmed
FAILED_POLLS = 2  # then the unit is offline
PATIENCE_S = (0.2, 0.3, 0.6)
PWM_CHANGE_EVERY_S = 5.0  # IEC 61851-1: the offer changes at most this often, except to stop
OPENING_S = 6.5  # a vehicle that goes on drawing is opened under load after six seconds
FORGETS_AFTER_S = 2.5  # of silence: it may have fallen back, and the current is said again
RESTARTS_IN_S = 1.5  # a silence as long may have been a restart, which loses every setting
REFUSALS = 3  # of the order to give up its current: it may be busy
LEAVE_FIRST_S, LEAVE_LONGEST_S = 60.0, 300.0  # each word gives the current three more seconds
PROVE_EVERY_S = 5.0  # until then a unit that restarted in a moment has the watchdog of its factory

_FAILURES = (NoAnswer, Refused, PortLost, UnreadableState)


class UnitRefused(ChargepointError):
    """It would go on charging without us."""


@dataclass(frozen=True, slots=True, eq=False)
class Permission:
    limit: MilliAmp


class HeidelbergDriver:
    """Implements `ports.EvseBoard`. `lease` is its other half."""

    def __init__(
        self, bus: ModbusBus, emit: Emit, *, clock: Clock, connector: ConnectorId, unit: int
    ) -> None:
        self._bus = bus
        self._emit = emit
        self._clock = clock
        self._connector = connector
        self._device = DeviceRef(DeviceKind.EVSE, connector)
        self._unit = unit
        self._backoff = Backoff(first_s=0.5, longest_s=10.0)
        self._level = Level()
        self._permission: Permission | None = None
        self._is_online: bool | None = None
        self._observed = Observed(Pilot.A, is_closed=False, fault=None)
        self._openings = Openings()
        self._is_taken = False  # register 261 is 0, by its own word
        self._commanded: int | None = None  # None: must be said again
        self._changed_s = float("-inf")
        self._heard_s = float("-inf")
        self._taken_s = float("-inf")
        self._proved_s = float("-inf")  # when its watchdog was last read back
        self._is_locked_out = False
        self._left_alone_until_s = float("-inf")
        self._leave_s = LEAVE_FIRST_S
        self._told_temperature = 0
        self._told_refusal = ""
        self._wake = asyncio.Event()
        self.lease = WatchdogLease(emit, clock, connector)
        self.lease.changed = self._wake.set

    # --- ports.EvseBoard --------------------------------------------------------------------------

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        if not self._level.switch_on(generation):
            return
        if not self._is_online:
            raise DeviceUnavailable(f"board {self._connector} is offline")
        self._permission = permission = Permission(limit)
        try:
            await self._follow_wish()
        except Superseded:
            return
        except _FAILURES as lost:
            if self._permission is permission:
                self._permission = None
            if isinstance(lost, Refused) and str(lost) != self._told_refusal:
                self._told_refusal = str(lost)
                self._incident("evse.refused", str(lost))
            raise DeviceUnavailable(f"board {self._connector}: not permitted: {lost}") from lost
        finally:
            self._wake.set()

    async def forbid(self, generation: Generation) -> None:
        if not self._level.switch_off(generation):
            return
        self._permission = None
        try:
            await self._take_current(lambda: self._level.is_off)
        except Superseded:
            return
        except _FAILURES as lost:
            raise DeviceUnavailable(f"board {self._connector}: not forbidden: {lost}") from lost
        finally:
            self._wake.set()

    async def set_limit(self, limit: MilliAmp) -> None:
        if not self._is_online:
            raise DeviceUnavailable(f"board {self._connector} is offline")
        if self._permission is not None:
            self._permission = replace(self._permission, limit=limit)
            self._wake.set()

    async def set_lock(self, *, locked: bool) -> None:
        """The cable is part of the unit: what it would hold is held always."""
        if not self._is_online:
            raise DeviceUnavailable(f"board {self._connector} is offline")
        self._emit(LockMoved(self._connector, locked))

    async def run(self) -> None:
        await self._bus.keep(self._live)

    # --- one life of the unit -----------------------------------------------------------------------

    async def _live(self) -> float:
        """From greeting to silence; seconds to the next."""
        try:
            await self._greet()
            await self._watch()
        except (*_FAILURES, UnitRefused) as lost:
            self._went_offline(str(lost))
        return self._backoff.next_s()

    async def _greet(self) -> None:
        """Safe first: no current. Then what keeps it safe without us, proved by reading it back."""
        await self._take_current(always)
        await self._where_known(at.STANDBY, at.STANDBY_OFF)
        await self._set(at.WATCHDOG, at.WATCHDOG_MS)
        await self._set(at.FAIL_SAFE, at.NO_CURRENT)
        await self._where_known(at.REMOTE_LOCK, at.UNLOCKED)
        self._is_locked_out = False
        (layout,) = await self._read(read_input_registers(self._unit, at.LAYOUT, 1))
        state = await self._read_state()
        limit_s = self._clock.monotonic() + OPENING_S
        while state.is_closed and self._clock.monotonic() < limit_s:
            await asyncio.sleep(POLL_WATCHING_S)
            state = await self._read_state()
        self._observed = Observed(state.pilot(Pilot.A), state.is_closed, state.fault)
        self._proved_s = self._clock.monotonic()
        self._came_online(".".join(f"{layout:x}"))

    async def _watch(self) -> None:
        failures = 0
        while True:
            await self._pause()
            try:
                await self._follow_wish()
                self._saw(await self._read_state())
                await self._prove()
                await self._insist()
                failures = 0
            except Superseded:
                continue
            except (NoAnswer, Refused) as silence:
                failures += 1
                if failures >= FAILED_POLLS:
                    raise NoAnswer(str(silence)) from silence
                self._wake.set()

    async def _pause(self) -> None:
        await until_set(self._wake, self._poll_s())
        self._wake.clear()

    def _poll_s(self) -> float:
        if self._openings.is_unexplained or (self._observed.is_closed and not self._may_flow):
            return POLL_WATCHING_S
        if self._permission is None:
            return POLL_IDLE_S
        # A lease that runs out is noticed then, not at the next poll.
        return min(POLL_BUSY_S, self.lease.left_s + 0.001) if self.lease.holds else POLL_BUSY_S

    # --- towards the unit -----------------------------------------------------------------------------

    @property
    def _may_flow(self) -> bool:
        return self._permission is not None and self.lease.holds

    async def _follow_wish(self) -> None:
        """Bring the unit to what is wanted now; Superseded when that changes meanwhile."""
        permission = self._permission
        steps = at.NO_CURRENT if permission is None else command_of(permission.limit)
        if permission is None or not self.lease.holds or steps == at.NO_CURRENT:
            if not self._is_taken:
                await self._take_current(always)
            return
        if self._clock.monotonic() - self._heard_s > FORGETS_AFTER_S:
            self._commanded = None
        if self._commanded == steps or not self._is_change_due():
            return
        if self._is_locked_out:
            await self._where_known(at.REMOTE_LOCK, at.UNLOCKED)
            self._is_locked_out = False
        await self._command(steps, permission)

    def _is_change_due(self) -> bool:
        is_first = self._commanded in (None, at.NO_CURRENT)
        return is_first or self._clock.monotonic() - self._changed_s >= PWM_CHANGE_EVERY_S

    async def _command(self, steps: int, permission: Permission) -> None:
        def is_wanted() -> bool:
            wanted = self._permission is permission and self.lease.holds
            if wanted:
                self._is_taken, self._commanded = False, None  # from here on it may have it
            return wanted

        request = write_registers(self._unit, at.CURRENT, steps)
        await self._bus.ask(request, Priority.LEASE, patience_s=PATIENCE_S, wanted=is_wanted)
        self._heard()
        self._commanded, self._changed_s = steps, self._clock.monotonic()

    async def _take_current(self, wanted: Wanted) -> None:
        """The one command that is always allowed: heard, it ends the current; unheard, silence does."""
        request = write_registers(self._unit, at.CURRENT, at.NO_CURRENT)
        if self._clock.monotonic() < self._left_alone_until_s:
            raise NoAnswer("it refuses to give up its current, and is left to its watchdog")
        for tries_left in reversed(range(REFUSALS)):
            try:
                await self._bus.ask(request, Priority.SAFETY, patience_s=PATIENCE_S, wanted=wanted)
                break
            except Refused:
                if not tries_left:
                    self._leave_alone()
                    raise
        self._leave_s = LEAVE_FIRST_S
        self._heard()
        if not self._is_taken:
            self._taken_s = self._clock.monotonic()
        self._is_taken, self._commanded = True, at.NO_CURRENT

    def _leave_alone(self) -> None:
        """Who says no has heard, and every word feeds its watchdog: nothing is said, longer each time."""
        self._left_alone_until_s = self._clock.monotonic() + self._leave_s
        self._leave_s = min(2 * self._leave_s, LEAVE_LONGEST_S)

    async def _insist(self) -> None:
        """It agreed and goes on: lock it, the second way it has of opening, then leave it alone.

        Silence is the third: its watchdog is a part of its own.
        """
        late_s = self._clock.monotonic() - self._taken_s
        if not (self._is_taken and self._observed.is_closed and late_s > OPENING_S):
            return
        if not self._is_locked_out:
            self._is_locked_out = True
            self._incident("evse.not_opening", "current goes on after it was taken: locked")
            await self._where_known(at.REMOTE_LOCK, at.LOCKED)
        await asyncio.sleep(at.WATCHDOG_MS / 1000 + 1.0)

    async def _prove(self) -> None:
        """Raises UnitRefused, and so it is greeted anew, when it has forgotten its watchdog."""
        if self._clock.monotonic() - self._proved_s < PROVE_EVERY_S:
            return
        (watchdog_ms,) = await self._read(read_holding_registers(self._unit, at.WATCHDOG, 1))
        if watchdog_ms != at.WATCHDOG_MS:
            raise UnitRefused("it has restarted")
        self._proved_s = self._clock.monotonic()

    async def _set(self, register: int, value: int) -> None:
        """Write and read back. Raises UnitRefused."""
        found: list[int] = []
        with suppress(Refused):
            await self._tell(write_registers(self._unit, register, value))
            found = await self._read(read_holding_registers(self._unit, register, 1))
        if found != [value]:
            detail = f"register {register} is {found or 'refused'}, not {value}"
            if detail != self._told_refusal:
                self._told_refusal = detail
                self._incident("evse.watchdog_refused", detail)
            raise UnitRefused(detail)

    async def _where_known(self, register: int, value: int) -> None:
        """Older layouts do not have it."""
        with suppress(Refused):
            await self._tell(write_registers(self._unit, register, value))

    async def _read_state(self) -> UnitState:
        return unit_state(
            await self._read(read_input_registers(self._unit, at.STATE, at.STATE_COUNT))
        )

    async def _read(self, request: ModbusPDU) -> list[int]:
        return list((await self._tell(request)).registers)

    async def _tell(self, request: ModbusPDU) -> ModbusPDU:
        answer = await self._bus.ask(
            request, Priority.READING, patience_s=PATIENCE_S, wanted=self._may_talk
        )
        self._heard()
        return answer

    def _may_talk(self) -> bool:
        return self._is_taken or self.lease.holds

    def _heard(self) -> None:
        now_s = self._clock.monotonic()
        if now_s - self._heard_s > RESTARTS_IN_S:
            self._proved_s = float("-inf")
        self._heard_s = now_s

    # --- from the unit --------------------------------------------------------------------------------

    def _saw(self, state: UnitState) -> None:
        before = self._observed
        now = self._openings.judged(
            before,
            Observed(state.pilot(before.pilot), state.is_closed, state.fault),
            is_permitted=self._may_flow,
            now_s=self._clock.monotonic(),
        )
        self._observed = now
        if now.is_departure(before):
            self._permission = None  # it was given for the car that left
        for event in differences(self._connector, before, now):
            self._emit(event)
        if abs(state.temperature_milli - self._told_temperature) >= 1000:
            self._told_temperature = state.temperature_milli
            self._emit(BoardTemperature(self._connector, state.temperature_milli))

    def _came_online(self, firmware: str) -> None:
        self._backoff.reset()
        self._is_online = True
        self._told_refusal = ""
        self._told_temperature = 0
        self._emit(DeviceOnline(self._device, firmware=firmware))
        self.lease.came_online()
        seen = self._observed
        # A cable that cannot be locked proves nothing about who was plugged in meanwhile.
        self._emit(BoardAnswered(self._connector, seen.pilot, seen.is_closed, False, seen.fault))

    def _went_offline(self, reason: str) -> None:
        self._permission = None
        self._is_taken = False
        tail = self._bus.trace.tail()
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(self._device, reason, tail))
        self.lease.went_offline(reason, tail)

    def _incident(self, code: str, detail: str) -> None:
        self._emit(DeviceIncident(self._device, code, detail, self._bus.trace.tail()))
