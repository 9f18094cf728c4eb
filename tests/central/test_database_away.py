"""A database that goes away for a while: what runs beside the requests waits for it, and goes on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from central import brakes
from central.greencard import months
from central.members import following, messenger, reservation_news
from central.members.mail import Mail
from central.outgoing import courier
from central.storage.engine import Database
from central.support import messaging
from tests.support.members import a_world

_LOOKS = (
    (brakes, "_FORGET_EVERY_S"),
    (months, "_EVERY_S"),
    (messenger, "_SOON_EVERY_S"),
    (reservation_news, "_LOOK_EVERY_S"),
    (courier, "_LOOK_EVERY_S"),
    (messaging, "_LOOKS_AGAIN_S"),
    (following, "_ASK_AGAIN_S"),
    (following, "_GAP_S"),
)


class Switch:
    """In place of the database's way in."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self.is_away = False
        self.failed: set[str] = set()
        self._run = run

    async def __call__(self, database: Database, job: Any, *args: Any, **named: Any) -> Any:
        if self.is_away:
            self.failed.add(getattr(job, "__qualname__", str(job)))
            raise OperationalError("SELECT 1", None, Exception("connection is bad"))
        return await self._run(database, job, *args, **named)


def test_loops_when_the_database_is_away_then_they_wait_and_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module, name in _LOOKS:
        monkeypatch.setattr(module, name, 0.001)
    switch = Switch(Database.run)

    async def run(database: Database, job: Any, *args: Any, **named: Any) -> Any:
        return await switch(database, job, *args, **named)

    monkeypatch.setattr(Database, "run", run)
    world = a_world()

    async def go() -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(world.web.run())
            await world.web.services.postman.post(Mail("a@b.eus", "before", ""))
            await sent(1)
            switch.is_away = True
            for kind in ("session", "card", "point", "chat", "outgoing", "reservation"):
                world.system.feed.changed(kind, "1")
            async with asyncio.timeout(5):
                while len(switch.failed) < 7:  # noqa: ASYNC110 - loops of their own
                    await asyncio.sleep(0.001)
            assert not running.done()
            switch.is_away = False
            await world.web.services.postman.post(Mail("a@b.eus", "after", ""))
            await sent(2)
            world.system.feed.close()

    async def sent(count: int) -> None:
        async with asyncio.timeout(5):
            while len(world.outbox.mails) < count:  # noqa: ASYNC110 - a loop of its own
                await asyncio.sleep(0.001)

    asyncio.run(go())
    assert [mail.subject for mail in world.outbox.mails] == ["after", "before"]
