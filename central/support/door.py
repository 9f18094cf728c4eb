"""The door of the support desk: two roles behind one sign-in.

Route("/desk", door.for_agents(self.inbox))
async def inbox(self, visit: Visit, agent: Agent) -> Response: ...
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.members.pages import Endpoint, Pages, Refusal, Visit
from central.members.services import Services
from central.members.staff_door import StaffDoor, Way
from central.support.agents import Agent, Agents

COOKIE = "agent"  # also of the operator's pages: one sign-in for both

Handler = Callable[[Visit, Agent], Awaitable[Response]]


class DeskDoor:
    def __init__(self, pages: Pages, services: Services, agents: Agents) -> None:
        way = Way("/desk", COOKIE, "support/sign_in.html", "wrong.desk")
        self._door = StaffDoor(pages, services, agents, way)

    def routes(self) -> list[BaseRoute]:
        return self._door.routes()

    def for_agents(self, handler: Handler) -> Endpoint:
        return self._door.inside(handler)

    def for_operators(self, handler: Handler) -> Endpoint:
        async def inside(visit: Visit, agent: Agent) -> Response:
            if not agent.is_operator:
                raise Refusal(403, "operators")
            return await handler(visit, agent)

        return self._door.inside(inside)

    async def agent(self, visit: Visit) -> Agent | None:
        return await self._door.person(visit)
