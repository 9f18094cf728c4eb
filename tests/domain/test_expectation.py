"""Somebody has shown a card and not plugged in yet; and tokens of one group (OCPP 1.6 §4.9, §4.10)."""

from dataclasses import replace

from chargepoint.app import projection
from chargepoint.domain.devices import ForeignCardRead
from chargepoint.domain.effects import Belong, Expect
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import dump_session, load_session
from chargepoint.ports import PointStatus
from tests.support.points import PointUnderTest
from tests.support.stations import StationUnderTest, a_station

FLEET, OTHERS = (TokenAnswer(TokenStatus.ACCEPTED, parent_tag=tag) for tag in ("FLEET", "OTHERS"))


def status(station: StationUnderTest, connector: int = 1) -> PointStatus:
    point = station.point(connector)
    return projection.status(PointSeen(point.state, point.data)).status


def test_a_welcome_card_makes_the_connector_preparing_for_connection_timeout() -> None:
    station = a_station(uid_tokens=True).tell(ForeignCardRead("04AA")).answered(FLEET)
    assert status(station) is PointStatus.PREPARING
    assert status(station.wait(61)) is PointStatus.AVAILABLE


def test_who_cancels_is_expected_no_longer() -> None:
    station = a_station(uid_tokens=True).tell(ForeignCardRead("04AA")).answered(FLEET)
    assert status(station.press("cancel")) is PointStatus.AVAILABLE


def test_help_over_the_welcome_changes_nothing() -> None:
    station = a_station(uid_tokens=True).tell(ForeignCardRead("04AA")).answered(FLEET)
    assert status(station.press("help")) is PointStatus.PREPARING


def test_nobody_is_expected_where_somebody_is_plugged_in() -> None:
    point = PointUnderTest().booted().plugged().hear(Expect(coming=True))
    assert not point.machine.data.expected


def a_group_charge() -> StationUnderTest:
    station = a_station(uid_tokens=True).plugged().tell(ForeignCardRead("04AA")).answered(FLEET)
    return station.press("start").asks().charge(1, 10)


def test_another_token_of_the_group_ends_the_charge_and_is_named() -> None:
    station = a_group_charge().tell(ForeignCardRead("04BB")).answered(FLEET)
    session = station.point().data.session
    assert session is not None
    assert (session.stopped_by, session.cause) == ("04BB", "customer")
    assert load_session(dump_session(session)) == session


def test_a_token_of_another_group_is_turned_away() -> None:
    station = a_group_charge().tell(ForeignCardRead("04BB")).answered(OTHERS)
    assert station.screen == "gc_unknown"
    assert station.param("reason") == "busy"
    assert station.point().data.session is not None


def test_the_group_may_be_told_after_the_start() -> None:
    alone = TokenAnswer(TokenStatus.ACCEPTED)
    station = a_station(uid_tokens=True).plugged().tell(ForeignCardRead("04AA")).answered(alone)
    station.press("start").asks().charge(1, 10).hear(1, Belong("fleet"))
    station.tell(ForeignCardRead("04BB")).answered(FLEET)
    session = station.point().data.session
    assert session is not None
    assert session.stopped_by == "04BB"


def test_a_session_of_an_older_journal_was_stopped_by_its_own_token() -> None:
    session = a_group_charge().point().data.session
    assert session is not None
    body = {k: v for k, v in dump_session(session).items() if k != "stopped_by"}
    assert load_session(body) == replace(session, stopped_by=None)
