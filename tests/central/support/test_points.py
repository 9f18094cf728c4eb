"""A caller without a card: the point is found, its screen seen, and helped with a reason; all audited."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from central.errors import NoAnswer, PointAway
from central.fleet.registry import ConnectorState, Site
from central.reservations.records import Bay, Holder, Kind
from central.reservations.register import Hours
from tests.support.browser import Browser
from tests.support.central import CARD, connected
from tests.support.desk import a_desk, sign_in
from tests.support.members import World

SCREEN = {
    "screen": "plug_err",
    "connectorId": 1,
    "language": "eu",
    "kiosk": True,
    "title": "Kablea ez da ondo sartu <b>",
    "texts": ["Atera eta sartu berriro"],
    "buttons": [{"id": "help", "label": "Laguntza", "enabled": True}],
    "connectors": [],
    "reference": "07-1A2B",
}
Answer = dict[str, Any] | Exception


class Points:
    """What the points answer, and what they were asked."""

    def __init__(self, world: World, **answers: Answer) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers
        world.system.call = self._call  # type: ignore[method-assign]  # the wire's end

    async def _call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert point == "CP-7"
        name = str(payload["messageId"]).replace(".", "_") if action == "DataTransfer" else action
        self.asked.append((name, payload))
        answer = self._answers.get(name, {"status": "UnknownMessageId"})
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_point() -> World:
    world = a_desk()
    world.system.registry.provision("CP-7", Site("Harbour 07", None, None, "Kaia 3"), None)
    point = world.system.registry.point("CP-7")
    point.is_connected = True
    point.connectors = {1: ConnectorState("Charging"), 2: ConnectorState("Available")}
    return world


SHOWN: Answer = {"status": "Accepted", "data": json.dumps(SCREEN)}


def looks(world: World) -> list[tuple[str, str, str, str]]:
    found = reversed(world.web.support.audit.entries())
    return [(x.look.action, x.look.subject, x.look.outcome, x.look.reason) for x in found]


@pytest.mark.parametrize("said", ["CP-7", "cp-7", "07", "07-1A2B", "harbour"])
def test_point_when_called_by_number_name_or_reference_then_its_screen_is_seen(said: str) -> None:
    world = a_point()
    Points(world, Point_Screen=SHOWN)
    with world.browser() as agent:
        sign_in(agent).open(f"/desk/points?said={said}")
        page = agent.open("/desk/points/CP-7").text
        for word in ("Kablea ez da ondo sartu &lt;b&gt;", "Atera eta sartu", "Laguntza", "07-1A2B"):
            assert word in page, word
        assert agent.open(f"/desk/points?said={said}").headers["location"] == "/desk/points/CP-7"
    assert looks(world)[0] == ("point.look", "CP-7", "shown", "")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (PointAway("x"), "offline: we cannot see"),
        (NoAnswer("x"), "does not answer"),
        ({"status": "UnknownMessageId"}, "does not show its screen"),
        ({"status": "Accepted", "data": "[" * 9999}, "does not show its screen"),
        ({"status": "Accepted", "data": '{"screen": 1}'}, "does not show its screen"),
    ],
)
def test_screen_when_it_cannot_be_seen_then_the_page_says_why(answer: Answer, why: str) -> None:
    world = a_point()
    Points(world, Point_Screen=answer)
    with world.browser() as agent:
        assert why in sign_in(agent).open("/desk/points/CP-7").text


@pytest.mark.parametrize(
    ("order", "asked", "answer"),
    [
        ("unlock", ("UnlockConnector", {"connectorId": 1}), {"status": "Unlocked"}),
        ("stop", ("RemoteStopTransaction", {"transactionId": 1}), {"status": "Accepted"}),
        (
            "release",
            ("CancelReservation", {"reservationId": 2_000_000_001}),
            {"status": "Accepted"},
        ),
    ],
)
def test_order_when_given_then_asked_of_the_point_and_audited_with_its_reason(
    order: str, asked: tuple[str, dict[str, Any]], answer: dict[str, Any]
) -> None:
    world = a_point()

    async def start() -> None:
        async with connected(world.system, "/ocpp/CP-7") as point:
            await point.start()

    asyncio.run(start())
    points = Points(world, Point_Screen=SHOWN, **{asked[0]: answer})
    with world.browser() as agent:
        page = give(agent, order)
        assert "Done" in page
    assert asked in points.asked
    audited = [each for each in looks(world) if each[0] == f"point.{order}"]
    said = answer["status"]
    assert audited == [
        (f"point.{order}", "CP-7/1", "asked", "caller is stuck"),
        (f"point.{order}", "CP-7/1", said, "caller is stuck"),
    ]


def give(agent: Browser, order: str, reason: str = "caller is stuck") -> str:
    sign_in(agent).open("/desk/points/CP-7")
    return agent.send("/desk/points/CP-7", order=order, connector="1", reason=reason).text


def test_bay_when_held_then_reserved_for_a_quarter_of_an_hour() -> None:
    world = a_point()
    points = Points(world, ReserveNow={"status": "Accepted"}, Point_Screen=SHOWN)
    with world.browser() as agent:
        give(agent, "hold")
    assert (
        "ReserveNow",
        {
            "connectorId": 1,
            "expiryDate": "2026-11-21T08:15:00.000Z",
            "idTag": "SUPPORT",
            "reservationId": 2_000_000_001,
        },
    ) in points.asked


def test_more_time_when_given_then_the_screen_waits() -> None:
    world = a_point()
    points = Points(world, Screen_Stay={"status": "Accepted"}, Point_Screen=SHOWN)
    with world.browser() as agent:
        assert "Done" in give(agent, "stay")
    name, payload = next(each for each in points.asked if each[0] == "Screen_Stay")
    assert json.loads(payload["data"]) == {"seconds": 300}
    assert name == "Screen_Stay"


def test_stop_when_nobody_charges_then_said_and_nothing_asked() -> None:
    world = a_point()
    points = Points(world, Point_Screen=SHOWN)
    with world.browser() as agent:
        assert "Nobody is charging there" in give(agent, "stop")
    assert [name for name, _ in points.asked] == ["Point_Screen", "Point_Screen"]


@pytest.mark.parametrize(
    "fields",
    [
        {"order": "unlock", "connector": "1", "reason": ""},
        {"order": "unlock", "connector": "1", "reason": "x"},
        {"order": "reset", "connector": "1", "reason": "because"},
        {"order": "unlock", "connector": "-1", "reason": "because"},
        {"order": "unlock", "connector": "1" * 9, "reason": "because"},
    ],
)
def test_order_when_without_reason_or_sense_then_refused(fields: dict[str, str]) -> None:
    world = a_point()
    points = Points(world, Point_Screen=SHOWN)
    with world.browser() as agent:
        sign_in(agent).open("/desk/points/CP-7")
        assert agent.answer("/desk/points/CP-7", **fields).status_code == 422
    assert {name for name, _ in points.asked} == {"Point_Screen"}


def test_unknown_point_or_stranger_then_nothing() -> None:
    world = a_point()
    Points(world)
    with world.browser() as agent, world.browser() as stranger:
        sign_in(agent)
        assert agent.open("/desk/points/CP-9").status_code == 404
        assert "No point is called that" in agent.open("/desk/points?said=zz").text
        assert stranger.open("/desk/points/CP-7").headers["location"] == "/desk/sign-in"


def test_bay_that_is_held_is_on_the_list_of_every_agent_until_let_go_or_over() -> None:
    world = a_point()
    done: Answer = {"status": "Accepted"}
    Points(world, ReserveNow=done, CancelReservation=done, Point_Screen=SHOWN)
    with world.browser() as agent, world.browser() as other:
        give(agent, "hold", "car park is full <b>")
        listed = sign_in(other, "jon").open("/desk/points").text
        assert "car park is full &lt;b&gt;" in listed
        assert "maite" in listed
        release = {"order": "release", "connector": "1", "reason": "car park is full"}
        other.send("/desk/points/CP-7", **release)
        assert "None at this moment" in other.open("/desk/points").text
        agent.open("/desk/points/CP-7")
        agent.send("/desk/points/CP-7", order="hold", connector="1", reason="again")
        assert "again" in other.open("/desk/points").text
        world.clock.advance(minutes=15)
        assert "None at this moment" in other.open("/desk/points").text
    acts = [(each[0], each[2]) for each in looks(world) if each[0] != "point.look"]
    assert acts[:4] == [
        ("point.hold", "asked"),
        ("point.hold", "Accepted"),
        ("point.release", "asked"),
        ("point.release", "Accepted"),
    ]


@pytest.mark.parametrize("answer", [{"status": "Occupied"}, PointAway("x")])
def test_bay_that_the_point_does_not_keep_is_not_on_the_list(answer: Answer) -> None:
    world = a_point()
    Points(world, ReserveNow=answer, Point_Screen=SHOWN)
    with world.browser() as agent:
        give(agent, "hold")
        assert "None at this moment" in agent.open("/desk/points").text


def test_bay_that_is_reserved_for_somebody_is_not_held() -> None:
    world = a_point()
    points = Points(world, ReserveNow={"status": "Accepted"}, Point_Screen=SHOWN)
    register = world.system.reservations.register
    begin = world.clock.utc() + timedelta(minutes=10)
    when = Hours(Kind.AHEAD, begin, begin + timedelta(hours=1), begin + timedelta(minutes=15))
    with register.change("Harbour 07"):
        register.take_inside(Holder(1, CARD), Bay("CP-7", 1), when)
    with world.browser() as agent:
        assert "reserved for somebody" in give(agent, "hold")
    assert "ReserveNow" not in {name for name, _ in points.asked}
