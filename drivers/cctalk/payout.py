"""Has a hopper paid, and how much? Pure: from the mark, stored before, and what the hopper says.

A hopper counts its dispense commands (0 after a reset, 255 -> 1) and, if it can, every coin of its
life. A mark holds both as they were before; the difference is the only evidence that counts.
"""

from dataclasses import dataclass
from enum import Enum, auto

from chargepoint.domain.payments import HopperMark

LIFETIME_RANGE = 1 << 24  # header 168: three bytes
MOST_COINS = 255
STATUS_BYTES = 4

EMPTY = "empty"
JAMMED = "jammed"
INTERRUPTED = "interrupted"
REFUSED = "refused"

# Header 163, first byte.
_PAYOUT_TIMEOUT = 0b0000_0010
_JAMMED = 0b0011_1001  # over-current, or a sensor blocked
# Time-out, reversed motor, power-up and "disabled" do not keep it from paying.
_HARMLESS = 0b1100_0110
_SINGLE_COIN_MODE = 0b0000_0010  # second byte: a way of working, no fault
_PIN_ACTIVE = 0b1000_0000  # second byte
_ENCRYPTED = 0b0001_0000  # third byte


@dataclass(frozen=True, slots=True)
class HopperStatus:
    """One answer to header 166."""

    counter: int
    remaining: int
    paid: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class Paid:
    """`is_certain` False: the hopper lost its memory and counts no lifetime; count the coins."""

    coins: int
    is_certain: bool = True


class Progress(Enum):
    NOT_STARTED = auto()
    RUNNING = auto()
    ENDED = auto()
    UNKNOWN = auto()  # may have paid: never ask again


def parse_status(payload: bytes) -> HopperStatus:
    return HopperStatus(*payload[:STATUS_BYTES])


def progress(mark: HopperMark, status: HopperStatus, lifetime: int | None) -> Progress:
    if status.remaining:
        return Progress.RUNNING
    coins = _by_lifetime(mark, lifetime)
    if status.counter != mark.event_counter or coins:
        return Progress.ENDED
    if coins is None and status.counter == 0:
        # Reset in between, or never asked: both leave 0 where 0 was.
        return Progress.UNKNOWN if _is_unmoved(mark, status) else Progress.ENDED
    return Progress.NOT_STARTED


def evidence(
    mark: HopperMark, status: HopperStatus, lifetime: int | None, *, was_accepted: bool = False
) -> Paid:
    """Coins paid for this mark, once nothing remains.

    `was_accepted`: the dispense command is known to have been executed. Where it is not, the
    counter may have moved for a refusal (Suzo-Happ Flow) and "last paid" be that of before.
    """
    coins = _by_lifetime(mark, lifetime)
    if coins is not None:
        return Paid(coins)
    if status.counter and status.counter == mark.event_counter:
        return Paid(0)
    is_ours = was_accepted or not _is_unmoved(mark, status)
    if status.paid > mark.coins or (status.counter == 0 and not is_ours):
        return Paid(0, is_certain=False)  # what it tells is not about this payout
    # After a reset some hoppers still know what they paid last, others do not.
    return Paid(status.paid, is_certain=status.counter != 0 and is_ours)


def is_blocked(flags: bytes) -> bool:
    """One answer to header 163: does it need a reset before it can pay?"""
    harmless = (_HARMLESS, _SINGLE_COIN_MODE, _ENCRYPTED)
    return any(
        flag & ~allowed for flag, allowed in zip(flags.ljust(3, b"\x00"), harmless, strict=False)
    )


def locks_in(flags: bytes) -> tuple[str, ...]:
    """What keeps a stranger from paying with it: a PIN (header 218), a cipher (header 160)."""
    _, second, third = flags.ljust(3, b"\x00")[:3]
    is_locked = bool(second & _PIN_ACTIVE)
    return (*(("pin",) if is_locked else ()), *(("cipher",) if third & _ENCRYPTED else ()))


def why_short(mark: HopperMark, paid: Paid, status: HopperStatus, flags: bytes) -> str:
    """Why fewer coins left than asked."""
    if flags[0] & _JAMMED:
        return JAMMED
    if flags[0] & _PAYOUT_TIMEOUT:
        return EMPTY
    was_asked = status.counter != mark.event_counter
    return INTERRUPTED if paid.coins or was_asked else REFUSED


def _by_lifetime(mark: HopperMark, lifetime: int | None) -> int | None:
    if not mark.counts_lifetime or lifetime is None:
        return None
    return (lifetime - mark.lifetime) % LIFETIME_RANGE


def _is_unmoved(mark: HopperMark, status: HopperStatus) -> bool:
    return (status.paid, status.unpaid) == (mark.last_paid, mark.last_unpaid)
