"""A token that the central system refuses after the charge began (OCPP 1.6 §4.8, errata 3.17).

Some energy may still flow, so that the vehicle can drive away (MaxEnergyOnInvalidId). Then the
transaction ends, or only its energy does (StopTransactionOnInvalidId).
"""

from dataclasses import replace

from chargepoint.domain.effects import Invalidate, OpenContactor
from chargepoint.domain.point.context import Point
from chargepoint.domain.point.offer import hold
from chargepoint.domain.session import EndCause, Session


def judge(point: Point, verdict: Invalidate) -> str:
    """The trigger that follows at once, if any."""
    session = point.data.session
    if session is None or session.cause is not None:
        return ""
    point.session = replace(session, grace=verdict.at_most, grace_stops=verdict.stops)
    point.draft.save = True
    return "refused" if is_used_up(point.session) else ""


def is_used_up(session: Session) -> bool:
    return session.grace is not None and not session.is_denied and session.energy >= session.grace


def ends(point: Point) -> bool:
    return point.session.grace_stops


def only_denies(point: Point) -> bool:
    return not point.session.grace_stops


def end_refused(point: Point) -> None:
    point.session = point.session.ending(EndCause.REFUSED)
    point.draft.save = True


def deny(point: Point) -> None:
    """No more energy; the transaction goes on until somebody ends it."""
    point.session = replace(point.session, is_denied=True)
    point.do(OpenContactor(point.data.connector, point.mint()))
    hold(point)
