"""Virtual time: an asyncio loop that never sleeps, and the clock that goes with it.

The loop polls its descriptors without waiting; when nothing is ready it sets `time()` to the next
timer. It refuses threads, because the clock would jump past them, and it turns a wait that nothing
can end into an error that names who waits.
"""

import asyncio
import heapq
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context, copy_context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import TypeVarTuple, override

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START_OF_TIME = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)

# Turns of the loop without the clock moving: far above what any exchange needs in one instant.
MAX_TURNS_AT_ONE_INSTANT = 1_000_000

SAME_INSTANT_S = 1e-9  # the resolution of asyncio's own clock: sums of floats differ by less
FEW_TIMERS = 64  # fewer than this are not worth tidying


class Deadlock(RuntimeError):
    """Somebody waits, no timer is set and no line is ready: nothing can ever happen again."""


class TimeStandsStill(RuntimeError):
    """Callbacks keep scheduling callbacks for now, so no timer can ever fire."""


class ThreadRefused(RuntimeError):
    """Work was sent to a thread; virtual time would jump past it."""


class _NumberedTask(asyncio.Task[Any]):
    """A task hashed by its number: sets of tasks iterate alike in every process."""

    def __init__(self, number: int, coro: Coroutine[Any, Any, Any], **options: Any) -> None:
        self._number = number
        super().__init__(coro, **options)

    @override
    def __hash__(self) -> int:
        return self._number


class _Timer(asyncio.TimerHandle):
    """A timer that does not ask, three times in its life, whether the loop is in debug mode."""

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        # What Handle.__init__ and TimerHandle.__init__ set; its slots are all there is.
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback: Callable[..., object] | None = callback
        self._args: tuple[Any, ...] = args
        self._cancelled = False
        self._repr = self._source_traceback = None
        self._when = when
        self._scheduled = False

    @override
    def cancel(self) -> None:
        self._cancelled = True
        self._callback = None
        self._args = ()


class JumpLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0 and moves only by jumping to the next timer.

    It turns as asyncio's own loop does, with a heap of tuples instead of timer handles, which
    Python would compare, and without the checks of debug mode: polling devices for a simulated day
    is mostly the loop's own work.
    """

    _stopping: bool  # asyncio's: this turn is the last

    def __init__(self, start: datetime = START_OF_TIME) -> None:
        if start.tzinfo is None:
            raise ValueError("virtual time needs a start with a time zone")
        self.start = start.astimezone(UTC)
        self._now = 0.0
        self._turns_at_now = 0
        self._tasks_made = 0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timers_made = 0
        self._tidy_at = FEW_TIMERS
        self._jump = _JumpSelector(self._nothing_ready)
        super().__init__(self._jump)
        self.set_task_factory(self._numbered_task)
        # Where asyncio's other methods put callbacks, too.
        self._soon: deque[asyncio.Handle] = self.__dict__["_ready"]

    @override
    def time(self) -> float:
        return self._now

    @override
    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = _Timer(self._now, callback, args, self, context)
        self._soon.append(handle)
        return handle

    @override
    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Timers of one instant fire in the order in which they were set."""
        timer = _Timer(when, callback, args, self, context)
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, timer))
        return timer

    @override
    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    @override
    def close(self) -> None:
        self._timers.clear()
        super().close()

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        raise ThreadRefused(f"{getattr(func, '__qualname__', func)!s} wants a thread")

    def _numbered_task(
        self, _loop: asyncio.AbstractEventLoop, coro: Any, **options: Any
    ) -> asyncio.Task[Any]:
        self._tasks_made += 1
        return _NumberedTask(self._tasks_made, coro, loop=self, **options)

    def _run_once(self) -> None:
        """What BaseEventLoop.run_forever repeats: move the time, then run all that is due now.

        One call runs every turn of its instant: with nothing to wait for there is nothing to ask.
        """
        soon = self._soon
        self._tidy()
        if self._jump.has_lines:
            heard = self._jump.select(0.0 if soon else self._wait_s())
            self._process_events(heard)  # type: ignore[attr-defined]  # asyncio's, for descriptors
        elif not soon:
            self._nothing_ready(self._wait_s())
        self._turn()
        while soon and not (self._stopping or self._jump.has_lines):
            self._count_turn()
            self._turn()

    def _turn(self) -> None:
        """What is due and what was put on the queue; what those put there is for the next turn."""
        soon, timers, due_s = self._soon, self._timers, self._now + SAME_INSTANT_S
        while timers and timers[0][0] < due_s:
            soon.append(heapq.heappop(timers)[2])
        for _ in range(len(soon)):
            handle = soon.popleft()
            if not handle._cancelled:  # noqa: SLF001 - this is the loop
                handle._run()  # noqa: SLF001

    def _tidy(self) -> None:
        """The head of the heap is a timer that will fire; not too many others never will."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:  # noqa: SLF001 - this is the loop
            heapq.heappop(timers)
        if len(timers) > self._tidy_at:
            self._forget_cancelled()

    def _wait_s(self) -> float | None:
        if self._stopping:
            return 0.0
        return max(0.0, self._timers[0][0] - self._now) if self._timers else None

    def _forget_cancelled(self) -> None:
        """Timeouts that did not come to pass, long before their time."""
        self._timers[:] = [entry for entry in self._timers if not entry[2].cancelled()]
        heapq.heapify(self._timers)
        self._tidy_at = max(FEW_TIMERS, 2 * len(self._timers))

    def _nothing_ready(self, timeout_s: float | None) -> None:
        """Called by the selector when no descriptor is ready; `timeout_s` is asyncio's wish."""
        if timeout_s is None:
            raise Deadlock(f"at {self._now:.3f} s nothing can happen any more{self._waiting()}")
        if timeout_s > 0:
            self._turns_at_now = 0
            self._now = self._next_timer()
        else:
            self._count_turn()

    def _count_turn(self) -> None:
        self._turns_at_now += 1
        if self._turns_at_now > MAX_TURNS_AT_ONE_INSTANT:
            raise TimeStandsStill(f"{self._turns_at_now} turns at {self._now:.3f} s")

    def _next_timer(self) -> float:
        # The head is live: cancelled ones were just popped. Adding `timeout_s` would accumulate
        # rounding.
        return max(self._now, self._timers[0][0])

    def _waiting(self) -> str:
        tasks = sorted(asyncio.all_tasks(self), key=hash)
        return "".join(f"\n  {task.get_name()} waits {_place(task)}" for task in tasks)


def _place(task: asyncio.Task[Any]) -> str:
    """`module:line` of the innermost frame where `task` is suspended."""
    awaited: Any = task.get_coro()
    place = "somewhere"
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            place = f"in {frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno})"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return place


class _JumpSelector(selectors.PollSelector):
    """Polls and never waits. epoll lost readiness of pseudo-terminals under this use; poll not."""

    def __init__(self, nothing_ready: Callable[[float | None], None]) -> None:
        super().__init__()
        self._nothing_ready = nothing_ready
        self._lines = 0

    @property
    def has_lines(self) -> bool:
        """Alone, the loop's own wake-up pipe can bring no news: threads are refused, and a signal
        handler runs in this thread and puts its callback on the ready queue itself.
        """
        return self._lines > 1

    @override
    def register(
        self, fileobj: "FileDescriptorLike", events: int, data: Any = None
    ) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        self._lines += 1
        return key

    @override
    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        key = super().unregister(fileobj)
        self._lines -= 1
        return key

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            self._nothing_ready(timeout)
        return ready


class VirtualClock:
    """`ports.Clock` of virtual time. `step` makes the wall clock wrong; `monotonic` never steps."""

    def __init__(self, loop: JumpLoop | None = None) -> None:
        running = loop or asyncio.get_running_loop()
        if not isinstance(running, JumpLoop):
            raise TypeError("a virtual clock needs the virtual loop")
        self._loop = running
        self._stepped = timedelta()

    def monotonic(self) -> float:
        return self._loop.time()

    def utc(self) -> datetime:
        return self._loop.start + timedelta(seconds=self._loop.time()) + self._stepped

    def step(self, by: timedelta) -> None:
        """Put the wall clock forward or back from now on."""
        self._stepped += by


def run_virtual(main: Coroutine[Any, Any, T], *, start: datetime = START_OF_TIME) -> T:
    """Run `main` to its end on a fresh `JumpLoop`; what it leaves running is cancelled."""
    with asyncio.Runner(loop_factory=lambda: JumpLoop(start)) as runner:
        return runner.run(main)


__all__ = [
    "START_OF_TIME",
    "Deadlock",
    "JumpLoop",
    "ThreadRefused",
    "TimeStandsStill",
    "VirtualClock",
    "run_virtual",
]
