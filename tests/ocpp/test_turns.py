"""Whose turn it is, when callers give up at the worst moment."""

import asyncio

import pytest

from chargepoint.ocpp.turns import Turns
from simulator.vtime import run_virtual


def test_a_caller_cancelled_in_the_instant_it_is_admitted_passes_its_turn_on() -> None:
    async def scenario() -> None:
        turns = Turns()
        await turns.enter(urgent=False)
        async with asyncio.TaskGroup() as group:
            second = group.create_task(turns.enter(urgent=False))
            third = group.create_task(turns.enter(urgent=False))
            await asyncio.sleep(0)
            turns.leave()  # admits the second, which has not run yet
            second.cancel()
            await third
        with pytest.raises(asyncio.CancelledError):
            await second

    run_virtual(scenario())


def test_normal_calls_wait_for_an_answer_under_way_and_urgent_ones_do_not() -> None:
    async def scenario() -> None:
        turns = Turns()
        turns.hold()
        await turns.enter(urgent=True)
        turns.leave()
        async with asyncio.TaskGroup() as group:
            normal = group.create_task(turns.enter(urgent=False))
            await asyncio.sleep(1)
            assert not normal.done()
            turns.release()

    run_virtual(scenario())
