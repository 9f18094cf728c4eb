import asyncio
import socket
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from simulator.paced import MOST_BEHIND_S, PacedLoop

T = TypeVar("T")


def _run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=PacedLoop) as runner:
        return runner.run(main)


def _loop() -> PacedLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PacedLoop)
    return loop


def test_time_runs_as_fast_as_it_is_told() -> None:
    async def main() -> float:
        _loop().rate = 1000
        began = time.monotonic()
        await asyncio.sleep(20)
        return time.monotonic() - began

    assert 0.015 <= _run(main()) < 1


def test_nothing_is_late_inside_however_slow_the_machine_is() -> None:
    async def main() -> list[float]:
        _loop().rate = 10_000
        rung: list[float] = []
        for at_s in range(1, 6):
            _loop().call_at(at_s, lambda: rung.append(_loop().time()))
        time.sleep(MOST_BEHIND_S / 10)  # noqa: TID251, ASYNC251 - a callback that takes its time
        await asyncio.sleep(6)
        return rung

    assert _run(main()) == [1, 2, 3, 4, 5]


def test_descriptor_wakes_the_loop_before_its_timer() -> None:
    async def main() -> tuple[bytes, float]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            asyncio.get_running_loop().call_later(0.01, theirs.send, b"x")
            async with asyncio.timeout(60):
                heard = await asyncio.get_running_loop().sock_recv(ours, 1)
        return heard, _loop().time()

    heard, at_s = _run(main())
    assert heard == b"x"
    assert at_s < 1


def test_thread_is_waited_for() -> None:
    assert _run(asyncio.to_thread(lambda: 42)) == 42


def test_change_of_pace_does_not_move_time() -> None:
    async def main() -> tuple[float, float]:
        before = _loop().time()
        _loop().rate = 60
        return before, _loop().time()

    before, after = _run(main())
    assert 0 <= after - before < 1
