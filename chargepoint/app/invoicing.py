"""Issues invoices: the one place, in one order, each in one commit with its receipt.

A session is billed in its point's commit, a load of a card in the conversation's; both mark it as due. Whatever is due is issued here:
when the station hears of the bill, and at boot what a cut left between the two commits.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from chargepoint.app.gate import Gate
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue import load_receipt
from chargepoint.domain.dialogue.events import InvoiceIssued
from chargepoint.domain.money import prepaid_vat
from chargepoint.domain.money.invoice import (
    ChainHead,
    Invoice,
    InvoiceKind,
    ReceiptSettings,
    Supply,
    issue,
    receipt_qr,
)
from chargepoint.domain.money.settlement import receipt_message
from chargepoint.domain.record import Batch, SessionRecord
from chargepoint.domain.units import Minor, SessionId
from chargepoint.ports import Clock


class InvoiceBook(Protocol):
    """What invoicing asks of the journal besides writing; committed rows only."""

    def session_record(self, session: SessionId) -> SessionRecord | None:
        """A finished session; None when the journal has none of this name."""
        ...

    def sessions_due(self) -> list[SessionRecord]:
        """Billed, not invoiced; in the order they were billed."""
        ...

    def chain_head(self, series: str) -> ChainHead: ...


class Invoicing:
    def __init__(
        self,
        gate: Gate,
        book: InvoiceBook,
        clock: Clock,
        settings: ReceiptSettings,
        *,
        timezone: str,
        issued: Callable[[InvoiceIssued], None],
    ) -> None:
        self._gate = gate
        self._book = book
        self._clock = clock
        self._settings = settings
        self._timezone = ZoneInfo(timezone)
        self._issued = issued
        self._previous: str | None = None  # newest hash given out, durable or on its way
        self._serials: dict[str, int] = {}
        self._on_the_way: set[SessionId] = set()

    def issue_due(self) -> None:
        """Issue everything that is due and not on its way already."""
        for record in self._book.sessions_due():
            if record.session not in self._on_the_way:
                self._on_the_way.add(record.session)
                self._issue(record)

    def next(self, supply: Supply) -> Invoice:
        """The next link of the chain; whoever asks commits it at once, before any other."""
        kind = InvoiceKind.CORRECTIVE if supply.corrects else InvoiceKind.SIMPLIFIED
        series = self._settings.series_of(kind)
        known = self._book.chain_head(series)
        previous = known.previous if self._previous is None else self._previous
        head = ChainHead(previous, self._serials.get(series, known.serial))
        at = self._clock.utc().astimezone(self._timezone)
        invoice = issue(self._settings, head, supply, at)
        self._previous, self._serials[series] = invoice.hash, invoice.serial
        return invoice

    def delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        """The central system has issued the invoice that a receipt asked for: it is kept with it.

        Committed before the message is confirmed, so that it cannot be lost; told again, it is the
        same.
        """
        told = content.get("invoice")
        session = message.session or SessionId(str(message.payload.get("reference", "")))
        record = self._book.session_record(session)
        if record is None or not isinstance(told, Mapping) or not told.get("number"):
            return
        document = record.body["document"]
        if "invoicing" not in document or "invoice" in document:
            return
        document = {
            **document,
            "invoice": str(told["number"]),
            "issuedAt": str(told.get("issuedAt", "")),
            "issuer": self._settings.issuer,
            "nif": self._settings.nif,
        }
        issued = InvoiceIssued(
            str(document["receiptNumber"]),
            document["invoice"],
            receipt_qr(self._settings, session, None),
        )
        kept = replace(record, body={**record.body, "document": document})
        self._gate.commit_then(Batch(sessions=(kept,)), lambda: self._issued(issued))

    # --- inside ---

    def _issue(self, record: SessionRecord) -> None:
        document = record.body["document"]
        invoice = self.next(_supply(record.session, document)) if self._may_issue else None
        message = _message(record.session, self._invoiced(document, invoice))
        body = {**record.body, "document": message.payload}
        batch = Batch(
            deliveries=(message,),
            sessions=(replace(record, body=body, invoice_due=False),),
            invoices=() if invoice is None else (invoice,),
        )
        self._gate.commit_then(batch, lambda: self._done(record.session, message))

    @property
    def _may_issue(self) -> bool:
        """False when the site has given up invoicing since: the receipt goes out without one."""
        return self._settings.issues_invoices

    def _invoiced(self, document: dict[str, Any], invoice: Invoice | None) -> dict[str, Any]:
        if invoice is None:
            return document
        record = invoice.record
        return {
            **document,
            "invoice": invoice.number,
            "issuedAt": record.generated_at.isoformat(timespec="seconds"),
            "issuer": self._settings.issuer,
            "nif": record.nif,
            "hash": invoice.hash,
            "verification": receipt_qr(self._settings, invoice.session, invoice),
        }

    def _done(self, session: SessionId, message: VendorMessage) -> None:
        self._on_the_way.discard(session)
        document = message.payload
        self._issued(
            InvoiceIssued(
                str(document["receiptNumber"]),
                str(document.get("invoice", "")),
                str(document.get("verification", "")),
            )
        )


def _message(session: SessionId, document: dict[str, Any]) -> VendorMessage:
    if prepaid_vat.is_load(document):
        return load_receipt.message_of(document)
    return receipt_message(session, document)


def _supply(session: SessionId, document: dict[str, Any]) -> Supply:
    vat = document["vat"]
    return Supply(
        session,
        total=Minor(document["total"]["amount"]),
        vat=Minor(vat["amount"]),
        vat_percent=vat["percent"],
        lines=tuple(document["lines"]),
    )
