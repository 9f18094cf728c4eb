"""Owns every task. A task that must not end and does is started again, or ends the process.

The only place that creates tasks and the only one that catches what it does not know.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

_RESTARTS = 3
_WINDOW_S = 600.0
_CANCEL_AGAIN_S = 0.5

OnCrash = Callable[[str, BaseException], None]
OnGiveUp = Callable[[str], None]


class Supervisor:
    """`on_crash` makes safe and journals; `on_give_up` is called after three crashes in ten minutes."""

    def __init__(self, on_crash: OnCrash, on_give_up: OnGiveUp) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_crash = on_crash
        self._on_give_up = on_give_up
        self._crashes: dict[str, list[float]] = {}

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """A task that may end. Its crash is reported, not repeated."""
        task = asyncio.get_running_loop().create_task(self._guard(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Cancelled before its first step the task never awaits its work, which is still to be ended.
        task.add_done_callback(lambda _: work.close())

    def keep(self, start: Callable[[], Awaitable[None]], name: str) -> None:
        """A task that must run for ever: started again after a crash, until it crashes too often."""
        self.spawn(self._keep(start, name), name)

    async def stop(self) -> None:
        """Cancel everything and wait for it."""
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        while tasks:
            for task in tasks:
                task.cancel()
            # Before Python 3.13 a TaskGroup whose child fails at that moment swallows the cancel.
            _, tasks = await asyncio.wait(tasks, timeout=_CANCEL_AGAIN_S)

    async def _guard(self, work: Coroutine[Any, Any, Any], name: str) -> Any:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - the supervisor is where unknown errors end
            self._report(name, error)
            return None

    async def _keep(self, start: Callable[[], Awaitable[None]], name: str) -> None:
        while True:
            try:
                await start()
                error: BaseException = RuntimeError("ended by itself")
            except Exception as caught:  # noqa: BLE001 - the supervisor is where unknown errors end
                error = caught
            self._report(name, error)
            if self._is_hopeless(name):
                self._on_give_up(name)
                return
            await asyncio.sleep(1)

    def _report(self, name: str, error: BaseException) -> None:
        log.error("task crashed", extra={"task": name}, exc_info=error)
        self._on_crash(name, error)

    def _is_hopeless(self, name: str) -> bool:
        now = asyncio.get_running_loop().time()
        recent = [at for at in self._crashes.get(name, []) if now - at < _WINDOW_S]
        self._crashes[name] = [*recent, now]
        return len(recent) + 1 >= _RESTARTS
