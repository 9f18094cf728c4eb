"""What the terminal says about one money command, durable before it is answered (§2.4, §2.8).

04 0F result --> persist --> 80 00 00           silence would reverse the booking: so would a
                    |                           journal that cannot take it
                    +-- refused --> 84 66 00
06 0F / 06 1E --> the verdict; persisted, too, where it differs from the result
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from chargepoint.domain.payments import BankOutcome, BankReceipt, BankResult
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.payment_ports import Persist
from chargepoint.ports import Clock
from drivers.zvt.apdu import TAKEN, Apdu, Kind, Malformed, refused
from drivers.zvt.bitmaps import Bitmaps, parse
from drivers.zvt.codes import OK, Code, reason_of
from drivers.zvt.conversation import answer_politely
from drivers.zvt.receipt_text import ReceiptText
from drivers.zvt.result import NotBookable, code_of, receipt_of
from drivers.zvt.values import TextEncoding

log = logging.getLogger(__name__)

RESERVE = "reserve"
REPEAT_RECEIPT = "repeat_receipt"


@dataclass(frozen=True, slots=True)
class Order:
    """One money command. `messages`: the next is sent when the terminal knows no such command.

    `amount`: what the receipt is for; except of a reservation, the terminal's own amount field may
    mean something else. `plausible`: the amounts that field may hold; empty for any.
    """

    command: str
    reference: str
    messages: tuple[Apdu, ...]
    amount: Minor
    known_receipt: str = ""  # of the reservation it is about
    plausible: frozenset[int] = frozenset()
    needs_customer: bool = False

    def result(
        self,
        outcome: BankOutcome,
        receipt: BankReceipt | None = None,
        *,
        reason: str = "",
        code: int | None = None,
    ) -> BankResult:
        shown = "" if code is None else f"{code:02X}"
        return BankResult(self.command, self.reference, outcome, receipt, reason, shown)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every transaction at this terminal needs. `report` takes incident code and detail."""

    persist: Persist
    clock: Clock
    answer_limit_s: float  # T3 of the terminal
    encoding: TextEncoding
    prompt: Callable[[Apdu], None]
    report: Callable[[str, str], None]

    def writing_to(self, persist: Persist) -> "Desk":
        return replace(self, persist=persist)


class Transaction:
    """Hears the messages of one command. `verdict` is None until the terminal ended it."""

    def __init__(self, order: Order, desk: Desk) -> None:
        self.order = order
        self.verdict: BankResult | None = None
        self.is_abort_wanted = False
        self._desk = desk
        self._text = ReceiptText(desk.encoding)
        self._noted: BankResult | None = None  # the result as it is in the journal
        self._noted_payload = b""
        self._is_unrecorded = False

    @property
    def has_result(self) -> bool:
        return self._noted is not None

    def if_lost(self) -> BankResult:
        """The end of the command if nothing more is heard. UNKNOWN is not persisted."""
        if self.verdict is not None:
            return self.verdict
        if self._noted is not None and self._noted.outcome is not BankOutcome.APPROVED:
            return self._with_text(self._noted)
        receipt = None if self._noted is None else self._noted.receipt
        return self.order.result(BankOutcome.UNKNOWN, receipt)

    async def refuse(self, code: int) -> BankResult:
        """The terminal did not begin."""
        self.verdict = self._failure(code)
        await self._try_to_persist(self.verdict)
        return self.verdict

    async def hear(self, message: Apdu) -> Apdu | None:
        """The answer, once it may be given; None: too late for one."""
        match message.kind:
            case Kind.STATUS_INFORMATION:
                return await self._hear_result(message.payload)
            case Kind.COMPLETION:
                await self._conclude(self._completed(message))
            case Kind.ABORTED:
                await self._conclude(self._aborted(message))
            case Kind.PRINT_LINE | Kind.PRINT_BLOCK:
                self._text.add(message)
            case Kind.INTERMEDIATE_STATUS:
                if self.order.needs_customer:
                    self._desk.prompt(message)
            case _:
                return await answer_politely(message)
        return TAKEN

    async def _hear_result(self, payload: bytes) -> Apdu | None:
        if self._noted is not None and payload == self._noted_payload:
            return TAKEN  # asked again, booked once
        started_s = self._desk.clock.monotonic()
        try:
            result = self._result(parse(payload))
        except (NotBookable, Malformed) as error:
            self._desk.report("bank_terminal.unreadable_result", str(error))
            self._is_unrecorded = True
            return refused(Code.GOODS_NOT_ISSUED)
        if not await self._try_to_persist(result):
            self._is_unrecorded = True
            return refused(Code.GOODS_NOT_ISSUED)
        self._noted, self._noted_payload = result, payload
        self._is_unrecorded = False
        took_s = self._desk.clock.monotonic() - started_s
        if took_s > self._desk.answer_limit_s:
            # The terminal may be reversing already; a late yes would answer its next message.
            self._desk.report("bank_terminal.late", f"journal took {took_s:.1f} s")
            return None
        return TAKEN

    def _result(self, fields: Bitmaps) -> BankResult:
        """Raises NotBookable, Malformed."""
        code = code_of(fields)
        if code != OK:
            return self._failure(code)
        return self.order.result(BankOutcome.APPROVED, self._booked(self._receipt(fields)))

    def _receipt(self, fields: Bitmaps) -> BankReceipt:
        """Only a reservation needs a number of its own: everything later is done to that number."""
        known = None if self.order.command == RESERVE else self.order.known_receipt
        return receipt_of(fields, known=known, asked=self.order.amount)

    def _booked(self, receipt: BankReceipt) -> BankReceipt:
        """With our amount, where the terminal's is that of a part, or of nothing."""
        plausible = self.order.plausible
        if plausible and receipt.amount not in plausible:
            self._desk.report(
                "bank_terminal.amount",
                f"{self.order.command} of {self.order.amount} answered with {receipt.amount}",
            )
        is_its_own = self.order.command in {RESERVE, REPEAT_RECEIPT}
        amount = receipt.amount if is_its_own else self.order.amount
        return replace(receipt, amount=amount, lines=self._text.lines)

    def _completed(self, message: Apdu) -> BankResult:
        if self._is_unrecorded:  # it went on although we said no: ask what is open
            return self.order.result(BankOutcome.UNKNOWN)
        if self._noted is not None:
            return self._noted
        if self.order.command == RESERVE:
            return self.order.result(BankOutcome.UNKNOWN)  # what was reserved was never said
        try:
            receipt = self._receipt(parse(message.payload))
        except Malformed:
            receipt = self._receipt(Bitmaps())
        return self.order.result(BankOutcome.APPROVED, self._booked(receipt))

    def _aborted(self, message: Apdu) -> BankResult:
        if self._noted is not None and self._noted.outcome is not BankOutcome.APPROVED:
            return self._noted
        code = message.payload[0] if message.payload else Code.SYSTEM_ERROR
        if self._noted is None:
            return self._failure(code)
        # Reversed after all: our answer came late, or not at all.
        return replace(self._failure(code), receipt=self._noted.receipt)

    def _failure(self, code: int) -> BankResult:
        is_given_up = self.is_abort_wanted and code == Code.BUSY
        if code == Code.TIMEOUT_OR_CANCELLED or is_given_up:
            reason = "cancelled" if self.is_abort_wanted else reason_of(code)
            return self.order.result(BankOutcome.CANCELLED, reason=reason, code=code)
        return self.order.result(BankOutcome.DECLINED, reason=reason_of(code), code=code)

    async def _conclude(self, verdict: BankResult) -> None:
        is_known = verdict.outcome is not BankOutcome.UNKNOWN
        if is_known and verdict != self._noted:
            await self._try_to_persist(verdict)
        self.verdict = self._with_text(verdict)

    def _with_text(self, result: BankResult) -> BankResult:
        """Receipts mostly come after the result."""
        if result.receipt is None or not self._text.lines:
            return result
        return replace(result, receipt=replace(result.receipt, lines=self._text.lines))

    async def _try_to_persist(self, result: BankResult) -> bool:
        try:
            await self._desk.persist(result)
        except ChargepointError as error:
            log.error(  # noqa: TRY400 - the journal's own trouble, told where it is known
                "bank result not recorded",
                extra={"command": result.command, "reference": result.reference, "why": str(error)},
            )
            return False
        return True
