"""Which screen is up, from the conversation and the point in focus (docs/screens.md). Pure."""

from chargepoint.domain.devices import Hazard
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import mishap_table
from chargepoint.domain.dialogue.context import DialogueData, Talk
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import EndCause, Session

_BROKEN = (EndCause.FAULT, EndCause.POWER_LOSS, EndCause.REFUSED)

OVERLAYS = ("lang", "access", "help", "more_time")
"""States that lie over another: the step below comes back."""

WAY_TO_STOP = frozenset({"charging", "paused_car", "paused_grid", "stop_auth"})
"""Shown without waiting for a disk: their numbers are of the point, which told them when they were
durable, and who wants a charge to stop does not wait for what others write.
"""


SCREEN_OF_STATE = {
    "booting": "recover",
    "session/starting/locking": "start_wait",
    "session/starting/waiting": "start_wait",
    "session/energised": "charging",
    "session/suspended/by_vehicle": "paused_car",
    "session/suspended/by_station": "paused_grid",
    "session/stopping": "stopping",
    "settling/metering": "stopping",
}


def screen_of(state: str, data: DialogueData) -> str:
    if state == "following":
        if data.ordered == data.focus:
            return "start_wait"
        return _screen_of_point(data.point)
    if state == "home":
        return _screen_of_nobody(data)
    return data.service.page if state == "service" else state


def _screen_of_nobody(data: DialogueData) -> str:
    seen = data.points.values()
    if Hazard.EMERGENCY_STOP in data.point.data.faults:
        return "emergency"
    if all(point.state == "booting" and not point.data.faults for point in seen):
        return "recover" if any(point.session for point in seen) else "boot"
    if data.point.is_open and data.point.is_kept:
        return "home_reserved"
    if not any(point.is_usable or point.session for point in seen):
        return "updating" if any(point.data.updating for point in seen) else "oos"
    return "oos" if data.point.is_out else "home"


def _screen_of_point(point: PointSeen) -> str:
    is_live = point.state.startswith("session/")
    if Hazard.EMERGENCY_STOP in point.data.faults and (is_live or point.session is None):
        return "emergency"
    if point.state in SCREEN_OF_STATE:
        return SCREEN_OF_STATE[point.state]
    if point.data.is_welded:
        return "session_fault"
    return _screen_after(point.session) if point.session is not None else "home"


def _screen_after(session: Session) -> str:
    if session.cause in guard.FAILED_STARTS:
        return "start_fail"
    if session.cause in _BROKEN:
        return "session_fault"
    return "unplug" if session.cause is EndCause.CUSTOMER else "finished"


def takes_coins(state: str, talk: Talk) -> bool:
    """Where a coin makes sense: somebody can still be served, or a cash session runs in focus.

    A coin lifts what lies over such a screen: it answers whether more time is needed, too.
    """
    if state in OVERLAYS:
        state = talk.data.under
    if state == "cash_in" and talk.data.pay.topup is not None:
        return True
    if state in ("home", "pay", "cash_in", *mishap_table.COIN_READY):
        return guard.can_serve(talk)
    return state == "following" and guard.cash_session_in_focus(talk)
