"""Tries are counted once: by however many processes, however many at once, and over a restart."""

import asyncio
from collections.abc import Callable

from sqlalchemy import select

from central.brakes import Brakes
from central.limits import Purse
from central.members.services import WebBrakes
from central.storage.store import Store
from central.storage.tables.brakes import BRAKE
from tests.support.central import FixedClock
from tests.support.together import AT_ONCE, at_once

PURSE = Purse("test", 3, every_s=10)


def test_purse_when_processes_share_it_then_they_give_no_more_than_one(
    shared: Callable[[], Store],
) -> None:
    clock = FixedClock()
    one, two = Brakes(shared(), clock), Brakes(shared(), clock)

    async def spend() -> list[bool]:
        waits = [await each.spend(PURSE, "192.0.2.1") for each in (one, two, one, two)]
        return [wait_s == 0 for wait_s in waits]

    assert asyncio.run(spend()) == [True, True, True, False]
    clock.advance(seconds=10)
    assert asyncio.run(spend()) == [True, False, False, False]
    assert asyncio.run(one.spend(PURSE, "192.0.2.2")) == 0
    assert asyncio.run(one.spend(Purse("other", 1, every_s=10), "192.0.2.1")) == 0


def test_tries_when_many_processes_begin_at_once_then_none_is_lost(
    shared: Callable[[], Store],
) -> None:
    clock = FixedClock()
    shared()

    def try_often(_: int) -> int:
        brakes = Brakes(shared(), clock)
        return sum(asyncio.run(brakes.tried("a@b.eus")) == 0 for _ in range(5))

    # Four are free (three, and the one that the first wait follows), whoever comes.
    assert sum(at_once(try_often)) == 4
    assert AT_ONCE == 4


def test_account_when_right_then_what_was_wrong_is_forgotten_everywhere(
    shared: Callable[[], Store],
) -> None:
    clock = FixedClock()
    one, two = Brakes(shared(), clock), Brakes(shared(), clock)

    async def go() -> None:
        for _ in range(4):
            assert await one.tried("a") == 0
        assert await two.tried("a") == 2
        assert await two.tried("a", "b") == 2
        assert await two.wait_s("b") == 0
        clock.advance(seconds=2)
        assert await two.tried("a") == 0
        await two.succeeded("a")
        for _ in range(4):
            assert await one.tried("a") == 0
            await two.withdrawn("a")

    asyncio.run(go())


def test_account_when_one_of_two_must_wait_then_neither_is_counted() -> None:
    brakes = Brakes(Store(), FixedClock())

    async def go() -> None:
        for _ in range(4):
            await brakes.tried("card")
        for _ in range(9):
            assert await brakes.tried("card", "member") > 0
        assert await brakes.tried("member") == 0

    asyncio.run(go())


def test_rows_say_nobodys_name_and_are_forgotten() -> None:
    clock, store = FixedClock(), Store()
    brakes = Brakes(store, clock)

    def rows() -> int:
        return len(store.database.rows(select(BRAKE)))

    async def go() -> None:
        await brakes.spend(PURSE, "192.0.2.1")
        await brakes.tried("sign-in:ane@example.eus")
        kept = str(store.database.rows(select(BRAKE)))
        assert "192.0.2.1" not in kept
        assert "example" not in kept
        for passed_h, left in ((0, 2), (1, 1), (24, 0)):
            clock.advance(hours=passed_h)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(brakes.run())
                await asyncio.sleep(0)
                running.cancel()
            assert rows() == left

    asyncio.run(go())


def test_mail_when_asked_for_often_then_one_mailbox_is_left_alone() -> None:
    brakes = WebBrakes(Brakes(Store(), FixedClock()))

    async def go() -> list[bool]:
        return [await brakes.may_mail("ane@example.eus") for _ in range(5)]

    assert asyncio.run(go()) == [True, True, True, False, False]
