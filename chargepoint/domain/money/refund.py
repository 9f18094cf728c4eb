"""Money given back on a finished session: how much may be, what it means in the books. Pure.

cash       voucher, as change that could not be paid
bank       06 31 at the terminal, with the card presented again
greencard  credited to the account by the central system
token      never here: its contract was billed by somebody else

A load of a card is given back as it was paid, and comes off the card: the central system takes it,
into debt if it is spent. One that never reached the card is given back out of `topup:REF`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money import ledger, prepaid_vat
from chargepoint.domain.money.invoice import Invoice, Supply
from chargepoint.domain.money.ledger import Entry, Posting
from chargepoint.domain.money.settlement import local_text
from chargepoint.domain.pricing.tariff import round_half_up
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor, SessionId

Document = dict[str, Any]
_TEXT_MOST = 200
_PAYEES = {
    Means.BANK: ledger.CARD_CLEARING,
    Means.GREENCARD: ledger.GC_CLEARING,
}


class RefundState(StrEnum):
    ASKED = "asked"
    SENT = "sent"  # the bank terminal is at it
    DONE = "done"
    REFUSED = "refused"
    UNPROVED = "unproved"  # nobody knows; never repeated, a person must look


@dataclass(frozen=True, slots=True)
class Refund:
    """`reference` makes it happen once. `reason` and `role`: for whoever audits."""

    reference: str
    session: SessionId
    amount: Minor
    reason: str
    role: str
    state: RefundState = RefundState.ASKED
    result: str = ""  # what to tell: a voucher's code, a terminal's receipt, why it was refused


def why_not(document: Document, amount: int, already: int) -> str:
    """Why `amount` may not be given back beyond `already`; empty when it may."""
    total = document["total"]["amount"]
    if document["means"] == Means.TOKEN:
        return "billed through a contract, refunded by who issued it"
    if amount <= 0:
        return "not an amount"
    if amount > total - already:
        return f"at most {total - already} of {total} minor units are left"
    return ""


def why_incomplete(reason: str, role: str) -> str:
    for name, text in (("reason", reason), ("role", role)):
        if not text.strip() or len(text) > _TEXT_MOST:
            return f"{name} is missing or longer than {_TEXT_MOST}"
    return ""


def why_not_load(document: Document, *, is_waiting: bool, is_refused: bool) -> str:
    """What is on its way to the card is on neither side: it is given back once that is known."""
    if prepaid_vat.is_load(document) and is_waiting and not is_refused:
        return "the central system has not said yet whether it is on the card"
    return ""


def posting(
    refund: Refund, document: Document, already: int, *, loaded_in: str = ledger.GC_CLEARING
) -> Posting:
    """The sale undone in part; parts that make the whole undo exactly its VAT.

    `loaded_in`: of a load, the account that holds it.
    """
    if prepaid_vat.is_load(document):
        return _unload(refund, document, already, loaded_in)
    vat, prepaid = _vat(document, refund.amount, already), _prepaid(document, refund, already)
    means = Means(document["means"])
    payee = ledger.owed(refund.session) if means is Means.CASH else _PAYEES[means]
    entries = (
        Entry(ledger.SALES, refund.amount - vat - prepaid),
        Entry(ledger.VAT, vat),
        Entry(ledger.VAT_PREPAID, prepaid),
        Entry(payee, -refund.amount),
    )
    return Posting(f"refund:{refund.reference}", tuple(e for e in entries if e.signed_minor))


def _unload(refund: Refund, document: Document, already: int, loaded_in: str) -> Posting:
    """Nothing was sold: the money and its VAT go back where they came from."""
    vat = _vat(document, refund.amount, already)
    is_cash = document["means"] == Means.CASH
    payee = ledger.owed(refund.session) if is_cash else ledger.CARD_CLEARING
    entries = (
        Entry(loaded_in, refund.amount),
        Entry(payee, -refund.amount),
        Entry(ledger.VAT, vat),
        Entry(ledger.VAT_PREPAID, -vat),
    )
    return Posting(f"refund:{refund.reference}", tuple(e for e in entries if e.signed_minor))


def supply(refund: Refund, document: Document, already: int) -> Supply | None:
    """What the corrective invoice says; None when there was no invoice to correct."""
    if not document.get("invoice"):
        return None
    return Supply(
        refund.session,
        total=Minor(-refund.amount),
        vat=Minor(-_vat(document, refund.amount, already)),
        vat_percent=document["vat"]["percent"],
        lines=({"item": "refund", "amount": -refund.amount},),
        corrects=document["invoice"],
        reason=refund.reason,
    )


def message(
    refund: Refund,
    document: Document,
    invoice: Invoice | None,
    *,
    already: int,
    at: tuple[datetime, str],  # UTC, and the station's time zone
    is_on_card: bool = True,
) -> VendorMessage:
    """`Session.Refund`: the central system credits a card's account, or lowers what we owe it."""
    currency = document["total"]["currency"]
    utc, zone = at
    payload: Document = {
        "reference": refund.reference,
        "receiptNumber": document["receiptNumber"],
        "idTag": document["idTag"],
        "means": document["means"],
        "amount": {"amount": refund.amount, "currency": currency},
        "vat": {"amount": _vat(document, refund.amount, already), "currency": currency},
        "reason": refund.reason,
        "role": refund.role,
        "time": utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "localTime": local_text(utc, zone),
    }
    if prepaid_vat.is_load(document):
        payload |= {"item": "topup", "topup": document["reference"], "credited": is_on_card}
    if invoice is not None:
        payload |= {
            "invoice": invoice.number,
            "corrects": invoice.corrects,
            "hash": invoice.hash,
            "issuedAt": invoice.record.generated_at.isoformat(timespec="seconds"),
        }
    return VendorMessage(
        key=f"refund:{refund.reference}", message_id="Session.Refund", payload=payload
    )


def _vat(document: Document, amount: int, already: int) -> int:
    """None of a load that is taxed when it is spent."""
    return _share(document.get("vat", {}).get("amount", 0), document, amount, already)


def _prepaid(document: Document, refund: Refund, already: int) -> int:
    """VAT that was paid when the card was loaded: the money is on the card again, and so is it."""
    prepaid = document.get("vatPrepaid", {}).get("amount", 0)
    return _share(prepaid, document, refund.amount, already)


def _share(vat: int, document: Document, amount: int, already: int) -> int:
    """The share of the sale's VAT, so that all parts together give all of it."""
    total = document["total"]["amount"]
    return round_half_up(vat * (already + amount), total) - round_half_up(vat * already, total)
