"""Stand-ins for bank terminal, hopper and journal: they speak by script and keep what was written."""

import asyncio
from dataclasses import dataclass, field

from chargepoint.domain.payments import BankOutcome, BankReceipt, BankResult, HopperMark, PayoutDone
from chargepoint.domain.record import Batch, HoldRecord, HoldState, PayoutRecord
from chargepoint.domain.session import BankHold
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from tests.support.surroundings import MemoryJournal

HOLD = Minor(4000)
APPROVED, DECLINED = BankOutcome.APPROVED, BankOutcome.DECLINED
CANCELLED, UNKNOWN = BankOutcome.CANCELLED, BankOutcome.UNKNOWN


class Book(MemoryJournal):
    """The newest row of each reservation counts, as in the journal."""

    def holds(self, *states: HoldState) -> list[HoldRecord]:
        return [record for record in self._newest().values() if record.state in states]

    def state(self, reference: str = "R1") -> HoldState | None:
        record = self._newest().get(reference)
        return record.state if record else None

    def captured(self, reference: str = "R1") -> int:
        return self._newest()[reference].captured

    def _newest(self) -> dict[str, HoldRecord]:
        return {h.hold.reference: h for b in self.batches for h in b.holds}

    def write(self, reference: str, state: HoldState, wanted: int = 0) -> None:
        hold = BankHold(reference, reference.replace("R", "023"), "1", "T", HOLD)
        self.batches.append(Batch(holds=(HoldRecord(hold, state, wanted=Minor(wanted)),)))


def a_receipt(reference: str = "R1") -> BankReceipt:
    return BankReceipt(reference.replace("R", "023"), "1", "T", HOLD)


def result(
    outcome: BankOutcome, reference: str = "R1", command: str = "reserve", **more: str
) -> BankResult:
    receipt = a_receipt(reference) if outcome is APPROVED else None
    return BankResult(command, reference, outcome, receipt, **more)


@dataclass
class Terminal:
    """Answers from scripts: a BankOutcome to return, or DeviceUnavailable to raise."""

    open: list[str] = field(default_factory=list)
    settles: list[BankOutcome | None] = field(default_factory=list)
    told: list[tuple[str, int]] = field(default_factory=list)
    is_away: bool = False
    answers: asyncio.Queue[BankResult | DeviceUnavailable] = field(default_factory=asyncio.Queue)
    aborted: int = 0

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def reserve(self, reference: str, amount: Minor) -> BankResult:
        assert (reference, amount) == ("R1", HOLD)
        answer = await self.answers.get()
        if isinstance(answer, DeviceUnavailable):
            raise answer
        return answer

    async def settle(
        self, reference: str, receipt_number: str, amount: Minor, *, reserved: Minor
    ) -> BankResult:
        assert 0 < amount <= reserved
        return self._end("settle", reference, receipt_number, amount)

    async def release(self, reference: str, receipt_number: str) -> BankResult:
        return self._end("release", reference, receipt_number, 0)

    def _end(self, command: str, reference: str, receipt_number: str, amount: int) -> BankResult:
        assert receipt_number in self.open, "only what the terminal knows as open"
        self.told.append((f"{command} {receipt_number}", amount))
        outcome = self.settles.pop(0) if self.settles else APPROVED
        if outcome is None:
            raise DeviceUnavailable("offline")
        if outcome is APPROVED:
            self.open.remove(receipt_number)
        return result(outcome, reference, command, reason="declined", code="64")

    async def list_open(self) -> tuple[str, ...]:
        if self.is_away:
            raise DeviceUnavailable("offline")
        return tuple(self.open)

    async def abort(self) -> None:
        self.aborted += 1


LOST = "lost"


class Drawer(MemoryJournal):
    """The journal as the cashier asks it: unproved payouts, and coins by the books."""

    def open_payouts(self) -> list[PayoutRecord]:
        return [record for record in self._newest().values() if record.paid is None]

    def hopper_level(self, value: Minor) -> int:
        return -sum(r.paid or 0 for r in self._newest().values() if r.value == value)

    def _newest(self) -> dict[str, PayoutRecord]:
        return {r.mark.reference: r for b in self.batches for r in b.payouts}

    def booked(self) -> dict[str, int]:
        """Payouts by key, from `owed`; the first of a key counts, as in the journal."""
        found: dict[str, int] = {}
        for batch in self.batches:
            for posting in batch.postings:
                for entry in posting.entries:
                    if entry.account == "owed":
                        found.setdefault(posting.key, entry.signed_minor)
        return found


@dataclass
class Bowl:
    """A hopper with a script: for each payout or proof how many fall, or LOST for no answer."""

    value: Minor
    script: list[int | str] = field(default_factory=list)
    falls_unheard: int = 0
    fell: int = 0
    paid_marks: list[HopperMark] = field(default_factory=list)
    reason: str = "empty"
    can_mark: bool = True

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def mark(self, coins: int, reference: str) -> HopperMark:
        if not self.can_mark:
            raise DeviceUnavailable("offline")
        return HopperMark(f"H{self.value}", coins, 0, self.fell, reference)

    async def pay(self, mark: HopperMark) -> PayoutDone:
        assert mark not in self.paid_marks, "a payout was repeated"
        self.paid_marks.append(mark)
        step = self._next(mark)
        if step == LOST:
            self.fell += self.falls_unheard
            raise DeviceUnavailable("lost")
        self.fell += int(step)
        return self._done(mark, int(step))

    async def verify(self, mark: HopperMark) -> PayoutDone:
        if self._next(mark) == LOST:
            raise DeviceUnavailable("offline")
        return self._done(mark, self.fell - mark.lifetime)

    def _next(self, mark: HopperMark) -> int | str:
        return self.script.pop(0) if self.script else mark.coins

    def _done(self, mark: HopperMark, paid: int) -> PayoutDone:
        return PayoutDone(mark, paid, "" if paid == mark.coins else self.reason)
