"""Time as the rest of this package sees it; the wall clock is read here only."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds for waiting; never steps."""
        ...

    def utc(self) -> datetime:
        """Aware UTC time for records."""
        ...


class SystemClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 -- the one home of the wall clock


def utc_text(moment: datetime) -> str:
    """ISO 8601, UTC, always three decimals and Z: some peers refuse anything else."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def utc_from_text(text: str) -> datetime:
    """Raises ValueError on anything but an aware ISO 8601 time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without zone: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # in the first or the last hours that a calendar has
        raise ValueError(f"no such time in UTC: {text!r}") from error
