"""The link in the field: a websocket that speaks `ocpp1.6` (OCPP-J 1.6 §3).

Redirects are refused: the configured central system is the one the operator trusts. Environment
proxies are ignored for the same reason. Connecting never retries here; connection.py does.
"""

import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import quote

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

from chargepoint.ocpp.link import Connect, Link, LinkLost, LinkRefused

SUBPROTOCOL = Subprotocol("ocpp1.6")
# A frame between rpc's bound and this one is answered; a longer one costs the link (1009).
_MAX_MESSAGE_BYTES = 2 * 1024 * 1024
_MAX_QUEUED_MESSAGES = 4
_PONG_WITHIN_S = 20.0
_CLOSE_WITHIN_S = 1.0
_OPEN_WITHIN_S = 15.0
# Statuses that waiting alone does not cure: wrong credentials, unknown station, moved.
_NEEDS_A_PERSON = range(300, 500)


def endpoint(base_url: str, station_id: str) -> str:
    """OCPP-J 1.6 §3.1.1: the station's id, percent-encoded, is the last part of the path."""
    return f"{base_url.rstrip('/')}/{quote(station_id, safe='')}"


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one central system. `ping_interval_s`: WebSocketPingInterval, 0 for none."""

    base_url: str
    station_id: str
    password: str = field(default="", repr=False)
    ping_interval_s: Callable[[], int] = lambda: 30


def websocket_connect(access: Access) -> Connect:
    """A `Connect` for this central system."""

    async def connect() -> Link:
        try:
            websocket = await _open(access)
        except NegotiationError as error:
            raise LinkRefused("central.subprotocol", str(error)) from error
        except InvalidStatus as error:
            _refused(error)
        except ssl.SSLCertVerificationError as error:
            raise LinkRefused("central.certificate", error.verify_message) from error
        except (OSError, InvalidHandshake, EOFError) as error:
            raise LinkLost(f"{type(error).__name__}: {error}") from error
        if websocket.subprotocol != SUBPROTOCOL:
            # §3.2: a server that agrees to no subprotocol speaks another version, or none.
            await websocket.close(1002, "subprotocol ocpp1.6 required")
            raise LinkRefused("central.subprotocol", "the central system does not speak ocpp1.6")
        return _WebsocketLink(websocket)

    return connect


class _NoRedirect(open_websocket):
    @override
    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def _open(access: Access) -> ClientConnection:
    headers = {}
    if access.password:
        credentials = f"{access.station_id}:{access.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
    return await _NoRedirect(
        endpoint(access.base_url, access.station_id),
        subprotocols=[SUBPROTOCOL],
        additional_headers=headers,
        user_agent_header="chargepoint",
        proxy=None,
        open_timeout=_OPEN_WITHIN_S,
        ping_interval=access.ping_interval_s() or None,
        ping_timeout=_PONG_WITHIN_S,
        close_timeout=_CLOSE_WITHIN_S,
        max_size=_MAX_MESSAGE_BYTES,
        max_queue=_MAX_QUEUED_MESSAGES,
    )


def _refused(error: InvalidStatus) -> NoReturn:
    status = error.response.status_code
    if status in _NEEDS_A_PERSON:
        raise LinkRefused("central.refused", f"HTTP {status}") from error
    raise LinkLost(f"HTTP {status}") from error


class _WebsocketLink:
    """Any end of the websocket reads as LinkLost."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send(text)
        except ConnectionClosed as closed:
            raise LinkLost(str(closed)) from closed

    async def recv(self) -> str:
        try:
            message = await self._websocket.recv()
        except ConnectionClosed as closed:
            raise LinkLost(str(closed)) from closed
        # OCPP-J is text; what comes as binary is read as text and judged like any frame.
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    async def close(self) -> None:
        await self._websocket.close()
