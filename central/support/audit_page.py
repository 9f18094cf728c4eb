"""What operators of the desk see: who looked at what, and cards that are still to be sent."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.members.pages import Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.audit import Audit
from central.support.card_desk import CardDesk
from central.support.door import DeskDoor


class AuditPage:
    def __init__(self, services: Services, door: DeskDoor, audit: Audit, cards: CardDesk) -> None:
        self._services = services
        self._door = door
        self._audit = audit
        self._cards = cards

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/desk/audit", self._door.for_operators(self._page)),
            Route("/desk/orders", self._door.for_operators(self._send), methods=["POST"]),
        ]

    async def _page(self, visit: Visit, agent: Agent) -> Response:
        run = self._services.run
        return visit.page(
            "support/audit.html",
            agent=agent,
            entries=await run(self._audit.entries),
            broken=await run(self._audit.first_broken),
            orders=await run(self._cards.orders),
            told=visit.asked("told"),
        )

    async def _send(self, visit: Visit, agent: Agent) -> Response:
        number = visit.form.text("number")
        outcome = await self._services.run(self._cards.send, agent, number)
        return visit.go(f"/desk/audit?told={'sent' if outcome == 'sent' else 'not_sent'}")
