"""Who executes a write: at once (virtual time, tests), or one thread, so that a disk never stalls the loop."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Protocol

from chargepoint.ports import Clock
from chargepoint.store import schema

log = logging.getLogger(__name__)

Work = Callable[[sqlite3.Connection], None]
_QUEUE_LIMIT = 10_000  # commits waiting for a stalled disk; beyond it the core stops
_CLOSE_S = 0.3  # what a hold-up supply leaves for the last commits (architecture: power loss)


class Writer(Protocol):
    def submit(self, work: Work) -> asyncio.Future[None]:
        """A future that is done when `work` is durable; strictly in order."""
        ...

    def oldest_wait_s(self, now: float) -> float:
        """How long the oldest unfinished write has been waiting; `now` is monotonic."""
        ...

    def close(self) -> None: ...


class InlineWriter:
    """`submit` has written when it returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def submit(self, work: Work) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        work(self._connection)
        done.set_result(None)
        return done

    def oldest_wait_s(self, now: float) -> float:
        del now
        return 0.0

    def close(self) -> None:
        self._connection.close()


class ThreadWriter:
    """One thread, one order. A write that fails for good calls `on_broken` on the loop; `on_full` is
    called there when the disk was full and the ballast has made room.
    """

    def __init__(self, path: str, clock: Clock, on_broken: Callable[[BaseException], None]) -> None:
        self._path = path
        self._connection = schema.connect(path)
        self._clock = clock
        self._on_broken = on_broken
        self.on_full: Callable[[], None] = lambda: None
        self._waiting: queue.Queue[tuple[Work, asyncio.Future[None], float] | None]
        self._waiting = queue.Queue(_QUEUE_LIMIT)
        self._oldest: float | None = None
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        now = self._clock.monotonic()
        if self._oldest is None:
            self._oldest = now
        self._waiting.put_nowait((work, done, now))
        return done

    def oldest_wait_s(self, now: float) -> float:
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, now - oldest)

    def close(self) -> None:
        self._waiting.put_nowait(None)
        self._thread.join(_CLOSE_S)
        if not self._thread.is_alive():
            self._connection.close()

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            work, done, self._oldest = item
            try:
                self._write(work, done)
            except sqlite3.Error as error:
                _tell(done, self._broke, done, error)
                return
            if self._waiting.empty():
                self._oldest = None
            _tell(done, _resolve, done)

    def _write(self, work: Work, done: asyncio.Future[None]) -> None:
        try:
            work(self._connection)
        except sqlite3.OperationalError as error:
            if "full" not in str(error) or not schema.drop_ballast(self._path):
                raise
            log.warning("disk full, ballast freed", extra={"path": self._path})
            work(self._connection)
            _tell(done, self.on_full)

    def _broke(self, done: asyncio.Future[None], error: BaseException) -> None:
        done.cancel()
        self._on_broken(error)


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _tell(done: asyncio.Future[None], call: Callable[..., None], *arguments: object) -> None:
    """Back to the loop; a loop that is gone has nobody left to tell."""
    loop = done.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, *arguments)
