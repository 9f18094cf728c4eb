"""Guards of the point's table (states.py): they answer and change nothing."""

from chargepoint.domain.effects import (
    Start,
)
from chargepoint.domain.point import reserved
from chargepoint.domain.point.context import Point
from chargepoint.domain.session import Means

LIVE_W = 100  # above any meter's noise, below any vehicle's 6 A


def is_plugged(point: Point) -> bool:
    return point.data.is_plugged


def may_start(point: Point) -> bool:
    return point.data.may_start and reserved.admits(point)


def is_closed(point: Point) -> bool:
    return point.data.contactor_closed


def may_wait_for_plug(point: Point) -> bool:
    command = point.command
    return may_start(point) and isinstance(command, Start) and command.wait_for_plug_s > 0


def has_pending(point: Point) -> bool:
    until = point.data.pending_until
    return (
        point.data.pending is not None
        and not point.data.is_plugged
        and until is not None
        and point.now.utc < until
    )


def has_no_energy(point: Point) -> bool:
    return point.session.energy == 0


def ends_on_unplug(point: Point) -> bool:
    """Without it the vehicle may come back: OCPP 1.6 StopTransactionOnEVSideDisconnect."""
    return point.settings.stop_on_ev_disconnect or point.session.order.means is not Means.TOKEN


def vehicle_still_asks(point: Point) -> bool:
    return point.data.pilot == "C"


def _was(point: Point, prefix: str) -> bool:
    return point.data.session is not None and point.saved_state.startswith(prefix)


def was_running(point: Point) -> bool:
    return _was(point, "session/")


def may_resume(point: Point) -> bool:
    """Only if the lock proves it never opened, in time, and with budget left (decisions §2)."""
    if not was_running(point) or point.session.cause is not None:
        return False
    away = (point.now.utc - point.saved_at).total_seconds()
    return (
        point.data.locked
        and point.data.is_sound
        and point.data.is_plugged
        and 0 <= away <= point.settings.resume_limit_s
        and not point.session.will_overspend(point.data.power)
    )


def may_resume_start(point: Point) -> bool:
    return may_resume(point) and has_no_energy(point)


def may_resume_closed(point: Point) -> bool:
    """We were away for less than the lease: the vehicle never noticed."""
    return may_resume(point) and is_closed(point)


def was_metering(point: Point) -> bool:
    return _was(point, "settling/metering")


def was_occupied(point: Point) -> bool:
    return _was(point, "settling/occupied")


def was_occupied_and_is_plugged(point: Point) -> bool:
    return was_occupied(point) and point.data.is_plugged


def was_billed_and_is_plugged(point: Point) -> bool:
    return point.saved_state == "settling/billed" and point.data.is_plugged


def price_stays_open(point: Point) -> bool:
    """An idle fee may still be added while the plug is in."""
    session = point.session
    return (
        point.data.is_plugged
        and session.order.tariff.asks_idle_fee
        and session.energy > 0
        and (session.limit is None or session.exact_cost < session.limit)
    )


def is_welded(point: Point) -> bool:
    return point.data.is_welded


def is_still_live(point: Point) -> bool:
    """Opened, and current still flows by a meter that answers: the poles did not part."""
    return point.data.power > LIVE_W and "meter_lost" not in point.data.faults


def takes_credit(point: Point) -> bool:
    return point.session.order.means is Means.CASH and point.session.limit is not None
