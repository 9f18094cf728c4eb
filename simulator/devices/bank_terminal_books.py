"""What a terminal and its host remember through any power cut: reservations, captures, refunds.

A booking is provisional until the cash register has answered its result; what is provisional when
the power returns is reversed.
"""

from dataclasses import dataclass, field, replace

FIRST_TRACE = 975
RECEIPTS = 10_000  # then the numbers begin again


@dataclass(frozen=True, slots=True)
class Booking:
    """One result as the terminal can print it again. `amount_minor` is what field 04 says."""

    command: str
    receipt: int
    trace: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Capture:
    reservation: int  # receipt number
    amount_minor: int


@dataclass(frozen=True, slots=True)
class _State:
    reservations: tuple[tuple[int, int], ...] = ()  # receipt number, amount
    captures: tuple[Capture, ...] = ()
    refunded_minor: int = 0
    closed_days: int = 0


@dataclass(slots=True)
class Books:
    next_receipt: int = 231
    next_trace: int = FIRST_TRACE
    last: Booking | None = None
    _state: _State = field(default_factory=_State)
    _provisional: _State | None = None

    @property
    def open_reservations(self) -> dict[int, int]:
        """Receipt number to amount, settled ones excluded."""
        return dict(self._state.reservations)

    @property
    def captures(self) -> tuple[Capture, ...]:
        return self._state.captures

    @property
    def captured_minor(self) -> int:
        return sum(each.amount_minor for each in self._state.captures)

    @property
    def refunded_minor(self) -> int:
        return self._state.refunded_minor

    @property
    def closed_days(self) -> int:
        return self._state.closed_days

    def reserve(self, amount_minor: int) -> Booking:
        booking = self._book("reserve", amount_minor)
        held = (*self._state.reservations, (booking.receipt, amount_minor))
        self._provisional = replace(self._state, reservations=held)
        return booking

    def capture(self, receipt: int, amount_minor: int, *, shown_minor: int) -> Booking:
        captures = (*self._state.captures, Capture(receipt, amount_minor))
        self._provisional = replace(self._without(receipt), captures=captures)
        return self._book("settle", shown_minor)

    def release(self, receipt: int) -> Booking:
        self._provisional = self._without(receipt)
        return self._book("release", self.open_reservations[receipt])

    def refund(self, amount_minor: int) -> Booking:
        refunded_minor = self._state.refunded_minor + amount_minor
        self._provisional = replace(self._state, refunded_minor=refunded_minor)
        return self._book("refund", amount_minor)

    def close_day(self) -> Booking:
        self._provisional = replace(self._state, closed_days=self._state.closed_days + 1)
        return self._book("end_of_day", self.captured_minor)

    def commit(self) -> None:
        assert self._provisional is not None, "something was booked"
        self._state, self._provisional = self._provisional, None

    def reverse(self) -> None:
        """What is provisional never happened; its numbers stay used."""
        self._provisional = None

    def _without(self, receipt: int) -> _State:
        held = tuple(each for each in self._state.reservations if each[0] != receipt)
        return replace(self._state, reservations=held)

    def _book(self, command: str, amount_minor: int) -> Booking:
        self.last = Booking(command, self.next_receipt, self.next_trace, amount_minor)
        self.next_receipt = self.next_receipt % (RECEIPTS - 1) + 1
        self.next_trace += 1
        return self.last
