"""A disk that stalls: what is written waits until it goes on, in its order. Reads see what is durable."""

import asyncio
from collections import deque
from collections.abc import Callable

from chargepoint.store.writer import Work, Writer
from simulator.station import StepImpossible

Now = Callable[[], float]


class Disk:
    """Outlives the cores that write on it. Implements station.Trouble: `silent`, nothing ends."""

    def __init__(self, now: Now) -> None:
        self.is_stalled = False
        self._now = now
        self._waiting: deque[tuple[Writer, Work, asyncio.Future[None], float]] = deque()

    async def begin(self, kind: str, by_s: float | None) -> None:
        del by_s
        if kind != "silent":
            raise StepImpossible(f"disk has no fault {kind!r}")
        self.is_stalled = True

    async def end(self, kind: str | None) -> None:
        del kind
        self.is_stalled = False
        while self._waiting:
            writer, work, done, _ = self._waiting.popleft()
            written = writer.submit(work)
            assert written.done(), "in virtual time a disk that works writes at once"
            if not done.cancelled():
                done.set_result(None)

    def keep(self, writer: Writer, work: Work) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((writer, work, done, self._now()))
        return done

    def lose(self) -> None:
        """Who waited is dead: nothing of it ever reaches the disk."""
        self._waiting.clear()

    def oldest_wait_s(self, now: float) -> float:
        return now - self._waiting[0][3] if self._waiting else 0.0


class StallingWriter:
    """A `Writer` on that disk."""

    def __init__(self, inner: Writer, disk: Disk) -> None:
        self._inner = inner
        self._disk = disk

    def submit(self, work: Work) -> asyncio.Future[None]:
        if self._disk.is_stalled:
            return self._disk.keep(self._inner, work)
        return self._inner.submit(work)

    def oldest_wait_s(self, now: float) -> float:
        return self._disk.oldest_wait_s(now)

    def close(self) -> None:
        self._inner.close()
