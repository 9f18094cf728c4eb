"""Virtual time: an asyncio loop that never sleeps, and the clock that goes with it.

The loop polls its descriptors without waiting; when nothing is ready it sets `time()` to the next
timer. It refuses threads, because the clock would jump past them, and it turns a wait that nothing
can end into an error that names who waits.
"""

import asyncio
import gc
import heapq
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
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

# Objects, and generations of them. Nearly all that a station drops is gone without the collector,
# which found 15,000 objects in a virtual hour and took a twentieth of its processor time.
_COLLECT_AT = (200_000, 10, 20)

_WHEN, _CALLBACK, _ARGUMENTS = 0, 2, 3  # places in a `_Due`


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


class _Due(list[Any]):
    """A callback and when it is due: [when, number, callback, arguments, context].

    What `asyncio.TimerHandle` is, made and compared without a line of Python: no two numbers in
    the heap are alike, so a comparison never gets as far as the callbacks.
    """

    __slots__ = ()

    def cancel(self) -> None:
        self[_CALLBACK] = None
        self[_ARGUMENTS] = ()

    def cancelled(self) -> bool:
        return self[_CALLBACK] is None

    def when(self) -> float:
        return float(self[_WHEN])


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
        self._timers: list[_Due] = []
        self._timers_made = 0
        self._tidy_at = FEW_TIMERS
        self._jump = _JumpSelector(self._nothing_ready)
        super().__init__(self._jump)
        self.set_task_factory(self._numbered_task)
        # asyncio looks here whether something is ready.
        self._soon: deque[_Due] = self.__dict__["_ready"]

    # Every future asks; a built-in that says no is answered without a line of Python.
    get_debug = staticmethod(bool)

    @override
    def time(self) -> float:
        return self._now

    @override
    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        due = _Due((0.0, 0, callback, args, copy_context() if context is None else context))
        self._soon.append(due)
        return due  # type: ignore[return-value]  # nobody asks a handle for more than a `_Due` answers

    @override
    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = self.call_soon(callback, *args, context=context)
        self._write_to_self()  # type: ignore[attr-defined]  # asyncio's: a waiting loop wakes up
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
        self._timers_made = number = self._timers_made + 1
        due = _Due((when, number, callback, args, copy_context() if context is None else context))
        heapq.heappush(self._timers, due)
        return due  # type: ignore[return-value]  # as above

    @override
    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        self._timers_made = number = self._timers_made + 1
        context = copy_context() if context is None else context
        due = _Due((self._now + delay, number, callback, args, context))
        heapq.heappush(self._timers, due)
        return due  # type: ignore[return-value]  # as above

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

        Without a line to poll one call lives from instant to instant until the loop is stopped:
        with nothing to wait for there is nothing to ask.
        """
        soon, jump = self._soon, self._jump
        while True:
            self._tidy()
            if jump.lines > 1:
                heard = jump.select(0.0 if soon else self._wait_s())
                self._process_events(heard)  # type: ignore[attr-defined]  # asyncio's, for descriptors
            elif not soon:
                self._jump_ahead()
            self._turn()
            turns = 1
            while soon and not (self._stopping or jump.lines > 1):
                if turns > MAX_TURNS_AT_ONE_INSTANT:
                    raise TimeStandsStill(f"{turns} turns at {self._now:.3f} s")
                turns += 1
                self._turn()
            if self._stopping or jump.lines > 1:
                return

    def _turn(self) -> None:
        """What is due and what was put on the queue; what those put there is for the next turn."""
        soon, timers, due_s = self._soon, self._timers, self._now + SAME_INSTANT_S
        while timers and timers[0][_WHEN] < due_s:
            soon.append(heapq.heappop(timers))
        for _ in range(len(soon)):
            due = soon.popleft()
            _, _, callback, arguments, context = due
            if callback is None:
                continue
            try:
                context.run(callback, *arguments)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as every asyncio handle does
                self._tell_failed(callback, error)

    def _tell_failed(self, callback: Callable[..., object], error: BaseException) -> None:
        name = getattr(callback, "__qualname__", repr(callback))
        self.call_exception_handler(
            {"message": f"Exception in callback {name}", "exception": error}
        )

    def _add_callback(self, handle: asyncio.Handle) -> None:
        """asyncio's, for a descriptor that is ready."""
        if not handle.cancelled():
            self.call_soon(_run_unless_cancelled, handle)

    def _tidy(self) -> None:
        """The head of the heap is a timer that will fire; not too many others never will."""
        timers = self._timers
        while timers and timers[0][_CALLBACK] is None:
            heapq.heappop(timers)
        if len(timers) > self._tidy_at:
            self._forget_cancelled()

    def _jump_ahead(self) -> None:
        """To the next timer. `_tidy` was here: the head of the heap is one."""
        due_s = self._timers[0][_WHEN] if self._timers and not self._stopping else None
        if due_s is None or due_s <= self._now:
            self._nothing_ready(self._wait_s())
        else:
            self._turns_at_now = 0
            self._now = due_s

    def _wait_s(self) -> float | None:
        if self._stopping:
            return 0.0
        return max(0.0, self._timers[0][_WHEN] - self._now) if self._timers else None

    def _forget_cancelled(self) -> None:
        """Timeouts that did not come to pass, long before their time."""
        self._timers[:] = [due for due in self._timers if due[_CALLBACK] is not None]
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
        return max(self._now, float(self._timers[0][_WHEN]))

    def _waiting(self) -> str:
        tasks = sorted(asyncio.all_tasks(self), key=hash)
        return "".join(f"\n  {task.get_name()} waits {_place(task)}" for task in tasks)


def _run_unless_cancelled(handle: asyncio.Handle) -> None:
    """What is ready together with it may have taken its line away."""
    if not handle.cancelled():
        handle._run()  # noqa: SLF001 - this is the loop


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
        # One is the loop's own wake-up pipe, which alone can bring no news: threads are refused, and
        # a signal handler runs in this thread and puts its callback on the ready queue itself.
        self.lines = 0

    @override
    def register(
        self, fileobj: "FileDescriptorLike", events: int, data: Any = None
    ) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        self.lines += 1
        return key

    @override
    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        key = super().unregister(fileobj)
        self.lines -= 1
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
        self._told: tuple[float, timedelta, datetime] = (0.0, self._stepped, running.start)

    def monotonic(self) -> float:
        return self._loop.time()

    def utc(self) -> datetime:
        """Asked several times in most instants: worked out once."""
        now_s, stepped = self._loop.time(), self._stepped
        before_s, stepped_before, told = self._told
        if now_s != before_s or stepped is not stepped_before:
            told = self._loop.start + timedelta(seconds=now_s) + stepped
            self._told = (now_s, stepped, told)
        return told

    def step(self, by: timedelta) -> None:
        """Put the wall clock forward or back from now on."""
        self._stepped += by


def run_virtual(main: Coroutine[Any, Any, T], *, start: datetime = START_OF_TIME) -> T:
    """Run `main` to its end on a fresh `JumpLoop`; what it leaves running is cancelled."""
    with _collecting_seldom(), asyncio.Runner(loop_factory=lambda: JumpLoop(start)) as runner:
        return runner.run(main)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """A station's hundred thousand lasting objects are gone through once in many virtual minutes."""
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECT_AT)
    try:
        yield
    finally:
        gc.set_threshold(*before)


__all__ = [
    "START_OF_TIME",
    "Deadlock",
    "JumpLoop",
    "ThreadRefused",
    "TimeStandsStill",
    "VirtualClock",
    "run_virtual",
]
