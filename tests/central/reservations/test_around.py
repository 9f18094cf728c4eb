"""Reservations where other parts meet them: replaced cards, members who leave, the operator's list."""

from datetime import timedelta

import httpx2

from central.clock import utc_text
from central.fleet.registry import Site
from central.reservations.records import State
from central.reservations.rules import NoShow, Rules
from central.system import CentralSystem
from tests.support.browser import Browser
from tests.support.central import FixedClock
from tests.support.members import MARIA
from tests.support.operators import pages
from tests.support.reserving import CARDS, a_place, ahead, fresh, holder, look, told


def asked(system: CentralSystem, clock: FixedClock, *paths: str) -> list[httpx2.Response]:
    """As somebody who signed in as an operator."""
    with Browser(pages(system, clock)) as browser:
        browser.open("/operator/sign-in")
        browser.send("/operator/sign-in", login=MARIA.login, password=MARIA.password)
        return [browser.open(path) for path in paths]


def test_the_operator_sees_who_comes_and_who_waits_but_no_code_and_no_whole_card() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = told(system, ahead(system))
    system.reservations.offers.join(holder(2), "Place CP-1", "", one.begins, 60)
    shown, told_of = asked(system, clock, "/operator/reservations?lang=en", "/api/reservations")
    page = shown.text
    for word in (
        "2026-11-21 11:00 +0100",
        "Place CP-1 · 1",
        "keeps it Done: the point accepted.",
        "Waiting list",
    ):
        assert word in page
    (listed,) = told_of.json()
    assert (listed["id"], listed["state"], listed["told"]) == (one.id, "booked", "yes")
    for text in (page, str(listed)):
        assert one.code not in text
        assert one.number not in text


def test_a_place_called_like_a_tag_stays_text() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    ahead(system)
    system.registry.point("CP-1").site = Site("<b>x</b>")
    (page,) = asked(system, clock, "/operator/reservations")
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text


def test_a_replaced_card_takes_its_reservation_along_and_the_point_learns_it() -> None:
    system = a_place()
    one = told(system, ahead(system))
    rows = system.reservations.register.rows
    with system.store.change(f"card:{one.number}"):
        rows.move_card(one.number, CARDS[9])
        system.reservations.register.waits.move_card(one.number, CARDS[9])
    moved = fresh(system, one)
    assert (moved.number, moved.told, moved.state) == (CARDS[9], "no", State.BOOKED)
    assert system.reservations.arrivals.group_of("CP-1", CARDS[9]) == CARDS[9]
    assert system.reservations.arrivals.group_of("CP-1", one.number) is None


def test_a_fee_taken_from_a_card_that_was_replaced_goes_back_to_the_new_one() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, rules=Rules(no_show=NoShow.FEE, no_show_fee_minor=300))
    one = told(system, ahead(system))
    came = utc_text(clock.utc() + timedelta(hours=2, minutes=5))
    clock.advance(hours=3)
    look(system)
    with system.store.change(f"card:{one.number}", f"card:{CARDS[9]}"):
        now = utc_text(clock.utc())
        system.store.lineage.succeed_inside(
            one.number, CARDS[9], at=now, actor="test", reason="lost"
        )
    system.reservations.arrivals.began(one.bay, one.code, one.id, 5, came)
    balances = [system.accounts.balance(number) for number in (one.number, CARDS[9])]
    assert balances == [1700, 2300]
