"""A thousand points, their charges and what was noted: found, paged, taken along as a file, and ordered."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from central.errors import NoAnswer, PointAway
from central.fleet.registry import ConnectorState, Site
from central.greencard.records import StartKey
from central.reservations.records import Bay, Holder, Kind
from central.reservations.register import Hours
from tests.support.browser import Browser
from tests.support.central import CARD
from tests.support.members import World, a_world

POINTS, POINT = "/operator/points", "/operator/points/P-007"


def a_network(count: int = 120) -> World:
    world = a_world()
    registry = world.system.registry
    for number in range(count):
        name = f"P-{number:03}"
        registry.provision(name, Site(f"Kaia {number}", None, None, f"Kalea {number % 7}"), None)
        point = registry.point(name)
        point.is_connected = number % 10 != 0
        status = "Faulted" if number % 25 == 1 else "Available"
        point.connectors = {1: ConnectorState(status), 2: ConnectorState("Charging")}
    return world


def file_of(browser: Browser, path: str) -> list[list[str]]:
    answer = browser.open(path)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def rows(page: str) -> int:
    return page.count("<tr><td>")


def test_points_when_many_then_a_page_of_them_and_the_next() -> None:
    with a_network().operator() as browser:
        first = browser.open(f"{POINTS}?lang=en").text
        assert rows(first) == 50
        assert "1\N{EN DASH}50 of 120" in first
        assert "page=2" in first
        last = browser.open(f"{POINTS}?page=3").text
        assert rows(last) == 20
        assert "P-119" in last
        for beyond in ("99", "0", "-1", "x", "9" * 30):
            assert browser.open(f"{POINTS}?page={beyond}").status_code == 200


def test_points_when_sought_by_words_and_state_then_those_and_as_a_file() -> None:
    with a_network().operator() as browser:
        assert rows(browser.open(f"{POINTS}?q=p-01+KAIA").text) == 10
        away = browser.open(f"{POINTS}?state=away").text
        assert rows(away) == 12
        assert rows(browser.open(f"{POINTS}?state=fault").text) == 5
        assert "state=away" in away
        assert len(file_of(browser, f"{POINTS}?state=away&as=csv")) == 13
        none = browser.open(f"{POINTS}?q=%3Cscript%3E&lang=en").text
        assert "No point is like that" in none
        assert "<script>alert" not in none


def test_points_when_there_is_none_then_how_one_connects() -> None:
    with a_world().operator() as browser:
        assert "ocpp1.6" in browser.open(POINTS).text or "/ocpp/" in browser.open(POINTS).text


# --- one point ------------------------------------------------------------------------------------


def wired(world: World, answer: dict[str, Any] | Exception) -> list[tuple[str, dict[str, Any]]]:
    asked: list[tuple[str, dict[str, Any]]] = []

    async def call(point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert point == "P-007"
        asked.append((action, payload))
        if isinstance(answer, Exception):
            raise answer
        return answer

    world.system.call = call  # type: ignore[method-assign]  # the wire's end
    return asked


@pytest.mark.parametrize(
    ("form", "order"),
    [
        ({"order": "unlock"}, ("UnlockConnector", {"connectorId": 1})),
        ({"order": "soft", "connector": "0"}, ("Reset", {"type": "Soft"})),
        ({"order": "hard", "connector": "0"}, ("Reset", {"type": "Hard"})),
        (
            {"order": "close"},
            ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
        ),
        (
            {"order": "open", "connector": "0"},
            ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}),
        ),
        (
            {"order": "start", "tag": "REMOTE"},
            ("RemoteStartTransaction", {"connectorId": 1, "idTag": "REMOTE"}),
        ),
        ({"order": "stop"}, ("RemoteStopTransaction", {"transactionId": 1})),
        (
            {"order": "configure", "connector": "0", "key": "HeartbeatInterval", "value": "300"},
            ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}),
        ),
    ],
)
def test_order_when_given_then_asked_and_in_the_trail_with_person_and_reason(
    form: dict[str, str], order: tuple[str, dict[str, Any]]
) -> None:
    world = a_network(10)
    if form["order"] == "stop":
        world.system.charges.start(StartKey("P-007", 1, "CASH", "2026-11-21T07:00:00.000Z", 0))
    asked = wired(world, {"status": "Accepted"})
    with world.operator() as browser:
        browser.open(POINT)
        page = browser.send(POINT, **{"connector": "1", "reason": "driver called"} | form)
        assert page.url.query == b"told=Accepted"
    assert asked == [order]
    done, begun = world.system.store.trail.notes()[:2]
    assert (done.actor, begun.actor) == ("maria", "maria")
    assert "driver called" in begun.detail
    assert done.detail == "P-007: answered Accepted"
    assert done.event == f"point.{order[0]}"


@pytest.mark.parametrize(
    "form",
    [
        {"order": "unlock", "reason": ""},
        {"order": "unlock", "connector": "-1"},
        {"order": "format"},
        {"order": "stop"},
        {"order": "start", "tag": ""},
        {"order": "configure", "key": "", "value": "1"},
        {"order": "configure", "key": "k", "value": "x" * 501},
    ],
)
def test_order_that_makes_no_sense_is_not_given(form: dict[str, str]) -> None:
    world = a_network(10)
    asked = wired(world, {"status": "Accepted"})
    with world.operator() as browser:
        browser.open(POINT)
        page = browser.send(POINT, **{"connector": "1", "reason": "driver called"} | form)
        assert page.status_code == 422
    assert asked == []
    assert world.system.store.trail.notes() == []


@pytest.mark.parametrize(
    ("answer", "words"), [(PointAway("x"), "offline"), (NoAnswer("x"), "does not answer")]
)
def test_order_that_the_point_does_not_hear_is_said_so(answer: Exception, words: str) -> None:
    world = a_network(10)
    wired(world, answer)
    with world.operator() as browser:
        browser.open(f"{POINT}?lang=en")
        form = {"order": "unlock", "connector": "1", "reason": "driver called"}
        assert words in browser.send(POINT, **form).text
        assert browser.open(f"{POINT}?configuration=1").status_code == 200


def test_configuration_is_read_when_asked_and_shown_as_text() -> None:
    world = a_network(10)
    key = {"key": "Name", "value": "<b>x</b>", "readonly": True}
    asked = wired(world, {"configurationKey": [key, {"key": "A", "readonly": False}]})
    with world.operator() as browser:
        page = browser.open(f"{POINT}?configuration=1").text
        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert browser.open("/operator/points/nobody").status_code == 404
    assert asked == [("GetConfiguration", {})]


# --- what was noted -------------------------------------------------------------------------------


def test_charges_by_day_and_page_and_as_a_file_without_whole_card_numbers() -> None:
    world = a_network(1)
    for number in range(60):
        at = f"2026-11-{1 + number // 3:02}T12:{number % 3:02}:00.000Z"
        world.system.charges.start(StartKey("P-000", 1, CARD, at, number))
    with world.operator() as browser:
        page = "/operator/sessions"
        assert rows(browser.open(page).text) == 50
        assert rows(browser.open(f"{page}?page=2").text) == 10
        assert rows(browser.open(f"{page}?since=2026-11-03&until=2026-11-04").text) == 6
        assert rows(browser.open(f"{page}?since=soon&until=%27").text) == 50
        file = file_of(browser, f"{page}?as=csv&since=2026-11-20")
        assert len(file) == 4
        assert CARD not in str(file)
        assert "Nothing with these" in browser.open(f"{page}?point=x&lang=en").text


def test_findings_and_trail_and_messages_are_searched_and_taken_along() -> None:
    world = a_network(1)
    store = world.system.store
    for number in range(55):
        with store.change():
            store.add_finding("2026-11-21T08:00:00.000Z", "P-000", f"code.{number}", "100 %")
    world.system.frames.record(
        "2026-11-21T08:00:00.000Z", "P-000", "in", json.dumps([2, "x", "Boot"])
    )
    with world.operator() as browser:
        assert "page=2" in browser.open("/operator/findings").text
        assert len(file_of(browser, "/operator/findings?q=CODE.7&as=csv")) == 2
        assert len(file_of(browser, "/operator/findings?q=100+%25&as=csv")) == 56
        assert len(file_of(browser, "/operator/findings?q=_&as=csv")) == 1
        browser.open("/operator/cards")
        fields = {"number": CARD, "do": "block", "state": "lost", "reason": "called us"}
        browser.send("/operator/cards", **fields)
        file = file_of(browser, "/operator/trail?q=maria&as=csv")
        assert file[1][1:4] == ["maria", "blocked", f"…{CARD[-4:]}"]
        assert "Boot" in browser.open("/operator/messages?q=boot").text
        assert len(file_of(browser, "/operator/messages?point=P-000&as=csv")) == 2
        assert "No message" in browser.open("/operator/messages?point=P-9&lang=en").text
        assert len(file_of(browser, "/operator/books?as=csv")) == 367


def test_revenue_of_a_month_by_point_the_most_first_and_other_months_apart() -> None:
    world = a_network(3)
    charges = world.system.charges
    for number, (point, at) in enumerate(
        [
            ("P-001", "2026-11-01T00:30:00.000Z"),
            ("P-001", "2026-11-20T10:00:00.000Z"),
            ("P-002", "2026-10-31T22:30:00.000Z"),  # half past eleven at night in Madrid
        ]
    ):
        started = charges.start(StartKey(point, 1, "CASH", at, number))
        charges.stop(point, started.id, number + 10_000, at, "Local")
    with world.operator() as browser:
        november = file_of(browser, "/operator/revenue?as=csv&month=2026-11")
        assert november[1:] == [["P-001", "Kaia 1", "2", "20.000", "0.00"]]
        october = file_of(browser, "/operator/revenue?as=csv&month=2026-10")
        assert [row[0] for row in october[1:]] == ["P-002"]
        assert "P-001" in browser.open("/operator/revenue").text
        assert "Nothing in this" in browser.open("/operator/revenue?month=2026-09&lang=en").text
        for wrong in ("x", "2026-13", "1999-01", "2027-01"):
            assert browser.open(f"/operator/revenue?month={wrong}").status_code == 200


def test_reservations_when_many_then_by_place_and_page_and_as_a_file() -> None:
    world = a_network(2)
    register = world.system.reservations.register
    for number in range(60):
        begin = world.clock.utc() + timedelta(hours=number)
        when = Hours(Kind.AHEAD, begin, begin + timedelta(hours=1), begin + timedelta(minutes=15))
        with register.change():
            register.take_inside(Holder(1, CARD), Bay(f"P-00{number % 2}", 1), when)
    with world.operator() as browser:
        page = "/operator/reservations"
        assert rows(browser.open(page).text) == 50
        assert rows(browser.open(f"{page}?page=2").text) == 10
        assert rows(browser.open(f"{page}?q=kaia+1").text) == 30
        file = file_of(browser, f"{page}?q=P-000&as=csv")
        assert len(file) == 31
        assert CARD not in str(file)
        assert "Nothing with these" in browser.open(f"{page}?q=nowhere&lang=en").text
