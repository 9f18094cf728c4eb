"""Work that waits in the database: looked for when something changed, and now and then without."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from central.feed import Feed


async def keep_looking(
    feed: Feed,
    kind: str,
    look: Callable[[], Awaitable[object]],
    *,
    every_s: float,
    logger: logging.Logger,
) -> None:
    """At once, after each change of this kind, and this often at least; until the feed is closed.

    A database that is away is waited for.
    """
    with feed.subscribed(kind) as subscription:
        while True:
            try:
                await look()
            except SQLAlchemyError as error:
                logger.warning("database away", extra={"reason": str(error)})
            try:
                async with asyncio.timeout(every_s):
                    if not await subscription.changes():
                        return
            except TimeoutError:
                continue
