"""Money that a cut or a silent hopper left owed: found in the journal, told, and made a voucher.

Whoever it belongs to may be gone, so nothing is paid out here. The voucher is one commit with its
debt: cut again, the next start finds either the debt or the voucher, never both and never neither.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.domain.dialogue.actions import reference_of
from chargepoint.domain.dialogue.events import OwedRecovered
from chargepoint.domain.money import ledger, voucher
from chargepoint.domain.money.voucher import VoucherTerms
from chargepoint.domain.payments import claim_of_payout
from chargepoint.domain.record import (
    Batch,
    Incident,
    PayoutRecord,
    PointRecord,
    SessionRecord,
)
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import Clock, Entropy

log = logging.getLogger(__name__)

_BILLED = "settling/billed"
_PROOF_LIMIT_S = 60.0  # a hopper answers within seconds of power, or somebody must look at it
_OLD = "owed when power returned"


class ClaimBook(Protocol):
    """What the desk asks of the journal besides writing; committed rows only."""

    def balances(self) -> dict[str, int]: ...

    def open_payouts(self) -> list[PayoutRecord]: ...

    def saved_points(self) -> dict[ConnectorId, PointRecord]: ...

    def session_record(self, session: SessionId) -> SessionRecord | None: ...

    def is_booked(self, key: str) -> bool: ...


class ClaimDesk:
    def __init__(
        self,
        gate: Gate,
        book: ClaimBook,
        *,
        clock: Clock,
        entropy: Entropy,
        terms: VoucherTerms,
        told: Callable[[OwedRecovered], None],
    ) -> None:
        self._gate = gate
        self._book = book
        self._clock = clock
        self._entropy = entropy
        self._terms = terms
        self._told = told
        self._waits: set[str] = set()  # claims of an earlier life with coins unproved

    async def recover(self) -> None:
        """At boot, before anybody is served: whatever an earlier life still owes.

        Where coins are unproved their hopper is waited for: one debt, one voucher.
        """
        await self._name_old_debts()
        waits = set(self._unproved())
        for claim, amount in self._left_behind().items():
            if claim in waits:
                self._waits.add(claim)
            else:
                await self._issue(claim, amount, _OLD)
        self._waits |= waits

    async def wait_no_longer(self) -> None:
        """A hopper that stays silent must not keep the rest of somebody's money."""
        await asyncio.sleep(_PROOF_LIMIT_S)
        found = self._left_behind()
        for claim in sorted(self._waits):
            if claim in found:
                await self._issue(claim, found[claim], _OLD)
        self._waits.clear()

    async def hopper_proved(self, claim: str, missing: Minor) -> None:
        """`missing`: coins that counted as paid while nobody knew, and did not fall."""
        if claim not in self._waits:
            if missing > 0:
                await self._issue(claim, missing, "not paid by a hopper that could say so only now")
            return
        if claim in self._unproved():
            return
        self._waits.discard(claim)
        if amount := self._left_behind().get(claim):
            await self._issue(claim, amount, _OLD)

    # --- inside ---

    async def _name_old_debts(self) -> None:
        """Older books owe everybody in one account. Whoever's plug is still in has his bill to say
        what of it is his: it waits for him, and does not become a voucher for nobody besides.
        """
        for claim in sorted(_present(self._book.saved_points())):
            balances, record = self._book.balances(), self._book.session_record(SessionId(claim))
            asked = 0 if record is None else int(record.body.get("owed", 0))
            amount = min(asked, balances.get(ledger.OWED, 0))
            if amount <= 0 or balances.get(ledger.owed(claim), 0):
                continue
            named = ledger.transfer(
                f"owednamed:{claim}", Minor(amount), debit=ledger.OWED, credit=ledger.owed(claim)
            )
            await self._gate.commit_and_wait(Batch(postings=(named,)))

    def _left_behind(self) -> dict[str, Minor]:
        book = self._book
        return voucher.left_behind(book.balances(), self._unproved(), _present(book.saved_points()))

    def _unproved(self) -> dict[str, Minor]:
        found: dict[str, Minor] = {}
        for record in self._book.open_payouts():
            claim = claim_of_payout(record.mark.reference)
            found[claim] = Minor(found.get(claim, 0) + record.mark.coins * record.value)
        return found

    async def _issue(self, claim: str, amount: Minor, why: str) -> None:
        code = self._free_code()
        issued = voucher.issue(
            self._terms,
            claim,
            amount,
            code=code,
            reference=f"{claim}:{self._entropy.identifier()}",
            at=self._clock.utc(),
        )
        detail = f"{amount} minor units {why}, reference {reference_of(SessionId(claim))}"
        became = f"{amount} minor units as voucher ending {voucher.masked(code)}"
        await self._gate.commit_and_wait(
            Batch(
                postings=(issued.posting,),
                deliveries=(issued.message,),
                incidents=(Incident("cash.owed", detail), Incident("cash.voucher", became)),
                vouchers=(issued.record,),
            )
        )
        log.warning("old debt became a voucher", extra={"amount_minor": amount})
        self._told(OwedRecovered(issued.record, needs_code=self._has_stop_code(claim)))

    def _free_code(self) -> str:
        """A code that this point has given out before would leave the debt where it is."""
        while True:
            code = f"{self._entropy.below(voucher.CODES):08d}"
            if not self._book.is_booked(f"voucher:{code}"):
                return code

    def _has_stop_code(self, claim: str) -> bool:
        record = self._book.session_record(SessionId(claim)) if claim else None
        if record is None or "order" not in record.body:  # of a card that was loaded
            return False
        return bool(record.body["order"]["code"])


def _present(saved: Mapping[ConnectorId, PointRecord]) -> frozenset[str]:
    """Sessions whose plug was still in: their customer gets the change when it is pulled."""
    return frozenset(
        str(record.body["session"]["order"]["session"])
        for record in saved.values()
        if record.state == _BILLED and record.body["session"] is not None
    )
