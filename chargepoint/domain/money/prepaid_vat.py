"""When a Green Card's money is taxed: once, where it is loaded or where it is spent, never both.

at_use     load   topup:REF → gc_clearing                 charge  gc_clearing → sales + vat
at_topup   load   topup:REF → gc_clearing,                charge  gc_clearing → sales + vat_prepaid
                  vat_prepaid → vat when it is paid: the tax is due with the money (Ley 37/1992 §75.2)

`vat_prepaid` is VAT paid on money that is not spent yet. A charge takes its share out of it, so
that sales stay net, and touches `vat` no more. Money loaded elsewhere and spent here leaves the
account on its other side: over all stations of an operator it is what is still on the cards.

The two cannot be mixed: money loaded under one and spent under the other would be taxed twice, or
never. A journal whose books know one refuses the other (`in_books`), until a person has said how
much is on the cards, and its tax is moved to where the new way expects it (`changed`).
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from chargepoint.domain.money import ledger
from chargepoint.domain.money.ledger import Entry, Posting
from chargepoint.domain.pricing.tariff import round_half_up
from chargepoint.domain.units import Minor


class CardVat(StrEnum):
    AT_USE = "at_use"
    AT_TOPUP = "at_topup"


def is_load(document: Mapping[str, Any]) -> bool:
    """Told from a charge by what only a load has."""
    return "reference" in document and "cardNumber" in document


def vat_in(gross: Minor, percent: int) -> Minor:
    """The VAT contained in an amount, rounded half up."""
    return Minor(round_half_up(gross * percent, 100 + percent))


def loaded(reference: str, amount: Minor) -> Posting:
    """The central system has it on the card."""
    entries = (Entry(ledger.topup(reference), amount), Entry(ledger.GC_CLEARING, -amount))
    return Posting(f"topupdone:{reference}", entries)


def taxed(reference: str, amount: Minor, percent: int | None) -> tuple[Posting, ...]:
    """The VAT of money that came in for a card; nothing where it is taxed when it is spent.

    Its key makes it happen once, whoever books it: the load, its delivery, or a start after a cut.
    """
    vat = 0 if percent is None else vat_in(amount, percent)
    if not vat:
        return ()
    entries = (Entry(ledger.VAT_PREPAID, vat), Entry(ledger.VAT, -vat))
    return (Posting(f"topupvat:{reference}", entries),)


CHOSEN = "greencard.vat"  # setting: what a person changed it to; without it the books tell


def in_books(accounts: Collection[str], chosen: str | None) -> CardVat | None:
    """How a card's money has been taxed so far; None when no card's money has been here."""
    if chosen is not None:
        return CardVat(chosen)
    if ledger.VAT_PREPAID in accounts:
        return CardVat.AT_TOPUP
    return CardVat.AT_USE if ledger.GC_CLEARING in accounts else None


def changed(reference: str, to: CardVat, on_cards: Minor, percent: int) -> tuple[Posting, ...]:
    """The tax of what is on the cards when it changes: due now, or due again with each charge."""
    vat = vat_in(on_cards, percent)
    if not vat:
        return ()
    due = vat if to is CardVat.AT_TOPUP else -vat
    entries = (Entry(ledger.VAT_PREPAID, due), Entry(ledger.VAT, -due))
    return (Posting(f"cardvat:{reference}", entries),)
