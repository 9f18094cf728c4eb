"""The receipt of money loaded onto a Green Card: its message, its paper, its invoice. Pure.

Kept as a session that sold nothing but a load, so that one chain invoices it, one command finds and
refunds it, and one printer copies it. Its message `GreenCard.TopUp` is the receipt: where the
station invoices loads, it leaves with the invoice, in one commit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue.context import DialogueSettings, TopUp
from chargepoint.domain.money.invoice import page_token, receipt_qr
from chargepoint.domain.money.prepaid_vat import vat_in
from chargepoint.domain.money.settlement import local_text
from chargepoint.domain.record import Incident, SessionRecord
from chargepoint.domain.units import ConnectorId, SessionId

NOWHERE = ConnectorId(0)  # a load belongs to no connector
_NAME_DIGITS = 12


def number_of(reference: str, settings: DialogueSettings) -> str:
    """A series of its own, without a counter that a cut could lose: names are random."""
    return f"{settings.id}-T-{reference.replace('-', '')[:_NAME_DIGITS].upper()}"


def is_invoiced_here(topup: TopUp, settings: DialogueSettings) -> bool:
    is_ours = settings.receipt.issues_invoices and _is_taxed(settings)
    return is_ours and not needs_full_invoice(topup, settings)


def needs_full_invoice(topup: TopUp, settings: DialogueSettings) -> bool:
    """RD 1619/2012 §4.1, as for a charge: above the limit the operator writes it."""
    receipt = settings.receipt
    is_invoiced = (receipt.issues_invoices or receipt.asks_invoices) and _is_taxed(settings)
    return is_invoiced and topup.inserted > receipt.simplified_limit


def _is_taxed(settings: DialogueSettings) -> bool:
    return settings.topup_vat_percent is not None


def document(topup: TopUp, settings: DialogueSettings, at: datetime) -> dict[str, Any]:
    """What the central system credits, and what the customer takes home."""
    money = {"amount": topup.inserted, "currency": settings.tariff.currency}
    percent = settings.topup_vat_percent
    found: dict[str, Any] = {
        "reference": topup.reference,
        "cardNumber": topup.card,
        "amount": money,
        "means": topup.means,
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "localTime": local_text(at, settings.timezone),
        "receiptNumber": number_of(topup.reference, settings),
        "page": page_token(SessionId(topup.reference)),
        "idTag": topup.card,
        "lines": [{"item": "topup", "amount": topup.inserted}],
        "total": money,
    }
    if percent is not None:
        vat = vat_in(topup.inserted, percent)
        found["vat"] = {"percent": percent, **money, "amount": vat}
    if needs_full_invoice(topup, settings):
        found["fullInvoice"] = True
    elif settings.receipt.asks_invoices and percent is not None:
        found["invoicing"] = settings.receipt.asked
    if topup.hold is not None:
        found |= {
            "maskedPan": topup.hold.masked_pan,
            "terminalId": topup.hold.terminal_id,
            "trace": topup.hold.trace,
            "bankReceipt": topup.hold.receipt_number,
        }
    return found


def message_of(told: Mapping[str, Any]) -> VendorMessage:
    return VendorMessage(
        key=f"topup:{told['reference']}", message_id="GreenCard.TopUp", payload=dict(told)
    )


def record_of(topup: TopUp, settings: DialogueSettings, at: datetime) -> SessionRecord:
    """`invoice_due`: its message is still to leave, with the invoice (app/invoicing.py)."""
    return SessionRecord(
        SessionId(topup.reference),
        NOWHERE,
        {"document": document(topup, settings, at), "total": topup.inserted},
        invoice_due=is_invoiced_here(topup, settings),
    )


def incidents_of(topup: TopUp, settings: DialogueSettings) -> tuple[Incident, ...]:
    if not needs_full_invoice(topup, settings):
        return ()
    limit = settings.receipt.simplified_limit
    detail = (
        f"top-up {number_of(topup.reference, settings)}: {topup.inserted} minor units,"
        f" simplified invoices end at {limit}"
    )
    return (Incident("invoice.limit", detail),)


def qr_of(topup: TopUp, settings: DialogueSettings) -> str:
    """Before there is an invoice: the page, where no invoice is coming."""
    is_coming = is_invoiced_here(topup, settings)
    return receipt_qr(settings.receipt, SessionId(topup.reference), None, is_ours=is_coming)
