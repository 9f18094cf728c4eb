"""What a point loaded onto a card: its page, and what it costs the card when it is given back."""

from typing import Any

import pytest

from central.system import CentralSystem
from tests.central.test_receipt_page import fetch, tell
from tests.support.central import CARD, a_system, euros

pytestmark = pytest.mark.usefixtures("both_databases")

TOKEN = "abcdefghijklmnopqrstuvwx24"


def a_load(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "T1",
        "cardNumber": CARD,
        "idTag": CARD,
        "amount": euros(1210),
        "total": euros(1210),
        "means": "cash",
        "time": "2027-07-01T22:30:00.000Z",
        "receiptNumber": "CP-1-T-0123456789AB",
        "page": TOKEN,
        "lines": [{"item": "topup", "amount": 1210}],
    } | changes


def given_back(amount: int = 1210, **changes: Any) -> dict[str, Any]:
    return {
        "reference": "A1",
        "receiptNumber": "CP-1-T-0123456789AB",
        "idTag": CARD,
        "means": "cash",
        "amount": euros(amount),
        "item": "topup",
        "topup": "T1",
        "credited": True,
    } | changes


def loaded(**changes: Any) -> CentralSystem:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=500)
    told = tell(system, "GreenCard.TopUp", a_load(**changes))
    assert told[1]["status"] == "Accepted"
    return system


def test_page_of_a_load_says_its_tax_where_it_is_taxed() -> None:
    tax = {"percent": 21, **euros(210)}
    found = fetch(loaded(vat=tax), f"/r/{TOKEN}", "en")
    assert "Top-up receipt" in found.text
    assert "VAT included 21 %" in found.text
    assert "EUR 10.00" in found.text
    assert CARD not in found.text
    assert "connector" not in found.text


def test_page_of_a_load_that_is_taxed_later_says_so() -> None:
    found = fetch(loaded(), f"/r/{TOKEN}", "en")
    assert "VAT is paid with each charge" in found.text


def test_page_of_a_load_shows_its_invoice() -> None:
    invoice = {"invoice": "P07-000001", "nif": "B12345674", "issuer": "Plaza SL", "hash": "AB"}
    found = fetch(loaded(vat={"percent": 21, **euros(210)}, **invoice), f"/r/{TOKEN}", "en")
    assert "Simplified invoice" in found.text
    assert "P07-000001" in found.text


def test_load_of_a_point_without_receipts_is_credited_as_ever() -> None:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=0)
    old = {k: a_load()[k] for k in ("reference", "cardNumber", "amount", "means", "time")}
    assert tell(system, "GreenCard.TopUp", old)[1]["status"] == "Accepted"
    assert system.accounts.balance(CARD) == 1210


@pytest.mark.parametrize(
    ("changes", "left"), [({}, 500), ({"credited": False}, 1710), ({"amount": 710}, 1000)]
)
def test_load_given_back_comes_off_the_card_once(changes: dict[str, Any], left: int) -> None:
    system = loaded()
    for _ in range(2):
        assert tell(system, "Session.Refund", given_back(**changes))[1]["status"] == "Accepted"
    assert system.accounts.balance(CARD) == left
    assert system.store.unbalanced_postings() == []


def test_load_that_was_spent_is_a_debt_that_blocks_the_card() -> None:
    system = loaded()
    receipt = {"receiptNumber": "R-9", "idTag": CARD, "means": "greencard", "energyWh": 0}
    tell(system, "Session.Receipt", receipt | {"total": euros(1700), "lines": []})
    tell(system, "Session.Refund", given_back())
    assert system.accounts.balance(CARD) == -1200
    card = system.accounts.card(CARD)
    assert card is not None
    assert card.state == "blocked"


def test_more_than_was_loaded_is_kept_for_a_person() -> None:
    system = loaded()
    assert tell(system, "Session.Refund", given_back(1211))[1]["status"] == "Held"
    assert system.accounts.balance(CARD) == 1710
