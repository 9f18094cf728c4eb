"""The way to the central system: each step by itself, and what to look at where it ends."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from websockets.asyncio.server import serve

from chargepoint.domain.service.values import Fact
from chargepoint.link_facts import trace_facts
from chargepoint.ocpp.link import Link, LinkLost, LinkRefused, Terms
from chargepoint.ocpp.websocket import Access, Waits, websocket_connect
from chargepoint.ocpp.wire_trace import WireTrace
from chargepoint.reachability import Reachability, no_network, over_the_network

AT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


class FixedClock:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return AT


def at(port: int, scheme: str = "ws", host: str = "127.0.0.1") -> Access:
    return Access(f"{scheme}://{host}:{port}/ocpp", "CP-1")


async def tried(access: Access, *, is_online: bool = False) -> tuple[bool, dict[str, str]]:
    reachability = Reachability(
        over_the_network(access),
        websocket_connect(access, Waits(open_s=2.0)),
        terms=Terms,
        is_online=lambda: is_online,
        clock=FixedClock(),
    )
    is_good, _ = await reachability.try_out()
    return is_good, {fact.label: fact.mark for fact in reachability.facts()[1:]}


async def closed_port() -> int:
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        return port


def test_every_step_is_good_at_a_central_system_that_speaks_ocpp() -> None:
    async def story() -> None:
        async def end(websocket: object) -> None: ...

        async with serve(end, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:  # type: ignore[list-item]
            port = next(iter(server.sockets)).getsockname()[1]
            good, marks = await tried(at(port))
            assert good
            assert marks == {"reach.name": "ok", "reach.tcp": "ok", "reach.link": "ok"}

    asyncio.run(story())


def test_a_port_that_nobody_listens_at_ends_at_tcp() -> None:
    async def story() -> None:
        good, marks = await tried(at(await closed_port()))
        assert not good
        assert marks == {"reach.name": "ok", "reach.tcp": "warn", "reach.fix.tcp": "bad"}

    asyncio.run(story())


def test_a_name_that_nobody_has_ends_at_the_name() -> None:
    async def story() -> None:
        good, marks = await tried(at(80, host="no-such-host.invalid"))
        assert not good
        assert marks == {"reach.name": "warn", "reach.fix.name": "bad"}

    asyncio.run(story())


async def with_server(
    serve_one: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    scheme: str,
) -> dict[str, str]:
    async with await asyncio.start_server(serve_one, "127.0.0.1", 0) as server:
        _, marks = await tried(at(server.sockets[0].getsockname()[1], scheme))
        return marks


def answering(text: bytes) -> Callable[..., Awaitable[None]]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await reader.read(4096):
                writer.write(text)
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    return one


def test_a_server_without_tls_ends_at_tls() -> None:
    marks = asyncio.run(with_server(answering(b"HTTP/1.1 400 Bad\r\n\r\n"), "wss"))
    assert list(marks.items())[2:] == [("reach.tls", "warn"), ("reach.fix.tls", "bad")]


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "password"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "link"),
        (b"garbage\r\n\r\n", "link"),
    ],
)
def test_who_does_not_open_the_link_says_why(answer: bytes, remedy: str) -> None:
    marks = asyncio.run(with_server(answering(answer), "ws"))
    assert list(marks)[-1] == f"reach.fix.{remedy}"


def over_memory(connect: Callable[[Terms], Awaitable[Link]], *, is_online: bool) -> list[Fact]:
    async def story() -> list[Fact]:
        reachability = Reachability(
            no_network, connect, terms=Terms, is_online=lambda: is_online, clock=FixedClock()
        )
        await reachability.try_out()
        return list(reachability.facts())

    return asyncio.run(story())


def test_a_link_that_stands_is_never_opened_twice() -> None:
    async def never(_terms: Terms) -> Link:
        raise AssertionError("a second link ends the first one")

    assert over_memory(never, is_online=True)[-1].value == "reach.link_is_up"


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (LinkRefused("central.subprotocol", "speaks ocpp2.0.1"), "subprotocol"),
        (LinkRefused("central.own_certificate", "unknown ca"), "own_certificate"),
        (LinkLost("gone"), "link"),
        (ConnectionRefusedError("refused"), "link"),
    ],
)
def test_each_refusal_has_its_remedy(error: Exception, remedy: str) -> None:
    async def refuse(_terms: Terms) -> Link:
        raise error

    assert over_memory(refuse, is_online=False)[-1].label == f"reach.fix.{remedy}"


# --- messages -------------------------------------------------------------------------------------


def shown(chosen: str) -> list[str]:
    trace = WireTrace(FixedClock())
    trace.observe("sent", '[2,"1","Heartbeat",{}]')
    trace.observe("received", '[3,"1",{}]')
    trace.observe("sent", '[2,"2","StopTransaction",{}]')
    trace.observe("received", '[4,"2","InternalError","",{}]')
    trace.observe("received", '[2,"3","Reset",{}]')
    trace.observe("sent", "nonsense")
    return [fact.value for fact in trace_facts(trace, chosen)]


def test_messages_are_filtered_by_way_by_error_and_by_action() -> None:
    assert len(shown("all")) == 6
    assert shown("sent") == ["> ?", "> StopTransaction", "> Heartbeat"]
    assert shown("errors") == ["< StopTransaction InternalError"]
    assert "> Heartbeat" not in shown("work")
    assert shown("StopTransaction") == ["< StopTransaction InternalError", "> StopTransaction"]
    assert shown("MeterValues") == []
