"""A door with its own sign-in and its own cookie: for those who work with us and are no members.

door = StaffDoor(pages, services, shops, Way("/shop", "shop", "shop/sign_in.html", "wrong.shop"))
Route("/shop", door.inside(self.counter))
async def counter(self, visit: Visit, shop: Shop) -> Response: ...
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members import guard
from central.members.pages import Endpoint, Pages, Visit
from central.members.services import Services

Person = TypeVar("Person")


class Staff(Protocol[Person]):
    """Who may come in, and their sessions. Synchronous, as every service."""

    def password_of(self, login: str) -> tuple[Person, str] | None: ...

    def open_session(self, person: Person, /) -> str: ...

    def person_of(self, session: str) -> Person | None:
        """Of an open session; None of any other text."""

    def close_session(self, session: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """`home`: sign-in and sign-out are below it. `wrong`: the catalogue's key for a wrong password."""

    home: str
    cookie: str
    template: str
    wrong: str


class StaffDoor(Generic[Person]):
    def __init__(self, pages: Pages, services: Services, staff: Staff[Person], way: Way) -> None:
        self._pages = pages
        self._services = services
        self._staff = staff
        self._way = way

    def routes(self) -> list[BaseRoute]:
        home, door = self._way.home, self._pages.door
        return [
            Route(f"{home}/sign-in", door(self._sign_in), methods=["GET", "POST"]),
            Route(f"{home}/sign-out", door(self._sign_out), methods=["POST"]),
        ]

    def inside(self, handler: Callable[[Visit, Person], Awaitable[Response]]) -> Endpoint:
        async def guarded(visit: Visit) -> Response:
            person = await self.person(visit)
            if person is None:
                return visit.go(f"{self._way.home}/sign-in")
            return await handler(visit, person)

        return self._pages.door(guarded)

    async def person(self, visit: Visit) -> Person | None:
        return await self.person_of(visit.request)

    async def person_of(self, request: Request) -> Person | None:
        session = guard.cookie(request, self._way.cookie)
        return await self._services.run(self._staff.person_of, session) if session else None

    async def _sign_in(self, visit: Visit) -> Response:
        if await self.person(visit) is not None:
            return visit.go(self._way.home)
        if not visit.is_post:
            return visit.page(self._way.template)
        services = self._services
        await services.brakes.at_the_door(visit)
        login = visit.form.read("login", forms.login)
        password = visit.form.read("password", forms.given_password)
        if login is None or password is None:
            return visit.page(self._way.template, 422)
        account = f"{self._way.cookie}:{login}"  # of all doors that it opens
        await services.brakes.of(account)
        found = await services.run(self._staff.password_of, login)
        kept = None if found is None else found[1]
        if not await services.passwords.is_right(kept, password) or found is None:
            visit.form.refuse("form", self._way.wrong)
            return visit.page(self._way.template, 422)
        await services.brakes.succeeded(account)
        secret = await services.run(self._staff.open_session, found[0])
        response = visit.go(self._way.home)
        guard.set_cookie(response, visit.request, self._way.cookie, secret)
        return response

    async def _sign_out(self, visit: Visit) -> Response:
        session = guard.cookie(visit.request, self._way.cookie)
        await self._services.run(self._staff.close_session, session)
        response = visit.go(f"{self._way.home}/sign-in")
        guard.drop_cookie(response, visit.request, self._way.cookie)
        return response
