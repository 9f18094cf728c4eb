"""One terminal on one open link: registered, ready, and one command after the other (§2.8).

register -> status -> ready
               | not ready: its remedies in turn, each followed by another look
               +-> out of service
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.errors import ChargepointError
from chargepoint.ports import DeviceUnavailable
from drivers.port import PortLost
from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.bitmaps import Field, parse
from drivers.zvt.codes import OK, Code, TerminalState, state_in_words
from drivers.zvt.commands import STATUS_ENQUIRY
from drivers.zvt.conversation import (
    ENDS,
    Conversation,
    End,
    Ended,
    Hear,
    Refused,
    answer_politely,
)
from drivers.zvt.link import Link, LinkLost
from drivers.zvt.orders import Orders
from drivers.zvt.result import open_receipts, status_of
from drivers.zvt.settings import Timeouts
from drivers.zvt.transaction import Desk, Order, Transaction

INITIALISE, SET_TERMINAL_ID, DIAGNOSE, END_OF_DAY = "initialise", "set id", "diagnose", "day"

# The reference names remedies and states in one breath; the more likely one comes first.
REMEDIES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        TerminalState.INITIALISATION_REQUIRED: (INITIALISE, SET_TERMINAL_ID),
        TerminalState.DIAGNOSIS_REQUIRED: (DIAGNOSE,),
        TerminalState.ACTIVATION_REQUIRED: (SET_TERMINAL_ID, INITIALISE),
        TerminalState.RECONCILIATION_REQUIRED: (END_OF_DAY,),
    }
)


class OutOfService(ChargepointError):
    """The terminal answers, and cannot take payments."""


class TerminalSession:
    """`interrupted`: the transaction whose end was not heard on an earlier link, if any.

    Methods raise LinkLost and PortLost, except `perform`, whose result says what is known; then
    `lost` is set and the link of no more use.
    """

    def __init__(
        self, link: Link, desk: Desk, orders: Orders, interrupted: Transaction | None
    ) -> None:
        self._link = link
        self._desk = desk
        self._orders = orders
        self._settings = orders.settings
        self._conversation: Conversation | None = None
        self._running: Transaction | None = None
        self.interrupted = interrupted
        self.lost: ChargepointError | None = None
        self.terminal_id = ""
        self.software = ""

    @property
    def _timeouts(self) -> Timeouts:
        return self._settings.timeouts

    # --- becoming ready -------------------------------------------------------------------------

    async def open(self) -> None:
        """The terminal is registered and ready; raises OutOfService."""
        await self._register()
        # It has begun a new command of ours, so it is in the middle of no earlier one.
        self.interrupted = None
        await self.make_ready()

    async def make_ready(self) -> None:
        """Look at its state and remedy what can be; busy counts as ready. Raises OutOfService."""
        status = await self._status()
        for remedy in REMEDIES.get(status, ()):
            await self._apply(remedy)
            status = await self._status()
            if status == OK:
                break
        if status == TerminalState.RECONCILIATION_REQUIRED and await self.list_open():
            return  # the day cannot be closed before that money is settled, so settling must go on
        if status not in {OK, Code.BUSY}:
            raise OutOfService(f"refused: {state_in_words(status)}")

    async def _register(self) -> None:
        end = await self._ask_when_free(self._orders.commands.register())
        match end:
            case Refused(code):
                raise OutOfService(f"refused: registration, {state_in_words(code)}")
            case Ended(message) if not end.is_completed:
                code = message.payload[0] if message.payload else Code.SYSTEM_ERROR
                raise OutOfService(f"refused: registration, {state_in_words(code)}")
            case Ended(message):
                terminal_id = parse(message.payload).get(Field.TERMINAL_ID)
                self.terminal_id = "" if terminal_id is None else terminal_id.hex()

    async def _status(self) -> int:
        end = await self._ask(STATUS_ENQUIRY)
        if isinstance(end, Refused):
            return end.code
        if not end.is_completed:
            return end.message.payload[0] if end.message.payload else Code.SYSTEM_ERROR
        status, software = status_of(end.message.payload)
        self.software = software or self.software
        return status

    async def _apply(self, remedy: str) -> None:
        """What comes of it shows in the next look at the state."""
        commands = self._orders.commands
        if remedy == END_OF_DAY:
            await self.end_of_day()
        elif remedy == DIAGNOSE:
            await self._ask_registered(commands.diagnose())
        elif remedy == INITIALISE:
            await self._ask_registered(commands.initialise())
        elif self._settings.terminal_id:
            await self._ask_registered(commands.set_terminal_id())

    # --- commands -------------------------------------------------------------------------------

    async def perform(self, order: Order) -> BankResult:
        """To its end, whatever that is. A reservation that was approved after all is released."""
        transaction = Transaction(order, self._desk)
        result = await self._transact(transaction)
        if transaction.is_abort_wanted and result.outcome is BankOutcome.APPROVED:
            return await self._release_late(order, result)
        return result

    async def list_open(self) -> tuple[str, ...]:
        """Raises DeviceUnavailable when the answer cannot be understood."""
        end = await self._ask_registered(self._orders.commands.enquire_open())
        found = None
        if isinstance(end, Ended) and not end.is_completed:
            found = open_receipts(end.message.payload)
        if found is None:
            raise DeviceUnavailable(f"the terminal does not say what is reserved: {end}")
        return found

    async def end_of_day(self) -> BankResult:
        """Not begun while a reservation is open: the terminal would refuse (§2.8.7)."""
        order = self._orders.end_of_day()
        if await self.list_open():
            return order.result(BankOutcome.DECLINED, reason="open_reservations")
        return await self.perform(order)

    async def repeat_receipt(self) -> BankResult:
        """Books nothing, so nothing of it goes to the journal."""

        async def forget(_result: BankResult) -> None:
            return

        return await self._transact(
            Transaction(self._orders.repeat_receipt(), self._desk.writing_to(forget))
        )

    def abort(self) -> bool:
        """End the running command if it is one that waits for a customer."""
        if self._running is None or not self._running.order.needs_customer:
            return False
        self._running.is_abort_wanted = True
        if self._conversation is not None and not self._running.has_result:
            self._conversation.abort()
        return True

    async def next_unasked(self) -> Apdu:
        """A message that belongs to no command, for `answer_unasked`. May be cancelled."""
        return await self._link.receive()

    async def answer_unasked(self, message: Apdu) -> None:
        answer = None if message.is_answer else await self._answer_to_unasked(message)
        if answer is not None:
            await self._link.send(answer)

    # --- one command ----------------------------------------------------------------------------

    async def _transact(self, transaction: Transaction) -> BankResult:
        self._running = transaction
        try:
            return await self._until_verdict(transaction)
        except (LinkLost, PortLost) as error:
            self.lost = error
            if transaction.verdict is None:
                self.interrupted = transaction
            return transaction.if_lost()
        finally:
            self._running = None

    async def _until_verdict(self, transaction: Transaction) -> BankResult:
        async def hear(message: Apdu) -> Apdu | None:
            answer = await transaction.hear(message)
            if transaction.has_result and self._conversation is not None:
                self._conversation.shorten(self._timeouts.completion_s)
            return answer

        code: int = Code.NOT_POSSIBLE
        for message in transaction.order.messages:
            end = await self._ask_registered(message, hear)
            if isinstance(end, Ended):
                assert transaction.verdict is not None, "an end is heard before it is an end"
                return transaction.verdict
            code = end.code
            if code != Code.NOT_POSSIBLE:
                break
        return await transaction.refuse(code)

    async def _release_late(self, order: Order, approved: BankResult) -> BankResult:
        """The customer had left when the approval came: it is given back before anything else."""
        assert approved.receipt is not None, "a reservation has a receipt"
        late = Transaction(
            self._orders.release(order.reference, approved.receipt.receipt_number), self._desk
        )
        released = (await self._transact(late)).outcome is BankOutcome.APPROVED
        if released:
            return order.result(BankOutcome.CANCELLED, approved.receipt, reason="cancelled")
        return order.result(BankOutcome.UNKNOWN, approved.receipt)

    async def _ask_registered(self, message: Apdu, hear: Hear | None = None) -> End:
        """Register again, once, if the terminal has forgotten us: it has started anew."""
        end = await self._ask_when_free(message, hear)
        if end == Refused(Code.NOT_REGISTERED):
            await self._register()
            end = await self._ask_when_free(message, hear)
        return end

    async def _ask_when_free(self, message: Apdu, hear: Hear | None = None) -> End:
        """As `_ask`; a busy terminal is asked again for a while. It has not begun, so that is safe."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._timeouts.busy_limit_s
        while True:
            end = await self._ask(message, hear)
            is_given_up = self._running is not None and self._running.is_abort_wanted
            if end != Refused(Code.BUSY) or is_given_up or loop.time() >= until_s:
                return end
            await self._listen(self._timeouts.busy_pause_s)

    async def _ask(self, message: Apdu, hear: Hear | None = None) -> End:
        self._conversation = Conversation(self._link, self._timeouts, self._answer_to_unasked)
        if self._running is not None and self._running.is_abort_wanted:
            self._conversation.abort()
        try:
            return await self._conversation.run(message, hear or self._hear_housekeeping)
        finally:
            self._conversation = None

    async def _listen(self, for_s: float) -> None:
        """A busy terminal talks: about the command that it is still busy with."""
        until_s = asyncio.get_running_loop().time() + for_s
        while True:
            try:
                async with asyncio.timeout_at(until_s):
                    message = await self._link.receive()
            except TimeoutError:
                return
            await self.answer_unasked(message)

    # --- messages that belong to no command of ours -----------------------------------------------

    async def _answer_to_unasked(self, message: Apdu) -> Apdu | None:
        """It is about the interrupted command; without one, a booking that is not ours."""
        if self.interrupted is not None:
            return await self.interrupted.hear(message)
        if message.kind != Kind.STATUS_INFORMATION:
            return await answer_politely(message)
        fields = parse(message.payload)
        is_booking = fields.get(Field.RESULT) == bytes([OK]) and fields.get(Field.TOTALS) is None
        if not is_booking:  # a failure, or a day that the terminal closed by itself
            return TAKEN
        self._desk.report("bank_terminal.orphan_result", "a booking that nobody here asked for")
        return refused(Code.GOODS_NOT_ISSUED)

    async def _hear_housekeeping(self, message: Apdu) -> Apdu | None:
        """During registration and the like; only the end is theirs."""
        return TAKEN if message.kind in ENDS else await self._answer_to_unasked(message)
