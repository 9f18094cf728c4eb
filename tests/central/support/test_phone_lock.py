"""Wrong answers on the telephone lock a number for every process, at once and after a restart."""

from collections import Counter
from collections.abc import Callable

import pytest

from central.members.letters import Letters
from central.members.wallet import Wallet
from central.storage.store import Store
from central.support.agents import Agent, Agents
from central.support.audit import Audit
from central.support.phone_desk import ASKED, Locked, PhoneDesk
from tests.support.central import FixedClock, a_system
from tests.support.members import CountedEntropy
from tests.support.together import AT_ONCE, at_once

NUMBER = "48120933"
MAITE = Agent(1, "maite", "Maite", "agent")


def a_phone(store: Store, first: int) -> PhoneDesk:
    """As another process has it; `first`: its names are its own."""
    clock, system = FixedClock(), a_system(store)
    letters = Letters(store, clock)
    return PhoneDesk(
        store,
        clock,
        CountedEntropy(first),
        letters=letters,
        wallet=Wallet(system, clock, letters),
        audit=Audit(store, clock),
    )


def an_agent(store: Store) -> None:
    Agents(store, FixedClock(), CountedEntropy()).join("maite", "Maite", "agent", "hash")


def wrong(phone: PhoneDesk) -> str:
    try:
        check = phone.begin(MAITE, NUMBER)
        return phone.judge(MAITE, check, is_right=False)
    except Locked:
        return "locked"


def test_three_wrong_calls_in_three_processes_lock_the_fourth_after_a_restart(
    shared: Callable[[], Store],
) -> None:
    an_agent(shared())
    said = [wrong(a_phone(shared(), n * 1000)) for n in range(4)]
    assert said == ["refused", "refused", "refused", "locked"]
    with pytest.raises(Locked):
        a_phone(shared(), 9000).begin(MAITE, NUMBER)


def test_calls_answered_at_the_same_moment_are_no_more_tries_than_three(
    shared: Callable[[], Store],
) -> None:
    first = shared()
    an_agent(first)
    phones = [a_phone(shared(), (n + 1) * 1000) for n in range(AT_ONCE)]
    checks = [phone.begin(MAITE, NUMBER) for phone in phones]
    assert {check.state for check in checks} == {ASKED}

    def judged(n: int) -> str:
        try:
            return phones[n].judge(MAITE, checks[n], is_right=False)
        except Locked:
            return "locked"

    assert Counter(at_once(judged)) == {"refused": 3, "locked": 1}
    assert Audit(first, FixedClock()).first_broken() is None
