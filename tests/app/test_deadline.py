"""A deadline ends one wait: with TimeoutError when the time is up, and in no other way."""

import asyncio

import pytest

from chargepoint.deadline import deadline
from simulator.vtime import run_virtual


def test_deadline_when_the_wait_is_shorter_then_nothing_happens() -> None:
    async def story() -> float:
        with deadline(1.0):
            await asyncio.sleep(0.5)
        await asyncio.sleep(5.0)
        return asyncio.get_running_loop().time()

    assert run_virtual(story()) == 5.5


def test_deadline_when_the_time_is_up_then_timeout_and_the_task_goes_on() -> None:
    async def story() -> tuple[float, int]:
        with pytest.raises(TimeoutError), deadline(1.0):
            await asyncio.sleep(9.0)
        ended_s = asyncio.get_running_loop().time()
        await asyncio.sleep(1.0)
        task = asyncio.current_task()
        assert task is not None
        return ended_s, task.cancelling()

    assert run_virtual(story()) == (1.0, 0)


def test_deadline_when_somebody_else_cancels_too_then_cancelled() -> None:
    async def worker() -> None:
        with deadline(1.0):
            await asyncio.sleep(9.0)

    async def story() -> bool:
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(worker())
            asyncio.get_running_loop().call_later(1.0, working.cancel)
        return working.cancelled()

    assert run_virtual(story())


def test_deadline_when_an_outer_one_is_up_first_then_it_is_the_outer_one() -> None:
    async def story() -> str:
        try:
            async with asyncio.timeout(1.0):
                try:
                    with deadline(2.0):
                        await asyncio.sleep(9.0)
                except TimeoutError:
                    return "inner"
        except TimeoutError:
            return "outer"
        return "neither"

    assert run_virtual(story()) == "outer"


def test_deadline_when_the_block_fails_then_its_own_error() -> None:
    async def story() -> None:
        with deadline(1.0):
            raise KeyError("own")

    with pytest.raises(KeyError):
        run_virtual(story())
