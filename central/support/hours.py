"""When people answer the chat. Pure: local wall time decides, whatever the clocks do that night.

    Hours("Europe/Madrid", {"Monday": (("08:00", "20:00"),)}, frozenset({"2026-12-25"}))

A window that ends before it begins runs into the next day. A holiday has no window that begins on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOKS_AHEAD = 370  # days: longer than any row of holidays
_GAP_MINUTES_MAX = 180  # no zone ever moved its clocks by more in one night

Window = tuple[str, str]
"""From and until, local `HH:MM`; the second is excluded, `24:00` is the end of the day."""


@dataclass(frozen=True, slots=True)
class Hours:
    timezone: str = "Europe/Madrid"
    days: Mapping[str, tuple[Window, ...]] | None = None  # None: at any time
    holidays: frozenset[str] = frozenset()

    def is_open(self, now: datetime) -> bool:
        """`now` aware. An hour that the clocks repeat is open twice, one that they skip never."""
        if self.days is None:
            return True
        local = now.astimezone(ZoneInfo(self.timezone))
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        at = f"{local:%H:%M}"
        return any(begin <= at < _until(begin, end) for begin, end in self.windows(today)) or any(
            at < end <= begin for begin, end in self.windows(yesterday)
        )

    def opens_at(self, now: datetime) -> datetime | None:
        """The next moment from which on it is open, in UTC; None: it is open, or never will be."""
        if self.is_open(now):
            return None
        first = now.astimezone(ZoneInfo(self.timezone)).date()
        for day in (first + timedelta(days=ahead) for ahead in range(_LOOKS_AHEAD)):
            begins = [self._begins(day, begin) for begin, _ in self.windows(day)]
            later = [moment for moment in begins if moment > now]
            if later:
                return min(later)
        return None

    def windows(self, day: date) -> tuple[Window, ...]:
        """Of the windows that begin on this day."""
        if self.days is None:
            return (("00:00", "24:00"),)
        if day.isoformat() in self.holidays:
            return ()
        return self.days.get(DAYS[day.weekday()], ())

    def week(self) -> list[tuple[str, tuple[Window, ...]]]:
        """As it is published."""
        return [
            (name, (("00:00", "24:00"),) if self.days is None else self.days.get(name, ()))
            for name in DAYS
        ]

    def _begins(self, day: date, begin: str) -> datetime:
        """The first moment that the local clock shows `begin` or, where it skips that, later."""
        zone = ZoneInfo(self.timezone)
        wall = datetime.combine(day, time.fromisoformat(begin))
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
        before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return next(
            each
            for each in (before + timedelta(minutes=n) for n in range(_GAP_MINUTES_MAX))
            if each.astimezone(zone).replace(tzinfo=None) >= wall
        )


def _until(begin: str, end: str) -> str:
    return end if end > begin else "24:00"


def office(timezone: str = "Europe/Madrid") -> Hours:
    """What is offered where nobody said otherwise: working days from eight to eight."""
    return Hours(timezone, dict.fromkeys(DAYS[:5], (("08:00", "20:00"),)))
