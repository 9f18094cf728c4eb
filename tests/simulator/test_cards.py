"""Scenario names become cards: always the same, always valid."""

from decimal import Decimal

import pytest

from drivers.greencard.number import is_account_number
from simulator.cards import CardSpec, number_of, uid_of


def test_card_is_derived_from_its_name() -> None:
    card = CardSpec.from_scenario("GC-1")
    assert card.number == number_of("GC-1") == "9724578605226084"
    assert card.uid == uid_of("GC-1") == bytes.fromhex("04F7BF2EBBC388")
    assert (card.state, card.balance_minor, card.points) == ("active", 0, 0)
    assert card.plan == {"kind": "prepaid"}


def test_derived_numbers_differ_and_pass_their_check_digit() -> None:
    numbers = {number_of(f"GC-{i}") for i in range(500)}
    assert len(numbers) == 500
    assert all(is_account_number(number) for number in numbers)


def test_what_the_file_gives_wins() -> None:
    card = CardSpec.from_scenario(
        "GC-2",
        {
            "number": "9724000000000006",
            "uid": "04AABBCCDDEEFF",
            "state": "blocked",
            "balance": Decimal("20.05"),
            "plan": "flatRate",
            "points": 7,
            "discount": Decimal(10),
        },
    )
    assert card.number == "9724000000000006"
    assert card.uid == bytes.fromhex("04AABBCCDDEEFF")
    assert (card.state, card.balance_minor, card.points) == ("blocked", 2005, 7)
    assert (card.plan, card.discount) == ({"kind": "flatRate"}, {"percent": 10})


def test_tables_keep_their_shape() -> None:
    card = CardSpec.from_scenario("GC-3", {"plan": {"kind": "flatRate", "whLeft": 5}})
    assert card.plan == {"kind": "flatRate", "whLeft": 5}


@pytest.mark.parametrize("given", [{"number": "9724000000000005"}, {"balance": "1.001"}])
def test_wrong_card_is_refused_with_its_name(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="GC-9"):
        CardSpec.from_scenario("GC-9", given)
