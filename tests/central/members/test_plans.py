"""The flat rate: paid at once or not begun, used to the end of the month that was paid."""

import pytest

from central.greencard.accounts import Card
from central.members.advice import FlatRate
from tests.support.browser import Browser
from tests.support.central import CARD
from tests.support.members import Given, World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")
PAGE = f"/me/plan?card={CARD[-4:]}"


def a_world_with_offer(fee_minor: int = 1500) -> World:
    return a_world(Given(flat_rate=FlatRate(fee_minor, 100_000, 35_000)))


def the_card(world: World) -> Card:
    card = world.system.accounts.card(CARD)
    assert card is not None
    return card


def taken(world: World, browser: Browser) -> None:
    world.member_with_card(browser)
    browser.open(PAGE)
    assert browser.send(PAGE, do="take").url.path == "/me"


def test_flat_rate_when_taken_then_paid_and_counts() -> None:
    world = a_world_with_offer()
    with world.browser() as browser:
        taken(world, browser)
        assert "quedan 100,00\u00a0kWh" in browser.open("/me").text
        assert world.system.accounts.balance(CARD) == 500
        assert world.system.accounts.plan_now(the_card(world)).wh_left == 100_000
        assert browser.send(PAGE, proof=browser.proof(), do="take").status_code == 409
        assert world.system.accounts.balance(CARD) == 500


def test_flat_rate_when_the_balance_is_too_small_then_not_begun() -> None:
    world = a_world_with_offer(fee_minor=2001)
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open(PAGE)
        page = browser.send(PAGE, do="take")
        assert page.status_code == 409
        assert "El saldo no cubre" in page.text
        assert the_card(world).plan.kind == "prepaid"
        assert world.system.accounts.balance(CARD) == 2000


def test_flat_rate_when_left_then_it_ends_with_the_paid_month() -> None:
    world = a_world_with_offer()
    with world.browser() as browser:
        taken(world, browser)
        browser.open(PAGE)
        browser.send(PAGE, do="leave")
        assert "30 nov 2026" in browser.open(PAGE).text
        assert world.system.accounts.plan_now(the_card(world)).kind == "flatRate"
        world.clock.advance(days=10)
        world.system.accounts.renew(CARD)
        assert world.system.accounts.plan_now(the_card(world)).kind == "prepaid"
        assert world.system.accounts.balance(CARD) == 500


def test_plan_of_another_then_not_theirs() -> None:
    world = a_world_with_offer()
    with world.browser() as browser, world.browser() as other:
        world.member_with_card(browser)
        world.member(other, "jon@example.eus")
        assert other.open(PAGE).headers["location"] == "/me"
        other.open("/me/settings")
        other.send(PAGE, do="take")
        assert the_card(world).plan.kind == "prepaid"
