"""Runs what a commit justifies, after it and in order (design §2: safe, then durable, then the rest)."""

import asyncio
from collections import deque
from collections.abc import Callable

from chargepoint.app.ports import JournalWriter
from chargepoint.domain.record import Batch

Then = Callable[[], None]


class Gate:
    """`commit_then(batch, work)`: `work` runs when `batch` and everything before it is durable.

    Nothing here waits: an actor goes on with its next event while a disk stalls.
    """

    def __init__(self, journal: JournalWriter) -> None:
        self._journal = journal
        self._waiting: deque[tuple[asyncio.Future[None] | None, Then]] = deque()

    @property
    def is_waiting(self) -> bool:
        """Something is decided and not yet done: its commit is not durable."""
        return bool(self._waiting)

    def commit(self, batch: Batch) -> None:
        """Make `batch` durable; nothing waits for it."""
        self.commit_then(batch, lambda: None)

    async def commit_and_wait(self, batch: Batch) -> None:
        """Durable, and everything before it, when this returns."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def resolve() -> None:
            if not done.done():
                done.set_result(None)

        self.commit_then(batch, resolve)
        await done

    def commit_then(self, batch: Batch, work: Then) -> None:
        ticket = self._journal.append(batch) if batch else None
        if not self._waiting and (ticket is None or _is_durable(ticket)):
            work()
            return
        self._waiting.append((ticket, work))
        if ticket is not None:
            ticket.add_done_callback(lambda _ticket: self._drain())

    def _drain(self) -> None:
        while self._waiting:
            ticket, work = self._waiting[0]
            if ticket is not None and not _is_durable(ticket):
                return
            self._waiting.popleft()
            work()


def _is_durable(ticket: "asyncio.Future[None]") -> bool:
    return ticket.done() and not ticket.cancelled() and ticket.exception() is None
