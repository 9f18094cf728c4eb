"""Ports of the payment devices beyond the coin acceptor; same rules as chargepoint/ports.py."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from chargepoint.domain.money.paper import Paper
from chargepoint.domain.payments import BankResult, HopperMark, NoteCursor, PayoutDone
from chargepoint.domain.units import Generation, Minor
from chargepoint.ports import Driver

Persist = Callable[[BankResult], Awaitable[None]]
"""Makes a terminal's result durable; the driver acknowledges only after it (ZVT 04 0F)."""


class BankTerminal(Driver, Protocol):
    """One bank terminal. Emits BankPrompt while a command runs.

    Every result goes through `Persist` before the terminal is told, and is returned. A lost link
    in the middle returns UNKNOWN: ask `list_open`, never repeat. DeviceUnavailable is raised only
    when the command certainly was not begun.

    Of several results persisted for one command the last counts: an APPROVED may be followed by
    DECLINED (the terminal reversed it, because our answer did not reach it), and one may come
    after UNKNOWN was returned (the terminal went on while the link was down). A persisted
    APPROVED is final once it is returned too; until then `list_open` decides.
    """

    async def reserve(self, reference: str, amount: Minor) -> BankResult: ...

    async def settle(
        self, reference: str, receipt_number: str, amount: Minor, *, reserved: Minor
    ) -> BankResult:
        """Capture `amount` (0 < amount <= reserved) of a reservation and give the rest back.

        `reserved`: the amount of its receipt; ZVT 06 23 names what to give back.
        """
        ...

    async def release(self, reference: str, receipt_number: str) -> BankResult:
        """Give the whole reservation back: nothing was sold."""
        ...

    async def list_open(self) -> tuple[str, ...]:
        """Receipt numbers of open reservations; raises DeviceUnavailable."""
        ...

    async def abort(self) -> None:
        """End the running command (06 B0); its result still comes."""
        ...


class BankMaintenance(Protocol):
    """What technicians and the night need; implemented by the same driver."""

    async def end_of_day(self) -> BankResult: ...

    async def refund(self, reference: str, amount: Minor) -> BankResult: ...

    async def repeat_receipt(self) -> BankResult: ...


class NoteValidator(Driver, Protocol):
    """Emits NoteInEscrow, NoteStacked, NoteReturned, NoteCursorMoved in order."""

    def accept(self, generation: Generation, values: frozenset[Minor]) -> None:
        """Let in only these values; others are refused at the slot. Level, newest wins."""
        ...

    def inhibit(self, generation: Generation) -> None: ...

    async def stack(self) -> None:
        """Keep the note in escrow. The credit comes with NoteStacked, not with the return.

        Raises DeviceUnavailable when no note waits for a decision. A note that still waits after
        a restart is announced again: NoteInEscrow with a cursor that is stored already.
        """
        ...

    async def give_back(self) -> None:
        """As `stack`; ends as NoteReturned."""
        ...


NoteCursorStore = Callable[[str], NoteCursor | None]


class Hopper(Driver, Protocol):
    """One denomination. A lost reply never repeats a payout (payment-protocols §1.8)."""

    @property
    def value(self) -> Minor:
        """Of one coin."""
        ...

    async def mark(self, coins: int, reference: str) -> HopperMark:
        """Evidence before a payout; the caller journals it, then calls `pay`. Nothing moves.

        1 to 255 coins. Raises DeviceUnavailable.
        """
        ...

    async def pay(self, mark: HopperMark) -> PayoutDone:
        """Dispense what the mark says, verified by the hopper's own counters.

        Called once for a mark. After DeviceUnavailable only `verify` knows what was paid.
        """
        ...

    async def verify(self, mark: HopperMark) -> PayoutDone:
        """After a cut: how many coins left for this mark. Pays nothing.

        Waits for a payout that still runs; raises DeviceUnavailable, then ask again later.
        """
        ...


class Printer(Driver, Protocol):
    """A receipt printer. Silence is a fault, never "paper ok"."""

    async def print(self, paper: Paper) -> None:
        """Raises DeviceUnavailable when it cannot be proved that the paper moved."""
        ...


@dataclass(frozen=True, slots=True)
class PaymentHardware:
    """The payment devices of this station beyond the coin acceptor; None: not fitted.

    `hoppers` by falling value.
    """

    note_validator: NoteValidator | None = None
    hoppers: tuple[Hopper, ...] = ()
    bank_terminal: BankTerminal | None = None
    bank_maintenance: BankMaintenance | None = None
    printer: Printer | None = None

    def drivers(self) -> Iterator[tuple[str, Driver]]:
        """Each by its name on the list of devices."""
        for hopper in self.hoppers:
            yield f"hopper:{hopper.value}", hopper
        if self.note_validator is not None:
            yield "note_validator", self.note_validator
        if self.bank_terminal is not None:
            yield "bank_terminal", self.bank_terminal
        if self.printer is not None:
            yield "printer", self.printer
