"""Named timers with generations. A timer that was stopped or replaced while firing is recognised."""

import asyncio
from collections.abc import Callable

from chargepoint.domain.effects import CancelTimer, StartTimer
from chargepoint.domain.point.machine import TimerFired


class Timers:
    def __init__(self, fire: Callable[[TimerFired], None]) -> None:
        self._fire = fire
        self._running: dict[str, asyncio.TimerHandle] = {}

    def start(self, order: StartTimer) -> None:
        self.cancel(CancelTimer(order.name))
        loop = asyncio.get_running_loop()
        fired = TimerFired(order.name, order.generation)
        self._running[order.name] = loop.call_later(order.delay_s, self._fire, fired)

    def cancel(self, order: CancelTimer) -> None:
        handle = self._running.pop(order.name, None)
        if handle is not None:
            handle.cancel()

    def cancel_all(self) -> None:
        for handle in self._running.values():
            handle.cancel()
        self._running.clear()
