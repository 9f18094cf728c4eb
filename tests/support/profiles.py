"""Builders of charging profiles, and what they mean second by second: the slow truth."""

from chargepoint.domain.supply.charging_profile import (
    Epoch,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Schedule,
)
from chargepoint.domain.supply.composite_schedule import Limit, Supply, limit_of
from chargepoint.domain.units import ConnectorId, SessionId

MINE = SessionId("S1")


def periods(*pairs: tuple[int, float]) -> tuple[Period, ...]:
    return tuple(Period(start_s, round(limit * 1000)) for start_s, limit in pairs)


def a_profile(  # noqa: PLR0913 - every field of a profile, by name
    *pairs: tuple[int, float],
    purpose: Purpose = Purpose.SESSION_DEFAULT,
    connector: int = 1,
    level: int = 0,
    id_: int = 1,
    unit: RateUnit = RateUnit.AMPERE,
    start: int | None = 0,
    duration_s: int | None = None,
    repeats_s: int | None = None,
    valid: tuple[int | None, int | None] = (None, None),
    session: SessionId | None = None,
    minimum_milli: int | None = None,
) -> Profile:
    since, until = valid
    schedule = Schedule(
        unit,
        periods(*pairs),
        None if start is None else Epoch(start),
        duration_s,
        minimum_milli,
    )
    return Profile(
        id=id_,
        connector=ConnectorId(connector),
        purpose=purpose,
        stack_level=level,
        schedule=schedule,
        repeats_s=repeats_s,
        valid_from=None if since is None else Epoch(since),
        valid_to=None if until is None else Epoch(until),
        session=session,
    )


def says(profile: Profile, at: int, session_start: int, supply: Supply) -> Limit | None:
    """What one profile says at one second, straight from the words of the specification."""
    if profile.valid_from is not None and at < profile.valid_from:
        return None
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    schedule = profile.schedule
    gone = at - (session_start if schedule.start is None else schedule.start)
    if gone < 0:
        return None
    if profile.repeats_s is not None:
        gone %= profile.repeats_s
    if schedule.duration_s is not None and gone >= schedule.duration_s:
        return None
    begun = [period for period in schedule.periods if period.start_s <= gone]
    return limit_of(begun[-1], schedule.unit, supply)
