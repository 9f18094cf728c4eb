"""Sends what customers asked to hear of their charges: by mail, or to their browser."""

import asyncio
import logging
from collections.abc import Sequence

from central.feed import EVERYTHING
from central.members.mail import Mail, Postman
from central.members.pages import Pages
from central.phone.following import KIND
from central.phone.push import Push, PushLost, PushPort
from central.phone.wishes import MAIL, Due, Wishes
from central.system import CentralSystem

logger = logging.getLogger(__name__)

_SOON_EVERY_S = 20.0


class Messenger:
    """`public_url`: what links begin with."""

    def __init__(
        self,
        system: CentralSystem,
        pages: Pages,
        wishes: Wishes,
        *,
        postman: Postman,
        push: PushPort,
        public_url: str,
    ) -> None:
        self._system = system
        self._pages = pages
        self._wishes = wishes
        self._postman = postman
        self._push = push
        self._url = public_url.rstrip("/")

    async def run(self) -> None:
        """Until the feed is closed."""
        async with asyncio.TaskGroup() as tasks:
            clockwork = tasks.create_task(self._watch_clock())
            with self._system.feed.subscribed(KIND) as subscription:
                while changes := await subscription.changes():
                    if EVERYTHING not in changes:  # else: the next change of each charge tells
                        for _, page in changes:
                            await self.tell(page)
            clockwork.cancel()

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(_SOON_EVERY_S)
            await self.tell_soon()

    async def tell(self, page: str) -> None:
        await self._send(await self._system.store.run(self._wishes.due, page))

    async def tell_soon(self) -> None:
        await self._send(await self._system.store.run(self._wishes.due_soon))

    async def _send(self, all_due: Sequence[Due]) -> None:
        for due in all_due:
            link = f"{self._url}/r/{due.wish.page}"
            spoken = self._pages.speak_or_default(due.wish.language)
            title, text = spoken.t(f"message.{due.word}"), spoken.t(f"message.{due.word}.more")
            if due.wish.channel == MAIL:
                ending = f"{self._url}/no-more/{due.wish.secret}"
                foot = spoken.t("message.foot", link=ending)
                body = f"{text}\n\n{link}\n\n{foot}\n"
                self._postman.post(Mail(due.wish.address, title, body, unsubscribe=ending))
                continue
            try:
                await self._push.push(Push(due.wish.address, title, text, link))
            except PushLost:
                await self._system.store.run(self._wishes.end, due.wish.secret)
                logger.warning("push lost", extra={"wish": due.wish.id})
