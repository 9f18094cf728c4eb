"""A member's browsers that are told of every charge with their card. A browser asks when it is tapped."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.members.pages import Pages, Refusal, Visit
from central.members.push_post import browser_address
from central.members.services import Services
from central.phone.browsers import Browsers
from central.phone.push import PushPort


class BrowserPage:
    def __init__(
        self, pages: Pages, services: Services, browsers: Browsers, push: PushPort | None
    ) -> None:
        """`push` None: no browser is told anything."""
        self._pages = pages
        self._services = services
        self._browsers = browsers
        self._push = push

    def routes(self) -> list[BaseRoute]:
        door, both = self._pages.door, ["GET", "POST"]
        ending = door(self._end, members_only=True)
        return [
            Route("/me/messages", door(self._messages, members_only=True), methods=both),
            Route("/me/messages/end", ending, methods=["POST"]),
        ]

    async def _messages(self, visit: Visit) -> Response:
        if self._push is None:
            raise Refusal(404, "missing")
        if not visit.is_post:
            return await self._page(visit)
        address = browser_address(visit, self._push)
        if address is None:
            return await self._page(visit, 422)
        add, code = self._browsers.add, visit.language.code
        if not await self._services.run(add, visit.who.id, address, code):
            visit.form.refuse("form", "wrong.browsers")
            return await self._page(visit, 409)
        return visit.go("/me/messages?told=on")

    async def _end(self, visit: Visit) -> Response:
        await self._services.run(self._browsers.end, visit.who.id)
        return visit.go("/me/messages?told=off")

    async def _page(self, visit: Visit, status: int = 200) -> Response:
        assert self._push is not None, "there is no page without it"
        count = await self._services.run(self._browsers.count, visit.who.id)
        return visit.page(
            "messages.html",
            status,
            count=count,
            push_key=self._push.key,
            told=visit.asked("told"),
        )
