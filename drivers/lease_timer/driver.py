"""Relay module with a timed-on command behind `ports.ContactorLease`.

    unit 05 | 0200 + relay | steps of 100 ms | CRC      on, and off again by itself after that time
    unit 05 | 0000 + relay | 0000            | CRC      off at once

The module, not this code, opens the contactor when the core is gone.
"""

from dataclasses import dataclass

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.domain.units import ConnectorId, Generation
from chargepoint.errors import ChargepointError
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.exchange import Backoff, NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_coils, write_coil
from drivers.port import PortLost
from drivers.wish import Level, Superseded

HOLD_MS = 3_000
OFF = 0x0000
CHECK_EVERY_S = 10.0  # proof of life while nobody renews
FAILURES = 2  # in a row, then the module is offline
PATIENCE_S = (0.15, 0.3, 0.6)  # all together well within the time that one renewal buys


@dataclass(frozen=True, slots=True)
class RelayMap:
    """Where a module keeps its relays. The defaults are those of the common 8-relay boards."""

    relay: int = 0
    timed_on_base: int = 0x0200
    coil_base: int = 0x0000
    step_ms: int = 100

    @property
    def hold_steps(self) -> int:
        return HOLD_MS // self.step_ms


class LeaseTimerDriver:
    """Implements `ports.ContactorLease`: one relay of one module."""

    def __init__(
        self,
        bus: ModbusBus,
        emit: Emit,
        *,
        clock: Clock,
        connector: ConnectorId,
        unit: int,
        relay: RelayMap,
    ) -> None:
        self._bus = bus
        self._emit = emit
        self._clock = clock
        self._device = DeviceRef(DeviceKind.LEASE_TIMER, connector)
        self._connector = connector
        self._unit = unit
        self._relay = relay
        self._backoff = Backoff(first_s=0.5, longest_s=5.0)
        self._level = Level()
        self._held_until_s = 0.0
        self._heard_s = 0.0
        self._is_stuck = False  # and the core knows
        self._is_online: bool | None = None
        self._failures = 0

    async def renew(self, generation: Generation) -> None:
        if not self._level.switch_on(generation):
            return
        relay = self._relay
        request = write_coil(self._unit, relay.timed_on_base + relay.relay, relay.hold_steps)
        try:
            await self._bus.ask(
                request,
                Priority.LEASE,
                patience_s=PATIENCE_S,
                wanted=lambda: self._level.may_be_on(generation),
            )
        except Superseded:
            return
        except (NoAnswer, Refused, PortLost) as failed:
            self._failed(failed)
            raise DeviceUnavailable(f"lease {self._connector}: {failed}") from failed
        self._held_until_s = self._clock.monotonic() + HOLD_MS / 1000
        self._heard()

    async def revoke(self, generation: Generation) -> None:
        if not self._level.switch_off(generation):
            return
        try:
            await self._switch_off()
        except Superseded:
            return
        except (NoAnswer, Refused, PortLost) as failed:
            self._failed(failed)
            raise DeviceUnavailable(f"lease {self._connector}: {failed}") from failed

    async def run(self) -> None:
        await self._bus.keep(self._look_after)

    async def _look_after(self) -> float:
        """Prove that it lives; make sure it is off when it should be. Seconds to the next check."""
        try:
            if not self._is_online and self._level.is_off:
                await self._switch_off()  # a core before us may have left it on
            elif self._clock.monotonic() - self._heard_s >= CHECK_EVERY_S:
                await self._check()
        except Superseded:
            return 0.0
        except PortLost as lost:
            self._failures = FAILURES
            self._failed(lost)
        except (NoAnswer, Refused) as failed:
            self._failed(failed)
        if self._failures:
            return self._backoff.next_s()
        self._backoff.reset()
        return max(0.1, self._heard_s + CHECK_EVERY_S - self._clock.monotonic())

    async def _check(self) -> None:
        relay = self._relay
        answer = await self._bus.ask(
            read_coils(self._unit, relay.coil_base + relay.relay, 1), Priority.READING
        )
        self._heard()
        is_on = bool(answer.bits[0])
        is_stuck = is_on and self._clock.monotonic() >= self._held_until_s
        if is_stuck and not self._is_stuck:
            detail = f"relay {relay.relay} of unit {self._unit} is on although its time is over"
            tail = self._bus.trace.tail()
            self._emit(DeviceIncident(self._device, "lease_timer.stuck", detail, tail))
        self._is_stuck = is_stuck
        if is_stuck and self._level.is_off:
            await self._switch_off()

    async def _switch_off(self) -> None:
        relay = self._relay
        await self._bus.ask(
            write_coil(self._unit, relay.coil_base + relay.relay, OFF),
            Priority.SAFETY,
            patience_s=PATIENCE_S,
            wanted=lambda: self._level.is_off,
        )
        self._heard()

    def _heard(self) -> None:
        self._failures = 0
        self._heard_s = self._clock.monotonic()
        if not self._is_online:
            self._is_online = True
            self._emit(DeviceOnline(self._device))

    def _failed(self, why: ChargepointError) -> None:
        self._failures += 1
        if self._failures >= FAILURES and self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(self._device, str(why), self._bus.trace.tail()))
