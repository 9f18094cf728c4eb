"""OCPP 1.6J as a charge point sees it: the messages, their refusals, and the door."""

import asyncio
import base64
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from central.errors import CallRefused, NoAnswer, PointAway
from central.fleet.registry import Site
from tests.support.central import CARD, Point, a_system, connected, converse

pytestmark = pytest.mark.usefixtures("both_databases")

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


def test_boot_when_accepted_then_time_and_heartbeat_interval() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        answer = await point.result("BootNotification", BOOT | {"firmwareVersion": "1.2"})
        assert answer == {
            "status": "Accepted",
            "interval": 300,
            "currentTime": "2026-11-21T08:00:00.000Z",
        }

    converse(system, script)
    assert system.registry.point("CP-1").firmware == "1.2"


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_boot_when_policy_is_switched_then_retry_interval(status: str) -> None:
    system = a_system()
    system.boot.status = status

    async def script(point: Point) -> None:
        answer = await point.result("BootNotification", BOOT)
        assert (answer["status"], answer["interval"]) == (status, 10)
        system.boot.status = "Accepted"
        assert (await point.result("BootNotification", BOOT))["status"] == "Accepted"

    converse(system, script)


def test_status_when_notified_then_kept_per_connector() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        payload = {"connectorId": 2, "errorCode": "GroundFailure", "status": "Faulted"}
        assert await point.result("StatusNotification", payload) == {}

    converse(system, script)
    connector = system.registry.point("CP-1").connectors[2]
    assert (connector.status, connector.error_code) == ("Faulted", "GroundFailure")


@pytest.mark.parametrize(
    ("id_tag", "status"),
    [
        (CARD, "Accepted"),
        ("2", "Blocked"),
        ("3", "Expired"),
        ("CASH", "Accepted"),
        ("?", "Invalid"),
    ],
)
def test_authorize_when_asked_then_state_of_the_token(id_tag: str, status: str) -> None:
    system = a_system()
    system.accounts.create_card(CARD)
    system.accounts.create_card("2", state="blocked")
    system.accounts.create_card("3", state="expired")

    async def script(point: Point) -> None:
        answer = await point.result("Authorize", {"idTag": id_tag})
        assert answer == {"idTagInfo": {"status": status}}

    converse(system, script)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[2,"7",{},{}]', "FormationViolation"),
        ('[2,"7","Heartbeat"]', "FormationViolation"),
        ('[2,"7","Heartbeat",[]]', "FormationViolation"),
        ('[2,"7","Heartbeat",{"more":1}]', "FormationViolation"),
        ('[2,"7","BootNotification",{"chargePointVendor":"V"}]', "ProtocolError"),
        ('[2,"7","Authorize",{"idTag":5}]', "TypeConstraintViolation"),
        ('[2,"7","MakeCoffee",{}]', "NotImplemented"),
        ('[2,"7","ClearCache",{}]', "NotSupported"),
        (
            '[2,"7","StopTransaction",{"transactionId":1,"meterStop":0,"timestamp":"soon"}]',
            "PropertyConstraintViolation",
        ),
    ],
)
def test_call_when_malformed_then_named_error_and_link_stays(frame: str, code: str) -> None:
    async def script(point: Point) -> None:
        answer = await point.frame(frame)
        assert answer[:3] == [4, "7", code]
        assert len(answer[3]) <= 255
        assert "currentTime" in await point.result("Heartbeat", {})

    converse(a_system(), script)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "{}",
        "[]",
        "[2]",
        '[2,5,"Heartbeat",{}]',
        '[9,"7",{}]',
        '[3,"nobody asked",{}]',
        '[4,"nobody asked",5]',
        "[" * 5000,
    ],
)
def test_frame_when_unanswerable_then_silence_and_link_stays(frame: str) -> None:
    async def script(point: Point) -> None:
        await point.socket.send(frame)
        assert "currentTime" in await point.result("Heartbeat", {})

    converse(a_system(), script)


def test_operator_call_when_point_answers_then_payload() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(
                system.call("CP-1", "RemoteStartTransaction", {"idTag": "A", "connectorId": 1})
            )
            kind, unique_id, action, payload = await point.next()
            assert (kind, unique_id, action) == (2, "id-1", "RemoteStartTransaction")
            assert payload == {"idTag": "A", "connectorId": 1}
            await point.socket.send('[3,"stale",{"status":"Rejected"}]')
            await point.socket.send(f'[3,"{unique_id}",{{"status":"Accepted"}}]')
        assert asked.result() == {"status": "Accepted"}

    converse(system, script)


def test_operator_call_when_point_refuses_then_code() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(_outcome(system.call("CP-1", "ClearCache", {})))
            _, unique_id, *_ = await point.next()
            await point.socket.send(f'[4,"{unique_id}","NotSupported","no cache",{{}}]')
        error = asked.result()
        assert isinstance(error, CallRefused)
        assert (error.code, error.description) == ("NotSupported", "no cache")

    converse(system, script)


def test_operator_call_when_point_is_silent_then_no_answer() -> None:
    system = a_system(call_timeout_s=0.01)

    async def script(_: Point) -> None:
        assert isinstance(await _outcome(system.call("CP-1", "ClearCache", {})), NoAnswer)

    converse(system, script)


def test_operator_call_when_link_ends_then_point_away_at_once() -> None:
    system = a_system(call_timeout_s=1000)

    async def script(point: Point) -> None:
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(_outcome(system.call("CP-1", "ClearCache", {})))
            second = tasks.create_task(_outcome(system.call("CP-1", "ClearCache", {})))
            await point.next()
            await point.socket.close()
        assert isinstance(first.result(), PointAway)
        assert isinstance(second.result(), PointAway)

    converse(system, script)
    assert not system.registry.point("CP-1").is_connected


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("MakeCoffee", {}, "NotImplemented"),
        ("Reset", {"kind": "Soft"}, "FormationViolation"),
        ("Reset", {"type": "Lukewarm"}, "FormatViolation"),
    ],
)
def test_operator_call_when_no_valid_request_then_refused_here(
    action: str, payload: dict[str, Any], code: str
) -> None:
    system = a_system()

    async def script(_: Point) -> None:
        error = await _outcome(system.call("CP-1", action, payload))
        assert isinstance(error, CallRefused)
        assert error.code == code

    converse(system, script)


def test_operator_call_when_not_connected_then_point_away() -> None:
    error = asyncio.run(_outcome(a_system().call("CP-9", "ClearCache", {})))
    assert isinstance(error, PointAway)


def test_link_when_point_comes_again_then_newest_wins() -> None:
    system = a_system()

    async def conversation() -> None:
        async with connected(system) as older, connected(system) as newer:
            with pytest.raises(ConnectionClosed):
                await older.socket.recv()
            await newer.result("Heartbeat", {})
            assert system.registry.point("CP-1").is_connected

    asyncio.run(conversation())


@pytest.mark.parametrize("path", ["/ocpp/CP%201", "/CP%201", "/CP%201/"])
def test_path_when_it_ends_in_an_id_then_served(path: str) -> None:
    system = a_system()

    async def conversation() -> None:
        async with connected(system, path) as point:
            await point.result("Heartbeat", {})

    asyncio.run(conversation())
    assert [point.id for point in system.registry.points()] == ["CP 1"]


@pytest.mark.parametrize("path", ["/", "/a/b", "/ocpp/a/b", "/" + "x" * 49])
def test_path_when_without_id_then_404(path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(_open(a_system(), path))
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("offered", [None, ["ocpp2.0.1"]])
def test_subprotocol_when_not_ocpp16_then_closed_with_1002(offered: list[str] | None) -> None:
    async def conversation() -> None:
        async with connected(a_system(), subprotocols=offered) as point:
            assert point.socket.subprotocol is None
            with pytest.raises(ConnectionClosed) as closed:
                await point.socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1002

    asyncio.run(conversation())


def test_password_when_required_then_only_the_right_pair_enters() -> None:
    system = a_system()
    system.registry.provision("CP-1", Site("Harbour"), "secret")

    async def conversation() -> None:
        async with connected(system, additional_headers=_basic("CP-1:secret")) as point:
            await point.result("Heartbeat", {})

    asyncio.run(conversation())
    for header in ({}, _basic("CP-1:wrong"), _basic("CP-2:secret"), {"Authorization": "Basic !"}):
        with pytest.raises(InvalidStatus) as refused:
            asyncio.run(_open(system, "/CP-1", additional_headers=header))
        assert refused.value.response.status_code == 401


def test_frames_when_logged_then_card_numbers_are_masked() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        await point.result("Authorize", {"idTag": CARD})

    converse(system, script)
    logged = " ".join(frame.text for frame in system.frames.since(0))
    assert CARD not in logged
    assert f"••••{CARD[-4:]}" in logged


async def _open(system: Any, path: str, **options: Any) -> None:
    async with connected(system, path, **options):
        pass


async def _outcome(call: Any) -> object:
    try:
        return await call
    except (PointAway, NoAnswer, CallRefused) as error:
        return error


def _basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
