"""Talks to the bank terminal for the conversation, and settles reservations for the journal.

Every result is durable before the terminal is told (`persist`). After a cut or a lost link the
terminal is asked which reservations are open; nothing is repeated blindly (reference §2.8).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.domain.dialogue.bank_talk import hold_of
from chargepoint.domain.effects import BankReserve
from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.record import Batch, HoldRecord, HoldState, Incident
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import BankTerminal
from chargepoint.ports import DeviceUnavailable

log = logging.getLogger(__name__)

_RETRY_S = 10.0
_LONGEST_RETRY_S = 600.0
_TELL_AFTER = 3  # refusals of one settlement, then a person is told; it is tried on
_UNSETTLED = (HoldState.CAPTURE, HoldState.RELEASE)
_OCCUPYING = (HoldState.OPEN, HoldState.USED, *_UNSETTLED)


class HoldBook(Protocol):
    def holds(self, *states: HoldState) -> list[HoldRecord]:
        """Reservations in these states, oldest first; committed ones only."""
        ...


class BankDesk:
    def __init__(
        self,
        gate: Gate,
        book: HoldBook,
        *,
        answered: Callable[[BankResult], None],
        changed: Callable[[bool, int], None],
    ) -> None:
        self._gate = gate
        self._book = book
        self._answered = answered
        self._changed = changed
        self._terminal: BankTerminal | None = None
        self._wake = asyncio.Event()
        self._online = False
        self._refusals: dict[str, int] = {}
        self._running = ""  # reference of the reservation under way
        self._confirmed: set[str] = set()  # approved to the end in this life: somebody uses them

    def connect(self, terminal: BankTerminal) -> None:
        self._terminal = terminal

    async def persist(self, result: BankResult) -> None:
        """The driver waits here before it acknowledges. An approval is not yet the end of a
        command: the terminal may still take it back, so only its return makes it final.
        """
        if result.command != "reserve" or result.outcome is not BankOutcome.APPROVED:
            return
        if result.receipt is not None:
            hold = hold_of(result.reference, result.receipt)
            await self._write(HoldRecord(hold, HoldState.OPEN))
            if result.reference != self._running:  # nobody waits for it any more
                self.wake()

    def device_changed(self, *, online: bool) -> None:
        self._online = online
        self.wake()

    def wake(self) -> None:
        """The journal may hold reservations to settle, or the terminal came back."""
        self._wake.set()
        self._tell()

    async def run(self) -> None:
        """Settle until nothing is left, then sleep until the journal or the terminal has news."""
        # A session that goes on in this life may give its reservation back for a retry.
        self._confirmed.update(each.hold.reference for each in self._book.holds(HoldState.USED))
        while True:
            self._wake.clear()
            await self._give_back_orphans()
            self._tell()
            unsettled = self._book.holds(*_UNSETTLED) if self._online else []
            for record in unsettled:
                await self._settle(record)
            if unsettled:
                self._tell()  # the next customer may use the terminal
            if unsettled and self._book.holds(*_UNSETTLED):
                await self._pause()
            else:
                await self._wake.wait()

    async def reserve(self, order: BankReserve) -> None:
        """Ends as `answered`: whoever hears it uses the reservation, captures it or gives it back."""
        assert self._terminal is not None  # connected before anything runs
        self._running = order.reference
        try:
            result = await self._terminal.reserve(order.reference, order.amount)
        except DeviceUnavailable as error:
            result = BankResult(
                "reserve", order.reference, BankOutcome.DECLINED, reason="terminal", code=str(error)
            )
        self._running = ""
        if result.outcome is BankOutcome.APPROVED and result.receipt is not None:
            self._confirmed.add(order.reference)
        self.wake()
        self._answered(result)

    async def abort(self) -> None:
        assert self._terminal is not None
        await self._terminal.abort()

    # --- inside ---

    async def _give_back_orphans(self) -> None:
        """Approved once, and nobody uses them: after a cut, an abort, or an answer that was lost."""
        for record in self._book.holds(HoldState.OPEN):
            reference = record.hold.reference
            if reference != self._running and reference not in self._confirmed:
                await self._write(HoldRecord(record.hold, HoldState.RELEASE))

    async def _settle(self, record: HoldRecord) -> None:
        assert self._terminal is not None
        hold = record.hold
        try:
            if hold.receipt_number not in await self._terminal.list_open():
                await self._reconcile(record)
                return
            result = await self._carry_out(record)
        except DeviceUnavailable as error:
            log.warning("reservation not settled yet", extra={"why": str(error)})
            return
        if result.outcome is BankOutcome.APPROVED:
            await self._write(_done(record))
        elif result.outcome is BankOutcome.DECLINED:
            await self._count_refusal(record, result)

    async def _carry_out(self, record: HoldRecord) -> BankResult:
        assert self._terminal is not None
        hold = record.hold
        if record.state is HoldState.RELEASE:
            return await self._terminal.release(hold.reference, hold.receipt_number)
        return await self._terminal.settle(
            hold.reference, hold.receipt_number, record.wanted, reserved=hold.amount
        )

    async def _reconcile(self, record: HoldRecord) -> None:
        """No longer open at the terminal, and no result of ours: it was carried out, unheard."""
        detail = f"receipt {record.hold.receipt_number} was settled without an answer"
        incident = Incident("bank_terminal.reconciled", detail, "bank_terminal")
        await self._gate.commit_and_wait(Batch(holds=(_done(record),), incidents=(incident,)))

    async def _count_refusal(self, record: HoldRecord, result: BankResult) -> None:
        """It is tried on, ever more slowly; a person is told once."""
        reference = record.hold.reference
        self._refusals[reference] = self._refusals.get(reference, 0) + 1
        if self._refusals[reference] == _TELL_AFTER:
            detail = f"receipt {record.hold.receipt_number}: {result.reason} {result.code}"
            incident = Incident("bank_terminal.refused", detail, "bank_terminal")
            await self._gate.commit_and_wait(Batch(incidents=(incident,)))

    async def _write(self, record: HoldRecord) -> None:
        await self._gate.commit_and_wait(Batch(holds=(record,)))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._retry_s()):
                await self._wake.wait()
        except TimeoutError:
            return

    def _retry_s(self) -> float:
        worst = max(self._refusals.values(), default=0)
        return float(min(_RETRY_S * 2 ** min(worst, 10), _LONGEST_RETRY_S))

    def _tell(self) -> None:
        self._changed(self._online, len(self._book.holds(*_OCCUPYING)))


def _done(record: HoldRecord) -> HoldRecord:
    captured = record.wanted if record.state is HoldState.CAPTURE else Minor(0)
    return HoldRecord(record.hold, HoldState.DONE, record.wanted, captured)
