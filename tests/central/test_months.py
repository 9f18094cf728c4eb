"""The calendar's work: a flat rate's month is paid once, or the card is prepaid until it is."""

import asyncio

import pytest

from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_system

pytestmark = pytest.mark.usefixtures("both_databases")
PLAN = {"kind": "flatRate", "monthlyFeeMinor": 600, "monthlyWh": 1000}


def a_system_with_a_flat_rate(balance_minor: int, clock: FixedClock) -> CentralSystem:
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=balance_minor, plan=PLAN)
    return system


def plan_of(system: CentralSystem) -> str:
    card = system.accounts.card(CARD)
    assert card is not None
    return system.accounts.plan_now(card).kind


def test_month_when_it_begins_then_paid_without_a_tap_and_once() -> None:
    clock = FixedClock()
    system = a_system_with_a_flat_rate(1300, clock)
    for balance in (700, 700, 100):
        assert system.months.turn() == (0, 0)
        assert system.accounts.balance(CARD) == balance
        clock.advance(days=5)
    assert plan_of(system) == "flatRate"


def test_month_that_cannot_be_paid_then_prepaid_told_once_and_paid_later() -> None:
    clock = FixedClock()
    system = a_system_with_a_flat_rate(599, clock)
    for _ in range(3):
        assert system.months.turn() == (0, 1)
    assert plan_of(system) == "prepaid"
    assert [note.event for note in system.store.trail.notes(CARD)] == ["plan.unpaid"]
    card = system.accounts.card(CARD)
    assert card is not None
    assert system.accounts.unpaid_now(card) == 600
    with system.lineage.change(CARD):
        system.accounts.top_up_inside("CP-1", "T-1", CARD, 1)
    assert system.months.turn() == (0, 0)
    assert plan_of(system) == "flatRate"
    assert system.accounts.balance(CARD) == 0


def test_month_begins_at_local_midnight() -> None:
    clock = FixedClock()
    system = a_system_with_a_flat_rate(5000, clock)
    clock.advance(days=9, hours=14, minutes=59)  # 30 November, 23:59 in Madrid
    system.months.turn()
    assert system.accounts.balance(CARD) == 4400
    clock.advance(minutes=1)
    system.months.turn()
    assert system.accounts.balance(CARD) == 3800


def test_run_when_the_system_closes_then_it_ends() -> None:
    system = a_system_with_a_flat_rate(5000, FixedClock())

    async def a_day() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(system.months.run())
            for _ in range(100):
                await asyncio.sleep(0.002)
                if system.accounts.balance(CARD) == 4400:
                    break
            system.feed.close()

    asyncio.run(a_day())
    assert system.accounts.balance(CARD) == 4400
