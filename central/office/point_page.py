"""One point: what it tells, what it is configured to, its last messages; and orders, each with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.errors import CallRefused, CentralError, NoAnswer, PointAway
from central.members.pages import Refusal, Visit
from central.members.services import Services
from central.office.door import OfficeDoor, operator, reason
from central.office.orders import REFUSALS, Orders

_FRAMES_SHOWN = 30
_CONNECTOR_MAX = 99
_TEXT_MAX = 500  # OCPP 1.6 §7.35: of a configured value


@dataclass(frozen=True, slots=True)
class _Asked:
    action: str
    payload: dict[str, Any]


def _availability(kind: str) -> Callable[[int], _Asked]:
    return lambda n: _Asked("ChangeAvailability", {"connectorId": n, "type": kind})


_PLAIN: dict[str, Callable[[int], _Asked]] = {
    "unlock": lambda n: _Asked("UnlockConnector", {"connectorId": n}),
    "soft": lambda _: _Asked("Reset", {"type": "Soft"}),
    "hard": lambda _: _Asked("Reset", {"type": "Hard"}),
    "close": _availability("Inoperative"),
    "open": _availability("Operative"),
}


class PointPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._system = services.system
        self._orders = Orders(services.system, services.clock)

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/points/{point_id}", self._point)]

    async def _point(self, visit: Visit) -> Response:
        if visit.is_post:
            return await self._ordered(visit)
        return await self._page(visit)

    # --- orders -------------------------------------------------------------------------------------

    async def _ordered(self, visit: Visit) -> Response:
        asked, why = await self._asked(visit), reason(visit)
        if asked is None or why is None:
            return await self._page(visit, 422)
        point = visit.request.path_params["point_id"]
        try:
            answer = await self._orders.give(
                operator(visit), point, asked.action, asked.payload, why=why
            )
            told = str(answer.get("status", ""))
        except REFUSALS as refused:
            told = _said(refused)
        told = told if told.isalpha() and len(told) <= 40 else "silent"
        return visit.go(f"{visit.request.url.path}?told={told}")

    async def _asked(self, visit: Visit) -> _Asked | None:
        """None, and said in the form: what it asks for makes no sense."""
        form = visit.form
        connector = form.read("connector", forms.whole(0, _CONNECTOR_MAX))
        if connector is None:
            return None
        order = form.text("order")
        if order in _PLAIN:
            return _PLAIN[order](connector)
        match order:
            case "stop":
                return await self._stop(visit, connector)
            case "start":
                return _start(visit, connector)
            case "configure":
                return _configuration(visit)
            case _:
                form.refuse("form", "wrong.choice")
                return None

    async def _stop(self, visit: Visit, connector: int) -> _Asked | None:
        running = await self._running(visit)
        if connector not in running:
            visit.form.refuse("form", "point_said.nothing")
            return None
        return _Asked("RemoteStopTransaction", {"transactionId": running[connector].id})

    # --- what is shown ------------------------------------------------------------------------------

    async def _page(self, visit: Visit, status: int = 200) -> Response:
        point = self._system.registry.known(visit.request.path_params["point_id"])
        if point is None:
            raise Refusal(404, "missing")
        keys, why = await self._configuration(visit) if visit.asked("configuration") else (None, "")
        running = await self._running(visit)
        frames = [x for x in self._system.frames.since(0, 10_000) if x.point == point.id]
        told = visit.asked("told")
        return visit.page(
            "office/point.html",
            status,
            point=point,
            connectors=sorted({*(n for n in point.connectors if n > 0), *running}),
            running=running,
            keys=keys,
            why=why,
            frames=frames[: -_FRAMES_SHOWN - 1 : -1],
            told=told if told.isalpha() and len(told) <= 40 else "",
        )

    async def _running(self, visit: Visit) -> dict[int, Any]:
        at = visit.request.path_params["point_id"]
        found = await self._services.run(self._system.store.charges.running_at, at)
        return {each.key.connector: each for each in found}

    async def _configuration(self, visit: Visit) -> tuple[list[dict[str, Any]] | None, str]:
        """Its keys in order, or why there are none."""
        point = visit.request.path_params["point_id"]
        try:
            answer = await self._orders.give(operator(visit), point, "GetConfiguration", {})
        except REFUSALS as refused:
            return None, _said(refused)
        keys = [each for each in answer.get("configurationKey") or [] if isinstance(each, dict)]
        return sorted(keys, key=lambda each: str(each.get("key", "")).casefold()), ""


def _start(visit: Visit, connector: int) -> _Asked | None:
    tag = visit.form.read("tag", forms.line(1, 20, "wrong.line"))
    wanted = {"connectorId": connector, "idTag": tag}
    return None if tag is None else _Asked("RemoteStartTransaction", wanted)


def _configuration(visit: Visit) -> _Asked | None:
    key = visit.form.read("key", forms.line(1, 50, "wrong.line"))
    value = visit.form.read("value", forms.line(0, _TEXT_MAX, "wrong.line"))
    if key is None or value is None:
        return None
    return _Asked("ChangeConfiguration", {"key": key, "value": value})


def _said(refused: CentralError) -> str:
    return {PointAway: "away", NoAnswer: "silent", CallRefused: "NotSupported"}.get(
        type(refused), "NotSupported"
    )
