"""The ledger's promises, whatever arrives and however often."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.greencard.accounts import luhn_is_right, masked
from central.greencard.tariffs import Tariff, price_minor
from central.storage.schema import WrongStore
from central.storage.store import Store
from tests.support.central import CARD, START, a_receipt, a_system, euros

Message = tuple[str, str, dict[str, Any]]

POINTS = st.sampled_from(["CP-1", "CP-2"])
CARDS = st.sampled_from([CARD, "blocked", "nobody"])
AMOUNTS = st.integers(1, 5000).map(euros)
REFERENCES = st.sampled_from(["A", "B", "C"])


def _message(message_id: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    return st.tuples(POINTS, st.just(message_id), st.fixed_dictionaries(fields))


def _receipts() -> st.SearchStrategy[Message]:
    def build(number: str, card: str, total: int) -> dict[str, Any]:
        return a_receipt(
            receiptNumber=number, idTag=card, total=euros(total), transactionId=None, lines=[]
        )

    content = st.builds(build, REFERENCES, CARDS, st.integers(0, 3000))
    return st.tuples(POINTS, st.just("Session.Receipt"), content)


MESSAGES = st.lists(
    st.one_of(
        _message("GreenCard.TopUp", reference=REFERENCES, cardNumber=CARDS, amount=AMOUNTS),
        _message("Voucher.Issue", reference=REFERENCES, code=REFERENCES, amount=AMOUNTS),
        _message("Voucher.Redeem", reference=REFERENCES, code=REFERENCES),
        _receipts(),
    ),
    max_size=25,
)


def _run(messages: list[Message]) -> tuple[Store, list[Any]]:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=1000)
    system.accounts.create_card("blocked", state="blocked")
    desk = system._office.desk
    answers = [
        desk.answer(point, "es.citere", message_id, json.dumps(content))
        for point, message_id, content in messages
    ]
    return system.store, answers


@given(MESSAGES)
@settings(max_examples=60, deadline=None)
def test_ledger_when_anything_arrives_then_every_posting_sums_to_zero(
    messages: list[Message],
) -> None:
    store, _ = _run(messages)
    assert store.unbalanced_postings() == []
    assert sum(store.balances().values()) == 0
    listed = sum(posting["amount_minor"] for posting in store.postings(f"card:{CARD}", 1000))
    assert listed == store.balance(f"card:{CARD}")


@given(MESSAGES, st.data())
@settings(max_examples=60, deadline=None)
def test_messages_when_repeated_then_booked_once_and_answered_alike(
    messages: list[Message], data: st.DataObject
) -> None:
    repeated: list[Message] = []
    origin: list[int] = []
    for index, message in enumerate(messages):
        again = data.draw(st.lists(st.integers(0, index), max_size=2))
        for position in [index, *again]:
            repeated.append(messages[position] if position != index else message)
            origin.append(position)
    once, answers = _run(messages)
    store, repeated_answers = _run(repeated)
    assert store.balances() == once.balances()
    assert [repeated_answers[at] == answers[position] for at, position in enumerate(origin)] == [
        True
    ] * len(origin)


def test_change_when_it_fails_then_nothing_of_it_remains() -> None:
    store = Store()

    def broken_change() -> None:
        with store.change():
            store.post("k", START, "test", {"a": 5, "b": -5})
            raise RuntimeError("power")

    with pytest.raises(RuntimeError):
        broken_change()
    assert store.balances() == {}
    with store.change():
        assert store.post("k", START, "test", {"a": 5, "b": -5})
        assert not store.post("k", START, "test", {"a": 5, "b": -5})
    assert store.balances() == {"a": 5, "b": -5}


def test_post_when_unbalanced_then_refused() -> None:
    with pytest.raises(AssertionError):
        Store().post("k", START, "test", {"a": 5})


def test_store_when_opened_again_then_money_and_cards_are_there(tmp_path: Path) -> None:
    path = tmp_path / "central.sqlite"
    store = Store(path)
    a_system(store).accounts.create_card(CARD, balance_minor=700, points=3)
    store.close()
    store = Store(path)
    again = a_system(store)
    again.accounts.create_card(CARD, balance_minor=700)
    card = again.accounts.card(CARD)
    assert card is not None
    assert (again.accounts.balance(CARD), card.points) == (700, 3)
    store.close()


def test_store_when_of_another_version_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "central.sqlite"
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(WrongStore, match="schema 99"):
        Store(path)


@pytest.mark.parametrize(
    ("tariff", "used", "expected"),
    [
        (Tariff(energy_milli_per_kwh=45_000), {"energy_wh": 12_345}, 556),
        (Tariff(energy_milli_per_kwh=1), {"energy_wh": 499_999}, 0),
        (Tariff(energy_milli_per_kwh=1), {"energy_wh": 500_000}, 1),
        (Tariff(session_minor=50), {"energy_wh": 0}, 50),
        (
            Tariff(idle_milli_per_minute=10_000, idle_grace_minutes=1),
            {"energy_wh": 0, "idle_s": 90},
            5,
        ),
    ],
)
def test_price_when_computed_then_rounded_half_up_once(
    tariff: Tariff, used: dict[str, int], expected: int
) -> None:
    assert price_minor(tariff, **used) == expected


@pytest.mark.parametrize(
    ("number", "right"), [("79927398713", True), ("79927398710", False), ("x", False), (CARD, True)]
)
def test_luhn_when_checked_then_last_digit_decides(number: str, right: bool) -> None:
    assert luhn_is_right(number) is right


def test_masked_when_shown_then_last_four_only() -> None:
    assert masked(CARD) == f"•••• {CARD[-4:]}"
    assert masked("123") == "••••"
