"""Pays change out of the hoppers: each payout is written down before it starts and proved after.

A payout is never repeated: what the hopper cannot prove as paid stays owed (reference §1.8).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from chargepoint.app.gate import Gate
from chargepoint.domain.money import ledger
from chargepoint.domain.payments import UNCERTAIN, HopperMark, PayoutDone, claim_of_payout
from chargepoint.domain.record import Batch, Incident, PayoutRecord
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import Hopper
from chargepoint.ports import DeviceUnavailable

log = logging.getLogger(__name__)

_PROOF_RETRY_S = 5.0
_PROOF_TRIES = 6
_TEST = "test:"  # references of coins that nobody is owed
_MOST_COINS = 255  # of one payout (payment_ports.Hopper.mark)


class PayoutBook(Protocol):
    """What the cashier asks of the journal besides writing."""

    def open_payouts(self) -> list[PayoutRecord]: ...

    def hopper_level(self, value: Minor) -> int:
        """Coins that must be inside, by the books."""
        ...


class Cashier:
    """One payout or proof at a time; the largest coins first."""

    def __init__(
        self,
        hoppers: Sequence[Hopper],
        gate: Gate,
        book: PayoutBook,
        *,
        floats: dict[Minor, int],
        level_changed: Callable[[Minor], None],
        proved: Callable[[str, Minor], Awaitable[None]],
    ) -> None:
        """`proved(claim, missing)`: an old payout is proved; `missing` of it did not fall."""
        self._hoppers = sorted(hoppers, key=lambda hopper: -hopper.value)
        self._gate = gate
        self._book = book
        self._floats = floats
        self._level_changed = level_changed
        self._proved = proved
        self._empty = {hopper.value for hopper in hoppers}  # none is promised before it answers
        self._held: set[Minor] = set()  # being replaced: they pay no customer
        self._busy = asyncio.Lock()
        self.paid_out: Callable[[PayoutDone], None] = lambda _done: None

    @property
    def is_paying(self) -> bool:
        return self._busy.locked()

    async def open(self) -> None:
        """At boot: settle what a cut left unproved, then say what change there is."""
        self._book_floats()
        async with self._busy:
            for hopper in self._hoppers:
                await self._settle_old(hopper)
        self._tell_level()

    async def hopper_came(self, value: Minor) -> None:
        """A hopper is back: what it could not prove before, it proves now; it may be full again."""
        async with self._busy:
            for hopper in self._hoppers:
                if hopper.value == value:
                    self._empty.discard(value)
                    await self._settle_old(hopper)
        self._tell_level()

    def hopper_gone(self, value: Minor) -> None:
        """It pays nobody until it is back: the screen must not promise its coins."""
        self._empty.add(value)
        self._tell_level()

    def _book_floats(self) -> None:
        """What was filled in before the first start; the key books it once in the journal's life."""
        for value, coins in self._floats.items():
            if coins:
                filled = ledger.transfer(
                    f"float:{value}",
                    Minor(value * coins),
                    debit=ledger.HOPPER,
                    credit=ledger.SURPLUS,
                )
                self._gate.commit(Batch(postings=(filled,)))

    async def pay(self, reference: str, amount: Minor) -> Minor:
        """Pay as much of `amount` as the hoppers can; returns what was paid.

        Coins of which nobody can say whether they fell count as paid here, so that nothing gives
        them a second time; in the books they stay owed until the hopper proves them.
        """
        rest = amount
        async with self._busy:
            for hopper in self._hoppers:
                coins = min(rest // hopper.value, self._level(hopper), _MOST_COINS)
                if coins > 0:
                    rest = Minor(rest - await self._pay_from(hopper, reference, coins))
        self._tell_level()
        return Minor(amount - rest)

    async def pay_test(self, value: Minor, reference: str) -> Minor:
        """One coin for whoever tests the hopper: it leaves the books as it leaves the machine.

        Put back through the refill, it comes in the same way.
        """
        paid = Minor(0)
        async with self._busy:
            for hopper in self._hoppers:
                if hopper.value == value:
                    paid = await self._pay_from(hopper, f"{_TEST}{reference}", 1)
        self._tell_level()
        return paid

    async def hopper_filled(self, value: Minor) -> None:
        """Somebody has put coins in, and the books have them: it may pay again."""
        self._empty.discard(value)
        self._tell_level()

    def hold_from_boot(self, value: Minor) -> None:
        """Its replacement was under way when the power failed."""
        self._held.add(value)

    async def hold(self, value: Minor) -> bool:
        """It pays no customer from now on. False: what it paid last is not proved."""
        self._held.add(value)
        async with self._busy:
            for hopper in self._hoppers:
                if hopper.value == value:
                    await self._settle_old(hopper)
        self._tell_level()
        return not any(record.value == value for record in self._book.open_payouts())

    async def release(self, value: Minor) -> None:
        """The replacement has ended: it pays again."""
        self._held.discard(value)
        await self.hopper_came(value)

    async def write_off(self, value: Minor) -> None:
        """Its evidence leaves with it: nobody can prove any more, so the customer stays owed."""
        async with self._busy:
            for record in self._book.open_payouts():
                for hopper in self._hoppers:
                    if hopper.value == record.value == value:
                        await self._book_payout(hopper, PayoutDone(record.mark, 0, UNCERTAIN))
                        if not _is_test(record.mark):
                            missing = Minor(record.mark.coins * value)
                            await self._proved(claim_of_payout(record.mark.reference), missing)

    async def _pay_from(self, hopper: Hopper, reference: str, coins: int) -> Minor:
        try:
            mark = await hopper.mark(coins, f"{reference}:{hopper.value}")
        except DeviceUnavailable as error:
            self._note_empty(hopper, str(error))
            unfit = Incident("hopper.unfit", str(error), f"hopper:{hopper.value}")
            await self._gate.commit_and_wait(Batch(incidents=(unfit,)))
            return Minor(0)
        await self._gate.commit_and_wait(Batch(payouts=(PayoutRecord(mark, hopper.value),)))
        try:
            done = await hopper.pay(mark)
        except DeviceUnavailable as error:
            self._note_empty(hopper, str(error))
            return await self._prove(hopper, mark)
        self.paid_out(done)
        return await self._book_payout(hopper, done)

    async def _prove(self, hopper: Hopper, mark: HopperMark) -> Minor:
        """The customer waits while the hopper is asked again; then a person has to look."""
        for _ in range(_PROOF_TRIES):
            await asyncio.sleep(_PROOF_RETRY_S)
            try:
                done = await hopper.verify(mark)
            except DeviceUnavailable as error:
                log.warning("payout not yet proved", extra={"why": str(error)})
                continue
            self.paid_out(done)
            return await self._book_payout(hopper, done)
        detail = f"{mark.coins} coins of {hopper.value} for {mark.reference}: paid or not"
        incident = Incident("hopper.unproved", detail, f"hopper:{hopper.value}")
        await self._gate.commit_and_wait(Batch(incidents=(incident,)))
        return Minor(mark.coins * hopper.value)

    async def _settle_old(self, hopper: Hopper) -> None:
        """A hopper pays nobody else before it has proved what it paid last."""
        for record in self._book.open_payouts():
            if record.value != hopper.value:
                continue
            try:
                done = await hopper.verify(record.mark)
            except DeviceUnavailable as error:
                self._note_empty(hopper, str(error))
                return
            paid = await self._book_payout(hopper, done)
            missing = Minor(done.mark.coins * hopper.value - paid)
            if not _is_test(done.mark):
                await self._proved(claim_of_payout(done.mark.reference), missing)

    async def _book_payout(self, hopper: Hopper, done: PayoutDone) -> Minor:
        paid = Minor(done.paid * hopper.value)
        incidents: tuple[Incident, ...] = ()
        if done.paid < done.mark.coins:
            self._empty.add(hopper.value)
            detail = f"{done.paid} of {done.mark.coins} coins of {hopper.value}: {done.reason}"
            incidents = (Incident("hopper.short", detail, f"hopper:{hopper.value}"),)
        if done.reason == UNCERTAIN:
            detail = f"coins of {hopper.value} for {done.mark.reference}: count them"
            incidents = (*incidents, Incident("hopper.uncertain", detail, f"hopper:{hopper.value}"))
        postings = (
            ledger.transfer(
                f"payout:{done.mark.serial}:{done.mark.reference}",
                paid,
                debit=_whose(done.mark),
                credit=ledger.HOPPER,
            ),
        )
        await self._gate.commit_and_wait(
            Batch(
                postings=postings if paid else (),
                incidents=incidents,
                payouts=(PayoutRecord(done.mark, hopper.value, done.paid),),
            )
        )
        return paid

    def _note_empty(self, hopper: Hopper, why: str) -> None:
        self._empty.add(hopper.value)
        log.warning("hopper not usable", extra={"coin": hopper.value, "why": why})

    def _level(self, hopper: Hopper) -> int:
        if hopper.value in self._empty | self._held:
            return 0
        return self._floats.get(hopper.value, 0) + self._book.hopper_level(hopper.value)

    def _tell_level(self) -> None:
        self._level_changed(Minor(sum(h.value * self._level(h) for h in self._hoppers)))


def _is_test(mark: HopperMark) -> bool:
    return mark.reference.startswith(_TEST)


def _whose(mark: HopperMark) -> str:
    """The account that a payout comes off."""
    return ledger.SURPLUS if _is_test(mark) else ledger.owed(claim_of_payout(mark.reference))
