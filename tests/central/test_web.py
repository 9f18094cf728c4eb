"""The operator's page: JSON facts, live events, and orders."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from central.entropy import SystemEntropy
from central.fleet.registry import Site
from central.support.agents import Agents
from central.support.options import SupportOptions
from central.system import CentralSystem
from central.web.app import Options
from central.web.serving import serve_page
from tests.support.central import CARD, FixedClock, Point, a_receipt, a_system, connected
from tests.support.members import MARIA, cheap_passwords
from tests.support.operators import as_program, pages

LOCAL = ("127.0.0.1", 50_000)


def fetch(
    system: CentralSystem,
    path: str,
    *,
    peer: tuple[str, int] = LOCAL,
    base: str = "http://127.0.0.1:8081",
    order: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """One request without a server, on this thread: the store belongs to one."""

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(pages(system, FixedClock()), client=peer)
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            if order is None:
                return await client.get(path, headers=as_program())
            sent = {"Content-Type": "application/json"} | as_program() | (headers or {})
            return await client.post(path, content=order, headers=sent)

    return asyncio.run(ask())


def a_charged_system() -> CentralSystem:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=2000)

    async def conversation() -> None:
        async with connected(system) as point:
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
            await point.result("StatusNotification", status)
            await point.start()
            await point.stop(1, 11_000)
            await point.transfer("Session.Receipt", a_receipt())
            await point.start(meterStart=11_000)

    asyncio.run(conversation())
    return system


def test_page_when_opened_then_self_contained_and_guarded() -> None:
    system = a_system()
    page = fetch(system, "/operator")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("page.js", "words.js", "page.css", "atkinson.woff2", "greencard.svg"):
        assert fetch(system, f"/static/{name}").status_code == 200


def test_points_when_asked_then_status_and_running_charge() -> None:
    (point,) = fetch(a_charged_system(), "/api/points").json()
    assert (point["id"], point["connected"]) == ("CP-1", False)
    (connector,) = point["connectors"]
    assert connector["status"] == "Charging"
    assert connector["transaction"]["id"] == 2


def test_transactions_when_asked_then_newest_first_and_masked() -> None:
    response = fetch(a_charged_system(), "/api/transactions")
    assert [each["totalMinor"] for each in response.json()] == [None, 410]
    assert CARD not in response.text


def test_state_when_asked_then_no_whole_card_number() -> None:
    response = fetch(a_charged_system(), "/api/state")
    assert CARD not in response.text
    state = response.json()
    assert state["cards"][0]["number"] == f"•••• {CARD[-4:]}"
    assert state["books"] == {"currency": "EUR", "salesMinor": 410, "atPointsMinor": 0}


def test_card_when_number_is_known_then_account_with_postings() -> None:
    system = a_charged_system()
    card = fetch(system, f"/api/cards/{CARD}").json()
    assert (card["balanceMinor"], card["heldMinor"]) == (1590, 1590)
    assert [posting["amountMinor"] for posting in card["postings"]] == [-410, 2000]
    assert fetch(system, "/api/cards/1").status_code == 404


@pytest.mark.parametrize("content", ["", "{", "[]", '{"action": 5}', '{"action":"A","payload":[]}'])
def test_order_when_malformed_then_400(content: str) -> None:
    response = fetch(a_system(), "/api/points/CP-1/call", order=content)
    assert response.status_code == 400


def test_order_when_given_on_the_page_then_reaches_the_point_and_change_is_live() -> None:
    async def conversation() -> None:
        system = a_system()
        options = Options(passwords=cheap_passwords(), support=SupportOptions(agents=(MARIA,)))
        web = serve_page(system, FixedClock(), "127.0.0.1", 0, options)
        async with web as port:  # noqa: SIM117 -- the page outlives the point
            async with connected(system) as point:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n" + _session(system))
                assert (await _event(reader))["points"][0]["connected"]
                answer = await _order(system, port, point)
                assert answer == {"status": "Accepted"}
                status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
                await point.result("StatusNotification", status)
                assert (await _until_points(reader))[0]["connectors"][0]["status"] == "Available"
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    asyncio.run(conversation())


def test_events_when_who_looks_has_left_then_end_with_the_next_change() -> None:
    async def conversation() -> None:
        system = a_system()
        options = Options(passwords=cheap_passwords(), support=SupportOptions(agents=(MARIA,)))
        async with serve_page(system, FixedClock(), "127.0.0.1", 0, options) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n" + _session(system))
            await _event(reader)
            Agents(system.store, FixedClock(), SystemEntropy()).leave(MARIA.login)
            system.registry.provision("CP-9", Site("Secret"), None)
            told = await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), 5)
            assert b"Secret" not in told
            writer.close()
            await writer.wait_closed()

    asyncio.run(conversation())


def _session(system: CentralSystem) -> bytes:
    """Maria's cookie, and the end of the header."""
    agents = Agents(system.store, FixedClock(), SystemEntropy())
    found = agents.password_of(MARIA.login)
    assert found is not None
    return f"Cookie: agent={agents.open_session(found[0])}\r\n\r\n".encode()


async def _order(system: CentralSystem, port: int, point: Point) -> Any:
    body = b'{"action": "Reset", "payload": {"type": "Soft"}}'
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /api/points/CP-1/call HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n%b%b"
        % (len(body), _session(system), body)
    )
    _, unique_id, action, _ = await point.next()
    assert action == "Reset"
    await point.socket.send(json.dumps([3, unique_id, {"status": "Accepted"}]))
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


async def _event(reader: asyncio.StreamReader) -> Any:
    async with asyncio.timeout(5):
        while True:
            line = await reader.readline()
            if line.startswith(b"data: "):
                return json.loads(line[6:])


async def _until_points(reader: asyncio.StreamReader) -> Any:
    while True:
        shown = await _event(reader)
        if any(connector for point in shown.get("points", []) for connector in point["connectors"]):
            return shown["points"]
