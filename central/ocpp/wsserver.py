"""The websocket door: paths `/ocpp/<id>` and `/<id>`, subprotocol ocpp1.6, optional Basic auth."""

import base64
import binascii
import http
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from central.ocpp.doorkeeper import Refusal
from central.ocpp.link import Link, LinkClosed

logger = logging.getLogger(__name__)

SUBPROTOCOL = Subprotocol("ocpp1.6")
_FRAME_BYTES_MAX = 256 * 1024
_CLOSE_PROTOCOL_ERROR = 1002
_POINT_ID_MAX = 48  # OCPP-J 1.6 §3.1.1 leaves it open; 2.0.1 part 4 §3.1.1 says 48


def tls_context(certificate: Path, client_root: Path | None) -> ssl.SSLContext:
    """Key and certificates in one PEM file; with `client_root` points must show their own
    certificate (security profile 3). Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    if client_root is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_root)
    return context


class Door(Protocol):
    async def admit(self, point_id: str, password: str | None, address: str) -> Refusal | None: ...

    async def serve_link(self, point_id: str, link: Link) -> None: ...


class WebSocketLink:
    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise LinkClosed(str(closed)) from closed

    async def recv(self) -> str:
        try:
            received = await self._connection.recv()
        except ConnectionClosed as closed:
            raise LinkClosed(str(closed)) from closed
        # A binary message is no OCPP-J; what it decodes to gets the answer it deserves.
        return received if isinstance(received, str) else received.decode("utf-8", "replace")

    async def close(self) -> None:
        await self._connection.close()


def point_id_of(path: str) -> str | None:
    """The charge point's id in `/ocpp/<id>` or `/<id>`, with or without a slash at the end."""
    parts = urlsplit(path).path.strip("/").split("/")
    if len(parts) == 2 and parts[0] == "ocpp":
        parts = parts[1:]
    point_id = unquote(parts[0])
    usable = len(parts) == 1 and 0 < len(point_id) <= _POINT_ID_MAX and point_id.isprintable()
    return point_id if usable else None


def _password_of(request: Request, point_id: str) -> str | None:
    """The password of a Basic header whose user is the point itself; else None."""
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        # An AuthorizationKey is any bytes (OCPP-J 1.6 §6.2).
        text = base64.b64decode(credentials, validate=True).decode(errors="surrogateescape")
    except binascii.Error:
        return None
    user, _, password = text.partition(":")
    return password if user == point_id else None


def _address_of(peer: str, request: Request) -> str:
    """Whose connection it is; of a proxy on this machine, what it says itself (its entry is the last): else
    a guesser behind it would slow every point.
    """
    said = ",".join(request.headers.get_all("X-Forwarded-For"))
    try:
        if not ipaddress.ip_address(peer).is_loopback or not said:
            return peer
        return str(ipaddress.ip_address(said.rpartition(",")[2].strip()))
    except ValueError:
        return peer


def _refusal(connection: ServerConnection, refused: Refusal) -> Response:
    if refused.again_after_s:
        response = connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "too many tries\n")
        response.headers["Retry-After"] = str(refused.again_after_s)
    else:
        response = connection.respond(http.HTTPStatus.UNAUTHORIZED, "wrong credentials\n")
        response.headers["WWW-Authenticate"] = 'Basic realm="ocpp"'
    return response


@asynccontextmanager
async def listen(
    door: Door, host: str, port: int, secure: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Accept charge points while the block runs, by TLS when given; gives the bound port."""

    async def admit(connection: ServerConnection, request: Request) -> Response | None:
        point_id = point_id_of(request.path)
        if point_id is None:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "no such charge point\n")
        address = _address_of(str(connection.remote_address[0]), request)
        refused = await door.admit(point_id, _password_of(request, point_id), address)
        return None if refused is None else _refusal(connection, refused)

    def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return SUBPROTOCOL if SUBPROTOCOL in offered else None

    async def serve_point(connection: ServerConnection) -> None:
        if connection.subprotocol != SUBPROTOCOL:
            # OCPP-J 1.6 §3.1.2: finish the handshake without a subprotocol, then close at once.
            await connection.close(_CLOSE_PROTOCOL_ERROR, "subprotocol ocpp1.6 required")
            return
        assert connection.request is not None
        point_id = point_id_of(connection.request.path)
        assert point_id is not None
        await door.serve_link(point_id, WebSocketLink(connection))

    async with serve(
        serve_point,
        host,
        port,
        process_request=admit,
        select_subprotocol=choose,
        ssl=secure,
        max_size=_FRAME_BYTES_MAX,
    ) as server:
        bound: int = next(iter(server.sockets)).getsockname()[1]
        logger.info("waiting for charge points", extra={"port": bound})
        yield bound
