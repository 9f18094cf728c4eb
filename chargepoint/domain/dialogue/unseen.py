"""What nobody can see on the screen: the readings of a meter at a connector that it does not show.

Two vehicles charge, and each meter is read every second; the screen is of one of them. Whatever is not
listed here as a reading is taken for visible, also what is added later.
"""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from chargepoint.domain.dialogue.context import DialogueData
from chargepoint.domain.dialogue.events import DialogueEvent, PointChanged
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Session

_READ_AT_A_POINT = {
    *("register", "power", "current", "voltage", "details", "strain", "trust", "session"),
}
_READ_OF_A_SESSION = {
    *("register", "charging_ms", "idle_ms", "elapsed_ms", "usage", "read_at", "read_power"),
    *("meter_number", "sampled_register", "aligned_register"),
}


def _all_but(kind: type, left_out: set[str]) -> Callable[[Any], Any]:
    names = {field.name for field in fields(kind)}
    assert left_out < names, f"{kind.__name__} has no {left_out - names}"
    return attrgetter(*sorted(names - left_out))


_rest_of_talk = _all_but(DialogueData, {"points"})
_rest_of_point = _all_but(PointData, _READ_AT_A_POINT)
_rest_of_session = _all_but(Session, _READ_OF_A_SESSION)


def is_reading(event: DialogueEvent, before: DialogueData, after: DialogueData) -> bool:
    """Whether the event has changed nothing but the readings of a connector out of focus. The service
    menu, whose pages show every connector, sees all.
    """
    if not isinstance(event, PointChanged) or event.connector == after.focus:
        return False
    if after.service.page or _rest_of_talk(before) != _rest_of_talk(after):
        return False
    return _are_readings(before.points[event.connector], event.seen)


def _are_readings(old: PointSeen, new: PointSeen) -> bool:
    if old.session is None or new.session is None or old.state != new.state:
        return False
    if _rest_of_session(old.session) != _rest_of_session(new.session):
        return False
    return bool(_rest_of_point(old.data) == _rest_of_point(new.data))
