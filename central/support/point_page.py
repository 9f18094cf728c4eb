"""Points at the telephone desk: found by what the caller reads, seen as they stand, helped with a reason."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members.pages import Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.door import DeskDoor
from central.support.holds import MINUTES, Holds
from central.support.point_desk import Order, PointDesk

_REASON_MAX = 200
_GOOD = frozenset({"Accepted", "Unlocked"})


class PointPage:
    def __init__(self, services: Services, door: DeskDoor, desk: PointDesk, holds: Holds) -> None:
        self._run = services.run
        self._door = door
        self._desk = desk
        self._holds = holds

    def routes(self) -> list[BaseRoute]:
        door = self._door.for_agents
        return [
            Route("/desk/points", door(self._find)),
            Route("/desk/points/{point_id}", door(self._point), methods=["GET", "POST"]),
        ]

    async def _find(self, visit: Visit, agent: Agent) -> Response:
        said = visit.asked("said")[:40]
        found = self._desk.find(said) if said else []
        if len(found) == 1:
            return visit.go(f"/desk/points/{found[0]}")
        holds = await self._run(self._holds.standing)
        names = {each: self._desk.name_of(each) for each in {*found, *(h.point for h in holds)}}
        return visit.page(
            "support/points.html", agent=agent, said=said, found=found, holds=holds, names=names
        )

    async def _point(self, visit: Visit, agent: Agent) -> Response:
        if visit.is_post:
            return await self._order(visit, agent)
        return await self._page(visit, agent)

    async def _page(self, visit: Visit, agent: Agent, status: int = 200) -> Response:
        looked = await self._desk.look(agent, visit.request.path_params["point_id"])
        if looked is None:
            raise Refusal(404, "missing")
        told = visit.asked("told")
        return visit.page(
            "support/point.html",
            status,
            agent=agent,
            looked=looked,
            connectors=sorted({*(n for n in looked.point.connectors if n > 0), *looked.running}),
            told=told if told.isalpha() and len(told) <= 40 else "",
            is_good=told in _GOOD,
            hold_minutes=MINUTES,
        )

    async def _order(self, visit: Visit, agent: Agent) -> Response:
        point_id = visit.request.path_params["point_id"]
        reason = visit.form.read("reason", forms.long_text(3, _REASON_MAX))
        order = visit.form.read("order", forms.one_of(*(each.value for each in Order)))
        connector = visit.form.text("connector")
        is_number = connector.isascii() and connector.isdigit() and len(connector) <= 3
        if reason is None or order is None or not is_number:
            return await self._page(visit, agent, 422)
        outcome = await self._desk.order(
            agent, point_id, int(connector), Order(order), " ".join(reason.split())
        )
        return visit.go(f"/desk/points/{point_id}?told={outcome}")
