"""Postings sum to zero, whatever is sold; balances read in their natural sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.money import ledger
from chargepoint.domain.money.ledger import Entry, Posting, Sale, Unbalanced
from chargepoint.domain.units import ConnectorId, Minor

amounts = st.integers(0, 1_000_000).map(Minor)


def test_posting_that_does_not_sum_to_zero_is_refused() -> None:
    with pytest.raises(Unbalanced):
        Posting("k", (Entry("a", 1), Entry("b", -2)))


def test_posting_without_key_is_refused() -> None:
    with pytest.raises(Unbalanced):
        Posting("", ())


@given(total=amounts, rounding=amounts, absorbed=amounts, held=amounts)
def test_settlement_sums_to_zero_and_owes_the_rest(
    total: Minor, rounding: Minor, absorbed: Minor, held: Minor
) -> None:
    sale = Sale(total, Minor((total + rounding) // 6), rounding, absorbed)
    posting = ledger.settle("sale:1", sale, payer=ledger.held(ConnectorId(1)), held_amount=held)
    owed = sum(-e.signed_minor for e in posting.entries if e.account == ledger.OWED)
    assert owed == max(0, held - total)


@pytest.mark.parametrize(
    ("account", "natural"),
    [
        ("cash_box", 5),
        ("gc_clearing", 5),
        ("absorbed", 5),
        ("sales", -5),
        ("credit:1", -5),
        ("owed", -5),
    ],
)
def test_natural_sign(account: str, natural: int) -> None:
    assert ledger.natural(account, 5) == natural
