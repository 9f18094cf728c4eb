"""The operator's rule for reservations, and whether a wish keeps to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.reservations import hours

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Why(StrEnum):
    """Why a wish is not granted; each has words in the catalogue (`reserve.why.…`)."""

    OFF = "off"  # nothing is reserved here
    CARD = "card"  # no active Green Card
    TAKEN = "taken"
    NOT_FREE = "not_free"  # in use, out of order or out of reach at this moment
    CLOSED = "closed"
    LENGTH = "length"
    GRID = "grid"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    LIMIT = "limit"  # as many as one member may have at a time
    DAY_LIMIT = "day_limit"
    TWICE = "twice"  # the member has another one in that time
    MARKS = "marks"  # too often did not come
    MOVES = "moves"  # changed often enough
    OVER = "over"  # too late, or done already


class NoShow(StrEnum):
    """What becomes of whoever does not come."""

    NOTHING = "nothing"
    FEE = "fee"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Opening:
    """Local times; `until` before `since` is the next morning, the same twice is all day."""

    since: str = "00:00"
    until: str = "00:00"
    days: tuple[str, ...] = ()

    def is_open(self, local: datetime) -> bool:
        clock = f"{local:%H:%M}"
        day = local.date()
        if self.since < self.until:
            is_in = self.since <= clock < self.until
        else:
            is_in = clock >= self.since or clock < self.until
            if clock < self.until and self.since != "00:00":
                day -= timedelta(days=1)  # the night belongs to the day on which it began
        return is_in and (not self.days or _DAYS[day.weekday()] in self.days)


@dataclass(frozen=True, slots=True)
class Rules:
    """`sites`: opening hours where they differ from `opening`. Times are minutes unless said."""

    is_on: bool = True
    now_minutes: tuple[int, ...] = (15, 30, 45, 60)
    lengths_minutes: tuple[int, ...] = (30, 60, 90, 120)
    step_minutes: int = 30  # how often an hour is offered on the page
    least_ahead_minutes: int = 30
    horizon_days: int = 14
    per_member: int = 2  # at a time
    per_member_day: int = 6  # made on one day
    changes_most: int = 6  # of one reservation
    tell_before_minutes: int = 15  # ReserveNow leaves so long before
    look_before_minutes: int = 10  # a bay that is still blocked then is exchanged
    grace_minutes: int = 15  # how late a holder may come
    no_show: NoShow = NoShow.MARK
    no_show_fee_minor: int = 200
    marks_most: int = 3
    marks_days: int = 30
    compensation_minor: int = 200
    move_within_m: int = 1_500
    offer_minutes: int = 15
    opening: Opening = Opening()
    sites: Mapping[str, Opening] = field(default_factory=dict)

    def is_open(self, site: str, begin: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """All of the time."""
        opening = self.sites.get(site, self.opening)
        touched = hours.quarters(begin, end)
        return all(opening.is_open(quarter.astimezone(zone)) for quarter in touched)

    def against(self, begin: datetime, minutes: int, now: datetime) -> Why | None:
        """What speaks against a reservation for a date and hour, whatever is free."""
        if not self.is_on:
            return Why.OFF
        if minutes not in self.lengths_minutes:
            return Why.LENGTH
        if not hours.is_on_the_grid(begin):
            return Why.GRID
        if begin < now + timedelta(minutes=self.least_ahead_minutes):
            return Why.TOO_SOON
        if begin > now + timedelta(days=self.horizon_days):
            return Why.TOO_FAR
        return None

    def against_now(self, minutes: int) -> Why | None:
        if not self.is_on:
            return Why.OFF
        return None if minutes in self.now_minutes else Why.LENGTH

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)

    @property
    def told_before(self) -> timedelta:
        return timedelta(minutes=self.tell_before_minutes)

    @property
    def looked_before(self) -> timedelta:
        return timedelta(minutes=self.look_before_minutes)

    @property
    def offered_for(self) -> timedelta:
        return timedelta(minutes=self.offer_minutes)
