"""A refund takes back points and the charge's place in the count: once, in proportion, never below zero."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.greencard.accounts import Programme
from central.greencard.points import Lot, share_of
from central.system import CentralSystem
from tests.central.test_receipt_page import a_refund, tell
from tests.support.central import CARD, FixedClock, Point, a_receipt, a_system, converse, euros

pytestmark = pytest.mark.usefixtures("both_databases")


def a_charged_system(**options: Any) -> CentralSystem:
    """4.10 EUR: 41 points, one charge counted."""
    system = a_system(**options)
    system.accounts.create_card(CARD, balance_minor=2000)
    tell(system, "Session.Receipt", a_receipt(transactionId=None))
    return system


def refund(system: CentralSystem, amount: int, reference: str = "F-1") -> None:
    for _ in range(2):
        asked = a_refund(amount=euros(amount), reference=reference)
        assert tell(system, "Session.Refund", asked)[1] == {"status": "Accepted"}


def state(system: CentralSystem) -> tuple[int, int]:
    card = system.accounts.card(CARD)
    assert card is not None
    return card.points, card.charges_since_discount


def events(system: CentralSystem) -> list[str]:
    return [note.event for note in reversed(system.store.trail.notes(CARD))]


def test_whole_refund_takes_all_points_and_the_count_once() -> None:
    system = a_charged_system()
    assert state(system) == (41, 1)
    refund(system, 410)
    assert state(system) == (0, 0)
    assert events(system) == ["points.taken", "loyalty.taken"]


def test_partial_refunds_take_their_share_and_together_all() -> None:
    system = a_charged_system()
    refund(system, 205, "F-1")
    assert state(system) == (21, 1)  # the charge is still paid, in part
    refund(system, 100, "F-2")
    assert state(system) == (11, 1)
    refund(system, 105, "F-3")
    assert state(system) == (0, 0)
    assert sum(system.store.points.balances().values()) == 0


def test_points_that_were_spent_are_not_owed_and_the_trail_says_so() -> None:
    system = a_charged_system()
    with system.store.change():
        system.store.points.add(Lot("pack:1", CARD, -30, against="packs"), "2026-11-21")
    refund(system, 410)
    assert state(system) == (0, 0)
    assert events(system) == ["points.taken", "points.short", "loyalty.taken"]
    assert system.store.trail.notes(CARD)[1].detail.startswith("30 of 41 were spent before")


def test_points_that_expired_are_not_taken_from_younger_ones() -> None:
    clock = FixedClock()
    system = a_charged_system(clock=clock, programme=Programme(points_valid_days=30))
    clock.advance(days=31)
    tell(system, "Session.Receipt", a_receipt(transactionId=None, receiptNumber="R-2"))
    refund(system, 410)
    assert state(system) == (41, 1)


def test_count_whose_discount_was_used_is_not_taken_twice() -> None:
    system = a_charged_system(programme=Programme(loyalty_every=10))
    card = system.store.card(CARD)
    assert card is not None
    from dataclasses import replace

    with system.store.change():
        system.store.save_card(replace(card, charges_since_discount=0))
    refund(system, 410)
    assert state(system) == (0, 0)
    assert events(system) == ["points.taken", "loyalty.short"]


def test_discounted_charge_that_is_refunded_gives_its_discount_back() -> None:
    system = a_system(programme=Programme(loyalty_every=2, loyalty_percent=50))
    system.accounts.create_card(CARD, balance_minor=2000, discount={"chargesUntilNext": 0})

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt(total=euros(205), lines=[]))

    converse(system, script)
    assert state(system) == (20, 0)
    refund(system, 205)
    assert state(system) == (0, 2)
    assert events(system) == ["points.taken", "loyalty.given_back"]


@pytest.mark.parametrize("reference", ["F-1"])
def test_refund_that_is_held_takes_nothing(reference: str) -> None:
    system = a_charged_system()
    tell(system, "Session.Refund", a_refund(amount=euros(411), reference=reference))
    assert state(system) == (41, 1)


@given(
    points=st.integers(0, 5_000),
    parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=8),
)
def test_shares_of_all_parts_are_all_points_and_none_is_negative(
    points: int, parts: list[int]
) -> None:
    total, given_back, taken = sum(parts), 0, 0
    for part in parts:
        share = share_of(points, total, before_minor=given_back, after_minor=given_back + part)
        assert share >= 0
        taken, given_back = taken + share, given_back + part
    assert taken == points
