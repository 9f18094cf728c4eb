"""A charge of a flat rate over the end of a month: it uses the month in which its price was told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from central.greencard.accounts import Card, Plan
from central.greencard.blanks import Blanks, Made
from central.greencard.records import StartKey
from central.system import CentralSystem
from tests.central.test_receipt_page import a_refund
from tests.support.central import CARD, FixedClock, a_receipt, a_system, euros

pytestmark = pytest.mark.usefixtures("both_databases")

POINT = "CP-1"
EVENING = "2026-11-30T22:00:00.000Z"  # 23:00 of the month's last day in Madrid
MONTHLY_WH = 20_000
SOLD: dict[str, Any] = {
    "includedWh": 5000,
    "total": euros(205),
    "lines": [],
}  # 10 kWh, 5 of them included
ALL_INCLUDED: dict[str, Any] = {"includedWh": 10_000, "total": euros(0), "lines": []}
FREE: dict[str, Any] = {"kind": "flatRate", "monthlyWh": MONTHLY_WH}
PAID = FREE | {"monthlyFeeMinor": 2900}


class World:
    """One system and one card; what a point sends, without a wire."""

    def __init__(self, plan: dict[str, Any], *, at: str = EVENING, balance: int = 10_000) -> None:
        self.clock = FixedClock()
        self.go(at)
        self.system: CentralSystem = a_system(clock=self.clock)
        self.system.accounts.create_card(CARD, balance_minor=balance, plan=plan)
        self.system.accounts.renew(CARD)

    def go(self, at: str) -> None:
        self.clock.moment = datetime.fromisoformat(at).astimezone(UTC)

    def sent(self, name: str, content: dict[str, Any], point: str = POINT) -> dict[str, Any]:
        desk = self.system._office.desk
        told = desk.answer(point, "es.citere", name, json.dumps(content))[1]
        assert told is not None
        return told

    def account(self, point: str = POINT) -> dict[str, Any]:
        return self.sent("GreenCard.Account", {"cardNumber": CARD, "connectorId": 1}, point)

    def plan(self) -> dict[str, Any]:
        told: dict[str, Any] = self.account()["plan"]
        return told

    def start(self, at: str = EVENING, point: str = POINT) -> int:
        started = self.system.charges.start(StartKey(point, 1, CARD, at, 0))
        assert started.status == "Accepted"
        return started.id

    def stop(self, number: int, at: str, wh: int = 10_000, point: str = POINT) -> None:
        self.system.charges.stop(point, number, wh, at, "Local")

    def receipt(self, number: int, point: str = POINT, **changes: Any) -> None:
        receipt = a_receipt(transactionId=number, receiptNumber=f"R-{number}")
        told = self.sent("Session.Receipt", receipt | changes, point)
        assert told["status"] == "Accepted"

    def left(self, wh: int) -> None:
        self.change(lambda card: replace(card, plan=replace(card.plan, wh_left=wh)))

    def change(self, how: Callable[[Card], Card]) -> None:
        with self.system.store.change(f"card:{CARD}"):
            self.system.store.save_card(how(self.card))

    @property
    def card(self) -> Card:
        card = self.system.store.card(CARD)
        assert card is not None
        return card

    def top_up(self, amount: int) -> None:
        with self.system.lineage.change(CARD):
            self.system.accounts.top_up_inside(POINT, f"T-{amount}", CARD, amount)

    @property
    def codes(self) -> list[str]:
        assert self.system.store.unbalanced_postings() == []
        return [finding.code for finding in self.system.store.findings()]


def a_night(world: World, *, left: int = 5000) -> int:
    """A charge that begins with `left` Wh of November and ends in December."""
    world.left(left)
    assert world.plan() == {"kind": "flatRate", "whLeft": left}
    return world.start()


# --- which month -----------------------------------------------------------------------------------


@pytest.mark.parametrize("late", ["2026-12-01T06:00:00Z", "2027-01-04T10:00:00Z"])
def test_charge_over_the_months_end_then_of_the_month_it_was_told(late: str) -> None:
    world = World(FREE)
    number = a_night(world)
    world.go("2026-12-01T00:30:00Z")
    world.system.months.turn()
    assert world.card.plan.month == "2026-12"
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.go("2026-12-31T23:30:00Z" if late > "2027" else late)
    world.system.months.turn()
    world.go(late)
    world.receipt(number, **SOLD)
    assert world.codes == []
    assert world.plan() == {"kind": "flatRate", "whLeft": MONTHLY_WH}
    assert world.system.accounts.balance(CARD) == 10_000 - 205


def test_charge_within_the_month_then_of_that_month_and_once() -> None:
    world = World(FREE, at="2026-11-21T08:00:00Z")
    world.account()
    number = world.start("2026-11-21T08:00:00.000Z")
    world.stop(number, "2026-11-21T09:00:00.000Z")
    for _ in range(2):
        world.receipt(number, **ALL_INCLUDED)
    assert (world.plan()["whLeft"], world.codes) == (10_000, [])


def test_receipt_of_a_point_that_does_not_say_what_was_included_then_as_told() -> None:
    world = World(FREE)
    number = a_night(world)
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, total=euros(205), lines=[])
    assert (world.plan()["whLeft"], world.codes) == (0, [])


def test_fee_waits_for_the_charge_that_holds_the_money_and_nobody_is_told_it_is_unpaid() -> None:
    world = World(PAID)
    number = a_night(world)
    world.go("2026-12-01T00:30:00Z")
    assert world.system.months.turn() == (0, 0)
    assert world.card.plan.month == "2026-11"
    assert world.system.accounts.unpaid_now(world.card) == 0
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.receipt(number, **SOLD)
    assert world.system.months.turn() == (0, 0)
    assert world.system.store.trail.notes(CARD) == []
    assert world.system.accounts.balance(CARD) == 10_000 - 2900 - 205 - 2900
    assert (world.plan()["whLeft"], world.codes) == (MONTHLY_WH, [])


def test_fee_when_topped_up_while_it_charges_then_paid_and_the_new_month_whole() -> None:
    world = World(PAID)
    number = a_night(world)
    world.go("2026-12-01T00:30:00Z")
    world.top_up(3000)
    world.system.months.turn()
    assert world.plan() == {"kind": "flatRate", "whLeft": MONTHLY_WH}
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.receipt(number, **SOLD)
    assert (world.plan()["whLeft"], world.codes) == (MONTHLY_WH, [])


def test_plan_not_renewed_for_lack_of_balance_then_the_charge_keeps_its_price() -> None:
    world = World(PAID, balance=2900 + 300)
    number = a_night(world)
    world.go("2026-12-01T00:30:00Z")
    world.system.months.turn()
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.receipt(number, **SOLD)
    assert world.system.months.turn() == (0, 1)
    assert (world.plan(), world.codes) == ({"kind": "prepaid"}, [])
    assert world.system.accounts.balance(CARD) == 95
    assert [note.event for note in world.system.store.trail.notes(CARD)] == ["plan.unpaid"]


# --- changed under a running charge ----------------------------------------------------------------


CHANGED: dict[str, Callable[[Card], Card]] = {
    "ended": lambda card: replace(card, plan=replace(card.plan, until_date="2026-11-30")),
    "prepaid": lambda card: replace(card, plan=Plan()),
    "unlimited": lambda card: replace(card, plan=Plan("flatRate")),
    "another": lambda card: replace(
        card, plan=Plan("flatRate", monthly_wh=7000, month="2026-12", wh_left=7000)
    ),
    "not begun": lambda card: replace(card, plan=Plan("flatRate", monthly_fee_minor=99_000)),
}


@pytest.mark.parametrize("change", CHANGED)
def test_plan_when_changed_during_the_charge_then_billed_as_told_and_the_new_one_untouched(
    change: str,
) -> None:
    world = World(FREE)
    number = a_night(world)
    world.change(CHANGED[change])
    after = world.card.plan.wh_left
    world.go("2026-12-01T06:00:00Z")
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.receipt(number, **SOLD)
    assert world.codes == []
    assert world.card.plan.wh_left == (0 if change == "ended" else after)


def test_ended_by_its_holder_during_the_charge_then_the_energy_is_of_the_month_that_runs() -> None:
    world = World(FREE)
    number = a_night(world)
    world.change(CHANGED["ended"])
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, **SOLD)
    assert (world.plan()["whLeft"], world.codes) == (0, [])


# --- told at another point meanwhile ---------------------------------------------------------------


def test_energy_of_a_charge_that_runs_is_not_told_again_elsewhere() -> None:
    world = World(FREE)
    number = a_night(world)
    assert world.account("CP-2")["plan"] == {"kind": "flatRate", "whLeft": 0}
    world.stop(number, "2026-11-30T22:30:00.000Z", 2000)
    assert world.account("CP-2")["plan"] == {"kind": "flatRate", "whLeft": 3000}
    world.go("2026-11-30T22:31:00Z")
    second = world.start("2026-11-30T22:31:00.000Z", "CP-2")
    world.stop(second, "2026-11-30T22:50:00.000Z", 10_000, "CP-2")
    world.receipt(second, "CP-2", includedWh=3000, total=euros(287), lines=[])
    world.receipt(number, includedWh=2000, energyWh=2000, total=euros(0), lines=[])
    assert (world.plan()["whLeft"], world.codes) == (0, [])


def test_energy_that_two_points_were_told_at_once_is_given_as_told_and_a_person_is_told() -> None:
    world = World(FREE)
    world.left(5000)
    assert world.account("CP-2")["plan"]["whLeft"] == world.plan()["whLeft"] == 5000
    first = world.start()
    world.top_up(1000)
    second = world.start(point="CP-2")
    for number, point in ((first, POINT), (second, "CP-2")):
        world.stop(number, "2026-11-30T22:30:00.000Z", point=point)
        world.receipt(number, point, **SOLD)
    assert (world.plan()["whLeft"], world.codes) == (0, ["receipt.plan"])


def test_card_when_replaced_during_the_charge_then_the_heir_has_the_rest_of_its_month() -> None:
    world = World(FREE)
    number = a_night(world, left=15_000)
    heir = "9724000000000017"
    made = [Made(heir, None, "hash", "4817")]
    blanks = Blanks(world.system.store, world.clock)
    blanks.make("b", made, by="maria", expires_on="2034-11-30")
    world.system.replacing.replace(CARD, actor="maria", reason="lost")
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, **ALL_INCLUDED)
    card = world.system.store.card(heir)
    assert card is not None
    assert (card.plan.wh_left, world.card.plan, world.codes) == (5000, Plan(), [])


def test_charge_that_used_nothing_holds_nothing() -> None:
    world = World(FREE)
    number = a_night(world)
    world.stop(number, "2026-11-30T22:30:00.000Z", 0)
    assert world.plan()["whLeft"] == 5000


# --- offline, and answers that were late or lost ---------------------------------------------------


def test_point_that_took_the_offline_rule_has_billed_everything_and_the_month_keeps_its_energy() -> (
    None
):
    """It was told, too late to count: the price differs, and that is for a person."""
    world = World(FREE)
    number = a_night(world)
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, includedWh=0)
    assert (world.plan()["whLeft"], world.codes) == (5000, ["receipt.total"])


@pytest.mark.parametrize(("back", "left"), [("2026-11-30T22:50:00Z", 10_000), ("2026-12-02T08:00:00Z", MONTHLY_WH)])  # fmt: skip
def test_offer_that_was_forgotten_then_energy_is_still_taken_off_its_own_month(
    back: str, left: int
) -> None:
    """The point was told, the process that knew it is gone: reported, and not given twice."""
    world = World(FREE)
    world.go(back)
    world.system.months.turn()
    number = world.start()
    world.stop(number, "2026-11-30T22:40:00.000Z")
    world.receipt(number, **ALL_INCLUDED)
    assert (world.plan()["whLeft"], world.codes) == (left, ["receipt.total"])


@pytest.mark.parametrize("back", ["2026-11-30T22:50:00Z", "2026-12-02T08:00:00Z"])
def test_charge_of_a_point_that_could_not_ask_then_paid_by_the_card_and_no_month(back: str) -> None:
    world = World(FREE)
    world.go(back)
    number = world.start()
    world.stop(number, "2026-11-30T22:40:00.000Z")
    world.receipt(number, includedWh=0)
    assert (world.plan()["whLeft"], world.codes) == (MONTHLY_WH, [])
    assert world.system.accounts.balance(CARD) == 10_000 - 410


def test_receipt_that_claims_more_than_was_told_takes_what_was_told() -> None:
    world = World(FREE)
    number = a_night(world, left=5000)
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, **ALL_INCLUDED)
    assert (world.plan()["whLeft"], world.codes) == (0, ["receipt.total"])


# --- the calendar ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "month"),
    [
        ("2026-10-24T23:30:00.000Z", "2026-10"),  # the night of 25 hours
        ("2027-03-28T01:30:00.000Z", "2027-03"),  # the night of 23 hours
        ("2027-03-31T21:59:59.000Z", "2027-03"),  # the 31st until midnight in Madrid
        ("2027-03-31T22:00:00.000Z", "2027-04"),
        ("2027-01-31T22:59:59.000Z", "2027-01"),
        ("2027-02-28T23:00:00.000Z", "2027-03"),
        ("2026-12-31T23:00:00.000Z", "2027-01"),
    ],
)
def test_month_is_the_one_on_the_calendar_where_the_points_are(told: str, month: str) -> None:
    world = World(FREE, at=told)
    assert world.card.plan.month == month
    world.account()
    number = world.start(told)
    world.clock.advance(hours=4)
    world.stop(number, told)
    world.system.months.turn()
    world.receipt(number, **ALL_INCLUDED)
    is_over = world.card.plan.month != month
    assert world.plan()["whLeft"] == (MONTHLY_WH if is_over else 10_000)
    assert world.codes == []


def test_told_before_midnight_and_begun_after_then_as_it_was_told() -> None:
    world = World(FREE, at="2026-11-30T22:59:00Z")
    world.left(5000)
    assert world.plan()["whLeft"] == 5000
    world.go("2026-11-30T23:01:00Z")
    number = world.start("2026-11-30T23:01:00.000Z")
    world.stop(number, "2026-12-01T05:00:00.000Z")
    world.receipt(number, **SOLD)
    assert (world.plan()["whLeft"], world.codes) == (MONTHLY_WH, [])


# --- given back ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "left"), [("2026-11-30T22:50:00Z", 5000), ("2026-12-02T08:00:00Z", MONTHLY_WH)]
)
def test_refund_gives_energy_back_to_the_month_it_was_of_while_that_runs(
    at: str, left: int
) -> None:
    world = World(FREE)
    number = a_night(world)
    world.stop(number, "2026-11-30T22:30:00.000Z")
    world.receipt(number, **SOLD)
    assert world.plan()["whLeft"] == 0
    world.go(at)
    for reference, amount in (("F-1", 100), ("F-2", 105), ("F-2", 105)):
        asked = a_refund(amount=euros(amount), reference=reference, receiptNumber=f"R-{number}")
        assert world.sent("Session.Refund", asked)["status"] == "Accepted"
    assert world.plan()["whLeft"] == left
    assert world.system.accounts.balance(CARD) == 10_000
