"""The real clock and the real randomness; the only home of both."""

import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta

_STEP = timedelta(seconds=1)


class SystemClock:
    """UTC that goes on evenly from this process's start, plus what was learnt since.

    The computer's own clock may be set while we run, by the network or by hand. Were it followed
    at once, a correction by the central system would be added to the same correction made there.
    """

    def __init__(self) -> None:
        self._from = self._system() - self._gone()
        self._system_from = self._from

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return self._from + self._gone()

    def correct(self, utc: datetime) -> None:
        """Take the central system's time when ours is off by more than a second."""
        off = utc - self.utc()
        if abs(off) > _STEP:
            self._from += off

    def never_before(self, moment: datetime) -> bool:
        """A machine without a battery behind its clock wakes up in the past: time goes on from
        the newest moment that is known, until somebody knows better. False: it had to."""
        knows = moment <= self.utc()
        self.correct(max(moment, self.utc()))
        return knows

    def system_time(self) -> datetime | None:
        """What the computer's clock says, once, after somebody has set it."""
        fresh = self._system() - self._gone()
        step, self._system_from = fresh - self._system_from, fresh
        return self._system() if abs(step) > _STEP else None

    def _gone(self) -> timedelta:
        return timedelta(seconds=self.monotonic())

    def _system(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


class SystemEntropy:
    def token(self, length: int) -> bytes:
        return secrets.token_bytes(length)

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def identifier(self) -> str:
        return str(uuid.uuid4())
