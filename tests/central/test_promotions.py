"""Offers apply where and when they are meant, and the best of them counts alone."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.greencard.accounts import Card, Plan, Programme, Terms, terms_for
from central.greencard.promotions import Occasion, Promotion
from central.greencard.tariffs import Tariff, price_minor
from tests.support.central import CARD

PUBLIC = Tariff(energy_milli_per_kwh=40_000, charging_milli_per_minute=1_000, session_minor=50)
NIGHTS = Promotion(
    "Summer nights",
    percent=15,
    from_date="2026-11-20",
    until_date="2026-11-22",
    days=("Friday", "Saturday"),
    start_time="22:00",
    end_time="06:00",
    sites=("Harbour",),
    plans=("prepaid",),
)


def occasion(
    text: str = "2026-11-20T23:00", place: str = "Harbour", plan: str = "prepaid"
) -> Occasion:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Madrid"))
    return Occasion(local, ("CP-1", place), plan)


def told(*promotions: Promotion, card: Card | None = None, **programme: int) -> Terms:
    offered = Programme(promotions=promotions, **programme)
    return terms_for(card or Card(CARD), PUBLIC, offered, occasion())


def test_promotion_when_all_fits_then_applies() -> None:
    assert NIGHTS.applies(occasion())


@pytest.mark.parametrize(
    "elsewhere",
    [
        occasion("2026-11-19T23:00"),  # before
        occasion("2026-11-27T23:00"),  # after
        occasion("2026-11-22T23:00"),  # a Sunday
        occasion("2026-11-20T21:59"),
        occasion("2026-11-21T06:00"),
        occasion(place="Station"),
        occasion(plan="flatRate"),
    ],
)
def test_promotion_when_anything_does_not_fit_then_not(elsewhere: Occasion) -> None:
    assert not NIGHTS.applies(elsewhere)


def test_promotion_when_nothing_is_said_then_always_and_everywhere() -> None:
    assert Promotion("Always", percent=1).applies(
        occasion("2031-01-01T04:00", "Nowhere", "flatRate")
    )
    assert replace(NIGHTS, sites=("CP-1",)).applies(occasion(place="Elsewhere"))
    assert replace(NIGHTS, until_date="2026-11-20").applies(occasion())


def test_percent_when_applied_then_the_charge_is_cheaper_and_idle_time_is_not() -> None:
    terms = told(replace(NIGHTS, sites=()))
    assert terms.tariff.energy_milli_per_kwh == 34_000
    assert terms.tariff.charging_milli_per_minute == 850
    assert (terms.discount.percent, terms.discount.reason) == (15, "promotion")
    assert terms.discount.name == "Summer nights"


def test_cents_per_kwh_when_applied_then_energy_is_cheaper_and_never_below_nothing() -> None:
    terms = told(Promotion("Five off", milli_off_per_kwh=5_000))
    assert terms.tariff.energy_milli_per_kwh == 35_000
    assert terms.tariff.session_minor == 50
    assert told(Promotion("All off", milli_off_per_kwh=90_000)).tariff.energy_milli_per_kwh == 0


def test_offers_when_several_apply_then_the_cheapest_counts_alone() -> None:
    ten, five_cents = Promotion("Ten", percent=10), Promotion("Cents", milli_off_per_kwh=8_000)
    assert told(ten, five_cents).discount.name == "Cents"
    assert told(ten, five_cents).tariff.energy_milli_per_kwh == 32_000


def test_loyalty_when_as_good_as_a_promotion_then_counts_first() -> None:
    due = Card(CARD, charges_since_discount=10)
    terms = told(Promotion("Ten", percent=10), card=due)
    assert (terms.discount.reason, terms.discount.name) == ("loyalty", "")
    better = told(Promotion("Twenty", percent=20), card=due)
    assert (better.discount.reason, better.discount.percent) == ("promotion", 20)


def test_promotion_for_flat_rates_when_the_plan_has_ended_then_not() -> None:
    plan = Plan("flatRate", wh_left=5, until_date="2026-11-19")
    only = Promotion("Flat", percent=30, plans=("flatRate",))
    assert told(only, card=Card(CARD, plan=plan)).discount.percent == 0
    assert told(only, card=Card(CARD, plan=replace(plan, until_date=""))).discount.percent == 30


@given(
    percents=st.lists(st.integers(0, 100), max_size=5),
    cents=st.lists(st.integers(0, 60_000), max_size=5),
    due=st.booleans(),
)
def test_best_offer_is_never_beaten_by_another_nor_by_none(
    percents: list[int], cents: list[int], due: bool
) -> None:
    promotions = [Promotion(f"{p} %", percent=p) for p in percents]
    promotions += [Promotion(f"{c} off", milli_off_per_kwh=c) for c in cents]
    card = Card(CARD, charges_since_discount=10 if due else 0)
    chosen = told(*promotions, card=card).tariff
    others = [PUBLIC, *(each.on(PUBLIC) for each in promotions)]

    def usual(tariff: Tariff) -> int:
        return price_minor(tariff, energy_wh=20_000, charging_s=3_600)

    assert usual(chosen) == min(usual(each) for each in [*others, chosen])
    assert chosen in [*others, PUBLIC.less(10)]
