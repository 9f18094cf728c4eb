"""On a real websocket, against the `ocpp` package's own loop as the central system."""

import asyncio
import base64
import contextlib
import json
import ssl
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import Request, Response, ServerConnection
from websockets.typing import Subprotocol

from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.link import Connect, LinkLost, LinkRefused, Terms
from chargepoint.ocpp.websocket import Access, endpoint, websocket_connect
from chargepoint.ports import LinkState, PointStatus, StatusReport
from tests.support.ocpp_peer import a_reading, a_start, a_stop
from tests.support.on_sockets import Handler, a_server, a_site


class LibraryCentral(ChargePoint):  # type: ignore[misc]  # the library ships no types
    """What somebody else's central system does with our frames."""

    heard: list[str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heard = []

    @on(Action.boot_notification)
    def booted(self, **_: Any) -> Any:
        self.heard.append("BootNotification")
        return call_result.BootNotification(
            current_time=datetime.now(UTC).isoformat(),  # noqa: TID251 - a central system's clock
            interval=60,
            status=RegistrationStatus.accepted,
        )

    @on(Action.status_notification)
    def status(self, connector_id: int, status: str, **_: Any) -> Any:
        self.heard.append(f"{connector_id} {status}")
        return call_result.StatusNotification()

    @on(Action.authorize)
    def authorize(self, id_tag: str) -> Any:
        self.heard.append(f"Authorize {id_tag}")
        info = IdTagInfo(status=AuthorizationStatus.accepted, parent_id_tag="PARENT")
        return call_result.Authorize(id_tag_info=info)

    @on(Action.start_transaction)
    def started(self, meter_start: int, **_: Any) -> Any:
        self.heard.append(f"Start {meter_start}")
        info = IdTagInfo(status=AuthorizationStatus.accepted)
        return call_result.StartTransaction(transaction_id=77, id_tag_info=info)

    @on(Action.meter_values)
    def values(self, transaction_id: int, **_: Any) -> Any:
        self.heard.append(f"MeterValues {transaction_id}")
        return call_result.MeterValues()

    @on(Action.stop_transaction)
    def stopped(self, transaction_id: int, meter_stop: int, **_: Any) -> Any:
        self.heard.append(f"Stop {transaction_id} {meter_stop}")
        return call_result.StopTransaction()


def at(url: str) -> Connect:
    return websocket_connect(Access(url, "CP/1"))


def _library(points: list[LibraryCentral]) -> Handler:
    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        points.append(LibraryCentral(connection.request.path, connection, response_timeout=5))
        with contextlib.suppress(Exception):  # how its loop ends is the library's business
            await points[-1].start()

    return handler


def test_the_library_understands_a_whole_session() -> None:
    async def scenario() -> None:
        points: list[LibraryCentral] = []
        async with a_server(_library(points)) as url, a_site(at(url)) as site:
            await site.until(lambda: site.backend.link is LinkState.ONLINE)
            assert points[0].id == "/ocpp/CP%2F1"
            site.backend.report(StatusReport(ConnectorId(1), PointStatus.CHARGING))
            answer = await site.backend.authorise("TAG1", ConnectorId(1), card=False)
            assert (answer.status, answer.parent_tag) == ("accepted", "PARENT")
            site.outbox.add(a_start(), a_reading(), a_stop())
            site.backend.wake()
            await site.until(lambda: not site.outbox.queued)
            assert set(points[0].heard) == {
                "BootNotification",
                "0 Available",
                "1 Charging",
                "Authorize TAG1",
                "Start 1000",
                "MeterValues 77",
                "Stop 77 2000",
            }
            assert site.news.incidents == []

    asyncio.run(scenario())


def test_the_library_commands_the_station() -> None:
    async def scenario() -> None:
        points: list[LibraryCentral] = []
        async with a_server(_library(points)) as url, a_site(at(url)) as site:
            await site.until(lambda: site.backend.link is LinkState.ONLINE)
            (point,) = points
            started = await point.call(call.RemoteStartTransaction(id_tag="T", connector_id=2))
            unlocked = await point.call(call.UnlockConnector(connector_id=1))
            keys = await point.call(call.GetConfiguration(key=["NumberOfConnectors", "X"]))
            changed = await point.call(
                call.ChangeConfiguration(key="HeartbeatInterval", value="120")
            )
            assert (started.status, unlocked.status, changed.status) == (
                "Accepted",
                "Unlocked",
                "Accepted",
            )
            assert keys.configuration_key[0]["value"] == "2"
            assert keys.unknown_key == ["X"]
            assert site.door.asked == [("remote_start", "T", 2), ("unlock", 1)]

    asyncio.run(scenario())


def test_the_link_is_found_again_when_the_central_system_restarts() -> None:
    async def scenario() -> None:
        points: list[LibraryCentral] = []
        async with a_server(_library(points)) as url, a_site(at(url)) as site:
            await site.until(lambda: site.backend.link is LinkState.ONLINE)
            await site.until(lambda: points[0].heard[-1:] == ["0 Available"])
            await site.backend.authorise("T", ConnectorId(1), card=False)  # the answer is in
            await points[0]._connection.close()
            await site.until(lambda: len(points) == 2)
            site.outbox.add(a_start())
            site.backend.wake()
            await site.until(lambda: not site.outbox.queued)
            assert points[1].heard == ["Start 1000"]

    asyncio.run(scenario())


def test_bad_frames_binary_frames_and_long_frames_leave_the_link_up() -> None:
    answers: list[list[Any]] = []
    done = asyncio.Event()

    async def handler(connection: ServerConnection) -> None:
        bad = ["", "[", '[2,"1","Reset"]', b"\xff\xfe", '[2,"big","Reset",{"x":"' + "y" * 1_600_000]
        for frame in bad:
            await connection.send(frame)
        await connection.send('[2,"good","GetConfiguration",{"key":["NumberOfConnectors"]}]')
        async for text in connection:
            frame = json.loads(text)
            if frame[0] != 2:
                answers.append(frame)
            if frame[1] == "good":
                done.set()

    async def scenario() -> None:
        async with a_server(handler) as url, a_site(at(url)) as site:
            async with asyncio.timeout(10):
                await done.wait()
            assert site.backend.link is LinkState.PENDING
            assert [(f[0], f[1]) for f in answers] == [
                (4, "-1"),
                (4, "-1"),
                (4, "1"),
                (4, "-1"),
                (4, "big"),
                (3, "good"),
            ]

    asyncio.run(scenario())


def test_a_server_without_our_subprotocol_is_refused() -> None:
    async def silent(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario() -> None:
        for chosen in (None, Subprotocol("ocpp2.0.1")):
            async with a_server(silent, select_subprotocol=lambda *_, chosen=chosen: chosen) as url:
                with pytest.raises(LinkRefused) as caught:
                    await websocket_connect(Access(url, "CP-1"))(Terms())
                assert caught.value.code == "central.subprotocol"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "is_refusal"),
    [
        (HTTPStatus.UNAUTHORIZED, True),
        (HTTPStatus.NOT_FOUND, True),
        (HTTPStatus.FOUND, True),
        (HTTPStatus.SERVICE_UNAVAILABLE, False),
    ],
)
def test_what_only_a_person_can_cure_is_told_apart_from_what_passes(
    status: HTTPStatus, is_refusal: bool
) -> None:
    def refuse(connection: ServerConnection, _request: Request) -> Response:
        response = connection.respond(status, "")
        response.headers["Location"] = "ws://127.0.0.1:1/elsewhere"
        return response

    async def nobody(_connection: ServerConnection) -> None:
        raise AssertionError

    async def scenario() -> None:
        async with a_server(nobody, process_request=refuse) as url:
            with pytest.raises(LinkLost) as caught:
                await websocket_connect(Access(url, "CP-1"))(Terms())
            assert isinstance(caught.value, LinkRefused) == is_refusal
            assert str(status.value) in str(caught.value)

    asyncio.run(scenario())


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async def nobody(_connection: ServerConnection) -> None:
        raise AssertionError

    async def scenario() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_self_signed(tmp_path))
        async with a_server(nobody, ssl=context) as url:
            with pytest.raises(LinkRefused) as caught:
                await websocket_connect(Access(url.replace("ws:", "wss:"), "CP-1"))(Terms())
            assert caught.value.code == "central.certificate"

    asyncio.run(scenario())


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


def test_nobody_listening_is_a_lost_link() -> None:
    async def scenario() -> None:
        with pytest.raises(LinkLost):
            await websocket_connect(Access("ws://127.0.0.1:9/x", "CP-1"))(Terms())

    asyncio.run(scenario())


def test_the_password_travels_as_basic_authentication_and_in_no_representation() -> None:
    headers: list[str] = []

    def note(connection: ServerConnection, request: Request) -> None:
        headers.append(request.headers["Authorization"])

    async def silent(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario() -> None:
        async with a_server(silent, process_request=note) as url:
            access = Access(url, "AL1000", "s3cret")
            assert "s3cret" not in repr(access)
            link = await websocket_connect(access)(Terms())
            await link.close()
            with pytest.raises(LinkLost):
                await link.recv()
            with pytest.raises(LinkLost):
                await link.send("x")
        assert base64.b64decode(headers[0].removeprefix("Basic ")) == b"AL1000:s3cret"

    asyncio.run(scenario())


def test_the_endpoint_ends_in_the_encoded_id_whatever_the_base_ends_in() -> None:
    # OCPP-J 1.6 §3.1.1
    assert endpoint("wss://central.example/ocpp", "CP3211") == "wss://central.example/ocpp/CP3211"
    assert (
        endpoint("wss://central.example/ocpp/", "a b/c") == "wss://central.example/ocpp/a%20b%2Fc"
    )
