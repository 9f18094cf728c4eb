"""Sends what customers asked to hear of their charges: by mail, or to their browser."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable

from sqlalchemy.exc import SQLAlchemyError

from central.feed import EVERYTHING
from central.members.mail import Mail
from central.members.pages import Pages
from central.members.postman import Postman
from central.members.push_post import PushPost
from central.phone.browsers import Browsers
from central.phone.following import KIND
from central.phone.push import Push
from central.phone.wishes import IDLE_SOON, LASTS, PUSH, SOON, Due, Wishes
from central.system import CentralSystem

logger = logging.getLogger(__name__)

_SOON_EVERY_S = 20.0
_FORGET_EVERY = 180  # looks: each hour


class Messenger:
    """`public_url`: what links begin with."""

    def __init__(  # noqa: PLR0913 -- who wants to hear, and how they are told
        self,
        system: CentralSystem,
        pages: Pages,
        wishes: Wishes,
        browsers: Browsers,
        *,
        postman: Postman,
        push: PushPost,
        public_url: str,
    ) -> None:
        self._system = system
        self._pages = pages
        self._wishes = wishes
        self._browsers = browsers
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
                            await self._certainly(self.tell(page))
            clockwork.cancel()

    async def _watch_clock(self) -> None:
        for look in itertools.count(1):
            await asyncio.sleep(_SOON_EVERY_S)
            await self._certainly(self.tell_soon())
            if look % _FORGET_EVERY == 0:
                await self._certainly(self._system.store.run(self._wishes.forget))

    @staticmethod
    async def _certainly(telling: Awaitable[None]) -> None:
        try:
            await telling
        except SQLAlchemyError as error:  # the charge's next change tells
            logger.warning("database away", extra={"reason": str(error)})

    async def tell(self, page: str) -> None:
        run = self._system.store.run
        await run(self._browsers.ask, page)
        await run(self._wishes.due, page, self._keep_inside)

    async def tell_soon(self) -> None:
        """The idle fees that come near, and what nobody passed on."""
        run = self._system.store.run
        await run(self._wishes.due_soon, self._keep_inside)
        await run(self._wishes.due_missed, self._keep_inside)

    def _keep_inside(self, due: Due) -> None:
        link = f"{self._url}/r/{due.wish.page}"
        spoken = self._pages.speak_or_default(due.wish.language)
        title, text = spoken.t(f"message.{due.word}"), spoken.t(f"message.{due.word}.more")
        is_soon = due.word == IDLE_SOON
        lasts = SOON if is_soon else LASTS
        if due.wish.channel == PUSH:
            push = Push(due.wish.address, title, text, link, is_urgent=is_soon)
            self._push.keep_inside(push, lasts=lasts)
            return
        ending = f"{self._url}/no-more/{due.wish.secret}"
        foot = spoken.t("message.foot", link=ending)
        mail = Mail(due.wish.address, title, f"{text}\n\n{link}\n\n{foot}\n", unsubscribe=ending)
        self._postman.keep_inside(mail, lasts=lasts)
