"""The door of the support desk: its own sign-in, its own cookie, two roles.

Route("/desk", door.for_agents(self.inbox))
async def inbox(self, visit: Visit, agent: Agent) -> Response: ...
"""

import re
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members import guard
from central.members.pages import Endpoint, Pages, Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent, Agents

AGENT_COOKIE = "agent"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")

Handler = Callable[[Visit, Agent], Awaitable[Response]]


def login(text: str) -> str:
    name = text.strip().lower()
    if not _LOGIN.fullmatch(name):
        raise forms.Wrong("wrong.login")
    return name


class DeskDoor:
    def __init__(self, pages: Pages, services: Services, agents: Agents) -> None:
        self._pages = pages
        self._services = services
        self._agents = agents

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/desk/sign-in", self._pages.door(self._sign_in), methods=["GET", "POST"]),
            Route("/desk/sign-out", self._pages.door(self._sign_out), methods=["POST"]),
        ]

    def for_agents(self, handler: Handler) -> Endpoint:
        return self._guarded(handler, operators_only=False)

    def for_operators(self, handler: Handler) -> Endpoint:
        return self._guarded(handler, operators_only=True)

    def _guarded(self, handler: Handler, *, operators_only: bool) -> Endpoint:
        async def inside(visit: Visit) -> Response:
            agent = await self.agent(visit)
            if agent is None:
                return visit.go("/desk/sign-in")
            if operators_only and not agent.is_operator:
                raise Refusal(403, "operators")
            return await handler(visit, agent)

        return self._pages.door(inside)

    async def agent(self, visit: Visit) -> Agent | None:
        session = guard.cookie(visit.request, AGENT_COOKIE)
        return await self._services.run(self._agents.agent_of, session) if session else None

    async def _sign_in(self, visit: Visit) -> Response:
        if await self.agent(visit) is not None:
            return visit.go("/desk")
        if not visit.is_post:
            return visit.page("support/sign_in.html")
        services = self._services
        services.brakes.at_the_door(visit)
        name = visit.form.read("login", login)
        password = visit.form.read("password", forms.given_password)
        if name is None or password is None:
            return visit.page("support/sign_in.html", 422)
        services.brakes.of(f"desk:{name}")
        found = await services.run(self._agents.password_of, name)
        kept = None if found is None else found[1]
        if not await services.passwords.is_right(kept, password) or found is None:
            services.brakes.failed(f"desk:{name}")
            visit.form.refuse("form", "wrong.desk")
            return visit.page("support/sign_in.html", 422)
        services.brakes.account.succeeded(f"desk:{name}")
        secret = await services.run(self._agents.open_session, found[0])
        response = visit.go("/desk")
        guard.set_cookie(response, visit.request, AGENT_COOKIE, secret)
        return response

    async def _sign_out(self, visit: Visit) -> Response:
        session = guard.cookie(visit.request, AGENT_COOKIE)
        await self._services.run(self._agents.close_session, session)
        response = visit.go("/desk/sign-in")
        guard.drop_cookie(response, visit.request, AGENT_COOKIE)
        return response
