"""The days of each year in which points are exchanged. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Window:
    """Both days included, as month and day (1201 is 1 December); it may reach into the next year."""

    first: int
    last: int

    def nearest(self, today: date) -> tuple[date, date]:
        """The one that is open today, else the next."""
        candidates = [self._of(year) for year in (today.year - 1, today.year, today.year + 1)]
        return next(window for window in candidates if today <= window[1])

    def is_open(self, today: date) -> bool:
        return self.nearest(today)[0] <= today

    def _of(self, year: int) -> tuple[date, date]:
        """The window that begins in `year`."""
        ends = year if self.first <= self.last else year + 1
        return _date(year, self.first), _date(ends, self.last)


def _date(year: int, day: int) -> date:
    return date(year, day // 100, day % 100)
