"""Which messages carry out each order of the port (§2.8.5)."""

from chargepoint.domain.units import Minor
from drivers.zvt.apdu import Apdu
from drivers.zvt.commands import Commands
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.transaction import REPEAT_RECEIPT, RESERVE, Order

NOTHING = Minor(0)


class Orders:
    def __init__(self, settings: ZvtSettings) -> None:
        self.settings = settings
        self.commands = Commands(settings)

    def reserve(self, reference: str, amount: Minor) -> Order:
        return Order(
            RESERVE,
            reference,
            (self.commands.reserve(reference, amount),),
            amount,
            plausible=frozenset({amount}),
            needs_customer=True,
        )

    def settle(
        self, reference: str, receipt_number: str, amount: Minor, *, reserved: Minor
    ) -> Order:
        """0 < `amount` <= `reserved`; what was not used goes back in the same command."""
        rest = Minor(reserved - amount)
        book = self.commands.book(reference, receipt_number, amount)
        give_back = self.commands.give_back(reference, receipt_number, rest)
        messages: tuple[Apdu, ...]
        if self.settings.always_book_total:
            messages = (book,)
        elif rest:
            messages = (give_back,)
        else:  # some terminals can book the whole only by giving back nothing
            messages = (book, give_back)
        return Order(
            "settle",
            reference,
            messages,
            amount,
            known_receipt=receipt_number,
            plausible=frozenset({amount, rest, reserved}),
        )

    def release(self, reference: str, receipt_number: str) -> Order:
        messages = (self.commands.release(receipt_number),)
        return Order("release", reference, messages, NOTHING, known_receipt=receipt_number)

    def refund(self, reference: str, amount: Minor) -> Order:
        return Order(
            "refund",
            reference,
            (self.commands.refund(amount),),
            amount,
            plausible=frozenset({amount}),
            needs_customer=True,
        )

    def end_of_day(self) -> Order:
        return Order("end_of_day", "", (self.commands.end_of_day(),), NOTHING)

    def repeat_receipt(self) -> Order:
        return Order(REPEAT_RECEIPT, "", (self.commands.repeat_receipt(),), NOTHING)
