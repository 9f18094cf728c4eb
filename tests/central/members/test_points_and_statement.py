"""The pages of points and of a month: what they show, and who does not see them."""

import re

import pytest

from central.greencard.exchange import Pack
from central.members.advice import FlatRate
from central.members.statements import after, before
from tests.support.browser import Browser
from tests.support.central import CARD, Point, a_receipt, converse
from tests.support.members import Given, World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")
PAGE = f"/me/points?card={CARD[-4:]}"
STATEMENT = f"/me/statement?card={CARD[-4:]}"


def a_world_with_a_pack(browser: Browser, world: World) -> None:
    with world.system.store.change():
        world.system.store.programme.set_number("exchange_from", 1101)
        world.system.store.programme.set_number("exchange_until", 1130)
    world.system.exchange.save(Pack("Spa <b>", "Warm & still", 30, 1), by="maria")
    world.member_with_card(browser)


def charged(world: World) -> None:
    async def script(point: Point) -> None:
        begun = await point.start()
        await point.stop(begun["transactionId"], 11_000)
        receipt = a_receipt(transactionId=begun["transactionId"])
        await point.transfer("Session.Receipt", receipt)

    converse(world.system, script)


def test_pack_when_taken_on_the_page_then_once_and_shown() -> None:
    world = a_world()
    with world.browser() as browser:
        a_world_with_a_pack(browser, world)
        assert "Faltan 30 puntos" in browser.open(PAGE).text
        charged(world)  # 4.10 EUR: 41 points
        page = browser.open(PAGE)
        assert "Spa &lt;b&gt;" in page.text
        order = re.search(r'name="order" value="(\w+)"', page.text)
        assert order is not None
        proof = browser.proof()
        shown = browser.send(PAGE, order=order[1], pack="1")
        assert "Es suyo" in shown.text
        assert "pedido" in shown.text
        assert "agotado" in shown.text
        browser.send(PAGE, proof=proof, order=order[1], pack="1")
        assert len(world.system.exchange.orders()) == 1
        again = browser.send(PAGE, proof=proof, order="another", pack="1")
        assert again.status_code == 409
        assert "Ya no queda" in again.text
        for pack in ("", "0", "x", "-1", "9" * 40):
            assert browser.send(PAGE, proof=proof, order="o", pack=pack).status_code == 409
        assert browser.send(PAGE, proof=proof, order="'; --", pack="1").status_code == 409


def test_statement_shows_what_came_went_and_is_left() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        charged(world)
        page = browser.open(STATEMENT).text
        assert "10,00\u00a0kWh" in page
        assert "15,90" in page
        assert "+41" in page
        earlier = browser.open(f"{STATEMENT}&month=2026-10").text
        assert "octubre 2026" in earlier
        assert "15,90" not in earlier
        for odd in ("2026-13", "2030-01", "x", "2026-1"):
            assert "noviembre 2026" in browser.open(f"{STATEMENT}&month={odd}").text


def test_pages_of_another_members_card_then_not_theirs() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member_with_card(browser)
        world.member(other, "jon@example.eus")
        for page in (PAGE, STATEMENT):
            assert other.open(page).headers["location"] == "/me"
            assert world.browser().open(page).status_code == 303


def test_months_follow_each_other() -> None:
    assert (after("2026-12"), before("2027-01")) == ("2027-01", "2026-12")
    assert (after("2026-01"), before("2026-02")) == ("2026-02", "2026-01")


def test_pages_of_a_card_when_none_is_named_then_of_the_first() -> None:
    world = a_world(Given(flat_rate=FlatRate(2900, None, 0)))
    with world.browser() as browser:
        world.member_with_card(browser)
        for page in ("/me/points", "/me/statement", "/me/plan", "/me/card/questions"):
            assert browser.open(page).status_code == 200, page
