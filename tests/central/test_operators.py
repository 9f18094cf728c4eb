"""The operator's pages: for whom, and what a day was worth."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from central.clock import utc_text
from central.greencard.records import StartKey
from central.greencard.takings import Day, Takings
from central.greencard.trail import Note
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_receipt, a_system, euros
from tests.support.members import OPERATOR_PASSWORD, World, a_world
from tests.support.operators import as_program, pages

ELSEWHERE = ("192.0.2.9", 50_000)
FACTS = ("/api/reservations", "/api/state", "/api/points")
PAGES = ("/operator", "/operator/days", "/operator/reservations")


def asked(
    app: Starlette,
    *paths: str,
    headers: Mapping[str, str] | None = None,
    peer: tuple[str, int] = ("127.0.0.1", 50_000),
) -> list[httpx2.Response]:
    async def ask() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app, client=peer)
        base = "http://127.0.0.1:8081"
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(ask())


def statuses(answers: Iterable[httpx2.Response]) -> set[int]:
    return {each.status_code for each in answers}


def test_pages_when_nobody_signed_in_then_the_sign_in_or_401_from_wherever() -> None:
    app = pages(a_system(), FixedClock())
    for peer in (("127.0.0.1", 1), ELSEWHERE):
        assert statuses(asked(app, *FACTS, "/api/cards/1", "/api/events", peer=peer)) == {401}
        for page in asked(app, *PAGES, peer=peer):
            assert page.headers["location"] == "/operator/sign-in"


def test_operator_when_signed_in_then_sees_and_when_signed_out_does_not() -> None:
    world = a_world()
    with world.operator() as browser:
        assert statuses(browser.open(path) for path in (*FACTS, *PAGES)) == {200}
        session = browser.cookie("agent")
        browser.open("/operator/cards")
        browser.send("/operator/sign-out")
        browser.set_cookie("agent", str(session))
        assert statuses(browser.open(path) for path in FACTS) == {401}
        browser.set_cookie("agent", "forged")
        assert statuses(browser.open(path) for path in FACTS) == {401}


def test_session_when_long_open_or_its_holder_left_then_over() -> None:
    world = a_world()
    with world.operator() as browser:
        world.clock.advance(hours=12)
        assert browser.open("/api/state").status_code == 401
    with world.operator() as browser:
        assert browser.open("/api/state").status_code == 200
        world.web.support.agents.leave("maria")
        assert browser.open("/api/state").status_code == 401


def test_agent_of_the_desk_is_no_operator() -> None:
    world = a_world()
    with world.browser() as browser:
        browser.open("/desk/sign-in")
        browser.send("/desk/sign-in", login="maite", password=OPERATOR_PASSWORD)
        assert browser.open("/api/state").status_code == 403
        assert browser.open("/operator").headers["location"] == "/desk"
    app = pages(a_system(), FixedClock())
    assert statuses(asked(app, *FACTS, headers=as_program("maite"))) == {403}


def test_operator_of_the_desk_has_signed_in_here_too() -> None:
    world = a_world()
    with world.browser() as browser:
        browser.open("/desk/sign-in")
        browser.send("/desk/sign-in", login="maria", password=OPERATOR_PASSWORD)
        assert browser.open("/operator").status_code == 200


@pytest.mark.parametrize("password", ["wrong password", ""])
def test_wrong_sign_in_says_the_same_of_everybody_and_is_slowed(password: str) -> None:
    world = a_world()
    with world.browser() as browser:
        told = []
        for login in ("maria", "nobody"):
            browser.open("/operator/sign-in")
            told.append(browser.send("/operator/sign-in", login=login, password=password).text)
        assert told[0].replace("maria", "") == told[1].replace("nobody", "")


def test_program_when_it_signs_in_with_each_request_then_sees_and_a_foreign_page_does_not() -> None:
    app = pages(a_system(), FixedClock())
    assert statuses(asked(app, *FACTS, peer=ELSEWHERE, headers=as_program())) == {200}
    for wrong in ("Basic !", "Basic bWFyaWE=", "Bearer x"):
        assert statuses(asked(app, "/api/state", headers={"Authorization": wrong})) == {401}
    foreign = {**as_program(), "sec-fetch-site": "cross-site"}
    assert statuses(asked(app, "/api/state", headers=foreign)) == {403}


def test_page_when_reached_by_a_link_of_another_site_then_shown() -> None:
    world = a_world()
    with world.operator() as browser:
        for came_from in ("cross-site", "same-site"):
            for path in PAGES:
                assert browser.open(path, **{"sec-fetch-site": came_from}).status_code == 200, path


def test_password_when_guessed_then_slowed_for_that_name_and_that_address() -> None:
    clock = FixedClock()
    app = pages(a_system(clock=clock), clock)
    wrong = as_program(password="a wrong guess")
    told = [asked(app, "/api/state", peer=ELSEWHERE, headers=wrong)[0] for _ in range(5)]
    assert [each.status_code for each in told] == [401, 401, 401, 401, 429]
    assert statuses(asked(app, "/api/state", peer=ELSEWHERE, headers=as_program())) == {429}
    assert statuses(asked(app, "/api/state", headers=as_program())) == {429}
    clock.advance(seconds=int(told[4].headers["retry-after"]))
    assert statuses(asked(app, "/api/state", peer=ELSEWHERE, headers=as_program())) == {200}


# --- orders ---------------------------------------------------------------------------------------


def ordered(world: World, action: str, payload: dict[str, Any]) -> tuple[int, list[Note]]:
    """To a point that is away: what the trail says does not wait for it."""
    with world.operator() as browser:
        content = json.dumps({"action": action, "payload": payload})
        answer = browser.post(
            "/api/points/CP-1/call",
            content=content,
            headers={"content-type": "application/json"},
        )
    return answer.status_code, world.system.store.trail.notes()


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("RemoteStartTransaction", {"connectorId": 1, "idTag": CARD}),
        ("RemoteStopTransaction", {"transactionId": 7}),
        ("UnlockConnector", {"connectorId": 1}),
        ("Reset", {"type": "Soft"}),
        ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "c0ffee"}),
    ],
)
def test_order_carries_the_person_before_and_after_and_neither_card_nor_key(
    action: str, payload: dict[str, Any]
) -> None:
    status, notes = ordered(a_world(), action, payload)
    assert status == 409
    assert [(each.actor, each.event) for each in notes] == [("maria", f"point.{action}")] * 2
    assert notes[0].detail == "CP-1: not done: not connected"
    told = notes[1].detail
    assert told.startswith("CP-1: {")
    assert CARD not in told
    assert "c0ffee" not in told


def test_question_leaves_no_trace() -> None:
    assert ordered(a_world(), "GetConfiguration", {"key": []}) == (409, [])


def test_order_of_nobody_or_of_a_foreign_page_is_none() -> None:
    world = a_world()
    order = json.dumps({"action": "Reset", "payload": {"type": "Soft"}})
    json_type = {"content-type": "application/json"}
    with world.browser() as nobody, world.operator() as operator:
        path = "/api/points/CP-1/call"
        assert nobody.post(path, content=order, headers=json_type).status_code == 401
        foreign = json_type | {"origin": "http://evil.example"}
        assert operator.post(path, content=order, headers=foreign).status_code == 403
        plain = {"content-type": "text/plain"}
        assert operator.post(path, content=order, headers=plain).status_code == 400
    assert world.system.store.trail.notes() == []


# --- days -----------------------------------------------------------------------------------------


def sell(system: CentralSystem, number: str, total: int) -> None:
    content: dict[str, Any] = a_receipt(
        receiptNumber=number, transactionId=None, total=euros(total), lines=[]
    )
    system._office.desk.answer("CP-1", "es.citere", "Session.Receipt", json.dumps(content))


@pytest.mark.usefixtures("both_databases")
def test_day_is_the_local_one_and_what_was_given_back_is_off() -> None:
    clock = FixedClock()  # 2026-11-21 09:00 in Madrid
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=9000)
    sell(system, "R-1", 400)
    clock.advance(hours=14, minutes=59)  # 23:59
    sell(system, "R-2", 100)
    clock.advance(minutes=1)
    sell(system, "R-3", 50)
    refund = {
        "reference": "B-1",
        "receiptNumber": "R-1",
        "idTag": CARD,
        "means": "greencard",
        "amount": euros(150),
    }
    system._office.desk.answer("CP-1", "es.citere", "Session.Refund", json.dumps(refund))
    days = Takings(system.store.database, clock).days(3, "Europe/Madrid")
    assert days == [Day("2026-11-22", -100), Day("2026-11-21", 500), Day("2026-11-20")]
    assert sum(day.sales_minor for day in days) == system.store.balance("sales")


@pytest.mark.usefixtures("both_databases")
def test_day_counts_charges_that_ended_and_their_energy() -> None:
    clock = FixedClock()
    system = a_system(clock=clock)
    for number, energy_wh in enumerate((10_000, 2_500)):
        at = utc_text(clock.utc() + timedelta(minutes=number))
        started = system.charges.start(StartKey("CP-1", 1, "CASH", at, 0))
        system.charges.stop("CP-1", started.id, energy_wh, at, "Local")
    (day,) = Takings(system.store.database, clock).days(1, "Europe/Madrid")
    assert (day.charges, day.energy_wh) == (2, 12_500)
