"""Result codes, terminal states and intermediate states in words (PA00P015 chapter 10, §2.7)."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

OK = 0x00


class Code(IntEnum):
    """Codes that the driver acts on."""

    UNREADABLE = 0x64
    GOODS_NOT_ISSUED = 0x66
    NOT_REGISTERED = 0x6B
    TIMEOUT_OR_CANCELLED = 0x6C
    WRONG_CURRENCY = 0x6F
    INSUFFICIENT = 0x71
    END_OF_DAY_IMPOSSIBLE = 0x77
    EXPIRED = 0x78
    NOT_POSSIBLE = 0x83
    BUSY = 0x9C
    RECEIVER_NOT_READY = 0xA0
    HOST_SILENT = 0xA1
    ALREADY_REVERSED = 0xB4
    REVERSAL_IMPOSSIBLE = 0xB5
    AMOUNT_TOO_HIGH = 0xB7
    RESERVATION = 0xB8
    SYSTEM_ERROR = 0xFF


class TerminalState(IntEnum):
    """What a status enquiry says (05 01)."""

    READY = 0x00
    INITIALISATION_REQUIRED = 0x51
    DIAGNOSIS_REQUIRED = 0xC2
    ACTIVATION_REQUIRED = 0xE4
    RECONCILIATION_REQUIRED = 0xF0


class Intermediate(IntEnum):
    """States of 04 FF that the simulator shows, too."""

    WATCH_PIN_PAD = 0x01
    NOT_ACCEPTED = 0x03
    WAITING_FOR_HOST = 0x04
    AUTO_REVERSAL = 0x05
    PRESENT_CARD = 0x0A
    REMOVE_CARD = 0x0B
    UNREADABLE = 0x0C
    WRONG_PIN = 0x15
    WAIT = 0x17
    APPROVED = 0x1B
    DECLINED = 0x1D
    TEXT = 0xFF


_STATE_WORDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00: "ready",
        0x51: "initialisation required",
        0x62: "date or time wrong",
        0x9C: "please wait",
        0xB1: "memory full",
        0xB2: "journal full",
        0xC2: "diagnosis required",
        0xE4: "activation required",
        0xF0: "reconciliation required",
    }
)

# Text keys of the screen `card_no` (docs/screens.md).
_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((0x05, 0x33, 0x3D, 0x41, 0x7A), "declined"),
        **dict.fromkeys((0x64, 0x65, 0x72), "unreadable"),
        0x6C: "timeout",
        0x71: "insufficient",
        **dict.fromkeys((0x78, 0x79), "expired"),
        **dict.fromkeys((0x9C, 0xB8), "busy"),
        0xDC: "removed",
    }
)
# From here up the codes are the terminal's own; below, the card's issuer speaks.
_FIRST_OWN_CODE = 0x64

REMOVE_CARD_TOO = 0x40
"""40 + n: what n says, and remove the card."""

# Text keys of the screen `card_wait` (docs/screens.md).
_PROMPTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((0x01, 0x02, 0x15), "enter_pin"),
        0x0A: "present_card",
        0x0B: "remove_card",
        0xFF: "watch_terminal",
    }
)


def reason_of(code: int) -> str:
    """Why a card was not taken, as a text key."""
    return _REASONS.get(code, "declined" if code < _FIRST_OWN_CODE else "terminal")


def prompt_of(status: int) -> str:
    """What the customer is asked to do, as a text key; `wait` for everything else."""
    if status in _PROMPTS:
        return _PROMPTS[status]
    is_removal = REMOVE_CARD_TOO <= status < 2 * REMOVE_CARD_TOO
    return "remove_card" if is_removal else "wait"


def state_in_words(status: int) -> str:
    return f"status {status:02X} {_STATE_WORDS.get(status, 'out of service')}"
