"""A deadline for one step of an exchange: `asyncio.timeout` at a third of its price.

    with deadline(0.5):
        answer = await reply

The same promise: when the time is up, the waiting task is cancelled, and out of the block comes
`TimeoutError` unless somebody else has cancelled it, too. Entering and leaving wait for nothing, so
this is an ordinary context manager; it cannot be moved. `asyncio.timeout` can.
"""

import asyncio
from types import TracebackType


class deadline:  # noqa: N801 - read as a statement, as `asyncio.timeout` is
    __slots__ = ("_cancels_before", "_is_over", "_limit_s", "_task", "_timer")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None, "a deadline ends the wait of a task"
        self._task = task
        self._cancels_before = task.cancelling()
        self._is_over = False
        self._timer = loop.call_later(self._limit_s, self._end)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if not self._is_over:
            return
        is_ours = self._task.uncancel() <= self._cancels_before
        if is_ours and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _end(self) -> None:
        self._is_over = True
        self._task.cancel()
