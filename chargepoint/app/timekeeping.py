"""The clock as the central system corrects it (OCPP 1.6 §4.6), and what was stamped before that.

A station without a battery behind its clock boots in the past. What it stamps until the first
correction is right relative to itself, so all of it moves by what the clock was wrong.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from chargepoint.domain.security import SecurityWord
from chargepoint.ports import Clock
from chargepoint.security_ports import SecurityLog

# The round trip of the message that brings the time.
TOLERANCE = timedelta(seconds=1)


class Timekeeper:
    def __init__(
        self,
        clock: Clock,
        correct: Callable[[datetime], None],
        shift_queued: Callable[[timedelta], None],
        log: SecurityLog,
    ) -> None:
        """`shift_queued` moves the times of this life's messages that have not left yet."""
        self._clock = clock
        self._correct = correct
        self._shift_queued = shift_queued
        self._log = log
        self._is_first = True

    def corrected(self, utc: datetime) -> None:
        off = utc - self._clock.utc()
        was_first, self._is_first = self._is_first, False
        if abs(off) <= TOLERANCE:
            return
        if was_first:
            self._shift_queued(off)
        self._correct(utc)
        self._log.note(SecurityWord.CLOCK_SET, f"by {off.total_seconds():+.0f} s")
