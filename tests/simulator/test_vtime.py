"""Virtual time: never sleeps, same order in every process, errors instead of hangs."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.ports import Clock, Entropy
from simulator.entropy import SeededEntropy
from simulator.vtime import (
    Deadlock,
    JumpLoop,
    ThreadRefused,
    VirtualClock,
    run_virtual,
)

START = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def test_a_day_of_two_points_at_one_hertz_passes_without_sleeping() -> None:
    async def point(ticks: list[int]) -> None:
        for _ in range(24 * 3600):
            await asyncio.sleep(1)
        ticks.append(1)

    async def day() -> tuple[int, float]:
        ticks: list[int] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(point(ticks))
            group.create_task(point(ticks))
        return len(ticks), asyncio.get_running_loop().time()

    assert run_virtual(day()) == (2, 86400.0)


def test_clock_when_time_jumps_then_utc_follows_and_a_step_moves_utc_only() -> None:
    async def look() -> None:
        clock = VirtualClock()
        as_port: Clock = clock
        await asyncio.sleep(90)
        assert as_port.utc() == START + timedelta(seconds=90)
        clock.step(timedelta(days=-1))
        assert clock.utc() == START + timedelta(seconds=90, days=-1)
        assert clock.monotonic() == 90

    run_virtual(look(), start=START)


def test_timeout_of_the_library_when_nothing_answers_then_it_fires_in_virtual_time() -> None:
    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.get_running_loop().create_future()
        return asyncio.get_running_loop().time()

    assert run_virtual(wait()) == 3600


def test_deadlock_when_nothing_is_scheduled_then_it_names_who_waits() -> None:
    async def customer_waits() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match="customer_waits"):
        run_virtual(customer_waits())


def test_thread_when_asked_for_then_refused() -> None:
    with pytest.raises(ThreadRefused, match="print"):
        run_virtual(asyncio.to_thread(print, "x"))


def test_time_when_it_cannot_pass_then_an_error() -> None:
    async def spin() -> None:
        assert isinstance(asyncio.get_running_loop(), JumpLoop)
        while True:  # noqa: ASYNC110 - the busy wait is what is tested
            await asyncio.sleep(0)

    import simulator.vtime

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulator.vtime, "MAX_TURNS_AT_ONE_INSTANT", 1000)
        with pytest.raises(simulator.vtime.TimeStandsStill):
            run_virtual(spin())


def test_pipe_of_the_kernel_when_written_then_read_before_time_moves() -> None:
    async def relay() -> float:
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        seen: asyncio.Future[bytes] = loop.create_future()
        loop.add_reader(reading, lambda: seen.set_result(os.read(reading, 9)))
        os.write(writing, b"x")
        async with asyncio.timeout(1):
            assert await seen == b"x"
        loop.remove_reader(reading)
        os.close(reading)
        os.close(writing)
        return loop.time()

    assert run_virtual(relay()) == 0


PROGRAM = """
import asyncio
from simulator.entropy import SeededEntropy
from simulator.vtime import run_virtual, VirtualClock

async def worker(name, entropy, clock):
    try:
        while True:
            await asyncio.sleep(entropy.below(1000) / 1000)
            print(name, clock.utc().isoformat(), entropy.identifier())
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def main():
    clock, entropy = VirtualClock(), SeededEntropy(7)
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for name in "abcdefgh":
                group.create_task(worker(name, entropy, clock))
    except TimeoutError:
        print({"x", "y"} == {"y", "x"})

run_virtual(main())
"""


def test_two_processes_when_hash_seeds_differ_then_logs_are_identical() -> None:
    def log(hash_seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True
        ).stdout

    first = log("1")
    assert first.count(b"cancelled") == 8
    assert first == log("2")


def test_entropy_when_seeded_then_repeatable_and_streams_are_independent() -> None:
    one: Entropy = SeededEntropy(7)
    two = SeededEntropy(7)
    other = SeededEntropy(7, "kiosk")
    first = one.identifier()
    assert first == two.identifier() != other.identifier()
    assert len(first) == 36
    assert first[14] == "4"
    assert {one.below(3) for _ in range(60)} == {0, 1, 2}
    assert len(one.token(100)) == 100
    with pytest.raises(ValueError, match="no integer"):
        one.below(0)
