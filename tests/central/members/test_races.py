"""Several at once, each with a connection of its own: one card, one link, one payment is one."""

from collections.abc import Callable

from central.clock import Clock
from central.members.letters import Letters
from central.members.pages import Member
from central.members.payments import Notice, Payments
from central.members.people import Applicant, People
from central.members.wallet import Wallet
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_system
from tests.support.members import CountedEntropy
from tests.support.together import AT_ONCE, at_once


def systems(shared: Callable[[], Store]) -> tuple[list[CentralSystem], Clock]:
    clock = FixedClock()
    made = [a_system(shared(), clock=clock) for _ in range(AT_ONCE)]
    made[0].accounts.create_card(CARD, balance_minor=2000)
    return made, clock


def members(system: CentralSystem, clock: Clock, count: int) -> list[Member]:
    people = People(system.store, clock, CountedEntropy())
    found = []
    for number in range(count):
        secret, _ = people.apply(Applicant(f"m{number}@example.eus", "M", "hash", "eu"))
        member = people.join(secret)
        assert member is not None
        found.append(member)
    return found


def test_card_when_activated_by_several_then_it_has_one_holder(
    shared: Callable[[], Store],
) -> None:
    made, clock = systems(shared)
    Letters(made[0].store, clock).write(CARD, "hash")
    people = members(made[0], clock, AT_ONCE)
    wallets = [Wallet(each, clock, Letters(each.store, clock)) for each in made]
    won = at_once(lambda n: wallets[n].activate(people[n], CARD))
    assert sum(won) == 1
    assert [wallets[0].numbers(each) for each in people].count([CARD]) == 1


def test_notice_when_it_comes_several_times_at_once_then_booked_once(
    shared: Callable[[], Store],
) -> None:
    made, clock = systems(shared)
    payments = [Payments(each, clock, CountedEntropy()) for each in made]
    order = payments[0].order(1, CARD, 2000)
    notice = Notice(order.reference, "bank-1", 2000, "EUR", is_paid=True)
    assert at_once(lambda n: payments[n].settle(notice)) == ["paid"] * AT_ONCE
    assert made[0].accounts.balance(CARD) == 4000
    assert made[0].store.unbalanced_postings() == []


def test_link_when_opened_several_times_at_once_then_one_member(
    shared: Callable[[], Store],
) -> None:
    made, clock = systems(shared)
    people = [People(each.store, clock, CountedEntropy()) for each in made]
    applicant = Applicant("ane@example.eus", "Ane", "hash", "eu")
    links = [people[0].apply(applicant)[0] for _ in range(2)]
    joined = at_once(lambda n: people[n].join(links[n % 2]))
    assert sum(member is not None for member in joined) == 1
