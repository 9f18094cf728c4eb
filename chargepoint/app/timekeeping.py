"""The clock as the central system corrects it (OCPP 1.6 §4.6), and what was stamped before that.

A station without a battery behind its clock boots in the past. What it stamps until the first
correction is right relative to itself, so all of it moves by what the clock was wrong.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from chargepoint.domain.effects import ClockMoved
from chargepoint.domain.security import SecurityWord
from chargepoint.ports import Clock
from chargepoint.security_ports import SecurityLog

# The round trip of the message that brings the time.
TOLERANCE = timedelta(seconds=1)
_LOOK_EVERY_S = 10.0


class Timekeeper:
    def __init__(
        self,
        clock: Clock,
        correct: Callable[[datetime], None],
        shift: Callable[[ClockMoved], None],
        log: SecurityLog,
        *,
        system_time: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        """`shift` moves what this life has stamped. `system_time`: what the computer's own clock
        says, once, when somebody has set it while we ran."""
        self._clock = clock
        self._correct = correct
        self._shift = shift
        self._log = log
        self._system_time = system_time
        self._since = clock.utc()
        self._is_first = True

    async def run(self) -> None:
        """Time from the network comes to the computer before the central system can be reached."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            told = self._system_time()
            if told is not None:
                self.corrected(told)

    def corrected(self, utc: datetime) -> None:
        off = utc - self._clock.utc()
        was_first, self._is_first = self._is_first, False
        if abs(off) <= TOLERANCE:
            return
        if was_first:
            self._shift(ClockMoved(off, self._since))
        self._correct(utc)
        self._log.note(SecurityWord.CLOCK_SET, f"by {off.total_seconds():+.0f} s")
