"""The agent's side of the chats: an inbox, one chat, canned answers, closing."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import server_events
from central.forms import one_of
from central.members.pages import Pages, Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.chat_page import TEXT_MAX, message_text
from central.support.chats import AGENT, Chat, Chats, Said
from central.support.door import DeskDoor
from central.support.stream import Listener, Streams
from central.support.words import CANNED, shown


class InboxPage:
    def __init__(
        self, pages: Pages, services: Services, chats: Chats, streams: Streams, door: DeskDoor
    ) -> None:
        self._pages = pages
        self._services = services
        self._chats = chats
        self._streams = streams
        self._door = door

    def routes(self) -> list[BaseRoute]:
        door = self._door.for_agents
        return [
            Route("/desk", door(self._inbox)),
            Route("/desk/live", door(self._inbox_live)),
            Route("/desk/chat/{chat_id:int}", door(self._chat), methods=["GET", "POST"]),
            Route("/desk/chat/{chat_id:int}/seen", door(self._seen), methods=["POST"]),
            Route("/desk/chat/{chat_id:int}/close", door(self._close), methods=["POST"]),
            Route("/desk/chat/{chat_id:int}/live", door(self._live)),
        ]

    async def _inbox(self, visit: Visit, agent: Agent) -> Response:
        run, phone = self._services.run, self._pages.brand.phone
        chats = await run(self._chats.inbox)
        last = await run(self._chats.last_said, [chat.id for chat in chats])
        texts = {number: shown(each, visit.language, phone) for number, each in last.items()}
        return visit.page("support/inbox.html", agent=agent, chats=chats, last=texts)

    async def _inbox_live(self, visit: Visit, agent: Agent) -> Response:
        if self._streams.is_full:
            return Response(status_code=503, headers={"Retry-After": "60"})

        async def is_welcome() -> bool:
            return await self._door.agent(visit) == agent

        return server_events.answer(self._streams.of_inbox(visit.language, is_welcome))

    async def _chat(self, visit: Visit, agent: Agent) -> Response:
        chat = await self._found(visit)
        if not visit.is_post:
            return await self._page(visit, agent, chat)
        said = self._said(visit)
        if said is None:
            return await self._page(visit, agent, chat, 422)
        await self._services.run(self._chats.answer, chat.id, (agent.id, agent.name), said)
        if visit.form.text("quiet"):
            return Response(status_code=204)
        return visit.go(f"/desk/chat/{chat.id}#end")

    @staticmethod
    def _said(visit: Visit) -> Said | None:
        if visit.form.text("word"):
            word = visit.form.read("word", one_of(*CANNED))
            return None if word is None else Said(word=word)
        text = visit.form.read("text", message_text)
        return None if text is None else Said(text)

    async def _page(self, visit: Visit, agent: Agent, chat: Chat, status: int = 200) -> Response:
        run, phone = self._services.run, self._pages.brand.phone
        messages = await run(self._chats.messages, chat.id)
        if messages:
            await run(self._chats.seen, chat.id, messages[-1].id, by_agent=True)
        return visit.page(
            "support/desk_chat.html",
            status,
            agent=agent,
            chat=chat,
            messages=[shown(each, visit.language, phone) for each in messages],
            side=AGENT,
            canned=CANNED,
            text_max=TEXT_MAX,
        )

    async def _seen(self, visit: Visit, _: Agent) -> Response:
        chat, upto = await self._found(visit), visit.form.text("upto")
        if upto.isascii() and upto.isdigit() and len(upto) < 16:
            await self._services.run(self._chats.seen, chat.id, int(upto), by_agent=True)
        return Response(status_code=204)

    async def _close(self, visit: Visit, _: Agent) -> Response:
        chat = await self._found(visit)
        await self._services.run(self._chats.close, chat.id)
        return visit.go("/desk")

    async def _live(self, visit: Visit, agent: Agent) -> Response:
        chat = await self._found(visit)

        async def is_welcome() -> bool:
            return await self._door.agent(visit) == agent

        seen = server_events.last_seen(visit.request, "after")
        listener = Listener(chat.id, AGENT, visit.language, seen, is_welcome)
        return server_events.answer(self._streams.of_chat(listener))

    async def _found(self, visit: Visit) -> Chat:
        number = visit.request.path_params["chat_id"]
        chat = await self._services.run(self._chats.chat, number) if number < 2**53 else None
        if chat is None:
            raise Refusal(404, "missing")
        return chat
