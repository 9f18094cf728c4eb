"""What no screen shows is not worked out again: the readings of a connector out of focus.

That the picture is the same whenever the machine says so, every test and walk of the station checks
(tests/support/stations.py).
"""

from dataclasses import fields, replace

from chargepoint.domain.changed import changed
from chargepoint.domain.dialogue.context import DialogueData
from chargepoint.domain.dialogue.events import PointChanged, Pressed
from chargepoint.domain.dialogue.unseen import is_reading
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Session
from chargepoint.domain.units import ConnectorId
from tests.support.stations import StationUnderTest
from tests.support.talks import a_card_charge

ONE, TWO = ConnectorId(1), ConnectorId(2)


def _two_charges() -> StationUnderTest:
    """The screen shows connector 2."""
    station = a_card_charge(2).press("connector_2").plugged(2).coin(200).press("start").asks(2)
    station.press("key_ok")
    assert (station.screen, station.dialogue.data.focus) == ("charging", TWO)
    return station


def test_reading_when_screen_shows_the_other_connector_then_unseen() -> None:
    station = _two_charges()
    station.unseen.clear()
    station.charge(1, 10).charge(1, 10)
    assert len(station.unseen) == 2


def test_reading_of_connector_in_focus_then_seen() -> None:
    station = _two_charges()
    station.unseen.clear()
    before = station.param("energy_wh")
    station.charge(2, 10)
    assert not station.unseen
    assert station.param("energy_wh") != before


def test_reading_when_service_menu_is_open_then_seen() -> None:
    station = _two_charges().tell(Pressed("service", 0, "", 5.0))
    assert station.dialogue.state == "service"
    station.unseen.clear()
    station.charge(1, 10)
    assert not station.unseen


def _judged(before: DialogueData, seen: PointSeen, **more: object) -> bool:
    after = changed(before, points={**before.points, ONE: seen}, **more)
    return is_reading(PointChanged(ONE, seen), before, after)


_OF_A_POINT = {"register", "power", "current", "voltage", "details", "strain", "trust"}
_OF_A_SESSION = {
    *("register", "charging_ms", "idle_ms", "elapsed_ms", "usage", "read_at", "read_power"),
    *("meter_number", "sampled_register", "aligned_register"),
}


def test_whatever_changes_at_a_point_then_seen_unless_it_is_a_reading() -> None:
    data = _two_charges().dialogue.data
    point = data.points[ONE]
    for name in (field.name for field in fields(PointData) if field.name != "session"):
        other = PointSeen(point.state, changed(point.data, **{name: object()}))
        assert _judged(data, other) is (name in _OF_A_POINT), name
    assert not _judged(data, PointSeen("session/suspended/by_vehicle", point.data))
    assert not _judged(data, PointSeen(point.state, changed(point.data, session=None)))


def test_whatever_changes_in_a_session_then_seen_unless_it_is_a_reading() -> None:
    data = _two_charges().dialogue.data
    point = data.points[ONE]
    for name in (field.name for field in fields(Session)):
        session = changed(point.session, **{name: object()})
        other = PointSeen(point.state, changed(point.data, session=session))
        assert _judged(data, other) is (name in _OF_A_SESSION), name


def test_whatever_changes_in_the_conversation_then_seen() -> None:
    data = _two_charges().dialogue.data
    point = data.points[ONE]
    shown = {"focus": ONE, "service": replace(data.service, page="sv_home")}
    for name in (field.name for field in fields(DialogueData) if field.name != "points"):
        assert not _judged(data, point, **{name: shown.get(name, object())}), name
