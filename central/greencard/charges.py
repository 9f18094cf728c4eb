"""Transactions: admitted, measured, stopped, settled. Every step may arrive twice, or late.

StartTransaction ──► hold placed ──► MeterValues… ──► StopTransaction ──► Session.Receipt
(dedupe by StartKey)                                  (idempotent)        (debit total, hold gone)
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from central.clock import Clock, utc_from_text, utc_text
from central.feed import Feed
from central.greencard import invoices, loads
from central.greencard.accounts import Card, after_paid_charge
from central.greencard.book import AccountBook
from central.greencard.months_energy import beyond_wh, lowered, used_wh
from central.greencard.receipts import differences
from central.greencard.records import Receipt, Refund, StartKey, Transaction, terms_to_text
from central.greencard.taken_back import Undone, take_back_inside
from central.storage.store import Store

logger = logging.getLogger(__name__)

_REPLAYED_AFTER = timedelta(seconds=60)
_STATE_TO_STATUS = {"active": "Accepted", "blocked": "Blocked", "expired": "Expired"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a MeterValues told of a running transaction; None: not contained."""

    register_wh: int | None
    power_w: int | None


class Charges:
    """`tokens`: id tags that are no Green Cards, with their OCPP AuthorizationStatus."""

    def __init__(
        self, store: Store, clock: Clock, feed: Feed, book: AccountBook, tokens: dict[str, str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._book = book
        self.tokens = tokens

    def authorise(self, id_tag: str) -> str:
        """OCPP 1.6 AuthorizationStatus. ConcurrentTx is for StartTransaction only."""
        self._book.renew(id_tag)
        return self._status_of(id_tag)

    def _status_of(self, id_tag: str) -> str:
        card = self._book.card(id_tag)
        if card is not None:
            return _STATE_TO_STATUS[card.state]
        return self.tokens.get(id_tag, "Invalid")

    def start(self, key: StartKey) -> Transaction:
        """Recorded whatever the answer is: energy may have flowed already."""
        known = self._store.charges.transaction_started(key)
        if known is not None:
            return known
        self._book.renew(key.id_tag)
        with self._store.change(f"card:{key.id_tag}", f"point:{key.point}"):
            started = self._started_inside(key)
        self._tell(started.id, key)
        return started

    def _started_inside(self, key: StartKey) -> Transaction:
        rows = self._store.charges
        known = rows.transaction_started(key)
        if known is not None:
            return known
        status = self._status_of(key.id_tag)
        card = self._book.card(key.id_tag)
        terms, hold = None, 0
        if card is not None:
            replayed = self._is_replayed(key)
            terms = self._book.terms_at_start(card, key.point, key.started_at, replayed=replayed)
            status = self._admit(card, key) if status == "Accepted" else status
            hold = self._book.spend_limit(card.number) if status == "Accepted" else 0
        number = rows.open_transaction(key, status, terms_to_text(terms), hold)
        started = rows.transaction(number)
        assert started is not None
        return started

    def _admit(self, card: Card, key: StartKey) -> str:
        """A charge that ran while the point was offline was decided there; it is not undone."""
        if self._is_replayed(key):
            return "Accepted"
        if self._book.spend_limit(card.number) > 0:
            return "Accepted"
        if any(hold.is_running for hold in self._store.charges.open_holds(card.number)):
            return "ConcurrentTx"
        return "Accepted" if self._book.plan_left(card).included_wh(1) else "Blocked"

    def _is_replayed(self, key: StartKey) -> bool:
        return self._clock.utc() - utc_from_text(key.started_at) > _REPLAYED_AFTER

    def measured(self, point: str, transaction_id: int, reading: Reading) -> None:
        with self._changing(point, transaction_id) as found:
            if found is not None and found.is_running:
                self._store.charges.save_progress(_with_reading(found, reading))
        if found is None:
            self._find(point, "meter.unknown_transaction", f"transaction {transaction_id}")
        elif found.is_running:
            self._tell(found.id, found.key)

    def stop(self, point: str, transaction_id: int, meter_wh: int, at: str, reason: str) -> None:
        """Idempotent; the first stop counts. A stop without a start is kept as a finding."""
        with self._changing(point, transaction_id) as found:
            if found is not None and found.is_running:
                used_nothing = meter_wh == found.key.meter_start_wh
                stopped = replace(
                    found,
                    meter_wh=meter_wh,
                    power_w=None,
                    stopped_at=at,
                    stop_reason=reason,
                    hold_open=found.hold_open and not used_nothing,
                )
                self._store.charges.save_progress(stopped)
        if found is None:
            detail = f"transaction {transaction_id} ended at {meter_wh} Wh, {at}"
            self._find(point, "stop.unknown_transaction", detail)
            return
        if not found.is_running:
            return
        energy_wh = meter_wh - found.key.meter_start_wh
        if energy_wh < 0:
            self._find(point, "meter.backwards", f"transaction {transaction_id}: {energy_wh} Wh")
        self._tell(found.id, found.key)
        self._feed.changed("card", found.key.id_tag)

    @contextmanager
    def _changing(self, point: str, transaction_id: int) -> Iterator[Transaction | None]:
        """A change about one transaction of this point; None where it has no such."""
        with self._store.change(f"transaction:{transaction_id}"):
            found = self._store.charges.transaction(transaction_id)
            yield found if found is not None and found.key.point == point else None

    # --- settlement ---------------------------------------------------------------------------------

    def settle(self, receipt: Receipt, request: dict[str, Any]) -> dict[str, Any]:
        """Debit `total` once per (point, receipt number); the same answer for ever."""
        key = f"receipt:{receipt.point}:{receipt.number}"
        found: list[tuple[str, str]] = []
        with self._store.lineage.change(receipt.id_tag, *_names(key, receipt)):
            seen = self._store.answered(key)
            if seen is None:
                answer = self._settle_inside(key, receipt, found)
                if answer["status"] == "Accepted":
                    database = self._store.database
                    receipt, told = invoices.invoiced_inside(database, receipt, self._now())
                    answer |= told
                self._store.charges.save_receipt(receipt, self._now())
                self._store.remember_answer(key, self._now(), request, answer)
            else:
                answer = seen[1]
        if seen is not None and seen[0] != request:
            self._find(receipt.point, "receipt.changed", f"receipt {receipt.number}")
        for code, detail in found:
            self._find(receipt.point, code, f"receipt {receipt.number}: {detail}")
        return answer

    def _settle_inside(
        self, key: str, receipt: Receipt, found: list[tuple[str, str]]
    ) -> dict[str, Any]:
        transaction = self._transaction_of(receipt)
        if transaction is not None and transaction.receipt_number is not None:
            found.append(("receipt.second", f"transaction {transaction.id} was settled before"))
            return {"status": "Held"}
        card = self._book.card(self._store.lineage.newest(receipt.id_tag))
        differing = differences(receipt, transaction, card, self._book.programme.timezone)
        found.extend((difference.code, difference.detail) for difference in differing)
        if receipt.transaction_id is not None and transaction is None:
            found.append(("receipt.unknown_transaction", f"transaction {receipt.transaction_id}"))
        if card is not None:
            found.extend(self._settle_card_inside(key, receipt, transaction, card))
        else:
            payer = f"clearing:{receipt.point}"
            if receipt.means.lower().startswith("green"):
                found.append(("receipt.unknown_card", "its card is not ours"))
                payer = f"owed:{receipt.point}:{receipt.number}"
            self._book.sell_inside(key, payer, receipt.total_minor)
        if transaction is not None:
            self._close_inside(transaction, receipt)
        own = [difference.own_minor for difference in differing if difference.own_minor is not None]
        if not own:
            return {"status": "Accepted"}
        gap = {"amount": receipt.total_minor - own[0], "currency": self._book.tariff.currency}
        return {"status": "Accepted", "difference": gap}

    def refund_inside(self, refund: Refund) -> dict[str, Any]:
        """Part of the caller's commit. More than the receipt's total is kept for a person."""
        key, number = f"refund:{refund.point}:{refund.reference}", refund.receipt_number
        total = self._store.charges.receipt_total(refund.point, number)
        given = sum(
            int(d["amount"]["amount"]) for d in self._store.charges.refunds(refund.point, number)
        )
        refund = invoices.corrected_inside(self._store.database, refund, self._now())
        self._store.charges.save_refund(refund, self._now())
        if total is None or given + refund.amount_minor > total:
            detail = f"receipt {number}: {given} and {refund.amount_minor} of {total}"
            self._store.add_finding(self._now(), refund.point, "refund.above_receipt", detail)
            return {"status": "Held"}
        if loads.is_of_load(refund):
            loads.give_back_inside(self._book, key, refund)
            return {"status": "Accepted"}
        card = self._book.card(self._store.lineage.newest(refund.id_tag))
        if card is not None:
            settled = self._store.charges.settled_by(refund.point, number)
            undone = Undone(refund, total, given, None if settled is None else settled.terms)
            programme = self._book.programme
            take_back_inside(self._store, programme, card, undone, at=self._now())
        payee = f"card:{card.number}" if card is not None else f"clearing:{refund.point}"
        self._book.refund_inside(key, payee, refund.amount_minor)
        return {"status": "Accepted"}

    def _transaction_of(self, receipt: Receipt) -> Transaction | None:
        if receipt.transaction_id is None:
            return None
        transaction = self._store.charges.transaction(receipt.transaction_id)
        ours = transaction is not None and transaction.key.point == receipt.point
        return transaction if ours else None

    def _settle_card_inside(
        self, key: str, receipt: Receipt, transaction: Transaction | None, card: Card
    ) -> list[tuple[str, str]]:
        """Gives what a person has to look at."""
        if transaction is not None:
            # The hold goes first: what it kept is what the debit takes.
            self._store.charges.save_progress(replace(transaction, hold_open=False))
        frozen = transaction.terms if transaction is not None else None
        taken_wh = used_wh(card, frozen, receipt.energy_wh, receipt.included_wh)
        charged = lowered(
            after_paid_charge(card, total_minor=receipt.total_minor, terms=frozen), frozen, taken_wh
        )
        self._book.debit_inside(key, charged, receipt.total_minor)
        if beyond := beyond_wh(card, frozen, taken_wh):
            return [("receipt.plan", f"{beyond} Wh of {taken_wh} Wh were no longer in the plan")]
        return []

    def _close_inside(self, transaction: Transaction, receipt: Receipt) -> None:
        closed = replace(
            transaction,
            hold_open=False,
            receipt_number=receipt.number,
            total_minor=receipt.total_minor,
        )
        self._store.charges.save_progress(closed)
        self._tell(transaction.id, transaction.key)

    # --- around -------------------------------------------------------------------------------------

    def _tell(self, transaction_id: int, key: StartKey) -> None:
        self._feed.changed("transaction", str(transaction_id))
        self._feed.changed("point", key.point)

    def _find(self, point: str, code: str, detail: str) -> None:
        with self._store.change():
            finding = self._store.add_finding(self._now(), point, code, detail)
        logger.warning("finding recorded", extra={"point": point, "code": code, "detail": detail})
        self._feed.changed("finding", str(finding.id))

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _with_reading(transaction: Transaction, reading: Reading) -> Transaction:
    meter_wh = transaction.meter_wh if reading.register_wh is None else reading.register_wh
    power_w = transaction.power_w if reading.power_w is None else reading.power_w
    return replace(transaction, meter_wh=meter_wh, power_w=power_w)


def _names(key: str, receipt: Receipt) -> tuple[str, ...]:
    """What a settlement decides about."""
    names = (key, *invoices.names_of(receipt.document))
    if receipt.transaction_id is None:
        return names
    return (*names, f"transaction:{receipt.transaction_id}")
