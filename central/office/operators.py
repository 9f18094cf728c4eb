"""Who may see the operator's pages and give orders: people of the desk with the role of operator.

One account and one sign-in open `/desk` and `/operator`. A page leads to the sign-in; `/api` says 401,
and takes name and password with each request (HTTP Basic) from programs, which keep no cookies.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from central import forms
from central.members import guard
from central.members.pages import Pages, Refusal, Visit
from central.members.services import Services, neighbourhood
from central.members.staff_door import StaffDoor, Way
from central.support.agents import Agent, Agents
from central.support.door import COOKIE

HOME = "/operator"
Endpoint = Callable[[Request], Awaitable[Response]]
Acting = Callable[[Request, Agent], Awaitable[Response]]


class Operators:
    def __init__(self, pages: Pages, services: Services, agents: Agents) -> None:
        way = Way(HOME, COOKIE, "office/sign_in.html", "wrong.desk")
        self._door = StaffDoor(pages, services, agents, way)
        self._services = services
        self._agents = agents
        self._brakes = services.system.brakes

    def routes(self) -> list[BaseRoute]:
        return self._door.routes()

    def inside(self, handler: Callable[[Visit, Agent], Awaitable[Response]]) -> Endpoint:
        """A page with forms: they prove that they are ours."""

        async def known(visit: Visit, agent: Agent) -> Response:
            if not agent.is_operator:
                raise Refusal(403, "operators")
            return await handler(visit, agent)

        return self._door.inside(known)

    def looking(self, handler: Endpoint) -> Endpoint:
        """Facts without a form."""

        async def looked(request: Request, _: Agent) -> Response:
            return await handler(request)

        return self.acting(looked)

    def acting(self, handler: Acting) -> Endpoint:
        """`handler` is told who acts. What a foreign page sends is refused; a link there may lead here."""

        async def let_in(request: Request) -> Response:
            if not _is_link(request) and not guard.is_own_page(request):
                return JSONResponse({"error": "asked by a foreign page"}, 403)
            agent = await self.signed_in(request)
            if agent is None and "authorization" in request.headers:
                found = await self._program(request)
                if isinstance(found, Response):
                    return found
                agent = found
            if agent is not None and agent.is_operator:
                return await handler(request, agent)
            return _turned_away(request, agent)

        async def guarded(request: Request) -> Response:
            response = await let_in(request)
            guard.protect(response, request)
            return response

        return guarded

    async def signed_in(self, request: Request) -> Agent | None:
        """Whose session this is; none once it has ended."""
        return await self._door.person_of(request)

    async def _program(self, request: Request) -> Agent | Response:
        login, password = _given(request)
        address = request.client.host if request.client else ""
        keys = (f"operator {neighbourhood(address)}", f"{COOKIE}:{login}")
        wait_s = await self._brakes.tried(*keys)
        if wait_s > 0:
            after = {"Retry-After": str(int(wait_s) + 1)}
            return JSONResponse({"error": "too many tries"}, 429, after)
        found = await self._services.run(self._agents.password_of, login)
        kept = None if found is None else found[1]
        if await self._services.passwords.is_right(kept, password) and found is not None:
            await self._brakes.succeeded(*keys)
            return found[0]
        return JSONResponse({"error": "the name or the password is not right"}, 401)


def _turned_away(request: Request, agent: Agent | None) -> Response:
    if request.url.path.startswith("/api/"):
        if agent is None:
            return JSONResponse({"error": "an operator signs in first, at /operator/sign-in"}, 401)
        return JSONResponse({"error": "for operators only"}, 403)
    return RedirectResponse(f"{HOME}/sign-in" if agent is None else "/desk", 303)


def _is_link(request: Request) -> bool:
    """A page is looked at from wherever somebody comes, a mail or the bench."""
    return request.method in ("GET", "HEAD") and not request.url.path.startswith("/api/")


def _given(request: Request) -> tuple[str, str]:
    """Name and password of HTTP Basic (RFC 7617); nothing where it is none."""
    kind, _, credentials = request.headers["authorization"].partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        told = base64.b64decode(credentials, validate=True).decode()
        name, _, password = told.partition(":")
        return forms.login(name), forms.given_password(password)
    except (binascii.Error, UnicodeDecodeError, forms.Wrong):
        return "", ""
