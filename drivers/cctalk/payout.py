"""Has a hopper paid, and how much? Pure: from the plan, stored before, and what the hopper says.

A hopper counts its dispense commands (0 after a reset, 255 -> 1) and, if it can, every coin of its
life. A plan holds both as they were before; the difference is the only evidence that counts.
"""

from dataclasses import dataclass
from enum import Enum, auto

LIFETIME_RANGE = 1 << 24  # header 168: three bytes
MOST_COINS = 255
STATUS_BYTES = 4


@dataclass(frozen=True, slots=True)
class HopperStatus:
    """One answer to header 166."""

    counter: int
    remaining: int
    paid: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class PayoutPlan:
    """What must be durable before the first coin is asked for. `lifetime` None: not supported."""

    serial: str
    count: int
    before: HopperStatus
    lifetime: int | None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_COINS:
            raise ValueError(f"a hopper pays 1 to {MOST_COINS} coins at a time, not {self.count}")


@dataclass(frozen=True, slots=True)
class Payout:
    """`is_certain` False: the hopper lost its memory and counts no lifetime; count the coins."""

    paid: int
    is_certain: bool = True


class Progress(Enum):
    NOT_STARTED = auto()
    RUNNING = auto()
    ENDED = auto()
    UNKNOWN = auto()  # may have paid: never ask again


def parse_status(payload: bytes) -> HopperStatus:
    return HopperStatus(*payload[:STATUS_BYTES])


def progress(plan: PayoutPlan, status: HopperStatus, lifetime: int | None) -> Progress:
    if status.remaining:
        return Progress.RUNNING
    coins = _by_lifetime(plan, lifetime)
    if status.counter != plan.before.counter or coins:
        return Progress.ENDED
    if coins is None and status.counter == 0:
        # Reset in between, or never asked: both leave 0 where 0 was.
        return Progress.UNKNOWN if status == plan.before else Progress.ENDED
    return Progress.NOT_STARTED


def evidence(plan: PayoutPlan, status: HopperStatus, lifetime: int | None) -> Payout:
    """Coins paid under this plan, once nothing remains."""
    coins = _by_lifetime(plan, lifetime)
    if coins is not None:
        return Payout(coins)
    if status.counter == plan.before.counter and (status.counter or status == plan.before):
        return Payout(0, is_certain=status.counter != 0)
    # After a reset some hoppers still know what they paid last, others do not.
    return Payout(status.paid, is_certain=status.counter != 0)


def _by_lifetime(plan: PayoutPlan, lifetime: int | None) -> int | None:
    if plan.lifetime is None or lifetime is None:
        return None
    return (lifetime - plan.lifetime) % LIFETIME_RANGE
