"""What the simulated terminal does with money: cards, banks, bookings, and the open reservations."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.bitmaps import Bitmaps, Field, parse
from drivers.zvt.codes import OK, Code, Intermediate
from drivers.zvt.commands import ANY_RECEIPT, PASSWORD_BYTES
from drivers.zvt.values import number_of
from simulator.devices import bank_terminal_messages as say
from simulator.devices.bank_terminal_books import Booking, Books
from simulator.devices.bank_terminal_card import (
    HOST_SILENT,
    OUTCOMES,
    PIN,
    REMOVE_EARLY,
    WRONG_PIN,
    Card,
    CardSlot,
)
from simulator.devices.bank_terminal_messages import Style

DECLINED = "declined"  # fault: every card
ASKED_AGAIN = 3  # results answered with "later"

Ask = Callable[[Apdu], Awaitable[Apdu | None]]
"""Says something to the host; its answer, None without one."""

Handler = Callable[[bytes], Awaitable[Apdu]]
"""Carries a command out; what ends it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """T2 and T3 as the specification has them; the rest is people and banks."""

    t2_s: float = 2.0
    t3_s: float = 5.0
    card_wait_s: float = 60.0
    pin_s: float = 3.0
    host_s: float = 1.5
    host_time_out_s: float = 20.0
    later_s: float = 2.0
    boot_s: float = 10.0


class Till:
    """The commands that move money. `faults` is the terminal's own set."""

    def __init__(
        self, ask: Ask, slot: CardSlot, faults: AbstractSet[str], *, style: Style, timing: Timing
    ) -> None:
        self._ask = ask
        self._slot = slot
        self._faults = faults
        self._style = style
        self._timing = timing
        self.books = Books()
        self.password = b""
        self._brand = say.BRANDS[say.USUAL_BRAND]  # of the last card
        self.handlers: dict[int, Handler] = {
            Kind.RESERVATION: self._reserve,
            Kind.PARTIAL_REVERSAL: self._reverse_partially,
            Kind.BOOK_TOTAL: self._book_total,
            Kind.RESERVATION_REVERSAL: self._release,
            Kind.REFUND: self._refund,
            Kind.END_OF_DAY: self._end_day,
            Kind.REPEAT_RECEIPT: self._repeat_receipt,
        }

    async def _show(self, number: int) -> None:
        await self._ask(say.status(number))

    async def _reserve(self, payload: bytes) -> Apdu:
        fields = parse(payload)
        amount = _amount(fields)
        if amount is None or fields.get(Field.CURRENCY) != say.EURO:
            return say.aborted(Code.WRONG_CURRENCY)
        if not 0 < amount <= self._style.highest_reservation_minor:
            return say.aborted(Code.AMOUNT_TOO_HIGH)
        if len(self.books.open_reservations) >= self._style.max_reservations:
            return self._list_reservations()
        code = await self._card_says()
        if code != OK:
            return await self._declined(code)
        return await self._booked(self.books.reserve(amount), with_card=True)

    async def _reverse_partially(self, payload: bytes) -> Apdu:
        fields = parse(payload)
        if fields.get(Field.RECEIPT) == ANY_RECEIPT:
            return self._list_reservations()
        receipt, rest = self._reservation(fields), _amount(fields)
        reserved = self.books.open_reservations.get(receipt, 0)
        lowest = 0 if self._style.books_zero_reversal else 1
        if not reserved or rest is None or not lowest <= rest < reserved:
            return say.aborted(Code.REVERSAL_IMPOSSIBLE)
        return await self._captured(receipt, reserved - rest, shown=rest)

    async def _book_total(self, payload: bytes) -> Apdu:
        fields = parse(payload)
        receipt, amount = self._reservation(fields), _amount(fields)
        reserved = self.books.open_reservations.get(receipt, 0)
        if amount is None or not 0 < amount <= reserved:
            return say.aborted(Code.AMOUNT_TOO_HIGH if reserved else Code.RESERVATION)
        return await self._captured(receipt, amount, shown=amount)

    async def _release(self, payload: bytes) -> Apdu:
        receipt = self._reservation(parse(payload))
        if receipt not in self.books.open_reservations:
            return say.aborted(Code.ALREADY_REVERSED)
        code = await self._host_says(self._timing.host_s)
        if code != OK:
            return await self._declined(code)
        return await self._booked(self.books.release(receipt))

    async def _refund(self, payload: bytes) -> Apdu:
        amount = _amount(parse(payload[PASSWORD_BYTES:]))
        if payload[:PASSWORD_BYTES] != self.password or not amount:
            return say.aborted(Code.NOT_POSSIBLE)
        code = await self._card_says()
        if code != OK:
            return await self._declined(code)
        return await self._booked(self.books.refund(amount), with_card=True)

    async def _end_day(self, _payload: bytes) -> Apdu:
        if self.books.open_reservations:
            return say.aborted(Code.END_OF_DAY_IMPOSSIBLE)
        code = await self._host_says(self._timing.host_s)
        if code != OK:
            return await self._declined(code)
        return await self._booked(self.books.close_day())

    async def _repeat_receipt(self, _payload: bytes) -> Apdu:
        last = self.books.last
        if last is None:
            return say.aborted(Code.NOT_POSSIBLE)
        await self._ask(say.approved(last, self._style))
        return await self._printed(last)

    def _list_reservations(self) -> Apdu:
        receipts = tuple(self.books.open_reservations)
        return say.open_reservations(receipts, as_container=self._style.lists_as_container)

    def _reservation(self, fields: Bitmaps) -> int:
        octets = fields.get(Field.RECEIPT)
        return -1 if octets is None else number_of(octets)

    async def _captured(self, receipt: int, amount: int, *, shown: int) -> Apdu:
        code = await self._host_says(self._timing.host_s)
        if code != OK:
            return await self._declined(code)
        return await self._booked(self.books.capture(receipt, amount, shown_minor=shown))

    # --- card, bank, result -----------------------------------------------------------------------

    async def _card_says(self) -> int:
        await self._show(Intermediate.PRESENT_CARD)
        card = await self._slot.next_card(self._timing.card_wait_s)
        if card is None:
            return Code.TIMEOUT_OR_CANCELLED
        try:
            return await self._verdict(card)
        finally:
            self._slot.give_back()

    async def _verdict(self, card: Card) -> int:
        self._brand = say.BRANDS[card.brand]
        if DECLINED in self._faults:
            card = Card("decline", card.host_s, card.brand)
        if card.kind in {PIN, WRONG_PIN}:
            await self._ask_for_pin(card)
        if card.kind == HOST_SILENT:
            return await self._silent_host()
        code = await self._host_says(card.host_s)
        return OUTCOMES[card.kind] if code == OK else code

    async def _ask_for_pin(self, card: Card) -> None:
        await self._show(Intermediate.WATCH_PIN_PAD)
        await asyncio.sleep(self._timing.pin_s)
        if card.kind == WRONG_PIN:
            await self._show(Intermediate.WRONG_PIN)
            await asyncio.sleep(self._timing.pin_s)

    async def _host_says(self, host_s: float) -> int:
        if HOST_SILENT in self._faults:
            return await self._silent_host()
        await self._show(Intermediate.WAITING_FOR_HOST)
        if await self._slot.is_removed_within(host_s):
            return OUTCOMES[REMOVE_EARLY]
        return OK

    async def _silent_host(self) -> int:
        await self._show(Intermediate.WAITING_FOR_HOST)
        await asyncio.sleep(self._timing.host_time_out_s)
        return Code.HOST_SILENT

    async def _declined(self, code: int) -> Apdu:
        await self._ask(say.declined(code))
        await self._show(Intermediate.DECLINED)
        return say.aborted(code)

    async def _booked(self, booking: Booking, *, with_card: bool = False) -> Apdu:
        """The booking stands once the host has answered its result, and not before."""
        brand = self._brand if with_card else None
        for _ in range(ASKED_AGAIN):
            answer = await self._ask(say.approved(booking, self._style, brand))
            if answer == TAKEN:
                self.books.commit()
                return await self._printed(booking)
            if answer != refused(Code.BUSY):
                break
            await asyncio.sleep(self._timing.later_s)
        self.books.reverse()
        await self._show(Intermediate.AUTO_REVERSAL)
        return say.aborted(Code.RECEIVER_NOT_READY)

    async def _printed(self, booking: Booking) -> Apdu:
        for line in say.receipt(booking, self._style):
            await self._ask(line)
        return Apdu(Kind.COMPLETION)


def _amount(fields: Bitmaps) -> int | None:
    octets = fields.get(Field.AMOUNT)
    return None if octets is None else number_of(octets)
