"""Topping up on the web: an order, the provider's page, and its notice, which books the money.

    begun ──notice paid──► paid (or held, when the card takes no money now)
      └────notice refused─► refused ──notice paid──► paid: money taken is money booked, however late

A notice may come twice, late, out of turn or forged. The posting's key and the row decide: booked once.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, name
from central.storage.store import Store
from central.storage.tables.members import PAYMENT
from central.system import CentralSystem

logger = logging.getLogger(__name__)

LEAST_MINOR, MOST_MINOR = 500, 20_000
_CLEARING = "web"


@dataclass(frozen=True, slots=True)
class Order:
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the provider says of an order. `is_paid` False: refused or given up."""

    reference: str
    provider_reference: str
    amount_minor: int
    currency: str
    is_paid: bool


class ForgedNotice(Exception):
    """Its signature is not the provider's, or it cannot be read."""


class PaymentPort(Protocol):
    origin: str
    """Scheme and host of its pages; empty when they are our own."""

    async def begin(self, order: Order) -> str:
        """The address where the customer pays. Raises ProviderAway."""
        ...

    def read(self, body: bytes, signature: str) -> Notice:
        """Raises ForgedNotice."""
        ...


class ProviderAway(Exception):
    """No payment can be begun now; nothing was taken."""


class NoProvider:
    """Implements PaymentPort where no provider is under contract: nobody pays, nothing is booked."""

    origin = ""

    async def begin(self, order: Order) -> str:
        raise ProviderAway(f"no provider for order {order.reference}")

    def read(self, body: bytes, signature: str) -> Notice:
        raise ForgedNotice(f"{len(body)} bytes, signed {signature[:8]}, from no provider of ours")


@dataclass(frozen=True, slots=True)
class Payment:
    reference: str
    member_id: int | None
    number: str
    amount_minor: int
    currency: str
    state: str
    provider_reference: str
    begun_at: str
    settled_at: str | None


class Payments:
    def __init__(self, system: CentralSystem, clock: Clock, entropy: Entropy) -> None:
        self._system = system
        self._store: Store = system.store
        self._rows = system.store.database
        self._clock = clock
        self._entropy = entropy

    def order(self, member_id: int, number: str, amount_minor: int) -> Order:
        currency = self._system.accounts.tariff.currency
        order = Order(name(self._entropy), amount_minor, currency)
        with self._store.change(f"card:{number}"):
            self._rows.insert(
                PAYMENT,
                reference=order.reference,
                member_id=member_id,
                number=number,
                amount_minor=amount_minor,
                currency=currency,
                state="begun",
                provider_reference="",
                begun_at=self._now(),
            )
        return order

    def payment(self, reference: str) -> Payment | None:
        row = self._rows.first(select(PAYMENT).where(PAYMENT.c.reference == reference))
        return None if row is None else Payment(**row._asdict())

    def of_member(self, member_id: int) -> list[Payment]:
        """Newest first."""
        statement = select(PAYMENT).where(PAYMENT.c.member_id == member_id)
        rows = self._rows.rows(statement.order_by(PAYMENT.c.begun_at.desc()))
        return [Payment(**row._asdict()) for row in rows]

    def settle(self, notice: Notice) -> str:
        """The order's state afterwards; empty when it cannot be this notice's order."""
        first = self.payment(notice.reference)
        if first is None:
            self._find("topup.unknown", f"{notice.provider_reference}: no such order")
            return ""
        with self._store.lineage.change(first.number):
            payment = self.payment(notice.reference)
            assert payment is not None, "orders are never deleted"
            problem = _problem(payment, notice)
            state = payment.state if problem else self._settle_inside(payment, notice)
        if problem:
            self._find("topup.notice", f"{notice.reference}: {problem}")
            return "" if problem.startswith("amount") else state
        if state != payment.state:
            self._system.feed.changed("card", payment.number)
        return state

    def _settle_inside(self, payment: Payment, notice: Notice) -> str:
        if payment.state in ("paid", "held"):
            return payment.state
        state = "refused"
        if notice.is_paid:
            booked = self._system.accounts.top_up_inside(
                _CLEARING, payment.reference, payment.number, payment.amount_minor
            )
            state = "held" if booked == "Held" else "paid"
        self._rows.write(
            update(PAYMENT)
            .where(PAYMENT.c.reference == payment.reference)
            .values(
                state=state,
                provider_reference=notice.provider_reference[:100],
                settled_at=self._now(),
            )
        )
        return state

    def _find(self, code: str, detail: str) -> None:
        with self._store.change():
            finding = self._store.add_finding(self._now(), _CLEARING, code, detail)
        logger.warning("finding recorded", extra={"code": code, "detail": detail})
        self._system.feed.changed("finding", str(finding.id))

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _problem(payment: Payment, notice: Notice) -> str:
    """Why a person has to look at it; nothing is booked then."""
    if (notice.amount_minor, notice.currency) != (payment.amount_minor, payment.currency):
        return f"amount {notice.amount_minor} {notice.currency}, ordered {payment.amount_minor}"
    if payment.state in ("paid", "held") and not notice.is_paid:
        return "refused after it was paid"
    is_settled = payment.state in ("paid", "held")
    if is_settled and payment.provider_reference != notice.provider_reference:
        return f"paid a second time as {notice.provider_reference}"
    return ""


def notice_from(content: Any) -> Notice:
    """From a notice's JSON, in the simulated provider's words. Raises ForgedNotice."""
    try:
        fields = json.loads(content)
        notice = Notice(
            reference=fields["reference"],
            provider_reference=fields["transaction"],
            amount_minor=fields["amountMinor"],
            currency=fields["currency"],
            is_paid=fields["status"] == "paid",
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ForgedNotice("not a notice") from error
    texts = (notice.reference, notice.provider_reference, notice.currency)
    if not all(isinstance(text, str) for text in texts) or type(notice.amount_minor) is not int:
        raise ForgedNotice("not a notice")
    return notice
