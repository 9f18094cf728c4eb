"""Security profiles on real TLS websockets, with certificates made here (whitepaper §2, A05)."""

import asyncio
import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.typing import Subprotocol

from chargepoint.ocpp.link import LinkLost, LinkRefused, Terms
from chargepoint.ocpp.websocket import Access, websocket_connect
from tests.support.pki import FROM, Issued, a_root

PAST = datetime(2021, 1, 1, tzinfo=UTC)
KEY = bytes.fromhex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")


class Server:
    def __init__(self) -> None:
        self.url = ""
        self.headers: list[str] = []
        self.extensions: list[str] = []


@asynccontextmanager
async def a_tls_server(context: ssl.SSLContext) -> AsyncIterator[Server]:
    server = Server()

    def note(_connection: ServerConnection, request: Request) -> Response | None:
        server.headers.append(request.headers.get("Authorization", ""))
        return None

    async def wait(connection: ServerConnection) -> None:
        server.extensions = [extension.name for extension in connection.protocol.extensions]
        await connection.wait_closed()

    async with serve(
        wait,
        "127.0.0.1",
        0,
        ssl=context,
        process_request=note,
        subprotocols=[Subprotocol("ocpp1.6")],
    ) as listening:
        server.url = f"ws://localhost:{listening.sockets[0].getsockname()[1]}/ocpp"
        yield server


def a_context(
    folder: Path, issued: Issued, *chain: Issued, client_root: Issued | None = None
) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.write(folder / "server.pem", *chain))
    if client_root is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_root.pem)
    return context


async def refusal(server: Server, terms: Terms) -> LinkRefused:
    with pytest.raises(LinkRefused) as caught:
        await websocket_connect(Access(server.url, "CP-1"))(terms)
    return caught.value


def test_profile_2_goes_over_tls_with_the_key_as_the_password(tmp_path: Path) -> None:
    root = a_root()

    async def scenario() -> None:
        async with a_tls_server(a_context(tmp_path, root.issue("localhost"))) as server:
            terms = Terms(profile=2, password=KEY, roots=(root.pem,))
            link = await websocket_connect(Access(server.url, "AL1000"))(terms)
            await link.close()
            # The example of OCPP-J 1.6 §6.2.
            assert server.headers == ["Basic QUwxMDAwOgABAgMEBQYH////////////////"]
            assert server.extensions == ["permessage-deflate"]

    asyncio.run(scenario())


def test_profile_3_shows_its_certificate_and_no_password(tmp_path: Path) -> None:
    root = a_root()
    identity = root.issue("SN-1").write(tmp_path / "station.pem")

    async def scenario() -> None:
        context = a_context(tmp_path, root.issue("localhost"), client_root=root)
        async with a_tls_server(context) as server:
            terms = Terms(profile=3, password=KEY, roots=(root.pem,), identity=identity)
            link = await websocket_connect(Access(server.url, "CP-1", password="site"))(terms)
            await link.close()
            assert server.headers == [""]

    asyncio.run(scenario())


def test_a_server_certificate_with_a_sub_ca_is_followed_to_the_root(tmp_path: Path) -> None:
    root = a_root()
    sub = root.issue("Sub", is_authority=True)

    async def scenario() -> None:
        async with a_tls_server(a_context(tmp_path, sub.issue("localhost"), sub)) as server:
            terms = Terms(profile=2, password=KEY, roots=(root.pem,))
            link = await websocket_connect(Access(server.url, "CP-1"))(terms)
            await link.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("case", ["expired", "host", "unknown root", "wrong key", "no root at all"])
def test_a_server_that_cannot_prove_itself_is_refused_with_its_event(
    case: str, tmp_path: Path
) -> None:
    root, other = a_root(), a_root("Other")
    issued = {
        "expired": root.issue("localhost", valid=(FROM, PAST)),
        "host": root.issue("elsewhere.example"),
        "unknown root": other.issue("localhost"),
        "wrong key": Issued(root.certificate, other.key).issue("localhost"),
        "no root at all": root.issue("localhost"),
    }[case]
    roots = () if case == "no root at all" else (root.pem,)

    async def scenario() -> None:
        async with a_tls_server(a_context(tmp_path, issued)) as server:
            refused = await refusal(server, Terms(profile=2, password=KEY, roots=roots))
            assert refused.code == "central.certificate"
            assert refused.event == "InvalidCentralSystemCertificate"
            assert str(refused)

    asyncio.run(scenario())


# Without any certificate TLS 1.2 says no more than "handshake failure".
@pytest.mark.parametrize(
    ("case", "version"),
    [
        ("expired", ssl.TLSVersion.TLSv1_2),
        ("unknown root", ssl.TLSVersion.TLSv1_2),
        ("none", ssl.TLSVersion.TLSv1_3),
        ("expired", ssl.TLSVersion.TLSv1_3),
        ("unknown root", ssl.TLSVersion.TLSv1_3),
    ],
)
def test_a_server_that_refuses_our_certificate_says_so(
    case: str, version: ssl.TLSVersion, tmp_path: Path
) -> None:
    root, other = a_root(), a_root("Other")
    identity: Path | None = tmp_path / "station.pem"
    match case:
        case "expired":
            root.issue("SN-1", valid=(FROM, PAST)).write(tmp_path / "station.pem")
        case "unknown root":
            other.issue("SN-1").write(tmp_path / "station.pem")
        case _:
            identity = None
    context = a_context(tmp_path, root.issue("localhost"), client_root=root)
    context.maximum_version = version
    terms = Terms(profile=3, roots=(root.pem,), identity=identity)
    refused = refusal_by(context, terms)
    assert refused.code == "central.own_certificate"
    assert refused.event == "FailedToAuthenticationAtCentralSystem"


def test_a_server_of_old_tls_is_refused(tmp_path: Path) -> None:
    root = a_root()
    context = a_context(tmp_path, root.issue("localhost"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    refused = refusal_by(context, Terms(profile=2, password=KEY, roots=(root.pem,)))
    assert (refused.code, refused.event) == ("central.tls_version", "InvalidTLSVersion")


def test_a_server_of_weak_ciphers_is_refused(tmp_path: Path) -> None:
    root = a_root()
    context = a_context(tmp_path, root.issue("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    refused = refusal_by(context, Terms(profile=2, password=KEY, roots=(root.pem,)))
    assert (refused.code, refused.event) == ("central.tls_cipher", "InvalidTLSCipherSuite")


def refusal_by(context: ssl.SSLContext, terms: Terms) -> LinkRefused:
    """By a server that says why, as those in the field do: asyncio's own keeps its alerts."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def serve_one() -> None:
        plain, _ = listening.accept()
        secure = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with contextlib.suppress(OSError):
            secure.do_handshake()
            secure.recv(1)
        with contextlib.suppress(OSError):
            secure.shutdown(socket.SHUT_WR)
            while secure.recv(4096):  # unread bytes would reset the connection before the alert
                continue
        secure.close()

    async def scenario() -> LinkRefused:
        with pytest.raises(LinkRefused) as caught:
            await websocket_connect(Access(f"ws://localhost:{port}", "CP-1"))(terms)
        return caught.value

    thread = threading.Thread(target=serve_one)
    thread.start()
    try:
        return asyncio.run(scenario())
    finally:
        thread.join()
        listening.close()


def test_a_broken_file_of_our_own_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    broken = tmp_path / "station.pem"
    broken.write_text("nonsense")

    async def scenario() -> None:
        with pytest.raises(LinkRefused) as caught:
            await websocket_connect(Access("ws://localhost:9", "CP-1"))(
                Terms(profile=3, identity=broken)
            )
        assert caught.value.code == "central.own_certificate"

    asyncio.run(scenario())


def test_a_server_that_accepts_and_then_hangs_is_given_up() -> None:
    async def scenario() -> None:
        let_go = asyncio.Event()

        async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await let_go.wait()
            writer.close()

        async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises((LinkLost, TimeoutError)):
                async with asyncio.timeout(0.05):
                    await websocket_connect(Access(f"ws://127.0.0.1:{port}", "CP"))(Terms())
            let_go.set()
            await asyncio.sleep(0.01)

    asyncio.run(scenario())


def test_addresses_follow_profile_and_server() -> None:
    access = Access("ws://a:80/ocpp/", "CP", secure_url="wss://a/s", fallback_url="ws://b/ocpp")
    assert access.url(Terms()) == "ws://a:80/ocpp/CP"
    assert access.url(Terms(profile=1)) == "ws://a:80/ocpp/CP"
    assert access.url(Terms(profile=2)) == "wss://a/s/CP"
    assert access.url(Terms(profile=3, server=1)) == "wss://b/ocpp/CP"
    assert Access("ws://a:80/x", "CP").url(Terms(profile=2)) == "wss://a:80/x/CP"


def test_the_site_password_serves_until_there_is_a_key() -> None:
    access = Access("ws://a", "CP", password="site")
    plain = access.headers(Terms(profile=1))["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(plain) == b"CP:site"
    assert access.headers(Terms(profile=3)) == {}
    assert "0001" not in repr(Terms(password=KEY))
