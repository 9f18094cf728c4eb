"""The operator's page and its JSON interface; live through server-sent events.

GET  /operator                the page            GET /api/points, /api/transactions, /api/state
GET  /api/cards/{number}      one account         GET /api/events     server-sent events
POST /api/points/{id}/call    {"action", "payload"}

All is for operators who signed in (central/office/operators.py): the members' web is
public on the same port.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from central import server_events
from central.clock import Clock
from central.errors import CallRefused, MalformedRequest, NoAnswer, PointAway
from central.office.operators import Operators
from central.office.orders import Orders
from central.support.agents import Agent
from central.system import CentralSystem
from central.web.views import View, Views, reservation_view

logger = logging.getLogger(__name__)

_STATUS_OF = {MalformedRequest: 400, PointAway: 409, NoAnswer: 504}
_STATIC = Path(str(resources.files("central.web").joinpath("static")))
_EVENTS_GAP_S = 0.1  # after the first change at once, ten a second are enough for eyes
_BODY_BYTES_MAX = 64 * 1024
_RESERVATIONS_SHOWN = 200
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class OperatorPage:
    def __init__(self, system: CentralSystem, clock: Clock, operators: Operators) -> None:
        self._operators = operators
        self._orders = Orders(system, clock)
        self._system = system
        self._run = system.store.run
        self._views = Views(system, clock)
        looking = operators.looking
        self._routes: list[BaseRoute] = [
            Route("/operator", looking(self._page)),
            Route("/api/reservations", looking(self._reservations)),
            Route("/api/state", looking(self._state)),
            Route("/api/points", looking(self._points)),
            Route("/api/transactions", looking(self._transactions)),
            Route("/api/cards/{number}", looking(self._card)),
            Route("/api/events", looking(self._events)),
            Route("/api/points/{point_id}/call", operators.acting(self._call), methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]

    def routes(self) -> list[BaseRoute]:
        return self._routes

    async def _page(self, _: Request) -> Response:
        return FileResponse(_STATIC / "index.html", headers=_SECURITY_HEADERS)

    async def _reservations(self, _: Request) -> Response:
        rows = self._system.reservations.register.rows
        found = await self._run(rows.newest, _RESERVATIONS_SHOWN)
        return JSONResponse([reservation_view(each) for each in found])

    async def _state(self, _: Request) -> Response:
        return JSONResponse(await self._run(self._views.everything))

    async def _points(self, _: Request) -> Response:
        return JSONResponse(await self._run(self._views.points))

    async def _transactions(self, _: Request) -> Response:
        return JSONResponse(await self._run(self._views.transactions))

    async def _card(self, request: Request) -> Response:
        card = await self._run(self._views.card, request.path_params["number"])
        if card is None:
            return JSONResponse({"error": "no such card"}, 404)
        return JSONResponse(card)

    # --- live ---------------------------------------------------------------------------------------

    async def _events(self, request: Request) -> Response:
        return server_events.answer(self._stream(request))

    async def _stream(self, request: Request) -> AsyncIterator[str]:
        """Everything once, then what changed; ends when the feed is closed, or who looks signs out."""
        with self._system.feed.subscribed() as subscription:
            shown = await self._run(self._views.everything)
            last_frame = _last_frame(shown, 0)
            yield server_events.event(shown, name="everything")
            while True:
                changes = await server_events.or_still_here(subscription.changes())
                if isinstance(changes, str):
                    yield changes
                    continue
                if not changes or await self._operators.signed_in(request) is None:
                    return
                shown = await self._run(self._views.changed, changes, last_frame)
                last_frame = _last_frame(shown, last_frame)
                yield server_events.event(shown, name="changed")
                await asyncio.sleep(_EVENTS_GAP_S)

    # --- orders to a point --------------------------------------------------------------------------

    async def _call(self, request: Request, operator: Agent) -> Response:
        order = await _order(request)
        if order is None:
            return JSONResponse({"error": 'expected {"action": text, "payload": object}'}, 400)
        action, payload = order
        point_id = request.path_params["point_id"]
        try:
            answer = await self._orders.give(operator, point_id, action, payload)
        except (MalformedRequest, PointAway, NoAnswer) as error:
            return JSONResponse({"error": str(error)}, _STATUS_OF[type(error)])
        except CallRefused as error:
            return JSONResponse({"error": str(error), "code": error.code}, 422)
        return JSONResponse(answer)


def _last_frame(shown: View, before: int) -> int:
    frames = shown.get("frames") or []
    return int(frames[-1]["sequence"]) if frames else before


async def _order(request: Request) -> tuple[str, dict[str, Any]] | None:
    # A form in a foreign page cannot send this type without asking first.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_BYTES_MAX:
            return None
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    action, payload = content.get("action"), content.get("payload", {})
    if isinstance(action, str) and isinstance(payload, dict):
        return action, payload
    return None
