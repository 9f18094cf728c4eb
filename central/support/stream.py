"""Chats as they happen, by server-sent events: to their visitor, to the agent, to the inbox.

A change is a name; the newest state is read and sent at once, so a message is on the other page as
soon as it is durable. A page that comes back says the last message it saw.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from central import server_events
from central.feed import EVERYTHING, Feed, Subscription
from central.members.language import Language
from central.members.pages import Pages
from central.storage.store import Store
from central.support.chats import AGENT, KIND, VISITOR, Chats
from central.support.words import shown

_INBOX_GAP_S = 0.2
_LISTENERS_MAX = 1000  # of one process: beyond it a page shows what is new when it is opened
_RETRY_MS = 1500

IsWelcome = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Listener:
    """`side`: visitor or agent. `after`: the last message on the page."""

    chat_id: int
    side: str
    spoken: Language
    after: int
    is_welcome: IsWelcome


class Streams:
    def __init__(self, feed: Feed, store: Store, chats: Chats, pages: Pages) -> None:
        self._feed = feed
        self._run = store.run
        self._chats = chats
        self._pages = pages
        self._listening = 0

    @property
    def is_full(self) -> bool:
        return self._listening >= _LISTENERS_MAX

    async def of_chat(self, listener: Listener) -> AsyncIterator[str]:
        with self._subscribed() as subscription:
            yield server_events.come_back(_RETRY_MS)
            after, last = listener.after, ""
            while True:
                after, event = await self._chat_event(listener, after)
                if event != last:
                    yield event
                    last = event
                async for beat in self._until_changed(subscription, str(listener.chat_id)):
                    if not beat or not await listener.is_welcome():
                        return
                    if beat != _CHANGED:
                        yield beat

    async def of_inbox(self, spoken: Language, is_welcome: IsWelcome) -> AsyncIterator[str]:
        with self._subscribed() as subscription:
            yield server_events.come_back(_RETRY_MS)
            last = ""
            while True:
                event = await self._inbox_event(spoken)
                if event != last:
                    yield event
                    last = event
                    await asyncio.sleep(_INBOX_GAP_S)
                async for beat in self._until_changed(subscription, ""):
                    if not beat or not await is_welcome():
                        return
                    if beat != _CHANGED:
                        yield beat

    # --- waiting ------------------------------------------------------------------------------------

    @contextmanager
    def _subscribed(self) -> Iterator[Subscription]:
        self._listening += 1
        try:
            with self._feed.subscribed(KIND) as subscription:
                yield subscription
        finally:
            self._listening -= 1

    @staticmethod
    async def _until_changed(subscription: Subscription, name: str) -> AsyncIterator[str]:
        """Signs of life, then `_CHANGED` when it concerns us; an empty text: it was all."""
        while True:
            changes = await server_events.or_still_here(subscription.changes())
            if isinstance(changes, str):
                yield changes
                continue
            if not changes:
                yield ""
                return
            if not name or EVERYTHING in changes or (KIND, name) in changes:
                yield _CHANGED
                return

    # --- what is told -------------------------------------------------------------------------------

    async def _chat_event(self, listener: Listener, after: int) -> tuple[int, str]:
        """The last message that is on the page then, and the event; read in one go."""
        chat = await self._run(self._chats.chat, listener.chat_id)
        messages = await self._run(self._chats.messages, listener.chat_id, after)
        if chat is None:
            return after, server_events.event(
                {"said": [], "seen": 0, "state": "closed"}, number=after
            )
        seen = chat.seen_by_agent if listener.side == VISITOR else chat.seen_by_visitor
        told = {
            "said": [
                {"id": message.id, "html": self.message_html(message, listener)}
                for message in messages
            ],
            "seen": seen,
            "state": chat.state,
        }
        after = messages[-1].id if messages else after
        return after, server_events.event(told, number=after)

    def message_html(self, message: Any, listener: Listener) -> str:
        spoken, phone = listener.spoken, self._pages.brand.phone
        side = VISITOR if listener.side == VISITOR else AGENT
        return self._pages.part(
            "support/_message.html", spoken, said=shown(message, spoken, phone), side=side
        )

    async def _inbox_event(self, spoken: Language) -> str:
        chats = await self._run(self._chats.inbox)
        last = await self._run(self._chats.last_said, [chat.id for chat in chats])
        phone = self._pages.brand.phone
        texts = {number: shown(message, spoken, phone) for number, message in last.items()}
        html = self._pages.part("support/_inbox.html", spoken, chats=chats, last=texts)
        unread = sum(chat.is_unread for chat in chats if chat.is_open)
        return server_events.event({"html": html, "unread": unread}, number=0)


_CHANGED = "changed"
