"""The link in the field: a websocket that speaks `ocpp1.6` (OCPP-J 1.6 §3).

Redirects are refused: the configured central system is the one the operator trusts. Environment
proxies are ignored for the same reason. Compression is offered (permessage-deflate); the bound on
a message holds for what it inflates to. Connecting never retries here; connection.py does.
"""

import base64
import ssl
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast
from urllib.parse import quote, urlsplit

from typing_extensions import override
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    NegotiationError,
)
from websockets.typing import Subprotocol

from chargepoint.ocpp.link import Connect, Link, LinkLost, LinkRefused, Terms
from chargepoint.ocpp.security import tls

SUBPROTOCOL = Subprotocol("ocpp1.6")
# A frame between rpc's bound and this one is answered; a longer one costs the link (1009).
_MAX_MESSAGE_BYTES = 2 * 1024 * 1024
_MAX_QUEUED_MESSAGES = 4
_PLACE_OF_ID = "{id}"
_TOO_LONG = 1009  # RFC 6455 §7.4.1
_WITH_TLS = 2  # the first profile with TLS
# Statuses that waiting alone does not cure: wrong credentials, unknown station, moved.
_NEEDS_A_PERSON = range(300, 500)
_NOT_LET_IN = (401, 403)


def endpoint(base_url: str, station_id: str) -> str:
    """OCPP-J 1.6 §3.1.1: the station's id, percent-encoded, is the last part of the path.

    An address with `{id}` says itself where it stands: some servers want a slash behind it.
    """
    name = quote(station_id, safe="")
    if _PLACE_OF_ID in base_url:
        return base_url.replace(_PLACE_OF_ID, name)
    return f"{base_url.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a link may take to open, to answer a ping, and to close."""

    open_s: float = 15.0
    pong_s: float = 20.0
    close_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the central systems of a site.

    `secure_url`: of profiles 2 and 3, where it is not `base_url` with TLS. `fallback_url`: of a
    second central system.
    """

    base_url: str
    station_id: str
    password: str = field(default="", repr=False)
    secure_url: str = ""
    fallback_url: str = ""

    def url(self, terms: Terms) -> str:
        """The address of one try. A profile with TLS never goes without, whatever is configured."""
        base = self.fallback_url if terms.server and self.fallback_url else self.base_url
        if terms.profile >= _WITH_TLS:
            if base == self.base_url and self.secure_url:
                base = self.secure_url
            base = f"wss://{base.partition('://')[2]}"
        return endpoint(base, self.station_id)

    def headers(self, terms: Terms) -> dict[str, str]:
        """Basic authentication up to profile 2 (OCPP-J 1.6 §6.2); profile 3 has its certificate."""
        password = terms.password or self.password.encode()
        if not password or terms.profile > _WITH_TLS:
            return {}
        credentials = self.station_id.encode() + b":" + password
        return {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


def websocket_connect(access: Access, waits: Waits = Waits()) -> Connect:
    """A `Connect` for the central systems of this site."""

    async def connect(terms: Terms) -> Link:
        witnesses: list[_Witness] = []
        try:
            websocket = await _open(access, terms, waits, witnesses)
        except LinkLost:
            raise
        except NegotiationError as error:
            raise LinkRefused("central.subprotocol", str(error)) from error
        except InvalidStatus as error:
            _refused(error)
        except ssl.SSLError as error:
            raise tls.failure(error) from error
        except (OSError, InvalidHandshake, EOFError) as error:
            raise _lost(error, witnesses) from error
        if websocket.subprotocol != SUBPROTOCOL:
            # §3.2: a server that agrees to no subprotocol speaks another version, or none.
            await websocket.close(1002, "subprotocol ocpp1.6 required")
            raise LinkRefused("central.subprotocol", "the central system does not speak ocpp1.6")
        return _WebsocketLink(websocket)

    return connect


def _lost(error: Exception, witnesses: list["_Witness"]) -> LinkLost:
    for witness in witnesses:
        if witness.tls_error is not None:
            return tls.failure(witness.tls_error)
    return LinkLost(f"{type(error).__name__}: {error}")


class _Witness(ClientConnection):
    """Remembers how TLS ended: with version 1.3 our certificate is judged after the handshake."""

    tls_error: ssl.SSLError | None = None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, ssl.SSLError):
            self.tls_error = exc
        super().connection_lost(exc)


class _NoRedirect(open_websocket):
    @override
    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def _open(
    access: Access, terms: Terms, waits: Waits, witnesses: list[_Witness]
) -> ClientConnection:
    def create(*arguments: Any, **options: Any) -> ClientConnection:
        witnesses.append(_Witness(*arguments, **options))
        return witnesses[-1]

    url = access.url(terms)
    is_bound = terms.profile >= _WITH_TLS
    secure = None
    if urlsplit(url).scheme == "wss":
        identity = terms.identity if terms.profile > _WITH_TLS else None
        secure = tls.context(terms.roots, identity, with_system_roots=not is_bound)
    return await _NoRedirect(
        url,
        ssl=secure,
        # It is called and nothing else.
        create_connection=cast("type[ClientConnection]", create),
        subprotocols=[SUBPROTOCOL],
        additional_headers=access.headers(terms),
        user_agent_header="chargepoint",
        proxy=None,
        open_timeout=waits.open_s,
        ping_interval=terms.ping_interval_s or None,
        ping_timeout=waits.pong_s,
        close_timeout=waits.close_s,
        compression="deflate",
        max_size=_MAX_MESSAGE_BYTES,
        max_queue=_MAX_QUEUED_MESSAGES,
    )


def _refused(error: InvalidStatus) -> NoReturn:
    status = error.response.status_code
    if status in _NEEDS_A_PERSON:
        event = "FailedToAuthenticationAtCentralSystem" if status in _NOT_LET_IN else ""
        raise LinkRefused("central.refused", f"HTTP {status}", event) from error
    raise LinkLost(f"HTTP {status}") from error


class _WebsocketLink:
    """Any end of the websocket reads as LinkLost."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket
        secure = websocket.transport.get_extra_info("ssl_object")
        self.peer_certificate = None if secure is None else secure.getpeercert(binary_form=True)

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send(text)
        except ConnectionClosed as closed:
            raise LinkLost(str(closed)) from closed

    async def recv(self) -> str:
        try:
            message = await self._websocket.recv()
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code == _TOO_LONG:
                detail = f"more than {_MAX_MESSAGE_BYTES} bytes"
                raise LinkRefused("ocpp.message_too_long", detail, "InvalidMessages") from closed
            raise LinkLost(str(closed)) from closed
        # OCPP-J is text; what comes as binary is read as text and judged like any frame.
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    async def close(self) -> None:
        await self._websocket.close()
