"""What one command's messages come to, and what is in the journal by then."""

import asyncio
from dataclasses import dataclass, field

import pytest

from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from drivers.zvt import bitmaps
from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.bitmaps import Field
from drivers.zvt.orders import Orders
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.transaction import Desk, Order, Transaction
from drivers.zvt.values import TextEncoding, bcd
from simulator.vtime import VirtualClock, run_virtual

ORDERS = Orders(ZvtSettings())
RESERVE = ORDERS.reserve("S-1", Minor(4000))
SETTLE = ORDERS.settle("S-1", "0231", Minor(1205), reserved=Minor(4000))
RELEASE = ORDERS.release("S-1", "0231")
DONE = Apdu(Kind.COMPLETION)
REVERSED = Apdu(Kind.ABORTED, b"\xa0")


class DiskFull(ChargepointError):
    pass


@dataclass
class Told:
    """A transaction, and everything that comes out of it."""

    order: Order
    persisted: list[BankResult] = field(default_factory=list)
    prompts: list[Apdu] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    answers: list[Apdu | None] = field(default_factory=list)
    is_full: bool = False
    takes_s: float = 0.0  # to write

    def hear(self, *messages: Apdu) -> Transaction:
        async def persist(result: BankResult) -> None:
            if self.is_full:
                raise DiskFull("full")
            await asyncio.sleep(self.takes_s)
            self.persisted.append(result)

        async def main() -> Transaction:
            desk = Desk(
                persist,
                VirtualClock(),
                5.0,
                TextEncoding.AUTO,
                prompt=self.prompts.append,
                report=lambda code, _detail: self.incidents.append(code),
            )
            transaction = Transaction(self.order, desk)
            for message in messages:
                self.answers.append(await transaction.hear(message))
                await asyncio.sleep(0)
            return transaction

        return run_virtual(main())


def result(code: int = 0, *, amount: int | None = None, receipt: int | None = 231) -> Apdu:
    fields: list[tuple[int, bytes]] = [(Field.RESULT, bytes([code]))]
    if amount is not None:
        fields.append((Field.AMOUNT, bcd(amount, 6)))
    if receipt is not None:
        fields.append((Field.RECEIPT, bcd(receipt, 2)))
    return Apdu(Kind.STATUS_INFORMATION, bitmaps.encode(*fields))


def outcomes(results: list[BankResult]) -> list[BankOutcome]:
    return [each.outcome for each in results]


def test_an_approval_is_the_verdict_once_the_command_is_complete() -> None:
    told = Told(RESERVE)
    transaction = told.hear(result(), DONE)
    assert transaction.verdict == told.persisted[0]
    assert outcomes(told.persisted) == [BankOutcome.APPROVED]
    assert told.answers == [TAKEN, TAKEN]


def test_an_approval_before_the_completion_is_unknown_when_the_line_is_lost() -> None:
    transaction = Told(RESERVE).hear(result())
    assert transaction.verdict is None
    lost = transaction.if_lost()
    assert lost.outcome is BankOutcome.UNKNOWN
    assert lost.receipt is not None
    assert lost.receipt.receipt_number == "0231"


def test_a_refusal_is_known_even_when_the_line_is_lost_after_it() -> None:
    transaction = Told(RESERVE).hear(Apdu(Kind.PRINT_LINE, b"\x00x"), result(0x71))
    assert transaction.if_lost().reason == "insufficient"


def test_the_verdict_is_known_even_when_the_line_is_lost_after_it() -> None:
    transaction = Told(RESERVE).hear(result(), DONE)
    assert transaction.if_lost() == transaction.verdict


def test_a_result_asked_for_twice_is_booked_once() -> None:
    told = Told(RESERVE)
    told.hear(result(), result(), DONE)
    assert len(told.persisted) == 1
    assert told.answers == [TAKEN] * 3


def test_a_booking_that_is_reversed_after_all_is_recorded_as_that() -> None:
    told = Told(SETTLE)
    transaction = told.hear(result(receipt=232), REVERSED)
    assert outcomes(told.persisted) == [BankOutcome.APPROVED, BankOutcome.DECLINED]
    assert transaction.verdict is not None
    assert (transaction.verdict.reason, transaction.verdict.code) == ("terminal", "A0")


def test_an_abort_without_a_code_is_a_failure() -> None:
    told = Told(RESERVE)
    told.hear(Apdu(Kind.ABORTED))
    assert [each.code for each in told.persisted] == ["FF"]


@pytest.mark.parametrize("order", [SETTLE, RELEASE], ids=lambda one: one.command)
@pytest.mark.parametrize("payload", [b"", bitmaps.encode((Field.RECEIPT, b"\xee\xee"))])
def test_a_completion_without_a_result_is_a_success(order: Order, payload: bytes) -> None:
    told = Told(order)
    transaction = told.hear(Apdu(Kind.COMPLETION, payload))
    assert transaction.verdict is not None
    assert transaction.verdict.outcome is BankOutcome.APPROVED
    assert transaction.verdict.receipt is not None
    assert transaction.verdict.receipt.receipt_number == "0231"
    assert transaction.verdict.receipt.amount == order.amount
    assert len(told.persisted) == 1


def test_a_reservation_that_never_said_its_number_is_unknown() -> None:
    told = Told(RESERVE)
    transaction = told.hear(DONE)
    assert transaction.if_lost().outcome is BankOutcome.UNKNOWN
    assert told.persisted == []


@pytest.mark.parametrize(
    "message",
    [
        result(receipt=None),
        Apdu(Kind.STATUS_INFORMATION),
        Apdu(Kind.STATUS_INFORMATION, b"\x27\x00\x87\xee\xee"),
    ],
    ids=["no receipt", "nothing", "no number"],
)
def test_a_result_that_cannot_be_booked_is_given_back(message: Apdu) -> None:
    told = Told(RESERVE)
    transaction = told.hear(message, DONE)
    assert told.answers[0] == refused(0x66)
    assert told.incidents == ["bank_terminal.unreadable_result"]
    # It went on although it was told no: only the list of open reservations can say.
    assert transaction.if_lost().outcome is BankOutcome.UNKNOWN


def test_a_yes_that_would_come_too_late_is_not_given() -> None:
    in_time, late = Told(RESERVE, takes_s=4.9), Told(RESERVE, takes_s=5.1)
    in_time.hear(result())
    late.hear(result())
    assert (in_time.answers, late.answers) == ([TAKEN], [None])
    assert (in_time.incidents, late.incidents) == ([], ["bank_terminal.late"])


def test_a_settlement_that_went_on_although_it_was_not_recorded_is_unknown() -> None:
    told = Told(SETTLE, is_full=True)
    transaction = told.hear(result(receipt=232), DONE)
    assert transaction.if_lost().outcome is BankOutcome.UNKNOWN


def test_a_full_journal_gives_the_booking_back() -> None:
    told = Told(RESERVE, is_full=True)
    transaction = told.hear(result(), Apdu(Kind.ABORTED, b"\x66"))
    assert told.answers[0] == refused(0x66)
    assert transaction.verdict is not None
    assert transaction.verdict.outcome is BankOutcome.DECLINED


def test_a_terminal_that_reserved_another_amount_is_believed_and_reported() -> None:
    told = Told(RESERVE)
    transaction = told.hear(result(amount=3000), DONE)
    assert told.incidents == ["bank_terminal.amount"]
    assert transaction.verdict is not None
    assert transaction.verdict.receipt is not None
    assert transaction.verdict.receipt.amount == 3000


@pytest.mark.parametrize("shown", [None, 1205, 2795, 4000])
def test_a_settlement_is_of_our_amount_whatever_the_terminal_shows(shown: int | None) -> None:
    told = Told(SETTLE)
    transaction = told.hear(result(amount=shown, receipt=232), DONE)
    assert transaction.verdict is not None
    assert transaction.verdict.receipt is not None
    assert transaction.verdict.receipt.amount == 1205
    assert told.incidents == []


def test_only_a_command_that_waits_for_a_customer_talks_to_the_screen() -> None:
    status = Apdu(Kind.INTERMEDIATE_STATUS, b"\x0a")
    with_customer, without = Told(RESERVE), Told(SETTLE)
    with_customer.hear(status)
    without.hear(status)
    assert (with_customer.prompts, without.prompts) == ([status], [])


def test_a_message_that_means_nothing_is_answered() -> None:
    told = Told(RESERVE)
    told.hear(Apdu(0x0401), Apdu(0x040C))
    assert told.answers == [TAKEN, refused(0x83)]
