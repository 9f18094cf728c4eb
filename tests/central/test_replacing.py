"""A card takes another's place: everything goes with it, once, and nothing opens the old one again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.cards.replacing import Irreplaceable, Replaced
from central.greencard.accounts import Plan
from central.greencard.blanks import Blanks, Made
from central.greencard.points import Lot
from central.members.letters import Letters
from central.phone.preferences import Preference
from central.system import CentralSystem
from tests.support.central import CARD, START, FixedClock, Point, a_receipt, a_system, converse
from tests.support.members import Given, a_world

NEW, NEWER = "9724000000000017", "9724000000000025"
both = pytest.mark.usefixtures("both_databases")


def blanks_in(system: CentralSystem, *numbers: str) -> None:
    made = [Made(number, None, "hash", f"48{number[-6:]}") for number in numbers]
    Blanks(system.store, FixedClock()).make(f"b{numbers[0]}", made, by="maria", expires_on="")


def a_used_system() -> CentralSystem:
    system = a_system()
    plan = {"kind": "flatRate", "whLeft": 5000, "monthlyWh": 9000, "energyMilliPerKwh": 30_000}
    system.accounts.create_card(CARD, balance_minor=1234, points=70, plan=plan)
    with system.store.change():
        card = system.store.card(CARD)
        assert card is not None
        system.store.save_card(replace(card, charges_since_discount=7, loyalty_every=9))
        system.store.points.add(Lot("lot", CARD, 30, "2027-01-01T00:00:00.000Z"), START)
        system.store.points.add(Lot("over", CARD, 9, "2026-01-01T00:00:00.000Z"), START)
    blanks_in(system, NEW)
    return system


def replaced(system: CentralSystem, old: str = CARD, new: str = "") -> Replaced:
    return system.replacing.replace(old, actor="maria", reason="lost", new=new)


def why_not(act: Callable[[], Replaced]) -> str:
    with pytest.raises(Irreplaceable) as refused:
        act()
    return refused.value.key


@both
def test_card_when_replaced_then_everything_is_on_the_new_one() -> None:
    system = a_used_system()
    before = system.accounts.card(CARD)
    assert before is not None
    assert replaced(system) == Replaced(CARD, NEW, 1234, 100)
    heir, dead = system.accounts.card(NEW), system.accounts.card(CARD)
    assert heir == replace(before, number=NEW, state="blocked", state_reason="sent")
    assert dead is not None
    assert (dead.state, dead.state_reason, dead.plan, dead.points) == (
        "blocked",
        "replaced",
        Plan(),
        0,
    )
    assert system.accounts.balance(CARD) == 0
    assert system.accounts.balance(NEW) == 1234
    assert [ends for ends, _ in system.store.points.groups(NEW, START)] == [
        "2027-01-01T00:00:00.000Z",
        None,
    ]
    assert sum(system.store.points.balances().values()) == 0
    assert system.store.points.balances()["moved"] == 0
    assert system.store.unbalanced_postings() == []
    assert [n.event for n in system.store.trail.notes(CARD)] == ["card.replaced"]
    assert [n.event for n in system.store.trail.notes(NEW)] == ["card.sent", "card.made"]


@both
def test_card_when_replaced_then_the_new_one_recalls_what_its_holder_chose() -> None:
    system = a_used_system()
    chosen = Preference("eu", is_easy=True, favourite="CP-7")
    system.phone.preferences.choose(CARD, chosen)
    replaced(system)
    assert system.phone.preferences.of(NEW) == chosen
    assert system.phone.preferences.of(CARD) == Preference()


@both
def test_card_when_it_cannot_be_replaced_then_said_and_nothing_happened() -> None:
    system = a_used_system()
    assert why_not(lambda: replaced(system, NEWER)) == "no_card"
    assert why_not(lambda: replaced(system, NEW)) == "no_card"
    assert why_not(lambda: replaced(system, new=NEWER)) == "not_blank"
    assert why_not(lambda: replaced(system, new=CARD)) == "not_blank"
    system.accounts.set_state(CARD, "blocked", "fraud")
    assert why_not(lambda: replaced(system)) == "fraud"
    system.accounts.set_state(CARD, "active")
    replaced(system)
    blanks_in(system, NEWER)
    assert why_not(lambda: replaced(system)) == "replaced"
    replaced(system, NEW)
    assert why_not(lambda: replaced(system, NEWER)) == "no_blank"
    assert system.lineage.of(CARD) == (NEWER, CARD, NEW) or system.lineage.of(CARD)[0] == NEWER
    assert system.lineage.newest(CARD) == NEWER
    assert system.accounts.balance(NEWER) == 1234


@both
def test_old_number_is_dead_for_ever() -> None:
    system = a_used_system()
    replaced(system)
    for state in ("active", "expired"):
        with pytest.raises(KeyError):
            system.accounts.set_state(CARD, state)
    assert system.charges.authorise(CARD) == "Blocked"
    assert system.charges.authorise(NEW) == "Blocked"


@both
def test_what_arrives_late_for_the_old_number_is_the_accounts() -> None:
    system = a_used_system()

    async def script(point: Point) -> None:
        begun = await point.start()
        assert begun["idTagInfo"]["status"] == "Accepted"
        replaced(system)
        assert system.accounts.spend_limit(NEW) == 0  # what runs still holds it
        await point.stop(begun["transactionId"], 2000)
        receipt = a_receipt(transactionId=begun["transactionId"])
        assert (await point.transfer("Session.Receipt", receipt))["status"] == "Accepted"
        total = receipt["total"]["amount"]
        assert system.accounts.balance(CARD) == 0
        assert system.accounts.balance(NEW) == 1234 - total
        load = {
            "reference": "T-1",
            "cardNumber": CARD,
            "amount": {"amount": 500, "currency": "EUR"},
            "means": "cash",
            "time": START,
        }
        for _ in range(2):
            told = await point.transfer("GreenCard.TopUp", load)
            assert told["status"] == "Accepted"
            assert told["balance"]["amount"] == 1734 - total
        refund = {
            "reference": "R-1",
            "receiptNumber": receipt["receiptNumber"],
            "idTag": CARD,
            "means": receipt["means"],
            "amount": receipt["total"],
        }
        assert (await point.transfer("Session.Refund", refund))["status"] == "Accepted"
        assert system.accounts.balance(NEW) == 1734

    converse(system, script)
    assert system.accounts.balance(CARD) == 0
    assert sum(system.store.balances().values()) == 0


@both
def test_member_when_their_card_is_replaced_then_the_letter_opens_the_new_one() -> None:
    from tests.support.members import CODE

    world = a_world(Given())
    system = world.system
    with world.browser() as browser, world.browser() as thief:
        world.member_with_card(browser)
        blanks_in(system, NEW)
        with system.store.change():
            from central.storage.tables.members import CARD_LETTER

            hashed = world.web.services.passwords.hashed_now(CODE)
            system.store.database.write(
                CARD_LETTER.update().where(CARD_LETTER.c.number == NEW).values(code_hash=hashed)
            )
        replaced(system)
        letters = Letters(system.store, world.clock)
        assert letters.card_of_support_number("48120933") == NEW
        page = browser.open("/me").text
        assert NEW[-4:] in page
        assert CARD[-4:] not in page
        world.member(thief, "jon@example.eus")
        thief.open("/me/card/activate")
        assert thief.send("/me/card/activate", number=NEW, code=CODE).status_code == 422
        browser.open("/me/card/activate")
        browser.send("/me/card/activate", number=NEW, code=CODE)
        card = system.accounts.card(NEW)
        assert card is not None
        assert card.state == "active"
        assert system.accounts.balance(NEW) == 2000
        assert letters.card_of_support_number("48120933") is None


@settings(max_examples=40, deadline=None)
@given(st.integers(-5000, 5000), st.lists(st.tuples(st.sampled_from("ab "), st.integers(1, 500))))
def test_money_and_points_are_neither_made_nor_lost(
    balance: int, lots: list[tuple[str, int]]
) -> None:
    system = a_system()
    system.accounts.create_card(CARD)
    blanks_in(system, NEW, NEWER)
    ends = {"a": "2027-01-01T00:00:00.000Z", "b": "2028-01-01T00:00:00.000Z", " ": None}
    with system.store.change():
        if balance:
            system.store.post("k", START, "", {f"card:{CARD}": balance, "opening": -balance})
        for place, (end, points) in enumerate(lots):
            system.store.points.add(Lot(f"l{place}", CARD, points, ends[end]), START)
    before = system.store.points.groups(CARD, START)
    replaced(system)
    replaced(system, NEW)
    assert system.accounts.balance(NEWER) == balance
    assert system.store.points.groups(NEWER, START) == before
    assert sum(system.store.points.balances().values()) == 0
    assert sum(system.store.balances().values()) == 0
    assert system.store.points.groups(NEW, START) == []
    system.store.close()
