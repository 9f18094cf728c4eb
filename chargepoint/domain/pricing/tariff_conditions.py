"""When a conditional price holds: `TariffConditionsType` of OCPP 2.1, with its names and rules.

Of each list the first price whose conditions all hold applies. Lower bounds are inclusive, upper
bounds exclusive. Values are JSON-ready, because a tariff is saved with its session.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from chargepoint.domain.units import Watt, Wh
from chargepoint.quick import quickly_made

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_PER_DAY = 1440
MS_PER_MINUTE = 60_000
MS_PER_S = 1000
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@lru_cache(MINUTES_PER_DAY)
def minute_of(time_of_day: str) -> int:
    """Of the day, from `HH:MM`; where nothing is written, midnight. Kept: readings ask all day."""
    return int(time_of_day[:2]) * 60 + int(time_of_day[3:]) if time_of_day else 0


@quickly_made
@dataclass(frozen=True, slots=True)
class Moment:
    """What conditions look at. `local` is aware, in the station's time zone."""

    local: datetime
    energy: Wh = Wh(0)  # of the session so far
    power: Watt = Watt(0)
    charging_ms: int = 0
    idle_ms: int = 0

    def at(self, gone_ms: int) -> datetime:
        """The local time `gone_ms` later: through UTC, because a night may have 23 or 25 hours."""
        later = self.local.astimezone(UTC) + timedelta(milliseconds=gone_ms)
        return later.astimezone(self.local.tzinfo)


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that are given must hold. Times of day are `HH:MM`, dates `YYYY-MM-DD`, both local.

    An end of day not after its start lies on the next day; `day_of_week` is the day of the moment
    itself, so a Monday price from 22:00 to 06:00 holds on Monday until 06:00 and again from 22:00.
    """

    start_time_of_day: str = ""
    end_time_of_day: str = ""
    day_of_week: tuple[str, ...] = ()
    valid_from_date: str = ""
    valid_to_date: str = ""
    min_power_w: int | None = None
    max_power_w: int | None = None
    min_energy_wh: int | None = None
    max_energy_wh: int | None = None
    min_charging_time_s: int | None = None
    max_charging_time_s: int | None = None
    min_idle_time_s: int | None = None
    max_idle_time_s: int | None = None

    def __post_init__(self) -> None:
        for written in (self.start_time_of_day, self.end_time_of_day):
            if written and not _TIME.fullmatch(written):
                raise ValueError(f"{written!r} is no time of day, as 22:00")
        for written in (self.valid_from_date, self.valid_to_date):
            if written and date.fromisoformat(written).isoformat() != written:
                raise ValueError(f"{written!r} is no date, as 2026-12-24")
        if unknown := [day for day in self.day_of_week if day not in DAYS]:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(DAYS)}")
        self._check_ranges()

    def _check_ranges(self) -> None:
        for low, high in self.ranges:
            if min(low or 0, high or 0) < 0 or (high is not None and (low or 0) >= high):
                raise ValueError(f"from {low} to {high} is no range")
        if self.valid_to_date and self.valid_from_date >= self.valid_to_date:
            raise ValueError(f"from {self.valid_from_date} to {self.valid_to_date} is no range")

    @property
    def ranges(self) -> tuple[tuple[int | None, int | None], ...]:
        """Power, energy, charging time, idle time."""
        return (
            (self.min_power_w, self.max_power_w),
            (self.min_energy_wh, self.max_energy_wh),
            (self.min_charging_time_s, self.max_charging_time_s),
            (self.min_idle_time_s, self.max_idle_time_s),
        )

    @property
    def is_of_the_calendar(self) -> bool:
        """Whether the calendar alone decides, so that a session's start can choose by it."""
        return all(low is None and high is None for low, high in self.ranges)

    def hold(self, moment: Moment) -> bool:
        return (
            (self.min_power_w is None or moment.power >= self.min_power_w)
            and (self.max_power_w is None or moment.power < self.max_power_w)
            and (self.min_energy_wh is None or moment.energy >= self.min_energy_wh)
            and (self.max_energy_wh is None or moment.energy < self.max_energy_wh)
            and (
                self.min_charging_time_s is None
                or moment.charging_ms >= self.min_charging_time_s * MS_PER_S
            )
            and (
                self.max_charging_time_s is None
                or moment.charging_ms < self.max_charging_time_s * MS_PER_S
            )
            and (self.min_idle_time_s is None or moment.idle_ms >= self.min_idle_time_s * MS_PER_S)
            and (self.max_idle_time_s is None or moment.idle_ms < self.max_idle_time_s * MS_PER_S)
            and self.allow(moment.local)
        )

    def allow(self, local: datetime) -> bool:
        """Whether the calendar allows this minute."""
        if self.day_of_week and DAYS[local.weekday()] not in self.day_of_week:
            return False
        if self.valid_from_date or self.valid_to_date:
            today = local.date().isoformat()
            if today < self.valid_from_date or today >= (self.valid_to_date or "9999-99"):
                return False
        if not self.start_time_of_day and not self.end_time_of_day:
            return True
        return self._allows_minute(local.hour * 60 + local.minute)

    def _allows_minute(self, now: int) -> bool:
        start, end = minute_of(self.start_time_of_day), minute_of(self.end_time_of_day)
        if start < end:
            return start <= now < end
        return now >= start or now < end

    def may_hold(self, first: Moment, last: Moment) -> bool:
        """Whether some moment between may meet them all, at any power. At most a minute apart:
        the calendar of that time is that of its two ends.
        """
        return (self.allow(first.local) or self.allow(last.local)) and (
            _overlaps(first.energy, last.energy, self.min_energy_wh, self.max_energy_wh)
            and _overlaps(
                first.charging_ms // MS_PER_S,
                last.charging_ms // MS_PER_S,
                self.min_charging_time_s,
                self.max_charging_time_s,
            )
            and _overlaps(
                first.idle_ms // MS_PER_S,
                last.idle_ms // MS_PER_S,
                self.min_idle_time_s,
                self.max_idle_time_s,
            )
        )

    def must_hold(self, first: Moment, last: Moment) -> bool:
        """Whether they are met all the time between, whatever the power."""
        if self.min_power_w is not None or self.max_power_w is not None:
            return False
        return self.hold(first) and self.hold(last)

    def named_minutes(self) -> tuple[int, ...]:
        """The minutes of a day at which the calendar may begin or cease to allow."""
        start, end = self.start_time_of_day, self.end_time_of_day
        if start or end:
            named = (minute_of(start), minute_of(end))
            return (0, *named) if self._is_of_days else named
        return (0,) if self._is_of_days else ()

    @property
    def _is_of_days(self) -> bool:
        return bool(self.day_of_week or self.valid_from_date or self.valid_to_date)

    def minutes(self) -> int:
        """The minutes of a day they allow, as a set of bits."""
        every = range(MINUTES_PER_DAY)
        return sum(1 << minute for minute in every if self._allows_minute(minute))


@dataclass(frozen=True, slots=True)
class ConditionalPrice:
    """`milli`: 1/1000 minor unit per kWh, per minute or per session, VAT included."""

    milli: int
    conditions: Conditions = Conditions()

    def __post_init__(self) -> None:
        if self.milli < 0:
            raise ValueError(f"price is negative: {self.milli}")


BASE = -1
"""The place of the price that holds when no conditional one does."""


def place_of(prices: tuple[ConditionalPrice, ...], moment: Moment) -> int:
    """The first price that holds."""
    for place, price in enumerate(prices):
        if price.conditions.hold(moment):
            return place
    return BASE


def highest(prices: tuple[ConditionalPrice, ...], base: int, first: Moment, last: Moment) -> int:
    """The most that may be asked at any moment between, in milli."""
    found = 0
    for price in prices:
        if price.conditions.may_hold(first, last):
            found = max(found, price.milli)
            if price.conditions.must_hold(first, last):
                return found
    return max(found, base)


def _overlaps(first: int, last: int, low: int | None, high: int | None) -> bool:
    return (high is None or first < high) and (low is None or last >= low)
