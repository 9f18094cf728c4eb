"""The man in the middle: everything is recorded, nothing changes unless it was told to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from simulator.relay import CentralState, NoLink, Pass, Relay, Side
from simulator.relay_links import Link, MemoryLink, MemoryRelay
from simulator.relay_server import RelayServer
from simulator.vtime import run_virtual

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOOT = '[2,"b1","BootNotification",{"chargePointModel":"x"}]'
ACCEPTED = '[3,"b1",{"status":"Accepted"}]'


def a_relay() -> tuple[Relay, list[dict[str, Any]]]:
    seen: list[dict[str, Any]] = []
    return Relay(seen.append, lambda: NOON), seen


def test_frames_when_up_then_passed_unchanged_and_recorded_with_the_action() -> None:
    relay, seen = a_relay()
    assert relay.from_point(BOOT) == [Pass(Side.CENTRAL, BOOT)]
    assert relay.from_central(ACCEPTED) == [Pass(Side.POINT, ACCEPTED)]
    assert seen == [
        {"dir": "sent", "type": 2, "id": "b1", "action": "BootNotification",
         "payload": {"chargePointModel": "x"}},
        {"dir": "received", "type": 3, "id": "b1", "action": "BootNotification",
         "payload": {"status": "Accepted"}},
    ]  # fmt: skip


def test_boot_when_rejecting_then_answered_here_in_the_central_systems_name() -> None:
    relay, seen = a_relay()
    relay.state = CentralState.REJECTING
    (order,) = relay.from_point(BOOT)
    assert order.to is Side.POINT
    assert json.loads(order.text) == [
        3,
        "b1",
        {"status": "Rejected", "currentTime": "2026-11-21T12:00:00.000Z", "interval": 30},
    ]
    assert seen[-1]["payload"]["status"] == "Rejected"
    heartbeat = '[2,"h","Heartbeat",{}]'
    assert relay.from_point(heartbeat) == [Pass(Side.CENTRAL, heartbeat)]


def test_answers_when_slow_then_late_but_calls_are_not() -> None:
    relay, _ = a_relay()
    relay.state = CentralState.SLOW
    assert relay.from_central(ACCEPTED) == [Pass(Side.POINT, ACCEPTED, 12.0)]
    call = '[2,"r","Reset",{"type":"Soft"}]'
    assert relay.from_central(call) == [Pass(Side.POINT, call)]


def test_injected_call_when_answered_then_the_central_system_never_sees_it() -> None:
    relay, seen = a_relay()
    order = relay.call("RemoteStartTransaction", {"idTag": "A"})
    assert json.loads(order.text) == [2, "relay-1", "RemoteStartTransaction", {"idTag": "A"}]
    assert relay.from_point('[3,"relay-1",{"status":"Accepted"}]') == []
    assert [(entry["dir"], entry["action"]) for entry in seen] == [
        ("received", "RemoteStartTransaction"),
        ("sent", "RemoteStartTransaction"),
    ]


def test_calls_when_answered_here_then_so_many_times_and_no_more() -> None:
    relay, _ = a_relay()
    relay.answer("Authorize", {"idTagInfo": {"status": "Blocked"}}, times=1)
    call = '[2,"a","Authorize",{"idTag":"X"}]'
    assert relay.from_point(call) == [
        Pass(Side.POINT, '[3,"a",{"idTagInfo":{"status":"Blocked"}}]')
    ]
    assert relay.from_point(call) == [Pass(Side.CENTRAL, call)]
    relay.answer("Authorize", None, error="InternalError")
    assert relay.from_point(call) == [Pass(Side.POINT, '[4,"a","InternalError","",{}]')] * 1
    assert relay.from_point(call)[0].to is Side.POINT
    relay.answer("Authorize", None, times=0)
    assert relay.from_point(call)[0].to is Side.CENTRAL


@pytest.mark.parametrize("text", ["", "{", "[2]", '[2,3,"A",{}]', "[9]", "null", "[" * 99_999])
def test_text_that_is_no_frame_when_seen_then_recorded_as_it_is(text: str) -> None:
    relay, seen = a_relay()
    assert relay.from_point(text) == [Pass(Side.CENTRAL, text)]
    assert (seen[0]["type"], seen[0]["payload"]) == (0, text)


def test_error_when_sent_then_recorded_with_its_words() -> None:
    relay, seen = a_relay()
    relay.raw('[2,"m","Reset",{"type":3}]')
    relay.from_point('[4,"m","TypeConstraintViolation","type is no text",{}]')
    assert seen[1]["action"] == "Reset"
    assert seen[1]["payload"]["errorCode"] == "TypeConstraintViolation"


def test_mute_network_when_frames_come_then_none_passes() -> None:
    relay, _ = a_relay()
    relay.is_mute = True
    assert relay.from_point(BOOT) == relay.from_central(ACCEPTED) == []


# --- links in memory ------------------------------------------------------------------------------


async def echo_central(link: Link) -> None:
    """Accepts everything."""
    try:
        while True:
            frame = json.loads(await link.recv())
            await link.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
    except ConnectionError:
        return


def virtually(play: Callable[[MemoryRelay], Awaitable[None]]) -> list[dict[str, Any]]:
    relay, seen = a_relay()

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:

            async def dial() -> Link:
                point, central = MemoryLink.pair()
                tasks.create_task(echo_central(central))
                return point

            between = MemoryRelay(relay, dial, tasks)
            await play(between)
            await between.set_state(CentralState.DOWN)

    run_virtual(main())
    return seen


def test_memory_link_when_slow_then_each_answer_comes_twelve_seconds_later() -> None:
    async def play(between: MemoryRelay) -> None:
        await between.set_state(CentralState.SLOW)
        link = await between.connect()
        await link.send(BOOT)
        await asyncio.sleep(1)
        await link.send('[2,"h","Heartbeat",{}]')
        loop = asyncio.get_running_loop()
        await link.recv()
        assert loop.time() == 12
        await link.recv()
        assert loop.time() == 13

    assert len(virtually(play)) == 4


def test_memory_link_when_going_down_then_cut_and_refused_until_up() -> None:
    async def play(between: MemoryRelay) -> None:
        link = await between.connect()
        await between.set_state(CentralState.DOWN)
        with pytest.raises(ConnectionError):
            await link.recv()
        with pytest.raises(ConnectionError):
            await link.send("x")
        with pytest.raises(ConnectionError):
            await between.connect()
        await asyncio.sleep(1)
        with pytest.raises(NoLink):
            between.junction.inject(between.relay.raw("x"))
        await between.set_state(CentralState.UP)
        again = await between.connect()
        await asyncio.sleep(0)
        between.junction.inject(between.relay.raw("x"))
        assert await again.recv() == "x"

    virtually(play)


# --- websockets -----------------------------------------------------------------------------------


class Central:
    """A central system that knows one charge point, CP-1 with the password `secret`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def judge(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append((request.path, request.headers.get("Authorization")))
        if request.path != "/ocpp/CP-1":
            return connection.respond(404, "unknown\n")
        return None

    async def talk(self, connection: ServerConnection) -> None:
        try:
            async for text in connection:
                frame = json.loads(text)
                await connection.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        except ConnectionClosed:
            return


OCPP = Subprotocol("ocpp1.6")


@pytest.mark.system
def test_websocket_when_relayed_then_path_password_and_protocol_reach_the_central_system() -> None:
    relay, seen = a_relay()
    central = Central()

    async def main() -> None:
        async with (
            serve(
                central.talk, "127.0.0.1", 0, process_request=central.judge, subprotocols=[OCPP]
            ) as server,
            RelayServer(
                relay, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
            ) as between,
        ):
            headers = {"Authorization": "Basic abc"}
            async with connect(
                f"{between.url}/CP-1", subprotocols=[OCPP], additional_headers=headers, proxy=None
            ) as point:
                assert point.subprotocol == OCPP
                await point.send(BOOT)
                assert json.loads(await point.recv())[2] == {"status": "Accepted"}
                between.junction.inject(relay.call("Reset", {"type": "Soft"}))
                assert json.loads(await point.recv())[2] == "Reset"
                await between.set_state(CentralState.DOWN)
                with pytest.raises(ConnectionClosed):
                    await point.recv()
            with pytest.raises(OSError, match="Connect call failed"):
                await connect(f"{between.url}/CP-1", subprotocols=[OCPP], proxy=None)
            await between.set_state(CentralState.UP)
            with pytest.raises(InvalidStatus, match="404"):
                await connect(f"{between.url}/CP-2", subprotocols=[OCPP], proxy=None)

    asyncio.run(main())
    assert central.asked == [("/ocpp/CP-1", "Basic abc"), ("/ocpp/CP-2", None)]
    assert [entry["action"] for entry in seen] == ["BootNotification"] * 2 + ["Reset"]


@pytest.mark.system
def test_websocket_when_there_is_no_central_system_then_bad_gateway() -> None:
    relay, _ = a_relay()

    async def main() -> None:
        async with RelayServer(relay, "ws://127.0.0.1:1") as between:
            with pytest.raises(InvalidStatus, match="502"):
                await connect(f"{between.url}/CP-1", proxy=None)

    asyncio.run(main())
