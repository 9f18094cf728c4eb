"""Messages that leave: each once, whatever processes and servers do, or a person is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.feed import Feed
from central.outgoing.courier import Courier, NotNow, Outcome, Refused, Taken
from central.outgoing.patience import FOR_MAIL, FOR_PUSH, Patience
from central.outgoing.queue import LEASE, Outgoing, Waiting, masked
from central.storage.store import Store
from tests.support.central import FixedClock
from tests.support.together import at_once

TO = "ane@example.eus"


@dataclass
class Office:
    """One process: its queue, and a courier whose other side answers as told, then takes everything."""

    store: Store
    clock: FixedClock = field(default_factory=FixedClock)
    answers: list[Outcome] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    has_taken: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.feed = Feed(self.store.database.afterwards)
        patience = {"mail": FOR_MAIL, "push": FOR_PUSH}
        self.outgoing = Outgoing(self.store, self.clock, self.feed, patience)
        self.courier = Courier(self.store, self.feed, self.outgoing, "mail", self._deliver)

    async def _deliver(self, message: Waiting) -> Outcome:
        outcome = self.answers.pop(0) if self.answers else Taken()
        if isinstance(outcome, Taken):
            self.taken.append(message.document)
            self.has_taken.set()
        return outcome

    def round(self) -> None:
        asyncio.run(self.courier.round())

    def findings(self) -> list[str]:
        return [finding.code for finding in self.store.findings()]


def test_message_when_it_is_kept_then_it_leaves_once(shared: Callable[[], Store]) -> None:
    one, two = Office(shared()), Office(shared())
    for number in range(9):
        one.outgoing.keep("mail", TO, str(number))
    two.round()
    one.round()
    assert two.taken == [str(number) for number in range(9)]
    assert one.taken == []
    assert one.outgoing.waiting() == []


def test_message_when_processes_reach_for_it_at_once_then_one_has_it(
    shared: Callable[[], Store],
) -> None:
    first = Office(shared())
    for number in range(20):
        first.outgoing.keep("mail", TO, str(number))

    def work(_: int) -> list[str]:
        office = Office(shared())
        office.round()
        return office.taken

    taken = [each for part in at_once(work) for each in part]
    rest = Office(shared())
    rest.round()
    assert sorted(taken + rest.taken, key=int) == [str(number) for number in range(20)]


def test_message_when_its_cause_is_not_durable_then_there_is_none() -> None:
    office = Office(Store())

    def fail() -> None:
        with office.store.change():
            office.outgoing.keep_inside("mail", TO, "a")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    office.round()
    assert office.taken == []


def test_message_when_its_process_dies_then_another_sends_it_after_the_lease(
    shared: Callable[[], Store],
) -> None:
    clock = FixedClock()
    dead, alive = Office(shared(), clock), Office(shared(), clock)
    dead.outgoing.keep("mail", TO, "a")
    assert len(dead.outgoing.take("mail", 4)) == 1
    alive.round()
    assert alive.taken == []
    clock.advance(seconds=LEASE.total_seconds())
    alive.round()
    assert alive.taken == ["a"]


def test_message_when_the_server_is_away_then_it_waits_longer_each_time_and_leaves() -> None:
    office = Office(Store(), answers=[NotNow("away")] * 4)
    office.outgoing.keep("mail", TO, "a")
    tried_after_min = []
    for minute in range(20):
        before = len(office.answers)
        office.round()
        if len(office.answers) < before:
            tried_after_min.append(minute)
        office.clock.advance(minutes=1)
    assert tried_after_min == [0, 1, 3, 7]
    assert office.taken == ["a"]
    assert office.findings() == []


def test_message_when_nothing_helps_then_it_is_given_up_and_a_person_told() -> None:
    office = Office(Store(), answers=[NotNow(f"{TO}: away")] * 1000)
    office.outgoing.keep("mail", TO, "secret link")
    for _ in range(60):
        office.round()
        office.clock.advance(hours=1)
    (finding,) = office.store.findings()
    assert finding.code == "mail.given_up"
    assert "a•••@example.eus: away" in finding.detail
    assert TO not in finding.detail
    assert "secret" not in finding.detail
    assert office.outgoing.waiting() == []
    tries = 1000 - len(office.answers)
    assert 40 <= tries <= 60


def test_message_when_it_is_refused_again_and_again_then_three_times() -> None:
    office = Office(Store(), answers=[Refused("550 nobody")] * 9)
    office.outgoing.keep("mail", TO, "a")
    for _ in range(9):
        office.round()
        office.clock.advance(hours=1)
    assert len(office.answers) == 6
    assert office.findings() == ["mail.given_up"]


def test_message_when_one_is_refused_then_the_next_leaves() -> None:
    office = Office(Store(), answers=[Refused("550 nobody")])
    office.outgoing.keep("mail", "nobody@example.eus", "lost")
    office.outgoing.keep("mail", TO, "next")
    office.round()
    assert office.taken == ["next"]


def test_messages_when_the_server_is_away_then_a_handful_finds_out() -> None:
    office = Office(Store(), answers=[NotNow("away")] * 1000)
    for number in range(50):
        office.outgoing.keep("mail", TO, str(number))
    office.round()
    assert len(office.answers) == 996
    assert [each[:2] for each in office.outgoing.waiting()] == [("mail", 50)]


def test_message_when_its_holder_leaves_then_nothing_is_sent() -> None:
    office = Office(Store())
    office.outgoing.keep("mail", TO, "a")
    with office.store.change():
        office.outgoing.forget_inside("mail", TO)
    office.round()
    assert office.taken == []


def test_courier_when_something_is_kept_then_it_leaves_at_once_and_ends_with_the_feed() -> None:
    office = Office(Store())

    async def go() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(office.courier.run())
            await asyncio.sleep(0)
            office.outgoing.keep("mail", TO, "a")
            office.outgoing.keep("push", "b", "b")
            await office.has_taken.wait()
            office.feed.close()

    asyncio.run(go())
    assert office.taken == ["a"]
    assert [each[:2] for each in office.outgoing.waiting()] == [("push", 1)]


@given(st.integers(1, 1000), st.integers(0, 10**7))
def test_patience_waits_longer_within_bounds(tries: int, asked_s: int) -> None:
    patience = Patience(timedelta(seconds=10), timedelta(hours=1), timedelta(days=1))
    asked = timedelta(seconds=asked_s)
    wait = patience.wait(tries, asked)
    assert patience.first <= wait <= patience.lasts
    assert wait >= min(asked, patience.lasts)
    assert patience.wait(tries + 1, asked) >= wait


@pytest.mark.parametrize(
    ("address", "shown"), [(TO, "a•••@example.eus"), ("", "•••@"), ("x", "•••@x")]
)
def test_address_when_a_person_is_told_then_it_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
