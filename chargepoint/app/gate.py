"""Runs what a commit justifies, after it and in order (design §2: safe, then durable, then the rest)."""

import asyncio
from collections import deque
from collections.abc import Callable

from chargepoint.app.ports import JournalWriter
from chargepoint.domain.record import Batch

Then = Callable[[], None]


class Gate:
    """`commit_then(batch, work)`: `work` runs when `batch` and everything before it is durable.

    Nothing here waits: an actor goes on with its next event while a disk stalls. What is overdue when
    the disk goes on is done in turns of the loop, one work a turn: whoever hears of it handles it
    before more comes, and its mailbox is full only when it does not work.
    """

    def __init__(self, journal: JournalWriter) -> None:
        self._journal = journal
        self._waiting: deque[tuple[asyncio.Future[None] | None, Then]] = deque()
        self._has_turn = False  # the next of them is due in the loop's next turn

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
            ticket.add_done_callback(self._on_written)

    def _on_written(self, _ticket: "asyncio.Future[None]") -> None:
        if not self._has_turn:
            self._do_next()

    def _do_next(self) -> None:
        self._has_turn = False
        if not self._waiting:
            return
        ticket, work = self._waiting[0]
        if ticket is not None and not _is_durable(ticket):
            return
        self._waiting.popleft()
        if self._waiting:  # asked for first: work that fails keeps nothing back
            self._has_turn = True
            asyncio.get_running_loop().call_soon(self._do_next)
        work()


def _is_durable(ticket: "asyncio.Future[None]") -> bool:
    return ticket.done() and not ticket.cancelled() and ticket.exception() is None
