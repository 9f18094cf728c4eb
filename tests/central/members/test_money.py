"""Money from home: booked once, whatever the provider repeats, delays or forges."""

import asyncio
import json
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.members.payments import Notice, Order
from tests.support.browser import Browser
from tests.support.central import CARD
from tests.support.members import World, a_world


def an_order(world: World, browser: Browser, amount: str = "20", **fields: str) -> Order:
    world.member_with_card(browser)
    browser.open("/me/top-up")
    page = browser.send("/me/top-up", number=CARD, amount=amount, **fields)
    found = re.search(r"order=([a-z2-7]{32})", str(page.url))
    assert found is not None
    order = world.web.bank.order(found[1])
    assert order is not None
    return order


def balance(world: World) -> int:
    return world.system.accounts.balance(CARD)


@pytest.mark.parametrize(("do", "booked"), [("pay", 2000), ("twice", 2000), ("refuse", 0)])
def test_top_up_when_the_bank_answers_then_booked_once_or_not_at_all(do: str, booked: int) -> None:
    world = a_world()
    with world.browser() as browser:
        an_order(world, browser)
        before = balance(world)
        page = browser.send(str(browser.page and browser.page.url.raw_path.decode()), do=do)
        assert page.url.path == "/pay/return"
        assert balance(world) - before == booked
        assert world.system.store.unbalanced_postings() == []


def test_top_up_when_confirmed_late_then_waits_and_is_booked() -> None:
    world = a_world()
    with world.browser() as browser:
        order = an_order(world, browser, "other", other="12,50")
        path = f"/bench/bank?order={order.reference}"
        assert 'http-equiv="refresh"' in browser.send(path, do="late").text
        assert balance(world) == 2000
        browser.open(path)
        assert balance(world) == 3250
        assert "3250" not in browser.open(f"/pay/return?order={order.reference}").text


@pytest.mark.parametrize(
    ("amount", "other"),
    [("other", "4,99"), ("other", "200.01"), ("other", ""), ("-20", ""), ("x", "")],
)
def test_top_up_when_amount_is_wrong_then_no_order(amount: str, other: str) -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/top-up")
        page = browser.send("/me/top-up", number=CARD, amount=amount, other=other)
        assert page.status_code == 422
        assert world.web.services.payments.of_member(1) == []


def test_top_up_when_the_card_is_not_theirs_then_no_order() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/top-up")
        page = browser.send("/me/top-up", number="6034440000000013", amount="20")
        assert page.status_code == 422


def test_top_up_of_a_lost_card_then_not_offered_of_one_in_debt_then_lifts_it() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        world.system.accounts.set_state(CARD, "blocked", "lost")
        assert browser.open("/me/top-up").headers["location"] == "/me"
        world.system.accounts.set_state(CARD, "blocked", "debt")
        browser.open("/me/top-up")
        browser.send("/me/top-up", number=CARD, amount="20")
        assert browser.page is not None
        browser.send(browser.page.url.raw_path.decode(), do="pay")
        assert world.system.charges.authorise(CARD) == "Accepted"


def test_card_in_debt_when_it_is_lost_then_money_does_not_open_it() -> None:
    world = a_world()
    with world.browser() as browser:
        order = an_order(world, browser)
        world.system.accounts.set_state(CARD, "blocked", "debt")
        assert 'action="/me/card/block"' in browser.open("/me").text
        browser.send("/me/card/block", number=CARD)
        path = f"/bench/bank?order={order.reference}"
        browser.open(path)
        browser.send(path, do="pay")
    assert world.system.store.balance(f"held_topup:web:{order.reference}") == 2000
    assert world.system.charges.authorise(CARD) == "Blocked"


def test_notice_when_forged_or_unreadable_then_nothing_is_booked() -> None:
    world = a_world()
    with world.browser() as browser:
        order = an_order(world, browser)
        notice = world.web.bank.notice(order, "paid")
        for body, signature in (
            (notice, "0" * 64),
            (notice, ""),
            (notice.replace(b"2000", b"9000"), world.web.bank.sign(notice)),
            (b"{", world.web.bank.sign(b"{")),
            (b'{"reference": 5}', world.web.bank.sign(b'{"reference": 5}')),
        ):
            answer = browser.post("/pay/notice", content=body, headers={"X-Signature": signature})
            assert answer.status_code == 400
        assert balance(world) == 2000
        assert browser.post("/pay/notice", content=b"x" * 20_000).status_code == 413
        good = {"X-Signature": world.web.bank.sign(notice)}
        assert browser.post("/pay/notice", content=notice, headers=good).status_code == 200
        assert balance(world) == 4000


def test_notice_of_another_sum_then_kept_for_a_person() -> None:
    world = a_world()
    with world.browser() as browser:
        order = an_order(world, browser)
        told = json.loads(world.web.bank.notice(order, "paid")) | {"amountMinor": 1}
        body = json.dumps(told).encode()
        good = {"X-Signature": world.web.bank.sign(body)}
        assert browser.post("/pay/notice", content=body, headers=good).status_code == 400
        assert balance(world) == 2000
        assert [each.code for each in world.system.store.findings()] == ["topup.notice"]


def test_paid_when_the_card_was_blocked_meanwhile_then_the_money_is_held() -> None:
    world = a_world()
    with world.browser() as browser:
        order = an_order(world, browser)
        world.system.accounts.set_state(CARD, "blocked", "lost")
        page = browser.send(f"/bench/bank?order={order.reference}", do="pay")
        assert "Guardamos su dinero" in page.text
        assert balance(world) == 2000
        assert world.system.store.balance(f"held_topup:web:{order.reference}") == 2000


def test_return_page_of_another_member_then_missing() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        order = an_order(world, browser)
        world.member(other, "jon@example.eus")
        assert other.open(f"/pay/return?order={order.reference}").status_code == 404


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["a", "b"]), st.sampled_from([2000, 1999])),
        max_size=8,
    )
)
def test_notices_in_any_order_book_at_most_once_and_what_was_paid(
    notices: Iterable[tuple[bool, str, int]],
) -> None:
    world = a_world()
    payments = world.web.services.payments
    order = payments.order(1, CARD, 2000)
    heard = list(notices)
    for is_paid, name, amount_minor in heard:
        payments.settle(Notice(order.reference, name, amount_minor, "EUR", is_paid))
    was_paid = any(is_paid and amount == 2000 for is_paid, _, amount in heard)
    assert balance(world) == 2000 + (2000 if was_paid else 0)
    assert world.system.store.unbalanced_postings() == []
    payment = payments.payment(order.reference)
    assert payment is not None
    assert (payment.state == "paid") == was_paid


def test_order_when_nobody_pays_out_then_provider_says_so() -> None:
    from central.members.payments import NoProvider, ProviderAway

    with pytest.raises(ProviderAway):
        asyncio.run(NoProvider().begin(Order("a", 1, "EUR")))
