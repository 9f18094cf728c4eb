"""What payment devices say: facts in the past tense, as domain/devices.py for the rest.

Bank terminals answer commands and report results that must be durable before they are
acknowledged; note validators and hoppers move real money, so every fact carries what a key needs.
"""

from dataclasses import dataclass
from enum import StrEnum

from chargepoint.domain.units import Minor

# --- bank card ------------------------------------------------------------------------------------


class BankOutcome(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # by the customer, by us, or nobody presented a card
    UNKNOWN = "unknown"  # the link broke in the middle: ask the terminal, never repeat blindly


@dataclass(frozen=True, slots=True)
class BankReceipt:
    """What identifies one booking at the terminal; enough to find, settle and print it."""

    receipt_number: str  # ZVT 87
    trace: str  # ZVT 0B
    terminal_id: str  # ZVT 29
    amount: Minor
    masked_pan: str = ""  # never more than first six and last four digits
    card_name: str = ""
    date_time: str = ""  # as the terminal says it
    lines: tuple[str, ...] = ()  # the terminal's own receipt text


@dataclass(frozen=True, slots=True)
class BankResult:
    """The end of one command. `command`: reserve settle release refund end_of_day."""

    command: str
    reference: str  # ours, given with the command
    outcome: BankOutcome
    receipt: BankReceipt | None = None
    reason: str = ""  # text key of a decline: declined expired insufficient timeout unreadable …
    code: str = ""  # the terminal's own code, hex


@dataclass(frozen=True, slots=True)
class BankPrompt:
    """Intermediate status for the screen: a text key (present_card enter_pin remove_card wait …)."""

    prompt: str
    text: str = ""  # the terminal's own words, when it sends some


# --- notes ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteCursor:
    """As CoinCursor, for header 159."""

    serial: str
    epoch: int
    sequence: int
    counter: int
    buffer: bytes = b""
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class NoteInEscrow:
    """A note waits for a decision: `stack` or `give_back` within its escrow time."""

    value: Minor
    cursor: NoteCursor


@dataclass(frozen=True, slots=True)
class NoteStacked:
    """Credit now. The posting key is `note:<serial>:<epoch>:<sequence>`."""

    value: Minor
    cursor: NoteCursor


@dataclass(frozen=True, slots=True)
class NoteReturned:
    reason: str
    cursor: NoteCursor


@dataclass(frozen=True, slots=True)
class NoteCursorMoved:
    cursor: NoteCursor
    possibly_lost: int = 0


# --- hopper ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HopperMark:
    """Evidence taken before a payout, journalled before it starts (payment-protocols §1.8)."""

    serial: str
    coins: int  # N asked for
    event_counter: int
    lifetime: int  # dispense count before; 0 when it is not counted
    reference: str
    counts_lifetime: bool = True  # some hoppers do not know header 168
    last_paid: int = 0  # of the payout before this one
    last_unpaid: int = 0


def payout_reference(claim: str, name: str) -> str:
    """Names a payout and, for ever, whose money it pays."""
    return f"{claim}/{name}"


def claim_of_payout(reference: str) -> str:
    """Whose money a payout pays; payouts of older journals do not say."""
    claim, found, _ = reference.partition("/")
    return claim if found else ""


UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class PayoutDone:
    """`paid` coins left the hopper for this mark, by its own counters.

    `reason` says why fewer than asked left: empty, jammed, interrupted, refused. It is UNCERTAIN
    when the hopper lost its memory and counts no lifetime: somebody must count the coins.
    """

    mark: HopperMark
    paid: int
    reason: str = ""


PaymentEvent = (
    BankResult
    | BankPrompt
    | NoteInEscrow
    | NoteStacked
    | NoteReturned
    | NoteCursorMoved
    | PayoutDone
)
