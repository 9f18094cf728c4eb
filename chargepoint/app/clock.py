"""The real clock and the real randomness; the only home of both."""

import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta


class SystemClock:
    """UTC of the operating system plus a correction learnt from the central system."""

    def __init__(self) -> None:
        self._correction = timedelta(0)

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC) + self._correction  # noqa: TID251 - this is the clock

    def correct(self, utc: datetime) -> None:
        """Take the central system's time when ours is off by more than a second."""
        off = utc - self.utc()
        if abs(off.total_seconds()) > 1:
            self._correction += off

    def never_before(self, moment: datetime) -> None:
        """A machine without a battery behind its clock wakes up in the past: time goes on from
        the newest moment that is known, until somebody knows better."""
        self.correct(max(moment, self.utc()))


class SystemEntropy:
    def token(self, length: int) -> bytes:
        return secrets.token_bytes(length)

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def identifier(self) -> str:
        return str(uuid.uuid4())
