"""A shop sells a blank card with money on it, once; it owes what it took, never more than it may."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.greencard.blanks import Blanks, Made
from central.shops.shops import Shop, Shops
from central.shops.till import LOAD, SALE, Sale, Till
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.browser import Browser
from tests.support.central import CARD, START, FixedClock, a_system
from tests.support.members import CODE, CountedEntropy, World, a_world
from tests.support.together import AT_ONCE, at_once

both = pytest.mark.usefixtures("both_databases")
BLANKS = [f"972400000000{n:04}" for n in range(1, AT_ONCE + 1)]
PASSWORD = "seven blue kettles"
OPERATOR = "/operator/shops"


def a_till(system: CentralSystem) -> Till:
    return Till(system.store, FixedClock(), system.feed, system.accounts)


def a_shop(system: CentralSystem, limit_minor: int = 10_000) -> Shop:
    shops = Shops(system.store, FixedClock(), CountedEntropy())
    assert shops.join(Shop(0, "kiosk", "Kiosk", limit_minor), "hash", by="maria")
    return shops.all()[0]


def with_blanks(system: CentralSystem, code_hash: str = "hash") -> None:
    made = [Made(number, None, code_hash, f"48{number}") for number in BLANKS]
    Blanks(system.store, FixedClock()).make("b", made, by="maria", expires_on="")


def sold(till: Till, shop: Shop, reference: str, number: str = BLANKS[0], minor: int = 2000) -> str:
    return till.take(shop, Sale(number, SALE, minor, START), reference)


@both
def test_blank_card_when_sold_then_it_works_and_the_shop_owes() -> None:
    system = a_system()
    with_blanks(system)
    shop, till = a_shop(system), a_till(system)
    assert system.charges.authorise(BLANKS[0]) == "Blocked"
    for _ in range(2):  # the button pressed twice
        assert sold(till, shop, "a") == ""
    assert system.charges.authorise(BLANKS[0]) == "Accepted"
    assert system.accounts.balance(BLANKS[0]) == 2000
    assert till.owes(shop) == 2000
    assert sold(till, shop, "a", minor=3000) == "shop.again"
    assert sold(till, shop, "b") == "shop.no_card"  # no blank any more
    assert till.take(shop, Sale(BLANKS[0], LOAD, 500, START), "c") == ""
    assert till.take(shop, Sale(BLANKS[1], LOAD, 500, START), "d") == "shop.no_card"
    assert sold(till, shop, "e", CARD) == "shop.no_card"
    assert [sale.kind for sale in till.sales(shop)] == [SALE, LOAD]
    assert Blanks(system.store, FixedClock()).stock() == [("b", AT_ONCE, AT_ONCE - 1)]
    assert sum(system.store.balances().values()) == 0


@both
def test_shop_when_it_owes_what_it_may_then_no_more_until_it_pays() -> None:
    system = a_system()
    with_blanks(system)
    shop, till = a_shop(system, 5000), a_till(system)
    assert sold(till, shop, "a", minor=5000) == ""
    assert sold(till, shop, "b", BLANKS[1]) == "shop.limit"
    assert system.charges.authorise(BLANKS[1]) == "Blocked"
    assert till.settle(shop, 5001, "s", by="maria") == "shop.more_than_owed"
    for _ in range(2):
        assert till.settle(shop, 3000, "s", by="maria") == ""
    assert till.owes(shop) == 2000
    assert system.store.balance("bank") == -3000
    assert sold(till, shop, "b", BLANKS[1]) == ""


def test_card_when_sold_by_several_at_once_then_once(shared: Callable[[], Store]) -> None:
    made = [a_system(shared()) for _ in range(AT_ONCE)]
    with_blanks(made[0])
    shop = a_shop(made[0])
    done = at_once(lambda n: sold(a_till(made[n]), shop, f"r{n}"))
    assert Counter(done) == {"": 1, "shop.no_card": AT_ONCE - 1}
    assert a_till(made[0]).owes(shop) == 2000


def test_limit_when_several_sell_at_once_then_kept(shared: Callable[[], Store]) -> None:
    made = [a_system(shared()) for _ in range(AT_ONCE)]
    with_blanks(made[0])
    shop = a_shop(made[0], 4000)
    done = at_once(lambda n: sold(a_till(made[n]), shop, f"r{n}", BLANKS[n]))
    assert Counter(done) == {"": 2, "shop.limit": 2}
    paid = at_once(lambda n: a_till(made[n]).settle(shop, 3000, f"s{n}", by="maria"))
    assert Counter(paid) == {"": 1, "shop.more_than_owed": 3}
    assert a_till(made[0]).owes(shop) == 1000
    assert made[0].store.unbalanced_postings() == []


acts = st.tuples(
    st.sampled_from([SALE, LOAD, "pay"]), st.sampled_from(BLANKS), st.integers(500, 4000)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(acts, max_size=12))
def test_what_a_shop_owes_is_what_it_took_less_what_it_paid(
    asked: list[tuple[str, str, int]],
) -> None:
    system = a_system()
    with_blanks(system)
    shop, till, owed = a_shop(system, 9000), a_till(system), 0
    for place, (act, number, minor) in enumerate(asked):
        if act == "pay":
            owed -= minor if till.settle(shop, minor, f"{place}", by="m") == "" else 0
        else:
            owed += (
                minor if till.take(shop, Sale(number, act, minor, START), f"{place}") == "" else 0
            )
        assert 0 <= till.owes(shop) == owed <= 9000
        assert sum(system.store.balances().values()) == 0
    on_cards = sum(system.accounts.balance(number) for number in BLANKS)
    assert on_cards == sum(sale.amount_minor for sale in till.sales(shop))
    system.store.close()


# --- pages ------------------------------------------------------------------------------------------


def made(world: World, browser: Browser, **changes: str) -> int:
    asked = {
        "name": "Kiosk <b>",
        "login": "kiosk",
        "password": PASSWORD,
        "limit": "100",
    }
    browser.open(OPERATOR)
    return browser.send(OPERATOR, do="make", **{**asked, **changes}).status_code


def signed_in(browser: Browser, password: str = PASSWORD) -> int:
    browser.open("/shop/sign-in")
    return browser.send("/shop/sign-in", login="kiosk", password=password).status_code


def order_in(text: str) -> str:
    found = re.search(r'name="order" value="(\w+)"', text)
    assert found is not None
    return found[1]


@both
def test_shop_when_made_by_the_operator_then_it_sells_and_settles_on_its_pages() -> None:
    world = a_world()
    with_blanks(world.system, world.web.services.passwords.hashed_now(CODE))
    with world.operator() as operator, world.browser() as shop, world.browser() as buyer:
        assert made(world, operator) == 200
        assert made(world, operator) == 409
        for wrong in ({"login": "A B"}, {"password": "short"}, {"limit": "x"}):
            assert made(world, operator, **{"login": "other", **wrong}) == 422
        assert signed_in(shop, "wrong " + PASSWORD) == 422
        assert signed_in(shop) == 200
        page = shop.open("/shop").text
        assert "Kiosk &lt;b&gt;" in page
        order = order_in(page)
        sale = {"kind": "sale", "number": BLANKS[0], "amount": "20", "order": order}
        assert "ya funciona" in shop.send("/shop", **sale).text
        assert shop.send("/shop", **sale).status_code == 200
        assert world.system.accounts.balance(BLANKS[0]) == 2000
        again = sale | {"number": BLANKS[1]}
        assert shop.send("/shop", **again).status_code == 409
        for wrong in ({"amount": "4.99"}, {"amount": "201"}, {"number": "1"}, {"kind": "x"}):
            assert shop.send("/shop", **sale | wrong).status_code == 422
        text = operator.open(OPERATOR).text
        assert "20,00" in text
        order = re.findall(r'name="order" value="(\w+)"', text)[0]
        pay = {"shop": "1", "amount": "20", "order": order}
        assert operator.send(OPERATOR, do="settle", **pay).status_code == 200
        assert operator.send(OPERATOR, do="settle", **pay | {"order": "x"}).status_code == 409
        assert operator.send(OPERATOR, do="settle", **pay | {"shop": "9"}).status_code == 409
        assert operator.send(OPERATOR, do="limit", shop="1", limit="0").status_code == 200
        refused = shop.open("/shop").text
        sale = {"kind": "sale", "number": BLANKS[1], "amount": "20", "order": order_in(refused)}
        assert "Liquide antes" in shop.send("/shop", **sale).text
        world.member(buyer)
        buyer.open("/me/card/activate")
        buyer.send("/me/card/activate", number=BLANKS[0], code=CODE)
        assert "20,00" in buyer.open("/me").text
        operator.open(OPERATOR)
        assert operator.send(OPERATOR, do="end", shop="1").status_code == 200
        assert shop.open("/shop").headers["location"] == "/shop/sign-in"
        assert signed_in(shop) == 422


@both
def test_numbers_when_tried_out_then_slowed_and_strangers_stay_outside() -> None:
    world = a_world()
    with world.operator() as operator, world.browser() as shop, world.browser() as stranger:
        made(world, operator)
        assert stranger.open("/shop").headers["location"] == "/shop/sign-in"
        stranger.set_cookie("shop", "a" * 32)
        assert stranger.open("/shop").headers["location"] == "/shop/sign-in"
        signed_in(shop)
        answers = []
        for n in range(6):
            page = shop.open("/shop")
            if page.status_code != 200:
                break
            sale = {"kind": "load", "number": f"603444000000{n:04}", "amount": "20"}
            answers.append(shop.send("/shop", order=f"o{n}", **sale).status_code)
        assert answers[:4] == [409] * 4
        assert 429 in answers
        guesses = []
        for _ in range(6):
            stranger.open("/shop/sign-in")
            guess = stranger.send("/shop/sign-in", login="kiosk", password="guess guess")
            guesses.append(guess.status_code)
        assert guesses[-1] == 429
