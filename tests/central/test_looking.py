"""Work that is looked for: at once, when something changed, now and then, whatever the database does."""

import asyncio
import logging

from sqlalchemy.exc import OperationalError

from central.feed import Feed
from central.looking import keep_looking
from simulator.vtime import run_virtual


def test_looks_at_once_after_a_change_and_after_a_while_until_the_feed_is_closed() -> None:
    async def story() -> list[float]:
        loop, feed, looked_s = asyncio.get_running_loop(), Feed(), list[float]()

        async def look() -> None:
            looked_s.append(loop.time())
            if len(looked_s) == 2:
                raise OperationalError("SELECT 1", None, Exception("connection is bad"))

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                keep_looking(feed, "mail", look, every_s=15.0, logger=logging.getLogger(__name__))
            )
            await asyncio.sleep(4.0)
            feed.changed("chat", "1")
            feed.changed("mail", "1")
            await asyncio.sleep(20.0)
            feed.close()
        return [each - looked_s[0] for each in looked_s]

    assert run_virtual(story()) == [0.0, 4.0, 19.0]
