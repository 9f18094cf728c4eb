"""Work follows its commit, in order, and never anything that is not durable."""

import asyncio

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
        await asyncio.sleep(0)
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
        await asyncio.sleep(0)
        assert done == [2, 3]

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
            await asyncio.sleep(0)
            durable = [t.done() for t in journal.tickets]
            covered = sum(written[: len(done)])
            assert all(durable[:covered])
        assert done == list(range(len(written)))

    run_virtual(story())
