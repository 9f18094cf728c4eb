"""`$SY` of OpenEVSE firmware: a host that stays silent too long leaves a lower current."""

from collections.abc import Callable

from simulator.devices.named_timers import NamedTimers

MISSED, ACKNOWLEDGED, NEVER_MISSED = 2, 1, 0


class Heartbeat:
    def __init__(self, timers: NamedTimers, missed: Callable[[], None]) -> None:
        self._timers = timers
        self._missed = missed
        self.forget()

    def forget(self) -> None:
        """What a restart loses."""
        self.interval_s = 0
        self.fallback_a = 0
        self.trigger = NEVER_MISSED

    def supervise(self, interval_s: int, fallback_a: int) -> None:
        self.interval_s, self.fallback_a, self.trigger = interval_s, fallback_a, NEVER_MISSED
        self._rearm()

    def pulse(self) -> bool:
        """False while a missed pulse is not acknowledged."""
        self._rearm()
        return self.trigger != MISSED

    def acknowledge(self) -> None:
        self.trigger = ACKNOWLEDGED if self.trigger else NEVER_MISSED
        self._rearm()

    def _rearm(self) -> None:
        self._timers.cancel("heartbeat")
        if self.interval_s:
            self._timers.after("heartbeat", self.interval_s, self._overdue)

    def _overdue(self) -> None:
        self.trigger = MISSED
        self._missed()
