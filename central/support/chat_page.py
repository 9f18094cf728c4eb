"""The chat of members and of anybody else: a page, its stream, and forms that need no script."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms, server_events
from central.entropy import Entropy, name
from central.limits import Purse
from central.members import guard
from central.members.pages import Pages, Refusal, Visit
from central.members.services import Services
from central.support.chats import VISITOR, Chat, Chats, Visitor
from central.support.hours import Hours
from central.support.stream import Listener, Streams
from central.support.words import shown

CHAT_COOKIE = "chat"
TEXT_MAX = 1000
_CHAT_S = 30 * 24 * 3600
_TALK = Purse("chat", tries=20, every_s=3)  # a fast typist, no machine
_FIRST = Purse("first chat", tries=5, every_s=120)  # new chats of one neighbourhood


message_text = forms.long_text(1, TEXT_MAX)


class ChatPage:
    def __init__(
        self,
        pages: Pages,
        services: Services,
        chats: Chats,
        streams: Streams,
        *,
        hours: Hours,
        entropy: Entropy,
    ) -> None:
        self._pages = pages
        self._services = services
        self._chats = chats
        self._streams = streams
        self._hours = hours
        self._entropy = entropy

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door
        return [
            Route("/chat", door(self._chat), methods=["GET", "POST"]),
            Route("/chat/seen", door(self._seen), methods=["POST"]),
            Route("/chat/live", door(self._live)),
        ]

    async def _chat(self, visit: Visit) -> Response:
        if visit.is_post:
            return await self._say(visit)
        return await self._page(visit)

    async def _page(self, visit: Visit, status: int = 200) -> Response:
        run, now = self._services.run, self._services.clock.utc()
        chat = await self._known(visit)
        messages = [] if chat is None else await run(self._chats.messages, chat.id)
        if chat is not None and messages:
            await run(self._chats.seen, chat.id, messages[-1].id, by_agent=False)
        opens_at = self._hours.opens_at(now)
        phone = self._pages.brand.phone
        return visit.page(
            "support/chat.html",
            status,
            chat=chat,
            messages=[shown(each, visit.language, phone) for each in messages],
            side=VISITOR,
            is_open=self._hours.is_open(now),
            opens_at=None if opens_at is None else opens_at.isoformat(),
            week=self._hours.week(),
            text_max=TEXT_MAX,
        )

    async def _say(self, visit: Visit) -> Response:
        """A message is kept in and out of hours; out of hours the phone answers it."""
        await self._services.brakes.of_visitor(_TALK, visit)
        text = visit.form.read("text", message_text)
        if text is None:
            return await self._page(visit, 422)
        visitor, is_new = self._visitor(visit)
        if is_new:
            await self._services.brakes.of_visitor(_FIRST, visit)
        await self._services.run(self._chats.ask, visitor, text)
        response = Response(status_code=204) if visit.form.text("quiet") else visit.go("/chat#end")
        if visitor.secret:
            guard.set_cookie(response, visit.request, CHAT_COOKIE, visitor.secret, for_s=_CHAT_S)
        return response

    async def _seen(self, visit: Visit) -> Response:
        chat = await self._known(visit)
        upto = visit.form.text("upto")
        if chat is not None and upto.isascii() and upto.isdigit() and len(upto) < 16:
            await self._services.run(self._chats.seen, chat.id, int(upto), by_agent=False)
        return Response(status_code=204)

    async def _live(self, visit: Visit) -> Response:
        chat = await self._known(visit)
        if chat is None:
            raise Refusal(404, "missing")
        if self._streams.is_full:
            return Response(status_code=503, headers={"Retry-After": "60"})

        async def is_welcome() -> bool:
            return visit.member is None or await self._is_signed_in(visit)

        seen = server_events.last_seen(visit.request, "after")
        listener = Listener(chat.id, VISITOR, visit.language, seen, is_welcome)
        return server_events.answer(self._streams.of_chat(listener))

    async def _is_signed_in(self, visit: Visit) -> bool:
        return await self._services.people.member_of(visit.cookie) is not None

    # --- who it is ----------------------------------------------------------------------------------

    def _visitor(self, visit: Visit) -> tuple[Visitor, bool]:
        """Also whether this browser never wrote before."""
        code = visit.language.code
        if visit.member is not None:
            return Visitor(code, visit.member.name, visit.member), False
        secret = guard.cookie(visit.request, CHAT_COOKIE)
        return Visitor(code, secret=secret or name(self._entropy)), not secret

    async def _known(self, visit: Visit) -> Chat | None:
        visitor, is_new = self._visitor(visit)
        return None if is_new else await self._services.run(self._chats.chat_of, visitor)
