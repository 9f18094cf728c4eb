"""The relay on real websockets: listens for the charge point, forwards to a central system.

The charge point dials `url` + `/` + its id; path, subprotocol and Authorization header go on to
the central system unchanged, and its refusal (401, 404 …) comes back unchanged.
"""

import asyncio
import ssl
from http import HTTPStatus
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from simulator.relay import CentralState, Relay
from simulator.relay_links import Junction, LinkGone

HOST = "127.0.0.1"
DIAL_LIMIT_S = 10.0
MAX_FRAME_BYTES = 1 << 20


class WebSocketLink:
    """A websocket as the relay's link."""

    def __init__(self, socket: ClientConnection | ServerConnection) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed as closed:
            raise LinkGone(str(closed)) from closed

    async def recv(self) -> str:
        try:
            message = await self._socket.recv()
        except ConnectionClosed as closed:
            raise LinkGone(str(closed)) from closed
        return message if isinstance(message, str) else message.decode(errors="replace")

    async def close(self) -> None:
        await self._socket.close()


class RelayServer:
    """`async with RelayServer(…) as relay:` serves `relay.url`; `down` closes the port."""

    def __init__(
        self, relay: Relay, central_url: str, secure: ssl.SSLContext | None = None
    ) -> None:
        """`secure`: the charge point comes by TLS; what goes on to the central system is plain."""
        self.relay = relay
        self.junction = Junction(relay)
        self._central_url = central_url.rstrip("/")
        self._secure = secure
        self._server: Server | None = None
        self._port = 0
        self._dialled: dict[ServerConnection, ClientConnection] = {}

    @property
    def url(self) -> str:
        return f"{'ws' if self._secure is None else 'wss'}://{HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        await self._listen()
        await self.apply()  # down already: the port stays ours, for when it comes up
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._refuse()

    async def set_state(self, state: CentralState) -> None:
        self.relay.state = state
        await self.apply()

    async def apply(self) -> None:
        """Make the port follow what the relay's state says."""
        if not self.relay.is_reachable:
            await self._refuse()
        elif self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await serve(
            self._serve,
            HOST,
            self._port,
            ssl=self._secure,
            process_request=self._dial,
            select_subprotocol=self._as_central_chose,
            max_size=MAX_FRAME_BYTES,
            compression=None,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()

    async def _dial(self, point: ServerConnection, request: Request) -> Response | None:
        """Connect to the central system first: the charge point gets its answer, not ours."""
        offered = request.headers.get_all("Sec-WebSocket-Protocol")
        names = [Subprotocol(name.strip()) for line in offered for name in line.split(",")]
        kept = {
            name: value
            for name, value in request.headers.raw_items()
            if name.lower() in {"authorization", "user-agent"}
        }
        url = self._central_url + request.path
        try:
            async with asyncio.timeout(DIAL_LIMIT_S):
                central = await connect(
                    url,
                    subprotocols=names or None,
                    additional_headers=kept,
                    user_agent_header=None,
                    proxy=None,
                )
        except InvalidStatus as refused:
            status = HTTPStatus(refused.response.status_code)
            return point.respond(status, f"central system: {status.phrase}\n")
        except (OSError, InvalidHandshake, TimeoutError) as error:
            return point.respond(HTTPStatus.BAD_GATEWAY, f"central system: {error}\n")
        self._dialled[point] = central
        return None

    def _as_central_chose(self, point: ServerConnection, offered: object) -> Subprotocol | None:
        del offered
        return self._dialled[point].subprotocol

    async def _serve(self, point: ServerConnection) -> None:
        central = self._dialled.pop(point)
        await self.junction.attach(WebSocketLink(point), WebSocketLink(central))
        await self.junction.carry()
