"""The operator's page of a card: found by its number, changed with a name and a reason, always balanced."""

import json
import re

import pytest

from central.greencard.blanks import Blanks, Made
from central.greencard.records import StartKey
from central.support.audit import Look
from tests.support.browser import Browser
from tests.support.central import CARD, START, a_receipt
from tests.support.members import OPERATOR_PASSWORD, World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")
NEW = "9724000000000017"
PAGE = "/operator/cards"


def opened(world: World, browser: Browser) -> str:
    browser.open(PAGE)
    page = browser.send(PAGE, number="6034 4400 0000 0005")
    assert page.status_code == 200
    return page.text


def acted(browser: Browser, do: str, **fields: str) -> tuple[int, str]:
    asked = {"reason": "asked by phone", "number": CARD} | fields
    page = browser.send(PAGE, do=do, **asked)
    return page.status_code, page.text


def order_in(text: str) -> str:
    found = re.search(r'name="order" value="(\w+)"', text)
    assert found is not None
    return found[1]


def test_card_when_found_then_its_account_is_shown_and_its_number_is_not() -> None:
    world = a_world()
    with world.operator() as browser:
        text = opened(world, browser)
        assert "20,00" in text
        visible = re.sub(r'<input type="hidden"[^>]*>', "", text)
        assert CARD not in visible
        assert "…0005" in visible
        world.system.accounts.create_card("9724000000010005")
        assert browser.send(PAGE, number="0005").text.count('name="number" value=') == 2
        assert browser.send(PAGE, number="9999").status_code == 404
        for wrong in ("12", "x", "1" * 17, "", "'; --"):
            browser.open(PAGE)
            assert browser.send(PAGE, number=wrong).status_code == 422
    looks = [each.look for each in world.web.support.audit.entries()]
    assert looks == [Look("maria", "card.look", CARD, "shown")]


def test_balance_when_corrected_then_posted_once_with_name_and_reason() -> None:
    world = a_world()
    with world.operator() as browser:
        order, text = order_in(opened(world, browser)), ""
        for _ in range(2):  # the page reloaded
            status, text = acted(browser, "adjust", amount="-5,50", order=order)
            assert status == 200
        assert world.system.accounts.balance(CARD) == 1450
        assert world.system.store.balance("corrections") == 550
        assert world.system.store.unbalanced_postings() == []
        note = world.system.store.trail.notes(CARD)[0]
        assert (note.actor, note.event) == ("maria", "card.adjusted")
        assert note.detail == "-550 minor: asked by phone"
        assert "asked by phone" in text
        acted(browser, "adjust", amount="-14.51", order=order_in(text))
        card = world.system.accounts.card(CARD)
        assert card is not None
        assert (card.state, card.state_reason) == ("blocked", "debt")


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "0"},
        {"amount": "500.01"},
        {"amount": "1,234"},
        {"amount": "x"},
        {"amount": ""},
        {"reason": "x"},
        {"order": "a b"},
        {"do": "unblock"},
        {"do": "replace"},
        {"do": "block", "state": "because"},
    ],
)
def test_form_that_makes_no_sense_then_refused_and_nothing_happened(fields: dict[str, str]) -> None:
    world = a_world()
    with world.operator() as browser:
        order = order_in(opened(world, browser))
        asked = {"do": "adjust", "amount": "5", "order": order} | fields
        assert acted(browser, **asked)[0] == 409
        assert world.system.accounts.balance(CARD) == 2000
        assert world.system.store.trail.notes(CARD) == []


def test_card_when_blocked_unblocked_and_replaced_then_done_and_noted() -> None:
    world = a_world()
    made = [Made(NEW, None, "hash", "48120934")]
    Blanks(world.system.store, world.clock).make("b", made, by="maria", expires_on="")
    with world.operator() as browser:
        opened(world, browser)
        assert acted(browser, "block", state="stolen")[0] == 200
        assert world.system.charges.authorise(CARD) == "Blocked"
        assert acted(browser, "unblock")[0] == 200
        assert world.system.charges.authorise(CARD) == "Accepted"
        proof = browser.proof()
        assert acted(browser, "replace")[0] == 200
        assert world.system.lineage.newest(CARD) == NEW
        for do in ("block", "unblock", "adjust"):
            assert acted(browser, do, proof=proof, state="lost", amount="1", order="a")[0] == 409
        assert world.system.accounts.balance(NEW) == 2000
        events = [note.event for note in world.system.store.trail.notes(CARD)]
        assert events == ["card.replaced", "unblocked", "blocked"]


def test_pages_are_for_operators_and_forms_are_ours() -> None:
    world = a_world()
    paths = (PAGE, "/operator/promotions", "/operator/packs", "/operator/books", "/operator/trail")
    with Browser(world.web.app, peer=("192.0.2.9", 1)) as stranger:
        for path in (*paths, "/operator/sessions"):
            assert stranger.open(path).headers["location"] == "/operator/sign-in"
        assert stranger.post(PAGE, data={"number": CARD}).status_code == 403
    with world.browser() as agent:
        agent.open("/desk/sign-in")
        agent.send("/desk/sign-in", login="maite", password=OPERATOR_PASSWORD)
        assert {agent.open(path).status_code for path in paths} == {403}
    with world.operator() as browser:
        opened(world, browser)
        forged = browser.post(PAGE, data={"number": CARD, "do": "block", "proof": "0" * 64})
        assert forged.status_code == 403
        assert world.system.charges.authorise(CARD) == "Accepted"


def test_money_held_for_a_point_that_is_gone_when_let_go_then_free_and_a_late_receipt_still_counts() -> (
    None
):
    world = a_world()
    system = world.system
    begun = system.charges.start(StartKey("CP-1", 1, CARD, START, 0))
    assert (begun.status, system.accounts.spend_limit(CARD)) == ("Accepted", 0)
    with world.operator() as browser:
        system.registry.point("CP-1").is_connected = True
        assert "office.release" not in opened(world, browser)
        assert acted(browser, "release")[0] == 409  # it may be charging
        system.registry.point("CP-1").is_connected = False
        opened(world, browser)
        assert acted(browser, "release")[0] == 200
        assert system.accounts.spend_limit(CARD) == 2000
        assert system.store.trail.notes(CARD)[0].event == "hold.released"
        opened(world, browser)
        assert acted(browser, "release")[0] == 409
    receipt = json.dumps(a_receipt(transactionId=begun.id))
    system._office.desk.answer("CP-1", "es.citere", "Session.Receipt", receipt)
    assert system.accounts.balance(CARD) == 2000 - 410
