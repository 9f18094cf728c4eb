"""A pause runs its time, or ends when somebody says so."""

import asyncio

from chargepoint.pause import until_set
from simulator.vtime import run_virtual


def test_pause_when_nobody_ends_it_then_its_full_time_and_the_event_is_set() -> None:
    async def rest() -> tuple[float, bool]:
        event = asyncio.Event()
        await until_set(event, 3.0)
        return asyncio.get_running_loop().time(), event.is_set()

    assert run_virtual(rest()) == (3.0, True)


def test_pause_when_somebody_ends_it_then_at_once_and_no_timer_is_left() -> None:
    async def rest() -> tuple[float, bool]:
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.call_later(1.0, event.set)
        await until_set(event, 3.0)
        event.clear()
        ended_s = loop.time()
        await asyncio.sleep(5.0)
        return ended_s, event.is_set()

    assert run_virtual(rest()) == (1.0, False)


def test_pause_when_the_event_is_set_already_then_none() -> None:
    async def rest() -> float:
        event = asyncio.Event()
        event.set()
        await until_set(event, 3.0)
        return asyncio.get_running_loop().time()

    assert run_virtual(rest()) == 0.0
