"""Links that misbehave, on real sockets: silence, hanging, bombs, odd addresses (field notes 15, 17)."""

import asyncio
import base64
import contextlib
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from chargepoint.ocpp.link import Connect, Link, LinkLost, LinkRefused, Terms
from chargepoint.ocpp.rpc import Limits, NoAnswer, Peer, Rpc
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.websocket import Access, Waits, endpoint, websocket_connect
from tests.support.on_sockets import a_server, a_site

Handler = Callable[[ServerConnection], Awaitable[None]]
HASTY = Waits(pong_s=0.05, close_s=0.05)
BOOTED = {"status": "Accepted", "currentTime": "2026-01-01T08:00:00Z", "interval": 60}


def hasty(url: str) -> Connect:
    """Pings fifty times a second, and wants its pongs as fast."""
    connect = websocket_connect(Access(url, "CP-1"), HASTY)

    async def pinging(terms: Terms) -> Link:
        return await connect(replace(terms, ping_interval_s=0.02))

    return pinging


async def answer_boots(connection: ServerConnection) -> None:
    async for text in connection:
        frame = json.loads(text)
        if frame[0] == 2:
            body = BOOTED if frame[2] == "BootNotification" else {}
            await connection.send(json.dumps([3, frame[1], body]))


def test_a_missing_pong_closes_and_a_new_link_is_opened() -> None:
    """The server's process hangs, its sockets stay: nothing is read, no ping is answered."""
    links: list[ServerConnection] = []

    async def deaf_at_first(connection: ServerConnection) -> None:
        links.append(connection)
        if len(links) == 1:
            connection.transport.pause_reading()
            await connection.wait_closed()
        else:
            await answer_boots(connection)

    async def scenario() -> None:
        async with a_server(deaf_at_first) as url, a_site(hasty(url)) as site:
            await site.until(lambda: site.backend.link == "online")
            assert len(links) == 2
            links[0].transport.abort()

    asyncio.run(scenario())


def test_pings_of_the_server_are_answered() -> None:
    answered = asyncio.Event()

    async def pinging(connection: ServerConnection) -> None:
        await (await connection.ping(b"are you there"))
        answered.set()
        await connection.wait_closed()

    async def scenario() -> None:
        async with a_server(pinging) as url, a_site(hasty(url)):
            async with asyncio.timeout(5):
                await answered.wait()

    asyncio.run(scenario())


async def _never(_action: str, _payload: object) -> Any:
    raise AssertionError


def test_a_server_that_takes_the_link_and_then_says_nothing_is_left() -> None:
    """Pongs come, answers do not: two unanswered calls are a dead link."""

    async def mute(connection: ServerConnection) -> None:
        async for _ in connection:
            pass

    async def scenario() -> None:
        schemas = Schemas(sent=frozenset({"BootNotification"}), answered=frozenset())
        numbers = iter("12")
        peer = Peer(
            answer=_never,
            supported=frozenset(),
            may_answer=lambda: True,
            identifier=lambda: next(numbers),
            observe=lambda _direction, _text: None,
            incident=lambda _code, _detail: None,
        )
        async with a_server(mute) as url:
            link = await hasty(url)(Terms())
            rpc = Rpc(link, schemas, peer, Limits(call_timeout_s=lambda: 0.03))
            boot = {"chargePointVendor": "Citere", "chargePointModel": "Plaza"}
            async with asyncio.timeout(5), asyncio.TaskGroup() as group:
                serving = group.create_task(rpc.run())
                for _ in range(2):
                    with pytest.raises(NoAnswer):
                        await rpc.call("BootNotification", boot)
                await serving
            await link.close()

    asyncio.run(scenario())


def _bomb(inflated: int) -> bytes:
    """A text message of so many spaces as permessage-deflate sends it (RFC 7692 §7.2.1)."""
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(b" " * inflated) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return packed.removesuffix(b"\x00\x00\xff\xff")


def _send_raw(connection: ServerConnection, payload: bytes) -> None:
    """FIN, RSV1 (compressed), text; the length in eight bytes (RFC 6455 §5.2)."""
    connection.transport.write(b"\xc1\x7f" + len(payload).to_bytes(8, "big") + payload)


def test_a_compression_bomb_costs_the_link_and_is_told_once() -> None:
    links: list[int] = []

    async def bombing(connection: ServerConnection) -> None:
        links.append(0)
        if len(links) > 2:
            await answer_boots(connection)
            return
        packed = _bomb(64 * 1024 * 1024)
        assert len(packed) < 100_000
        _send_raw(connection, packed)
        await connection.wait_closed()
        links[-1] = connection.close_code or 0

    async def scenario() -> None:
        async with a_server(bombing) as url, a_site(hasty(url)) as site:
            await site.until(lambda: site.backend.link == "online")
            assert links[:2] == [1009, 1009]
            assert [code for code, _ in site.news.incidents] == ["ocpp.message_too_long"]

    asyncio.run(scenario())


def test_a_message_that_inflates_within_the_bound_is_a_frame_like_any_other() -> None:
    answers: list[Any] = []
    answered = asyncio.Event()

    async def spacious(connection: ServerConnection) -> None:
        _send_raw(connection, _bomb(1024 * 1024))
        async for text in connection:
            frame = json.loads(text)
            if frame[0] == 4:
                answers.append(frame[:3])
                answered.set()

    async def scenario() -> None:
        async with a_server(spacious) as url, a_site(hasty(url)) as site:
            async with asyncio.timeout(5):
                await answered.wait()
            assert answers == [[4, "-1", "FormationViolation"]]
            assert site.news.incidents == []

    asyncio.run(scenario())


@asynccontextmanager
async def a_redirecting_server(status: HTTPStatus) -> AsyncIterator[tuple[str, list[str]]]:
    """Sends everybody to a second server, which notes whoever comes."""
    seen: list[str] = []

    async def arrived(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.path)

    async with a_server(arrived) as elsewhere:

        def send_away(connection: ServerConnection, _request: Request) -> Response:
            response = connection.respond(status, "")
            response.headers["Location"] = elsewhere
            return response

        async with a_server(arrived, process_request=send_away) as url:
            yield url, seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_elsewhere(status: int) -> None:
    """Whoever answers in the place of the central system must not name another."""

    async def scenario() -> None:
        async with a_redirecting_server(HTTPStatus(status)) as (url, seen):
            access = Access(url, "CP-1", password="s3cret")
            with pytest.raises(LinkRefused) as caught:
                await websocket_connect(access)(Terms())
            assert caught.value.code == "central.refused"
            assert str(status) in str(caught.value)
            assert seen == []

    asyncio.run(scenario())


@pytest.mark.parametrize("spoken", ["ocpp1.5", "ocpp2.0.1", ""])
def test_a_server_of_another_version_is_told_once_however_often_it_is_tried(spoken: str) -> None:
    tries: list[str] = []

    async def wait(connection: ServerConnection) -> None:
        tries.append(str(connection.subprotocol))
        await connection.wait_closed()

    async def scenario() -> None:
        chosen = Subprotocol(spoken) if spoken else None
        async with (
            a_server(wait, select_subprotocol=lambda *_: chosen) as url,
            a_site(hasty(url)) as site,
        ):
            await site.until(lambda: len(tries) > 2)
            assert [code for code, _ in site.news.incidents] == ["central.subprotocol"]
            assert site.backend.link_report.trouble

    asyncio.run(scenario())


def test_a_server_that_wants_a_slash_at_the_end_and_a_password() -> None:
    """It answers 301 to everything else, and 401 to strangers."""

    def strict(connection: ServerConnection, request: Request) -> Response | None:
        wanted = "Basic " + base64.b64encode(b"CP 1:s3cret").decode()
        if request.path != "/ws/CP%201/":
            return connection.respond(HTTPStatus.MOVED_PERMANENTLY, "")
        if request.headers.get("Authorization") != wanted:
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        return None

    async def wait(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario() -> None:
        async with serve(
            wait, "127.0.0.1", 0, process_request=strict, subprotocols=[Subprotocol("ocpp1.6")]
        ) as server:
            base = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
            for url, password in ((base, "s3cret"), (base + "/{id}/", "other")):
                with pytest.raises(LinkRefused):
                    await websocket_connect(Access(url, "CP 1", password))(Terms())
            link = await websocket_connect(Access(base + "/{id}/", "CP 1", "s3cret"))(Terms())
            await link.close()

    asyncio.run(scenario())


def test_the_id_stands_where_the_address_says() -> None:
    assert endpoint("wss://central.example/{id}/ocpp/", "a/b") == (
        "wss://central.example/a%2Fb/ocpp/"
    )


def test_a_link_that_was_lost_reads_as_lost() -> None:
    async def leave(connection: ServerConnection) -> None:
        with contextlib.suppress(LinkLost):
            await connection.close(1001, "restarting")

    async def scenario() -> None:
        async with a_server(leave) as url:
            link = await websocket_connect(Access(url, "CP-1"))(Terms())
            with pytest.raises(LinkLost) as caught:
                await link.recv()
            assert not isinstance(caught.value, LinkRefused)

    asyncio.run(scenario())
