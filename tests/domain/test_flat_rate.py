"""A flat rate at the point: what a charge was told at its start holds to its end."""

from typing import Any

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money.account import Account, AccountState, Plan, TokenAnswer, TokenStatus
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import Means, dump_session, load_session
from chargepoint.domain.units import Minor, Wh
from tests.support.points import PUBLIC
from tests.support.stations import StationUnderTest, a_station, answer
from tests.support.talks import CARD
from tests.support.tills import a_till, charged_by


def flat(left: int | None, spend: int = 0) -> TokenAnswer:
    plan = Plan("flatRate", None if left is None else Wh(left))
    account = Account(AccountState.ACTIVE, Minor(spend), Minor(spend), PUBLIC, plan)
    return TokenAnswer(TokenStatus.ACCEPTED, account)


def asked(given: TokenAnswer) -> StationUnderTest:
    return a_station().plugged().tell(CARD).answered(given)


def receipt_of(station: StationUnderTest) -> dict[str, Any]:
    (receipt,) = [
        dict(each.payload)
        for each in station.deliveries.values()
        if isinstance(each, VendorMessage) and each.message_id == "Session.Receipt"
    ]
    return receipt


@pytest.mark.parametrize(
    ("left", "spend", "screen"),
    [(1, 0, "gc_ok"), (0, 0, "gc_low"), (0, 2000, "gc_ok"), (None, 0, "gc_ok")],
)
def test_plan_when_used_up_then_only_money_starts_a_charge(
    left: int | None, spend: int, screen: str
) -> None:
    assert asked(flat(left, spend)).screen == screen


@pytest.mark.parametrize(("left", "included"), [(40, 40), (80_000, 100), (0, 0)])
def test_receipt_says_what_the_plan_paid_for(left: int, included: int) -> None:
    station = asked(flat(left, 2000)).press("start").asks().charge(1, 100)
    station.tell(CARD).unplugged()
    receipt = receipt_of(station)
    assert (receipt["energyWh"], receipt["includedWh"]) == (100, included)


def test_receipt_of_a_card_that_was_judged_offline_says_that_nothing_was_included() -> None:
    station = a_station().plugged().tell(CARD)
    station.answered(TokenAnswer(TokenStatus.ACCEPTED, offline=True, allowance=Minor(2000)))
    station.press("start").asks().charge(1, 100).tell(CARD).unplugged()
    receipt = receipt_of(station)
    assert receipt["includedWh"] == 0


def test_receipt_of_other_money_knows_no_plan() -> None:
    station = charged_by(a_till(), Means.BANK)
    station.press("stop").enter(station.code()).unplugged()
    receipt = receipt_of(station)
    assert "includedWh" not in receipt


def test_energy_that_was_told_outlives_a_cut() -> None:
    session = asked(flat(80_000)).press("start").point().data.session
    assert session is not None
    assert load_session(dump_session(session)).order.included == 80_000


def test_prepaid_card_is_low_as_ever() -> None:
    assert asked(answer(50)).screen == "gc_low"


@pytest.mark.parametrize(
    ("left", "lines"),
    [
        (80_000, [("included", 100)]),
        (40, [("included", 40), ("energy", 60)]),
        (0, [("energy", 100)]),
    ],
)
def test_lines_tell_what_the_plan_paid_for_and_what_is_paid_besides(
    left: int, lines: list[tuple[str, int]]
) -> None:
    station = asked(flat(left, 2000)).press("start").asks().charge(1, 100).tell(CARD).unplugged()
    receipt = receipt_of(station)
    assert [(each["item"], each["energyWh"]) for each in receipt["lines"]] == lines
    assert sum(each["amount"] for each in receipt["lines"]) == receipt["total"]["amount"]


def test_lines_when_energy_costs_nothing_then_it_is_told_all_the_same() -> None:
    account = Account(AccountState.ACTIVE, Minor(0), Minor(0), Tariff(), Plan("flatRate"))
    station = asked(TokenAnswer(TokenStatus.ACCEPTED, account)).press("start").asks()
    receipt = receipt_of(station.charge(1, 100).tell(CARD).unplugged())
    assert receipt["lines"] == [{"item": "energy", "amount": 0, "energyWh": 100}]
