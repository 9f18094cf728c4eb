"""A card's money is taxed once, where it is loaded or where it is spent; the books balance in both."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue import topup_talk
from chargepoint.domain.dialogue.context import DialogueSettings, TopUp
from chargepoint.domain.money import ledger
from chargepoint.domain.money.invoice import page_token
from chargepoint.domain.money.ledger import Posting
from chargepoint.domain.money.paper import Letterhead, as_text, receipt_paper
from chargepoint.domain.money.prepaid_vat import CardVat, vat_in
from chargepoint.domain.money.refund import Refund
from chargepoint.domain.money.refund import posting as refund_posting
from chargepoint.domain.money.settlement import Bill, bill, is_invoiced, postings, receipt
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import Means, Session
from chargepoint.domain.units import ConnectorId, Minor, SessionId, Wh
from tests.support.tariffs import a_session

ONE = ConnectorId(1)
TARIFF = Tariff(energy_milli_per_kwh=50_000, vat_percent=21)


def charged(energy: int, means: Means = Means.GREENCARD, name: str = "S1") -> Session:
    session = a_session(TARIFF)
    order = replace(session.order, means=means, session=SessionId(name))
    return replace(session, order=order, register=Wh(session.register + energy))


def billed(energy: int, mode: CardVat, means: Means = Means.GREENCARD, name: str = "S1") -> Bill:
    return bill(charged(energy, means, name), "R1", Minor(1), mode)


def loaded(amount: int, mode: CardVat, name: str = "T1") -> list[Posting]:
    """Each booked once by its key, as the journal does: the tax with the money, or when delivered."""
    settings = DialogueSettings(tariff=TARIFF, card_vat=mode)
    topup = TopUp(name, "6034440000000005", Minor(amount), Minor(amount))
    told = topup_talk.receipted(topup, settings, charged(0).started_at).postings
    done = topup_talk.credited(name, Minor(amount), settings)
    return list({posting.key: posting for posting in (*told, *done)}.values())


def sums(booked: list[Posting]) -> dict[str, int]:
    found: dict[str, int] = {}
    for posting in booked:
        for entry in posting.entries:
            found[entry.account] = found.get(entry.account, 0) + entry.signed_minor
    return found


def test_load_is_taxed_and_the_charge_is_not() -> None:
    assert sums(loaded(1210, CardVat.AT_TOPUP)) == {
        "topup:T1": 1210,
        "gc_clearing": -1210,
        "vat_prepaid": 210,
        "vat": -210,
    }
    assert sums([*postings(billed(12_100, CardVat.AT_TOPUP), ONE)]) == {
        "gc_clearing": 605,
        "sales": -500,
        "vat_prepaid": -105,
    }


def test_charge_is_taxed_and_the_load_is_not() -> None:
    assert sums(loaded(1210, CardVat.AT_USE)) == {"topup:T1": 1210, "gc_clearing": -1210}
    assert sums([*postings(billed(12_100, CardVat.AT_USE), ONE)]) == {
        "gc_clearing": 605,
        "sales": -500,
        "vat": -105,
    }


@pytest.mark.parametrize("means", [Means.BANK, Means.TOKEN])
def test_what_no_card_paid_is_taxed_as_ever(means: Means) -> None:
    at_topup, at_use = (billed(12_100, mode, means) for mode in (CardVat.AT_TOPUP, CardVat.AT_USE))
    assert postings(at_topup, ONE) == postings(at_use, ONE)
    assert at_topup.vat == 105


def test_invoice_belongs_to_the_load_or_to_the_charge() -> None:
    assert is_invoiced(billed(12_100, CardVat.AT_USE))
    assert not is_invoiced(billed(12_100, CardVat.AT_TOPUP))
    untaxed = bill(
        replace(
            charged(1000),
            order=replace(charged(1000).order, tariff=replace(TARIFF, vat_percent=0)),
        ),
        "R1",
        Minor(1),
        CardVat.AT_TOPUP,
    )
    assert not is_invoiced(untaxed)


@pytest.mark.parametrize(("mode", "vat"), [(CardVat.AT_TOPUP, 210), (CardVat.AT_USE, None)])
def test_top_up_tells_its_vat_to_who_invoices_it(mode: CardVat, vat: int | None) -> None:
    topup = TopUp("T1", "6034440000000005", Minor(1210), Minor(1210))
    settings = DialogueSettings(tariff=TARIFF, card_vat=mode)
    (message,) = topup_talk.receipted(topup, settings, charged(0).started_at).deliveries
    assert isinstance(message, VendorMessage)
    told = message.payload.get("vat")
    expected = {"percent": 21, "amount": vat, "currency": "EUR"}
    assert told == (None if vat is None else expected)


def test_receipt_says_where_the_vat_was_paid() -> None:
    found = billed(12_100, CardVat.AT_TOPUP)
    document = receipt(found, ONE, found.session.started_at).payload
    assert document["vat"]["amount"] == 0
    assert document["vatPrepaid"]["amount"] == 105
    assert document["page"] == page_token(found.session.id)
    head = Letterhead("07", "", "", "")
    told = "\n".join(as_text(receipt_paper(document, head, "es")))
    assert "IVA pagado al recargar la tarjeta" in told
    assert "IVA incluido" not in told


amounts = st.lists(st.integers(1, 50_000), max_size=8)


@given(
    loads=amounts,
    charges=amounts,
    parts=st.lists(st.integers(1, 10_000), max_size=4),
    mode=st.sampled_from(CardVat),
)
def test_books_balance_and_every_cent_is_taxed_once(
    loads: list[int], charges: list[int], parts: list[int], mode: CardVat
) -> None:
    booked = [p for n, amount in enumerate(loads) for p in loaded(amount, mode, f"T{n}")]
    bills = [billed(wh, mode, name=f"S{n}") for n, wh in enumerate(charges)]
    sales = [posting for each in bills for posting in postings(each, ONE)]
    back = refunds(bills, parts)
    found = sums([*booked, *sales, *back])
    assert all(sum(e.signed_minor for e in p.entries) == 0 for p in [*booked, *sales, *back])
    assert sum(found.values()) == 0
    loaded_vat = sum(vat_in(Minor(amount), 21) for amount in loads)
    sold_vat = sum(each.vat + (each.vat_prepaid or 0) for each in bills)
    given_vat = sum(
        e.signed_minor
        for p in back
        for e in p.entries
        if e.account in (ledger.VAT, ledger.VAT_PREPAID)
    )
    if mode is CardVat.AT_TOPUP:
        assert found.get(ledger.VAT, 0) == -loaded_vat
        assert found.get(ledger.VAT_PREPAID, 0) == loaded_vat - sold_vat + given_vat
        assert not any(e.account == ledger.VAT for p in [*sales, *back] for e in p.entries)
    else:
        assert found.get(ledger.VAT, 0) == given_vat - sold_vat
        assert ledger.VAT_PREPAID not in found
    # What the mode is changes neither sales nor what the card paid.
    other = CardVat.AT_USE if mode is CardVat.AT_TOPUP else CardVat.AT_TOPUP
    others = [
        p for n, wh in enumerate(charges) for p in postings(billed(wh, other, name=f"S{n}"), ONE)
    ]
    for account in (ledger.SALES, ledger.GC_CLEARING):
        assert sums(sales).get(account, 0) == sums(others).get(account, 0)


def refunds(bills: list[Bill], parts: list[int]) -> list[Posting]:
    """Parts of the first sale, as far as it reaches, and then what is left of it."""
    if not bills or not bills[0].total:
        return []
    found = bills[0]
    document = receipt(found, ONE, found.session.started_at).payload
    given, done = 0, []
    for n, part in enumerate([*parts, found.total]):
        amount = min(part, found.total - given)
        if amount <= 0:
            break
        refund = Refund(f"F{n}", found.session.id, Minor(amount), "fault", "support")
        done.append(refund_posting(refund, document, given))
        given += amount
    return done
