"""One account, four processes, everything at once: what was answered is what is in the books."""

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.cards.replacing import Irreplaceable
from central.greencard.blanks import Blanks, Made
from central.greencard.corrections import Corrections, Uncorrectable
from central.greencard.exchange import Pack
from central.greencard.trial import trial_of
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_receipt, euros
from tests.support.together import AT_ONCE, Systems, all_at_once

_OPENING, _POINTS, _STOCK, _PRICE = 50_000, 500, 2, 200
_NEW = [f"97240000000000{each:02}" for each in (17, 25)]
Told = list[tuple[str, str, int]]  # what, under which reference, how much it moves the balance


def opened(system: CentralSystem) -> None:
    system.accounts.create_card(CARD, balance_minor=_OPENING, points=_POINTS)
    made = [Made(number, None, "hash", f"48{number}") for number in _NEW]
    Blanks(system.store, FixedClock()).make("b", made, by="maria", expires_on="2034-11-30")
    with system.store.change():
        system.store.programme.set_number("exchange_from", 1101)
        system.store.programme.set_number("exchange_until", 1130)
    system.exchange.save(Pack("Spa", "", _PRICE, _STOCK), by="maria")


def sent(system: CentralSystem, message_id: str, **content: object) -> str:
    desk = system._office.desk
    told = desk.answer("CP-1", "es.citere", message_id, json.dumps(content))[1]
    return "" if told is None else str(told.get("status", ""))


def top_up(system: CentralSystem, each: int) -> Told:
    amount = 100 + each
    loaded = {"reference": f"T{each}", "cardNumber": CARD, "amount": euros(amount), "means": "cash"}
    status = sent(system, "GreenCard.TopUp", **loaded)
    return [("top-up", f"T{each}", amount if status == "Accepted" else 0)]


def charge(system: CentralSystem, each: int) -> Told:
    receipt = a_receipt(receiptNumber=f"R{each}", transactionId=None)
    assert sent(system, "Session.Receipt", **receipt) == "Accepted"
    return [("charge", f"R{each}", -410)]


def refund(system: CentralSystem, each: int) -> Told:
    """Half of a charge that may not have come yet: then kept for a person."""
    back = {"reference": f"B{each}", "receiptNumber": f"R{each}", "idTag": CARD}
    status = sent(system, "Session.Refund", **back, means="greencard", amount=euros(205))
    return [("refund", f"B{each}", 205 if status == "Accepted" else 0)]


def take(system: CentralSystem, each: int) -> Told:
    number = system.lineage.newest(CARD)
    refused = system.exchange.take(number, 1, f"order{each}", member_id=None)
    return [] if refused else [("pack", f"order{each}", 0)]


def replace(system: CentralSystem, _: int) -> Told:
    try:
        system.replacing.replace(system.lineage.newest(CARD), actor="maria", reason="lost")
    except Irreplaceable:
        return []
    return []


def correct(system: CentralSystem, each: int) -> Told:
    desk = Corrections(system.store, FixedClock(), system.feed, system.accounts)
    number, how = system.lineage.newest(CARD), {"by": "maria", "reason": "asked"}
    try:
        desk.adjust(number, 7, reference=f"A{each}", **how)
    except Uncorrectable:
        return []
    return [("correction", f"A{each}", 7)]


ACTS = (top_up, charge, refund, take, replace, correct)
_DEEDS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), min_size=4, max_size=10)


@pytest.mark.timeout(120)
@given(_DEEDS, st.integers(0, 2**16))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_account_when_all_act_on_it_at_once_then_balance_and_points_are_what_was_answered(
    systems: Systems, deeds: list[tuple[Callable[[CentralSystem, int], Told], int]], seed: int
) -> None:
    with systems() as clients:
        opened(clients[0])

        def client(number: int) -> Callable[[], Told]:
            mixed = list(deeds)
            random.Random(seed + number).shuffle(mixed)
            return lambda: [told for act, each in mixed for told in act(clients[number], each)]

        told = {
            line
            for lines in all_at_once([client(each) for each in range(AT_ONCE)])
            for line in lines
        }
        references = [(what, reference) for what, reference, _ in told]
        assert len(references) == len(set(references)), "one reference, two answers"
        system = clients[0]
        newest = system.lineage.newest(CARD)
        assert system.accounts.balance(newest) == _OPENING + sum(moved for *_, moved in told)
        packs = sum(what == "pack" for what, *_ in told)
        assert packs <= _STOCK
        card = system.accounts.card(newest)
        assert card is not None
        charges = sum(what == "charge" for what, *_ in told)
        most = _POINTS + 41 * charges - _PRICE * packs
        assert most - 41 * charges <= card.points <= most
        assert all(system.accounts.balance(each) == 0 for each in {CARD, *_NEW} - {newest})
        assert trial_of(system.store).is_right
