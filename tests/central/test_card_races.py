"""Cards under several processes at once: a blank is taken once, a card is replaced once."""

from collections.abc import Callable

from central.cards.replacing import Irreplaceable
from central.greencard.accounts import Plan
from central.greencard.blanks import Blanks, Made
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_system
from tests.support.together import AT_ONCE, at_once

OTHERS = [f"603444000000{n:04}" for n in range(1, AT_ONCE + 1)]
BLANKS = [f"972400000000{n:04}" for n in range(1, AT_ONCE + 1)]


def systems(shared: Callable[[], Store], clock: FixedClock | None = None) -> list[CentralSystem]:
    clock = clock or FixedClock()
    made = [a_system(shared(), clock=clock) for _ in range(AT_ONCE)]
    made[0].accounts.create_card(CARD, balance_minor=2000, points=90)
    return made


def blanks_in(system: CentralSystem, count: int) -> None:
    made = [Made(number, None, "hash", f"48{number}") for number in BLANKS[:count]]
    Blanks(system.store, FixedClock()).make("b", made, by="maria", expires_on="")


def replaced(system: CentralSystem, number: str) -> str:
    try:
        return system.replacing.replace(number, actor="maria", reason="lost").new
    except Irreplaceable as refused:
        return refused.key


def test_card_when_replaced_by_several_then_once(shared: Callable[[], Store]) -> None:
    made = systems(shared)
    blanks_in(made[0], AT_ONCE)
    done = at_once(lambda n: replaced(made[n], CARD))
    assert sorted(done) == [BLANKS[0], *["replaced"] * (AT_ONCE - 1)]
    assert made[0].accounts.balance(BLANKS[0]) == 2000
    assert Blanks(made[0].store, FixedClock()).stock() == [("b", AT_ONCE, AT_ONCE - 1)]


def test_last_blank_when_wanted_for_several_cards_then_one_has_it(
    shared: Callable[[], Store],
) -> None:
    made = systems(shared)
    for number in OTHERS:
        made[0].accounts.create_card(number, balance_minor=700)
    blanks_in(made[0], 2)
    done = at_once(lambda n: replaced(made[n], OTHERS[n]))
    assert sorted(done) == [*BLANKS[:2], "no_blank", "no_blank"]
    assert sum(made[0].accounts.balance(number) for number in BLANKS) == 1400
    assert sum(made[0].store.balances().values()) == 0


def test_money_that_comes_while_a_card_is_replaced_then_is_on_the_new_one(
    shared: Callable[[], Store],
) -> None:
    made = systems(shared)
    blanks_in(made[0], 1)

    def job(n: int) -> str:
        if n == 0:
            return replaced(made[0], CARD)
        with made[n].lineage.change(CARD):
            return made[n].accounts.top_up_inside("CP-1", f"T-{n}", CARD, 100)

    assert at_once(job) == [BLANKS[0], *["Accepted"] * (AT_ONCE - 1)]
    assert made[0].accounts.balance(CARD) == 0
    assert made[0].accounts.balance(BLANKS[0]) == 2000 + 100 * (AT_ONCE - 1)


def test_month_when_renewed_by_several_then_paid_once(shared: Callable[[], Store]) -> None:
    clock = FixedClock()
    made = systems(shared, clock)
    plan = {"kind": "flatRate", "monthlyFeeMinor": 600, "monthlyWh": 1000}
    made[0].accounts.create_card(OTHERS[0], balance_minor=2000, plan=plan)
    for month in (1, 2):
        at_once(lambda n: made[n].accounts.renew(OTHERS[0]))
        assert made[0].accounts.balance(OTHERS[0]) == 2000 - 600 * month
        clock.advance(days=31)
    card = made[0].store.card(OTHERS[0])
    assert card is not None
    assert card.plan == Plan("flatRate", 1000, 600, 1000, month="2026-12")
