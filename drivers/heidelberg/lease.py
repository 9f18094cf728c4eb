"""The unit's own watchdog as `ports.ContactorLease`: what keeps it fed, and when feeding ends.

The unit opens by itself when it has heard nothing for three seconds. So a lease that was revoked or
is late means: it hears nothing more, but for the one command that takes its current away.
"""

import asyncio
from collections.abc import Callable

from chargepoint.domain.devices import DeviceKind, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.units import ConnectorId, Generation
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.wish import Level

HOLD_S = 2.0  # two renewals; the unit's own three seconds come on top where it cannot be told


class WatchdogLease:
    """Implements `ports.ContactorLease`; its board asks `holds` before each frame."""

    def __init__(self, emit: Emit, clock: Clock, connector: ConnectorId) -> None:
        self._emit = emit
        self._clock = clock
        self._device = DeviceRef(DeviceKind.LEASE_TIMER, connector)
        self._level = Level()
        self._until_s = 0.0
        self._is_online: bool | None = None
        self.changed: Callable[[], None] = lambda: None

    @property
    def holds(self) -> bool:
        return not self._level.is_off and self._clock.monotonic() < self._until_s

    @property
    def left_s(self) -> float:
        return max(0.0, self._until_s - self._clock.monotonic())

    async def renew(self, generation: Generation) -> None:
        if not self._level.switch_on(generation):
            return
        if not self._is_online:
            raise DeviceUnavailable(f"{self._device}: its unit is offline")
        self._until_s = self._clock.monotonic() + HOLD_S

    async def revoke(self, generation: Generation) -> None:
        if self._level.switch_off(generation):
            self._until_s = 0.0
            self.changed()

    async def run(self) -> None:
        """Nothing to do: the board's driver is the one that talks, or does not."""
        await asyncio.Event().wait()

    def came_online(self) -> None:
        self._is_online = True
        self._emit(DeviceOnline(self._device))

    def went_offline(self, reason: str, trace: tuple[str, ...]) -> None:
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(self._device, reason, trace))
