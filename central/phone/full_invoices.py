"""A full invoice in place of a simplified one (RD 1619/2012 §6, §15): asked for by whoever has the receipt.

Issued at once where this system invoices for the point (`receipt.mode = central`); kept for the
operator elsewhere. One for a receipt, and the first customer stands: an invoice is not rewritten.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from central.clock import Clock, utc_text
from central.feed import Feed
from central.greencard import invoices
from central.storage.store import Store
from central.storage.tables.phones import FULL_INVOICE


@dataclass(frozen=True, slots=True)
class Customer:
    nif: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class FullInvoice:
    """`number` None: the operator has not written it yet."""

    customer: Customer
    at: str
    number: str | None


class FullInvoices:
    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed

    def of(self, point: str, receipt_number: str) -> FullInvoice | None:
        row = self._rows.first(
            select(FULL_INVOICE).where(
                FULL_INVOICE.c.point == point, FULL_INVOICE.c.receipt_number == receipt_number
            )
        )
        return None if row is None else _invoice(row)

    def waiting(self, limit: int = 100) -> list[tuple[str, str, FullInvoice]]:
        """(point, receipt, what is asked for) that the operator has still to write, oldest first."""
        due = select(FULL_INVOICE).where(FULL_INVOICE.c.number.is_(None))
        rows = self._rows.rows(due.order_by(FULL_INVOICE.c.id).limit(limit))
        return [(row.point, row.receipt_number, _invoice(row)) for row in rows]

    def written(self, point: str, receipt_number: str, number: str) -> bool:
        """By the operator, elsewhere. False when nobody waits for it, or it has its number."""
        with self._store.change(f"receipt:{point}:{receipt_number}"):
            asked = FULL_INVOICE.c
            this = (asked.point == point) & (asked.receipt_number == receipt_number)
            due = update(FULL_INVOICE).where(this, asked.number.is_(None))
            return self._rows.write(due.values(number=number)) == 1

    def ask(
        self, point: str, receipt_number: str, document: dict[str, Any], customer: Customer
    ) -> FullInvoice:
        """What holds now: asked again, the first answer."""
        at = utc_text(self._clock.utc())
        with self._store.change(f"receipt:{point}:{receipt_number}", invoices.LOCK):
            known = self.of(point, receipt_number)
            if known is not None:
                return known
            number = invoices.full_inside(self._rows, point, receipt_number, document, at)
            self._rows.insert(
                FULL_INVOICE,
                point=point,
                receipt_number=receipt_number,
                nif=customer.nif,
                name=customer.name,
                address=customer.address,
                at=at,
                number=number,
            )
            if number is None:
                detail = f"receipt {receipt_number}: a customer asks for a full invoice"
                finding = self._store.add_finding(at, point, "invoice.asked", detail)
                self._feed.changed("finding", str(finding.id))
        return FullInvoice(customer, at, number)

    def document(self, receipt: dict[str, Any], full: FullInvoice) -> dict[str, Any]:
        """The receipt as its full invoice."""
        kept = {k: v for k, v in receipt.items() if k not in ("hash", "verification")}
        customer = full.customer
        return {
            **json.loads(json.dumps(kept)),
            "invoice": full.number,
            "issuedAt": full.at,
            "replaces": receipt.get("invoice", ""),
            "customer": customer.name,
            "customerNif": customer.nif,
            "customerAddress": customer.address,
        }


def _invoice(row: Any) -> FullInvoice:
    return FullInvoice(Customer(row.nif, row.name, row.address), row.at, row.number)
