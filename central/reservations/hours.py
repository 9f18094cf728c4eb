"""Hours of a day at a place, as moments in UTC: a night of 25 hours has 2:30 twice. Pure.

What is reserved is cut into quarters of an hour of UTC, so that no change of clocks moves it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)


def floor(moment: datetime) -> datetime:
    """The beginning of the quarter that holds `moment`."""
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute // 15 * 15, second=0, microsecond=0)


def is_on_the_grid(moment: datetime) -> bool:
    return floor(moment) == moment


def quarters(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Beginnings of the quarters that [begin, end) touches."""
    quarter = floor(begin)
    while quarter < end:
        yield quarter
        quarter += QUARTER


def local_moments(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments at which clocks there show `at` on that day: one; two where they are put back;
    none where they are put forward over it.
    """
    found = []
    for fold in (0, 1):
        shown = datetime.combine(day, at.replace(fold=fold), zone)
        moment = shown.astimezone(UTC)
        is_shown = moment.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None)
        if is_shown and moment not in found:
            found.append(moment)
    return tuple(sorted(found))


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Midnight to midnight: 23, 24 or 25 hours."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def moments_of(day: date, zone: ZoneInfo, step: timedelta) -> Iterator[datetime]:
    """Every `step` of that day, in the order in which they pass."""
    moment, end = day_bounds(day, zone)
    while moment < end:
        yield moment
        moment += step


def is_shown_twice(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks there show this hour twice that night."""
    shown = moment.astimezone(zone)
    return len(local_moments(shown.date(), shown.time().replace(fold=0), zone)) == 2


def is_before_change(moment: datetime, zone: ZoneInfo) -> bool:
    """Of an hour that comes twice: whether this is the first one, still in summer time."""
    return moment.astimezone(zone).fold == 0
