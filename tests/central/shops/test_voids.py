"""A sale taken back, cards that lie at a shop, and the statement: each adds up with the books."""

import csv
import io
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.greencard.blanks import Blanks
from central.greencard.records import StartKey
from central.members.csv_file import csv_file, money
from central.members.letters import Letters
from central.shops.shops import Shop
from central.shops.statement import ShopStatements
from central.shops.stock import Pile, Stock
from central.shops.till import LOAD, Sale, Till
from central.storage.store import Store
from central.system import CentralSystem
from tests.central.shops.test_shops import (
    BLANKS,
    OPERATOR,
    a_shop,
    made,
    order_in,
    signed_in,
    sold,
    with_blanks,
)
from tests.support.browser import Browser
from tests.support.central import START, FixedClock, a_system
from tests.support.members import CODE, a_world
from tests.support.together import AT_ONCE, all_at_once

both = pytest.mark.usefixtures("both_databases")
ONE = BLANKS[0]


def a_counter(clock: FixedClock | None = None) -> tuple[CentralSystem, Shop, Till]:
    system = a_system(clock=clock or FixedClock())
    with_blanks(system)
    till = Till(system.store, clock or FixedClock(), system.feed, system.accounts)
    return system, a_shop(system), till


@both
def test_sale_when_taken_back_then_as_if_it_had_not_been_and_the_trail_knows() -> None:
    system, shop, till = a_counter()
    sold(till, shop, "a")
    for _ in range(2):  # the button pressed twice
        assert till.void(shop, "a") == ""
    assert (till.owes(shop), system.accounts.balance(ONE)) == (0, 0)
    assert system.charges.authorise(ONE) == "Blocked"
    assert system.store.unbalanced_postings() == []
    assert [note.event for note in system.store.trail.notes(ONE)][:2] == [
        "card.unsold",
        "card.sold",
    ]
    (sale,) = till.sales(shop)
    assert sale.voided_at is not None
    assert sold(till, shop, "b", minor=3000) == ""
    assert till.void(shop, "b") == ""
    assert sold(till, shop, "c") == ""
    assert Blanks(system.store, FixedClock()).stock() == [("b", AT_ONCE, AT_ONCE - 1)]


@both
def test_sale_of_yesterday_stands_and_midnight_is_the_operators() -> None:
    clock = FixedClock()  # 09:00 in Madrid
    _, shop, till = a_counter(clock)
    sold(till, shop, "a")
    clock.advance(hours=14, minutes=59)  # 23:59
    assert till.may_void(till.sales(shop)[0])
    clock.advance(minutes=1)
    assert not till.may_void(till.sales(shop)[0])
    assert till.void(shop, "a") == "shop.void.late"
    assert till.owes(shop) == 2000


def opened(system: CentralSystem, till: Till, shop: Shop) -> None:
    del till, shop
    with system.store.change(f"card:{ONE}"):
        Letters(system.store, FixedClock()).use_inside(ONE)


def charged(system: CentralSystem, till: Till, shop: Shop) -> None:
    del till, shop
    system.charges.start(StartKey("CP-1", 1, ONE, START, 0))


def loaded(system: CentralSystem, till: Till, shop: Shop) -> None:
    del system
    assert till.take(shop, Sale(ONE, LOAD, 500, START), "more") == ""


def blocked(system: CentralSystem, till: Till, shop: Shop) -> None:
    del till, shop
    system.accounts.set_state(ONE, "blocked", "lost")


@pytest.mark.parametrize("use", [opened, charged, loaded, blocked])
@both
def test_card_when_activated_used_loaded_or_blocked_then_the_sale_stands(
    use: Callable[[CentralSystem, Till, Shop], None],
) -> None:
    system, shop, till = a_counter()
    sold(till, shop, "a")
    use(system, till, shop)
    owed = till.owes(shop)
    assert till.void(shop, "a") == "shop.void.used"
    assert till.owes(shop) == owed


@both
def test_nobody_takes_back_a_load_or_what_another_shop_sold() -> None:
    system, shop, till = a_counter()
    sold(till, shop, "a")
    loaded(system, till, shop)
    other = Shop(99, "other", "Other", 0)
    assert till.void(shop, "more") == "shop.void.none"
    assert till.void(other, "a") == "shop.void.none"
    assert till.void(shop, "nothing") == "shop.void.none"


def test_taken_back_and_charged_at_once_then_one_of_both(shared: Callable[[], Store]) -> None:
    systems = [a_system(shared()) for _ in range(2)]
    with_blanks(systems[0])
    shop = a_shop(systems[0])
    tills = [Till(each.store, FixedClock(), each.feed, each.accounts) for each in systems]
    sold(tills[0], shop, "a")
    key = StartKey("CP-1", 1, ONE, START, 0)
    told, started = all_at_once(
        [partial(tills[0].void, shop, "a"), partial(systems[1].charges.start, key)]
    )
    is_void = told == ""
    assert told in ("", "shop.void.used")
    assert (started.status == "Accepted") != is_void  # type: ignore[attr-defined]
    assert tills[1].owes(shop) == (0 if is_void else 2000)


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["sale", "load", "void", "pay", "charge"]),
        st.integers(0, 3),
        st.integers(500, 4000),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(_ACTS)
def test_whatever_a_shop_does_its_statement_is_what_it_owes(
    acts: list[tuple[str, int, int]],
) -> None:
    system, shop, till = a_counter()
    for place, (act, which, minor) in enumerate(acts):
        number = BLANKS[which]
        match act:
            case "void":
                for sale in till.sales(shop)[which : which + 1]:
                    till.void(shop, sale.reference)
            case "pay":
                till.settle(shop, minor, f"{place}", by="m")
            case "charge":
                system.charges.start(StartKey("CP-1", 1, number, START, 0))
            case _:
                till.take(shop, Sale(number, act, minor, START), f"{place}")
    statement = ShopStatements(system.store, "Europe/Madrid").of(shop, "2026-11")
    assert statement.owes_minor == till.owes(shop)
    assert sum(system.store.balances().values()) == 0
    standing = [sale for sale in till.sales(shop) if sale.voided_at is None]
    on_cards = sum(system.accounts.balance(number) for number in BLANKS)
    assert on_cards == sum(sale.amount_minor for sale in standing)
    system.store.close()


# --- stock --------------------------------------------------------------------------------------------


@both
def test_card_that_lies_at_a_shop_is_sold_there_only_and_replaces_none() -> None:
    system, shop, till = a_counter()
    stock, other = Stock(system.store, FixedClock()), Shop(99, "other", "Other", 9000)
    assert stock.give(shop, Pile(BLANKS[0], BLANKS[1]), by="maria") == 2
    assert stock.give(other, Pile(BLANKS[0], BLANKS[0]), by="maria") == 0
    assert (stock.at(shop), stock.everywhere()) == (2, {shop.id: 2, None: AT_ONCE - 2})
    assert sold(till, other, "o") == "shop.no_card"
    assert sold(till, shop, "a") == ""
    assert stock.at(shop) == 1
    assert till.void(shop, "a") == ""
    assert stock.at(shop) == 2
    assert Blanks(system.store, FixedClock()).oldest() == BLANKS[2]
    assert stock.take_back(shop, by="maria") == 2
    assert stock.at(shop) == 0


# --- pages --------------------------------------------------------------------------------------------


@both
def test_shop_takes_a_sale_back_on_its_page_and_reads_its_statement() -> None:
    world = a_world()
    with_blanks(world.system, world.web.services.passwords.hashed_now(CODE))
    with world.operator() as operator, world.browser() as browser:
        made(world, operator)
        pile = {"first": BLANKS[0], "last": BLANKS[1]}
        operator.open(OPERATOR)
        assert operator.send(OPERATOR, do="give", shop="1", **pile).status_code == 200
        assert operator.send(OPERATOR, do="give", shop="1", **pile).status_code == 409
        signed_in(browser)
        sell(browser)
        reference = re.search(r'name="sale" value="(\w+)"', browser.open("/shop").text)
        assert reference is not None
        assert "Venta anulada" in browser.send("/shop/void", sale=reference[1]).text
        assert browser.send("/shop/void", sale="other").status_code == 409
        sell(browser)
        text = browser.open("/shop/statement").text
        assert "2026-11" in text
        assert "20,00" in text
        for asked in ("2026-10", "2027-01", "x", "2026-13"):
            assert browser.open(f"/shop/statement?month={asked}").status_code == 200
        theirs = operator.open("/operator/shops/1/statement")
        assert theirs.status_code == 200
        assert "20,00" in theirs.text
        assert operator.open("/operator/shops/9/statement").status_code == 404
        answer = browser.open("/shop/statement?as=csv")
        assert answer.headers["content-disposition"].endswith('"kiosk-2026-11.csv"')
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert [row[1:] for row in rows[1:]] == [
            ["sale", "…0001", "20.00", "20.00"],
            ["void", "…0001", "-20.00", "0.00"],
            ["sale", "…0001", "20.00", "20.00"],
        ]


def sell(browser: Browser) -> None:
    order = order_in(browser.open("/shop").text)
    sale = {"kind": "sale", "number": ONE, "amount": "20", "order": order}
    assert browser.send("/shop", **sale).status_code == 200


def test_cell_that_a_spreadsheet_would_run_is_text() -> None:
    body = bytes(csv_file("x", ["a"], [["=1+1"], ["@x"], ["-3.50"], ['a"b']]).body).decode()
    assert body.splitlines()[1:] == ["'=1+1", "'@x", "-3.50", '"a""b"']
    assert [money(minor) for minor in (-5, 0, 12345)] == ["-0.05", "0.00", "123.45"]
