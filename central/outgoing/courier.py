"""Hands over what waits on one channel, a few at a time; beside the requests, in every process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sqlalchemy.exc import SQLAlchemyError

from central.feed import Feed
from central.looking import keep_looking
from central.outgoing.queue import KIND, Outgoing, Waiting
from central.storage.store import Store

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_LOOK_EVERY_S = 15.0
_COMMIT_TRIES, _COMMIT_EVERY_S = 300, 1.0  # within the lease


@dataclass(frozen=True, slots=True)
class Taken:
    """By the other side; or there is nobody for it any more, and nothing for anybody to do."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """The other side is away, or busy; `after`: what it asked for."""

    reason: str
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Refused:
    """The message itself is."""

    reason: str


Outcome = Taken | NotNow | Refused
Deliver = Callable[[Waiting], Awaitable[Outcome]]


class Courier:
    def __init__(
        self, store: Store, feed: Feed, outgoing: Outgoing, channel: str, deliver: Deliver
    ) -> None:
        self._store = store
        self._feed = feed
        self._outgoing = outgoing
        self._channel = channel
        self._deliver = deliver
        self._is_closing = False

    async def run(self) -> None:
        """Until the feed is closed; after `close` the rest of what is due is left."""
        await keep_looking(self._feed, KIND, self.round, every_s=_LOOK_EVERY_S, logger=logger)

    async def round(self) -> None:
        """What is due now. Where nothing of a handful was taken, the rest waits for the next round."""
        while not self._is_closing:
            handful = await self._store.run(self._outgoing.take, self._channel, _AT_ONCE)
            async with asyncio.TaskGroup() as tasks:
                tried = [tasks.create_task(self._try(each)) for each in handful]
            if not any(each.result() for each in tried):
                return

    def close(self) -> None:
        self._is_closing = True

    async def _try(self, message: Waiting) -> bool:
        """Whether the other side is there."""
        outcome = await self._deliver(message)
        match outcome:
            case Taken():
                await self._gone(message)
                return True
            case NotNow(reason, after):
                await self._put_off(message, reason, is_refused=False, after=after)
                return False
            case Refused(reason):
                await self._put_off(message, reason, is_refused=True)
                return True
            case _:
                assert_never(outcome)

    async def _gone(self, message: Waiting) -> None:
        """Whatever the database does: a row that stays is a message that leaves twice."""
        for _ in range(_COMMIT_TRIES):
            try:
                await self._store.run(self._outgoing.gone, message)
            except SQLAlchemyError as error:
                logger.warning("database away", extra={"reason": str(error)})
                await asyncio.sleep(_COMMIT_EVERY_S)
            else:
                return
        logger.error("message may leave twice", extra={"number": message.id})

    async def _put_off(
        self,
        message: Waiting,
        reason: str,
        *,
        is_refused: bool,
        after: timedelta = timedelta(),
    ) -> None:
        not_yet = self._outgoing.not_yet
        try:
            is_kept = await self._store.run(
                not_yet, message, reason, is_refused=is_refused, after=after
            )
        except SQLAlchemyError as error:  # it is due again when the lease ends
            logger.warning("database away", extra={"reason": str(error)})
            return
        fields = {"channel": message.channel, "number": message.id, "tries": message.tries}
        if is_kept:
            logger.warning("message not taken", extra=fields)
        else:
            logger.error("message given up", extra=fields)
