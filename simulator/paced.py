"""A loop whose time runs at a pace: as fast as the clock on the wall, or 60 times as fast.

At the pace of the wall it is a loop like any other. Faster, it moves only between callbacks, as
virtual time does, so nothing inside it is ever late: where the machine cannot keep the pace, time
runs slower instead. Unlike virtual time it really waits, and descriptors wake it: the browser of
the bench is outside.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TypeVar

from typing_extensions import TypeVarTuple, override

from simulator.vtime import JumpLoop

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# Lost beyond this is lost for good: catching up would show a world that rushes.
MOST_BEHIND_S = 0.25
LONGEST_WAIT_S = 0.5


class PacedLoop(JumpLoop):
    """`rate`: seconds of `time()` in one second on the wall; may change at any moment."""

    def __init__(self, start: datetime | None = None) -> None:
        self._rate = 1.0
        self._wall_s = time.monotonic()  # when `_from_s` was
        self._from_s = 0.0
        super().__init__(start or datetime.fromtimestamp(0, UTC))

    @override
    def time(self) -> float:
        return self._reached(time.monotonic()) if self._rate == 1 else self._now

    @property
    def rate(self) -> float:
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if rate <= 0:
            raise ValueError(f"time cannot run {rate} times as fast")
        self._now = self.time()
        self._anchor(time.monotonic())
        self._rate = rate

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        # Here a thread has the time it needs: this loop never jumps past it.
        return asyncio.SelectorEventLoop.run_in_executor(self, executor, func, *args)

    @override
    def _run_once(self) -> None:
        if self._rate == 1:
            self._now = self.time()
        super()._run_once()

    @override
    def _jump_ahead(self) -> None:
        self._nothing_ready(self._wait_s())

    @override
    def _nothing_ready(self, timeout_s: float | None) -> None:
        if timeout_s is not None and timeout_s <= 0:
            return
        due_s = None if timeout_s is None else self._next_timer()
        self._sleep(due_s)
        self._advance(due_s)

    def _sleep(self, due_s: float | None) -> None:
        """Until the timer is due on the wall, or a descriptor is ready."""
        wait_s = LONGEST_WAIT_S
        if due_s is not None:
            due_wall_s = self._wall_s + (due_s - self._from_s) / self._rate
            wait_s = min(wait_s, due_wall_s - time.monotonic())
        if wait_s > 0:
            # What is ready is told again at the loop's next look: poll is level-triggered.
            selectors.PollSelector.select(self._jump, wait_s)

    def _advance(self, due_s: float | None) -> None:
        wall_s = time.monotonic()
        reached_s = self._reached(wall_s)
        if self._rate == 1:
            self._now = reached_s
            return
        if due_s is not None and reached_s >= due_s:
            reached_s, behind_s = due_s, (reached_s - due_s) / self._rate
            self._now = max(self._now, reached_s)
            if behind_s > MOST_BEHIND_S:
                self._anchor(wall_s)
            return
        self._now = max(self._now, reached_s)

    def _reached(self, wall_s: float) -> float:
        return self._from_s + (wall_s - self._wall_s) * self._rate

    def _anchor(self, wall_s: float) -> None:
        self._wall_s, self._from_s = wall_s, self._now
