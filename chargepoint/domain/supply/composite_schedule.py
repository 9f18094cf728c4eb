"""What follows from several profiles: a limit for every second, as steps. Pure.

    own profiles of a session ─┐ the highest stack level that says something at that second,
    default profiles ──────────┘ the session's own before the default ones
                    │
                  lowest of ◄── profiles of the whole station ◄── rating of connector and cable

Everything is amperes of each phase inside; watts are converted when they come and when they go, by the
voltage and the phases of the station, never by measured ones (OCPP 1.6 errata 3.69).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from chargepoint.domain.supply.charging_profile import (
    ALL_PHASES,
    STATION,
    Epoch,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Schedule,
    Span,
    spans,
)
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId

_MICRO_PER_MILLI = 1000
_TENTH_MICRO = 100_000


@dataclass(frozen=True, slots=True)
class Supply:
    """How the connectors are wired."""

    voltage_v: int = 230
    phases: int = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """Of each phase. Microamperes keep what was said in tenths of a watt exact."""

    microamp: int
    phases: int

    @property
    def milliamp(self) -> MilliAmp:
        return MilliAmp(self.microamp // _MICRO_PER_MILLI)

    def tenths(self, unit: RateUnit, supply: Supply) -> int:
        """In tenths of `unit`: amperes rounded down, watts to the nearest."""
        if unit is RateUnit.AMPERE:
            return self.microamp // _TENTH_MICRO
        tenth_watts = self.microamp * supply.voltage_v * self.phases
        return (tenth_watts + _TENTH_MICRO // 2) // _TENTH_MICRO


@dataclass(frozen=True, slots=True)
class Step:
    """`limit` holds from `start` until the next step; None: nothing is said."""

    start: Epoch
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked: [since, until) for a session that began, or would begin, at `session_start`."""

    since: Epoch
    until: Epoch
    session_start: Epoch


def limit_of(period: Period, unit: RateUnit, supply: Supply) -> Limit:
    """More phases than there are: the limit stands as it is, for those there are (errata 3.34)."""
    phases = min(period.phases or ALL_PHASES, supply.phases)
    micro = period.limit_milli * _MICRO_PER_MILLI
    if unit is RateUnit.WATT:
        micro //= supply.voltage_v * phases
    return Limit(micro, phases)


def minimum_of(schedule: Schedule, supply: Supply) -> MilliAmp:
    """minChargingRate in the current of each phase, rounded up (OCPP 1.6 §7.13)."""
    least = schedule.minimum_milli or 0
    if schedule.unit is RateUnit.WATT:
        least = -(-least // (supply.voltage_v * supply.phases))
    return MilliAmp(least)


def limit_in_amperes(limit: MilliAmp, supply: Supply) -> Limit:
    return Limit(limit * _MICRO_PER_MILLI, supply.phases)


def on_all_phases(profile: Profile) -> Profile:
    schedule = profile.schedule
    periods = tuple(replace(period, phases=None) for period in schedule.periods)
    return replace(profile, schedule=replace(schedule, periods=periods))


# --- which profiles count where -------------------------------------------------------------------


def of_station(profiles: Iterable[Profile]) -> list[Profile]:
    """Strongest first."""
    found = [p for p in profiles if p.purpose is Purpose.STATION_MAX]
    return sorted(found, key=lambda p: -p.stack_level)


def of_connector(
    profiles: Iterable[Profile], connector: ConnectorId, session: SessionId | None
) -> list[Profile]:
    """Strongest first. A default of the connector stands in for the station's of the same level."""
    own = [p for p in profiles if p.purpose is Purpose.SESSION and _is_for(p, connector, session)]
    defaults = {
        p.stack_level: p
        for where in (STATION, connector)
        for p in profiles
        if p.purpose is Purpose.SESSION_DEFAULT and p.connector == where
    }
    ranked = sorted(own, key=lambda p: -p.stack_level)
    return ranked + [defaults[level] for level in sorted(defaults, reverse=True)]


def _is_for(profile: Profile, connector: ConnectorId, session: SessionId | None) -> bool:
    return profile.connector == connector and session is not None and profile.session == session


# --- steps ----------------------------------------------------------------------------------------


def layered(profiles: Sequence[Profile], window: Window, supply: Supply) -> list[Step]:
    """The strongest profile that says something at each second."""
    gaps = [(window.since, window.until)]
    pieces: list[tuple[Epoch, Epoch, Limit]] = []
    for profile in profiles:
        if not gaps:
            break
        said = list(spans(profile, window.since, window.until, window.session_start))
        gaps = _fill(gaps, said, profile.schedule.unit, supply, pieces)
    steps = [Step(start, limit) for start, _end, limit in pieces]
    steps += [Step(start, None) for start, _end in gaps]
    return merged(sorted(steps, key=lambda step: step.start))


def _fill(
    gaps: list[tuple[Epoch, Epoch]],
    said: list[Span],
    unit: RateUnit,
    supply: Supply,
    pieces: list[tuple[Epoch, Epoch, Limit]],
) -> list[tuple[Epoch, Epoch]]:
    """Put what `said` says into the gaps; returns the gaps that stay."""
    left: list[tuple[Epoch, Epoch]] = []
    place = 0
    for start, end in gaps:
        while place < len(said) and said[place].end <= start:
            place += 1
        at, here = start, place
        while here < len(said) and said[here].start < end:
            span = said[here]
            if span.start > at:
                left.append((at, span.start))
            begin, at = max(at, span.start), min(end, span.end)
            pieces.append((begin, at, limit_of(span.period, unit, supply)))
            here += 1
        if at < end:
            left.append((at, end))
    return left


def merged(steps: Iterable[Step]) -> list[Step]:
    """Neighbours that say the same become one."""
    found: list[Step] = []
    for step in steps:
        if not found or found[-1].limit != step.limit:
            found.append(step)
    return found


Join = Callable[[Limit | None, Limit | None], Limit | None]


def joined(one: Sequence[Step], other: Sequence[Step], join: Join) -> list[Step]:
    """Both begin at the same second."""
    found: list[Step] = []
    here = there = 0
    while True:
        a, b = one[here], other[there]
        found.append(Step(max(a.start, b.start), join(a.limit, b.limit)))
        next_a = one[here + 1].start if here + 1 < len(one) else None
        next_b = other[there + 1].start if there + 1 < len(other) else None
        if next_a is None and next_b is None:
            return merged(found)
        if next_b is None or (next_a is not None and next_a <= next_b):
            here += 1
        if next_a is None or (next_b is not None and next_b <= next_a):
            there += 1


def lowest(one: Limit | None, other: Limit | None) -> Limit | None:
    if one is None or other is None:
        return one or other
    return Limit(min(one.microamp, other.microamp), min(one.phases, other.phases))


def total(one: Limit | None, other: Limit | None) -> Limit | None:
    """What two connectors take together; no limit of one is no limit of both."""
    if one is None or other is None:
        return None
    return Limit(one.microamp + other.microamp, max(one.phases, other.phases))


def beside(one: Limit | None, other: Limit | None) -> Limit | None:
    """What two phases of the site carry: of each, the most that one of them does."""
    if one is None or other is None:
        return None
    return Limit(max(one.microamp, other.microamp), one.phases + other.phases)


def capped(steps: Sequence[Step], rating: Limit) -> list[Step]:
    return joined(steps, [Step(steps[0].start, rating)], lowest)
