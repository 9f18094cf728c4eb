"""Work follows its commit, in order, and never anything that is not durable."""

import asyncio
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.app.gate import Gate
from chargepoint.domain.record import Batch, Incident
from simulator.vtime import run_virtual

WRITTEN = Batch(incidents=(Incident("code", "detail"),))


class ManualJournal:
    def __init__(self) -> None:
        self.tickets: list[asyncio.Future[None]] = []

    def append(self, batch: Batch) -> "asyncio.Future[None]":
        assert batch
        self.tickets.append(asyncio.get_running_loop().create_future())
        return self.tickets[-1]


async def in_turns(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


def test_empty_batch_is_not_written_and_its_work_runs_at_once() -> None:
    async def story() -> None:
        journal, done = ManualJournal(), list[int]()
        Gate(journal).commit_then(Batch(), lambda: done.append(1))
        assert done == [1]
        assert journal.tickets == []

    run_virtual(story())


def test_work_waits_for_its_commit_and_empty_batches_wait_in_line() -> None:
    async def story() -> None:
        journal, done = ManualJournal(), list[int]()
        gate = Gate(journal)
        gate.commit_then(WRITTEN, lambda: done.append(1))
        gate.commit_then(Batch(), lambda: done.append(2))
        assert done == []
        journal.tickets[0].set_result(None)
        await in_turns(2)
        assert done == [1, 2]

    run_virtual(story())


def test_work_of_a_broken_commit_never_runs() -> None:
    async def story() -> None:
        journal, done = ManualJournal(), list[int]()
        gate = Gate(journal)
        gate.commit_then(WRITTEN, lambda: done.append(1))
        gate.commit_then(WRITTEN, lambda: done.append(2))
        journal.tickets[0].cancel()
        journal.tickets[1].set_result(None)
        await asyncio.sleep(0)
        assert done == []

    run_virtual(story())


def test_work_may_commit_more() -> None:
    async def story() -> None:
        journal, done = ManualJournal(), list[int]()
        gate = Gate(journal)
        gate.commit_then(WRITTEN, lambda: gate.commit_then(Batch(), lambda: done.append(3)))
        gate.commit_then(Batch(), lambda: done.append(2))
        journal.tickets[0].set_result(None)
        await in_turns(3)
        assert done == [2, 3]

    run_virtual(story())


def test_what_a_stall_held_up_is_told_in_turns_so_that_who_hears_it_keeps_up() -> None:
    async def story() -> None:
        journal, mailbox, heard = ManualJournal(), asyncio.Queue[int](4), list[int]()
        gate = Gate(journal)
        for number in range(100):
            gate.commit_then(
                WRITTEN if number % 3 else Batch(), partial(mailbox.put_nowait, number)
            )
        for ticket in journal.tickets:  # the disk goes on, with all of it at once
            ticket.set_result(None)
        for _ in range(100):
            heard.append(await mailbox.get())
        assert heard == list(range(100))
        assert not gate.is_waiting

    run_virtual(story())


def test_work_that_fails_does_not_keep_back_what_is_behind_it() -> None:
    async def story() -> None:
        journal, done, failed = ManualJournal(), list[int](), list[str]()
        gate = Gate(journal)
        gate.commit_then(WRITTEN, lambda: done.append(1 // 0))
        gate.commit_then(Batch(), lambda: done.append(2))
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, about: failed.append(about["message"]))
        journal.tickets[0].set_result(None)
        await in_turns(2)
        assert done == [2]
        assert len(failed) == 1

    run_virtual(story())


@settings(deadline=None, max_examples=80)
@given(
    written=st.lists(st.booleans(), min_size=1, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_any_order_of_confirmation_gives_the_order_of_submission(
    written: list[bool], order: object
) -> None:
    async def story() -> None:
        journal, done = ManualJournal(), list[int]()
        gate = Gate(journal)
        for number, is_written in enumerate(written):
            gate.commit_then(WRITTEN if is_written else Batch(), lambda n=number: done.append(n))  # type: ignore[misc]
        tickets = list(journal.tickets)
        order.shuffle(tickets)  # type: ignore[attr-defined]
        for ticket in tickets:
            ticket.set_result(None)
            await in_turns(len(written))
            durable = [t.done() for t in journal.tickets]
            covered = sum(written[: len(done)])
            assert all(durable[:covered])
        assert done == list(range(len(written)))

    run_virtual(story())
