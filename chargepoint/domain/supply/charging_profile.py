"""Charging profiles: limits over time that the central system sets. Values, and what makes one possible.

A profile says what, where, how long and how strong; `composite_schedule.py` says what follows from
several. Times are whole seconds since 1970 UTC: days that have 23 hours somewhere are not our concern.

    anchor        the schedule's own start, or the start of the session
    occurrence    the schedule once; a recurring profile has one every day or week from its anchor
    span          one period of one occurrence, cut to the profile's validity and to what is asked
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NewType

from chargepoint.domain.units import ConnectorId, SessionId

Epoch = NewType("Epoch", int)
"""Whole seconds since 1970-01-01T00:00Z."""

STATION = ConnectorId(0)
DAY_S, WEEK_S = 86_400, 604_800
ALL_PHASES = 3  # assumed where a period names none (OCPP 1.6 §7.14)
_FAR = 1 << 62


class Purpose(StrEnum):
    STATION_MAX = "station_max"  # shared by all connectors
    SESSION_DEFAULT = "session_default"  # for every session that has no profile of its own
    SESSION = "session"  # for one session, gone with it


class RateUnit(StrEnum):
    AMPERE = "A"  # of each phase
    WATT = "W"  # of all phases together


@dataclass(frozen=True, slots=True)
class Period:
    """`limit_milli` in thousandths of the schedule's unit, until the next period starts."""

    start_s: int
    limit_milli: int
    phases: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """`start` None: relative to the session. `duration_s` None: the last period has no end."""

    unit: RateUnit
    periods: tuple[Period, ...]
    start: Epoch | None = None
    duration_s: int | None = None
    minimum_milli: int | None = None  # below this the vehicle charges inefficiently


@dataclass(frozen=True, slots=True)
class Profile:
    """`repeats_s`: DAY_S or WEEK_S for a recurring one. `valid_to` is the first second without it."""

    id: int
    connector: ConnectorId
    purpose: Purpose
    stack_level: int
    schedule: Schedule
    repeats_s: int | None = None
    valid_from: Epoch | None = None
    valid_to: Epoch | None = None
    session: SessionId | None = None

    @property
    def place(self) -> tuple[ConnectorId, Purpose, int]:
        """Two profiles never share one (OCPP 1.6 §3.13.2)."""
        return self.connector, self.purpose, self.stack_level


@dataclass(frozen=True, slots=True)
class Span:
    """`period` of a profile holds from `start` until `end`, which is not part of it."""

    start: Epoch
    end: Epoch
    period: Period


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this station promises in its configuration keys (OCPP 1.6 §9.4)."""

    max_stack_level: int = 9
    max_periods: int = 100
    max_profiles: int = 40


def spans(profile: Profile, since: Epoch, until: Epoch, session_start: Epoch) -> Iterator[Span]:
    """In order, never overlapping, with gaps where the profile says nothing."""
    schedule = profile.schedule
    anchor = session_start if schedule.start is None else schedule.start
    low = max(since, anchor, since if profile.valid_from is None else profile.valid_from)
    high = min(until, until if profile.valid_to is None else profile.valid_to)
    if low >= high:
        return
    length = _FAR if schedule.duration_s is None else schedule.duration_s
    if profile.repeats_s is None:
        yield from _occurrence(schedule.periods, anchor, length, low, high)
        return
    # What is longer than the recurrence is not executed (errata 3.44).
    length = min(length, profile.repeats_s)
    start = anchor + (low - anchor) // profile.repeats_s * profile.repeats_s
    while start < high:
        yield from _occurrence(schedule.periods, start, length, low, high)
        start += profile.repeats_s


def _occurrence(
    periods: tuple[Period, ...], start: int, length: int, low: int, high: int
) -> Iterator[Span]:
    ends = [period.start_s for period in periods[1:]] + [length]
    for period, end_s in zip(periods, ends, strict=True):
        begin, end = max(low, start + period.start_s), min(high, start + min(end_s, length))
        if begin < end:
            yield Span(Epoch(begin), Epoch(end), period)


# --- installing ---------------------------------------------------------------------------------


def objection(profile: Profile, now: Epoch, allowed: Capabilities) -> str:
    """Why nobody could carry this profile out; empty when it is possible."""
    return (
        _wrong_place(profile)
        or _wrong_times(profile, now)
        or _wrong_periods(profile.schedule, allowed)
        or ("stack level too high" if profile.stack_level > allowed.max_stack_level else "")
    )


def _wrong_place(profile: Profile) -> str:
    """OCPP 1.6 §3.13.1."""
    if profile.stack_level < 0:
        return "negative stack level"
    if profile.purpose is Purpose.STATION_MAX:
        if profile.connector != STATION:
            return "a limit of the station belongs to connector 0"
        return "" if profile.schedule.start is not None else "nothing to be relative to"
    if profile.purpose is Purpose.SESSION and profile.connector == STATION:
        return "a session is at a connector"
    if (profile.session is None) == (profile.purpose is Purpose.SESSION):
        return "a profile of a session, and no other, names one"
    return ""


def _wrong_times(profile: Profile, now: Epoch) -> str:
    since, until = profile.valid_from, profile.valid_to
    if until is not None and (until <= now or (since is not None and until <= since)):
        return "never valid"
    if profile.schedule.duration_s is not None and profile.schedule.duration_s <= 0:
        return "no duration"
    return ""


def _wrong_periods(schedule: Schedule, allowed: Capabilities) -> str:
    periods = schedule.periods
    if not 1 <= len(periods) <= allowed.max_periods:
        return "too many periods, or none"
    if periods[0].start_s != 0:
        return "the first period starts at 0"  # errata 3.45
    if any(one.start_s >= two.start_s for one, two in itertools.pairwise(periods)):
        return "periods do not ascend"
    if any(period.limit_milli < 0 for period in periods) or (schedule.minimum_milli or 0) < 0:
        return "negative limit"
    if any(period.phases is not None and period.phases < 1 for period in periods):
        return "no phase"
    return ""


def replaced_by(profile: Profile, installed: Iterable[Profile]) -> tuple[Profile, ...]:
    """Those that make room: the same id, or the same place in the stack (OCPP 1.6 §5.16.3)."""
    return tuple(p for p in installed if p.id == profile.id or p.place == profile.place)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which profiles to clear: by id alone, or by everything else that is given (OCPP 1.6 §6.13)."""

    id: int | None = None
    connector: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None

    def takes(self, profile: Profile) -> bool:
        if self.id is not None:
            return profile.id == self.id
        wishes = (
            (self.connector, profile.connector),
            (self.purpose, profile.purpose),
            (self.stack_level, profile.stack_level),
        )
        return all(wish is None or wish == found for wish, found in wishes)


# --- storage ------------------------------------------------------------------------------------


def dump_profile(profile: Profile) -> dict[str, Any]:
    return asdict(profile)


def load_profile(body: dict[str, Any]) -> Profile:
    schedule = body["schedule"]
    periods = tuple(Period(**period) for period in schedule["periods"])
    unit = RateUnit(schedule["unit"])
    return Profile(
        **{
            **body,
            "purpose": Purpose(body["purpose"]),
            "schedule": Schedule(**{**schedule, "unit": unit, "periods": periods}),
        }
    )
