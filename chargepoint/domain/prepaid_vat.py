"""When a Green Card's money is taxed: once, where it is loaded or where it is spent, never both.

at_use     load   topup:REF → gc_clearing                 charge  gc_clearing → sales + vat
at_topup   load   topup:REF → gc_clearing,                charge  gc_clearing → sales + vat_prepaid
                  vat_prepaid → vat

`vat_prepaid` is VAT paid on money that is not spent yet. A charge takes its share out of it, so
that sales stay net, and touches `vat` no more. Money loaded elsewhere and spent here leaves the
account on its other side: over all stations of an operator it is what is still on the cards.
"""

from enum import StrEnum

from chargepoint.domain import ledger
from chargepoint.domain.ledger import Entry, Posting
from chargepoint.domain.tariff import round_half_up
from chargepoint.domain.units import Minor


class CardVat(StrEnum):
    AT_USE = "at_use"
    AT_TOPUP = "at_topup"


def vat_in(gross: Minor, percent: int) -> Minor:
    """The VAT contained in an amount, rounded half up."""
    return Minor(round_half_up(gross * percent, 100 + percent))


def loaded(reference: str, amount: Minor, vat: Minor = Minor(0)) -> Posting:
    """The central system has it on the card. `vat`: what is due now, none where it is due at use."""
    entries = (
        Entry(ledger.topup(reference), amount),
        Entry(ledger.GC_CLEARING, -amount),
        Entry(ledger.VAT_PREPAID, vat),
        Entry(ledger.VAT, -vat),
    )
    return Posting(f"topupdone:{reference}", tuple(e for e in entries if e.signed_minor))
