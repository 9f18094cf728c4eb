"""Talks to the bank terminal for the conversation, and settles reservations for the journal.

Every result is durable before the terminal is told (`persist`). After a cut or a lost link the
terminal is asked which reservations are open; nothing is repeated blindly (reference §2.8).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.domain.bank_talk import hold_of
from chargepoint.domain.effects import BankReserve
from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.record import Batch, HoldRecord, HoldState, Incident
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import BankTerminal
from chargepoint.ports import DeviceUnavailable

log = logging.getLogger(__name__)

_RETRY_S = 10.0
_ATTEMPTS = 3
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
        self._sales: set[str] = set()

    def connect(self, terminal: BankTerminal) -> None:
        self._terminal = terminal

    async def persist(self, result: BankResult) -> None:
        """The driver waits here before it acknowledges an approval."""
        record = self._record_of(result)
        if record is not None:
            await self._gate.commit_and_wait(Batch(holds=(record,)))

    def device_changed(self, *, online: bool) -> None:
        self._online = online
        self.wake()

    def wake(self) -> None:
        """The journal may hold reservations to settle, or the terminal came back."""
        self._wake.set()
        self._tell()

    async def run(self) -> None:
        """Settle until nothing is left, then sleep. At boot: holds nobody used go back."""
        for record in self._book.holds(HoldState.OPEN):
            await self._write(record, HoldState.RELEASE)
        while True:
            self._wake.clear()
            self._tell()
            unsettled = self._book.holds(*_UNSETTLED) if self._online else []
            for record in unsettled:
                await self._settle(record)
            if unsettled and self._book.holds(*_UNSETTLED):
                await self._pause()
            else:
                await self._wake.wait()

    async def reserve(self, order: BankReserve) -> None:
        """Ends as `answered`; a sale is captured at once."""
        assert self._terminal is not None  # connected before anything runs
        if order.sale:
            self._sales.add(order.reference)
        result = await self._terminal.reserve(order.reference, order.amount)
        if order.sale and result.outcome is BankOutcome.APPROVED:
            self.wake()
        self._answered(result)

    async def abort(self) -> None:
        assert self._terminal is not None
        await self._terminal.abort()

    # --- inside ---

    def _record_of(self, result: BankResult) -> HoldRecord | None:
        if result.outcome is not BankOutcome.APPROVED or result.receipt is None:
            return None
        if result.command == "reserve":
            hold = hold_of(result.reference, result.receipt)
            sale = result.reference in self._sales
            state = HoldState.CAPTURE if sale else HoldState.OPEN
            return HoldRecord(hold, state, wanted=hold.amount if sale else Minor(0))
        for record in self._book.holds(*_UNSETTLED):
            if record.hold.reference == result.reference:
                captured = record.wanted if record.state is HoldState.CAPTURE else Minor(0)
                return HoldRecord(record.hold, HoldState.DONE, record.wanted, captured)
        return None

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
        if result.outcome is BankOutcome.DECLINED:
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
        captured = record.wanted if record.state is HoldState.CAPTURE else Minor(0)
        done = HoldRecord(record.hold, HoldState.DONE, record.wanted, captured)
        detail = f"receipt {record.hold.receipt_number} was settled without an answer"
        incident = Incident("bank_terminal.reconciled", detail, "bank_terminal")
        await self._gate.commit_and_wait(Batch(holds=(done,), incidents=(incident,)))

    async def _count_refusal(self, record: HoldRecord, result: BankResult) -> None:
        reference = record.hold.reference
        self._refusals[reference] = self._refusals.get(reference, 0) + 1
        if self._refusals[reference] < _ATTEMPTS:
            return
        failed = HoldRecord(record.hold, HoldState.FAILED, record.wanted)
        detail = f"receipt {record.hold.receipt_number}: {result.reason} {result.code}"
        incident = Incident("bank_terminal.refused", detail, "bank_terminal")
        await self._gate.commit_and_wait(Batch(holds=(failed,), incidents=(incident,)))

    async def _write(self, record: HoldRecord, state: HoldState) -> None:
        changed = HoldRecord(record.hold, state, record.wanted, record.captured)
        await self._gate.commit_and_wait(Batch(holds=(changed,)))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_RETRY_S):
                await self._wake.wait()
        except TimeoutError:
            return

    def _tell(self) -> None:
        self._changed(self._online, len(self._book.holds(*_OCCUPYING)))
