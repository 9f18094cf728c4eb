"""How much the vehicle may take now: what is allowed from outside reaches the board, or pauses the charge.

A limit below what the pilot can signal is a pause of the station's making: the session goes on, without
time for an idle fee, and without the patience for a vehicle that does not start.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chargepoint.domain.effects import CancelTimer, OfferCurrent
from chargepoint.domain.point import actions as action
from chargepoint.domain.point.context import Point
from chargepoint.domain.point.guards import is_closed, may_resume
from chargepoint.domain.record import Incident
from chargepoint.domain.supply.derating import Slope
from chargepoint.domain.units import MilliAmp

RESUME_LIMIT_S = 30  # a vehicle that has not asked by then is the one that pauses


@dataclass(frozen=True, slots=True)
class CurrentAllowed:
    """At most `limit` from now on. `resumes_at`: when a pause is expected to end."""

    limit: MilliAmp
    resumes_at: datetime | None = None


def allow(point: Point, allowed: CurrentAllowed) -> str:
    """Take the limit; returns the trigger that follows, if any."""
    was_paused = point.data.is_paused
    if allowed.limit != point.data.allowed:
        point.data = replace(point.data, allowed=allowed.limit)
        offer_anew(point)
    point.data = replace(point.data, resumes_at=allowed.resumes_at)
    if point.data.is_paused == was_paused:
        return ""
    return "paused" if point.data.is_paused else "resumed"


def warm_up(point: Point) -> None:
    """The board has another temperature: what it may give follows, and is told once in each direction."""
    data, settings = point.data, point.settings
    slope = Slope(settings.derate_from_milli, settings.rating)
    derating = data.derating.after(data.temperature_milli, slope)
    if derating == data.derating:
        return
    point.data = replace(data, derating=derating)
    offer_anew(point)
    if data.derating.limit is None and derating.limit is not None:
        warm = data.temperature_milli
        said = "its thermometer is silent" if warm is None else f"{warm / 1000:.1f} °C"
        detail = f"{said}: {derating.limit // 1000} A of {settings.rating // 1000} A"
        point.draft.incidents.append(Incident("evse.derated", detail, f"evse:{data.connector}"))


def offer_anew(point: Point) -> None:
    ceiling = point.data.ceiling
    limit = point.settings.rating if ceiling is None else ceiling
    point.do(OfferCurrent(point.data.connector, point.mint(), limit))


def is_paused(point: Point) -> bool:
    return point.data.is_paused


def may_resume_paused(point: Point) -> bool:
    return may_resume(point) and is_paused(point) and not is_closed(point)


def permit_paused(point: Point) -> None:
    """Everything is prepared; power follows when it is allowed."""
    action.offer_power_locked(point)
    hold(point)


def resume_paused(point: Point) -> None:
    """The same at boot."""
    action.resume(point)
    hold(point)


def hold(point: Point) -> None:
    """Nobody can fail to start while nothing is offered."""
    for name in ("t_start", "t_wake", "t_no_energy", "t_resume"):
        point.do(CancelTimer(name))
    point.draft.save = True


def offer_again(point: Point) -> None:
    session = point.session
    point.session = replace(session, was_paused=True, waits_from_ms=session.elapsed_ms)
    point.timer("t_start", action.START_LIMIT_S)
    point.timer("t_wake", action.WAKE_AFTER_S)
    point.timer("t_no_energy", action.NO_ENERGY_LIMIT_S)


def await_vehicle(point: Point) -> None:
    point.timer("t_resume", RESUME_LIMIT_S)
