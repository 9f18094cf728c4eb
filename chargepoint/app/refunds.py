"""Carries out refunds that a person asked for: each once, each in one commit with its books.

The journal is where they are asked for (store/refund.py), so a station that is off does them when
it is back. What the bank terminal cannot prove is never repeated: a person must look.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.app.invoicing import Invoicing
from chargepoint.domain.dialogue import topup_talk
from chargepoint.domain.money import ledger, voucher
from chargepoint.domain.money import refund as rules
from chargepoint.domain.money.refund import Document, Refund, RefundState
from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.record import Batch, Incident, SessionRecord
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor, SessionId
from chargepoint.payment_ports import BankMaintenance
from chargepoint.ports import Clock, DeviceUnavailable, Entropy

log = logging.getLogger(__name__)

_LOOK_S = 5.0


class RefundBook(Protocol):
    """What the desk asks of the journal besides writing; committed rows only."""

    def refunds(self, *states: RefundState) -> list[Refund]: ...

    def session_record(self, session: SessionId) -> SessionRecord | None: ...

    def refunded(self, session: SessionId) -> Minor:
        """Given back on this session and done."""
        ...

    def balances(self) -> Mapping[str, int]:
        """In natural sign."""
        ...

    def get(self, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class RefundSettings:
    voucher_days: int
    issues_invoices: bool
    timezone: str = "UTC"


class RefundDesk:
    def __init__(  # noqa: PLR0913 - a desk's whole surroundings, by name
        self,
        gate: Gate,
        book: RefundBook,
        invoicing: Invoicing,
        *,
        clock: Clock,
        entropy: Entropy,
        settings: RefundSettings,
        queued: Callable[[], None],
    ) -> None:
        self._gate = gate
        self._book = book
        self._invoicing = invoicing
        self._clock = clock
        self._entropy = entropy
        self._settings = settings
        self._queued = queued
        self._terminal: BankMaintenance | None = None

    def connect(self, terminal: BankMaintenance | None) -> None:
        self._terminal = terminal

    async def run(self) -> None:
        """Look for refunds for ever. What an earlier life left at the terminal is unproved."""
        for refund in self._book.refunds(RefundState.SENT):
            await self._doubt(refund, "the station stopped while the terminal was at it")
        while True:
            for refund in self._book.refunds(RefundState.ASKED):
                await self._carry_out(refund)
            await asyncio.sleep(_LOOK_S)

    # --- inside ---

    async def _carry_out(self, refund: Refund) -> None:
        record = self._book.session_record(refund.session)
        document = {} if record is None else _corrected_here(record.body["document"])
        why = self._why_not(refund, document)
        if why:
            await self._end(replace(refund, state=RefundState.REFUSED, result=why))
            return
        match Means(document["means"]):
            case Means.BANK:
                await self._at_terminal(refund, document)
            case Means.CASH:
                await self._as_voucher(refund, document)
            case _:
                await self._finish(refund, document, "credited to the card's account")

    def _why_not(self, refund: Refund, document: Document) -> str:
        if not document:
            return "no receipt"
        if document.get("invoice") and not self._settings.issues_invoices:
            return "its invoice cannot be corrected: receipt.mode is no longer kiosk"
        waits = rules.why_not_load(
            document,
            is_waiting=self._holder_of(refund) != ledger.GC_CLEARING,
            is_refused=self._book.get(f"{topup_talk.REFUSED}{refund.session}") is not None,
        )
        already = self._book.refunded(refund.session)
        return waits or rules.why_not(document, refund.amount, already)

    def _holder_of(self, refund: Refund) -> str:
        """Of a load: where its money lies, on its way to the card or on it."""
        account = ledger.topup(refund.session)
        return account if self._book.balances().get(account) else ledger.GC_CLEARING

    async def _as_voucher(self, refund: Refund, document: Document) -> None:
        code = f"{self._entropy.below(voucher.CODES):08d}"
        issued = voucher.issue(
            voucher.VoucherTerms(self._settings.voucher_days, document["total"]["currency"]),
            refund.session,
            refund.amount,
            code=code,
            reference=f"refund:{refund.reference}",
            at=self._clock.utc(),
        )
        extra = Batch(
            postings=(issued.posting,),
            deliveries=(issued.message,),
            vouchers=(issued.record,),
        )
        await self._finish(refund, document, f"voucher {code} until {issued.record.expires}", extra)

    async def _at_terminal(self, refund: Refund, document: Document) -> None:
        """Durable before the terminal is told; its answer decides, silence does not."""
        if self._terminal is None:
            await self._refuse(refund, "no bank terminal")
            return
        await self._end(replace(refund, state=RefundState.SENT))
        try:
            result = await self._terminal.refund(refund.reference, refund.amount)
        except DeviceUnavailable as error:
            await self._refuse(refund, str(error))
            return
        await self._judge(refund, document, result)

    async def _judge(self, refund: Refund, document: Document, result: BankResult) -> None:
        match result.outcome:
            case BankOutcome.APPROVED:
                number = result.receipt.receipt_number if result.receipt is not None else ""
                await self._finish(refund, document, f"terminal receipt {number}")
            case BankOutcome.UNKNOWN:
                await self._doubt(refund, "the terminal did not say how it ended")
            case BankOutcome.DECLINED | BankOutcome.CANCELLED:
                await self._refuse(refund, f"{result.outcome} {result.reason}".strip())

    async def _finish(
        self, refund: Refund, document: Document, result: str, extra: Batch | None = None
    ) -> None:
        """Books, corrective invoice and message in one commit."""
        already = self._book.refunded(refund.session)
        supply = rules.supply(refund, document, already)
        invoice = None if supply is None else self._invoicing.next(supply)
        at, zone = self._clock.utc(), self._settings.timezone
        extra = extra or Batch()
        holder = self._holder_of(refund)
        message = rules.message(
            refund,
            document,
            invoice,
            already=already,
            at=(at, zone),
            is_on_card=holder == ledger.GC_CLEARING,
        )
        posting = rules.posting(refund, document, already, loaded_in=holder)
        await self._gate.commit_and_wait(
            Batch(
                postings=(posting, *extra.postings),
                deliveries=(message, *extra.deliveries),
                invoices=() if invoice is None else (invoice,),
                refunds=(replace(refund, state=RefundState.DONE, result=result),),
                vouchers=extra.vouchers,
            )
        )
        log.info("refunded", extra={"reference": refund.reference, "amount_minor": refund.amount})
        self._queued()

    async def _refuse(self, refund: Refund, why: str) -> None:
        await self._end(replace(refund, state=RefundState.REFUSED, result=why))

    async def _doubt(self, refund: Refund, why: str) -> None:
        detail = f"{refund.amount} minor units, reference {refund.reference}: {why}"
        incident = Incident("bank_terminal.refund_unproved", detail, "bank_terminal")
        doubted = replace(refund, state=RefundState.UNPROVED, result=why)
        await self._gate.commit_and_wait(Batch(refunds=(doubted,), incidents=(incident,)))

    async def _end(self, refund: Refund) -> None:
        await self._gate.commit_and_wait(Batch(refunds=(refund,)))


def _corrected_here(document: Document) -> Document:
    """An invoice of the central system's is corrected there, when it hears of the refund."""
    is_theirs = document.get("invoicing") is not None
    return {k: v for k, v in document.items() if k != "invoice"} if is_theirs else document
