"""ZVT messages, the same on every transport (ZVT PA00P015 §2.3).

    class | instruction | length | payload            length 00..FE
    class | instruction | FF | low | high | payload   length up to 65,535

Class 80 and 84 are answers: taken, and refused with the error code as instruction.
"""

from dataclasses import dataclass
from enum import IntEnum

HEADER = 3
LONG_HEADER = 5
EXTENDED = 0xFF
LONGEST_PAYLOAD = 0xFFFF
LONGEST = LONG_HEADER + LONGEST_PAYLOAD

_TAKEN = 0x80
_REFUSED = 0x84


class Malformed(ValueError):
    """Bytes that are no ZVT message, or a field that is not what its number says."""


class Kind(IntEnum):
    """Class and instruction as one number, as the specification writes them."""

    STATUS_ENQUIRY = 0x0501
    SET_DATE_TIME = 0x0401
    STATUS_INFORMATION = 0x040F
    INTERMEDIATE_STATUS = 0x04FF
    REGISTRATION = 0x0600
    AUTHORISATION = 0x0601
    LOG_OFF = 0x0602
    COMPLETION = 0x060F
    RESET_TERMINAL = 0x0618
    SET_TERMINAL_ID = 0x061B
    ABORTED = 0x061E
    REPEAT_RECEIPT = 0x0620
    RESERVATION = 0x0622
    PARTIAL_REVERSAL = 0x0623
    BOOK_TOTAL = 0x0624
    RESERVATION_REVERSAL = 0x0625
    REVERSAL = 0x0630
    REFUND = 0x0631
    END_OF_DAY = 0x0650
    DIAGNOSIS = 0x0670
    INITIALISATION = 0x0693
    ABORT = 0x06B0
    READ_CARD = 0x06C0
    CLOSE_CARD_SESSION = 0x06C5
    PRINT_LINE = 0x06D1
    PRINT_BLOCK = 0x06D3
    SELECT_LANGUAGE = 0x0830
    TAKEN = 0x8000


@dataclass(frozen=True, slots=True)
class Apdu:
    """`kind` is class * 256 + instruction; a value of `Kind` where this project knows it."""

    kind: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.kind <= 0xFFFF or len(self.payload) > LONGEST_PAYLOAD:
            raise ValueError(f"no ZVT message: {self.kind:04X} with {len(self.payload)} bytes")

    @property
    def is_answer(self) -> bool:
        return self.kind >> 8 in {_TAKEN, _REFUSED}

    @property
    def refusal(self) -> int | None:
        """The error code of a refusal; None for every other message."""
        return self.kind & 0xFF if self.kind >> 8 == _REFUSED else None


TAKEN = Apdu(Kind.TAKEN)
"""80 00 00: heard, and done or begun."""


def refused(code: int) -> Apdu:
    return Apdu(_REFUSED << 8 | code)


def encode(apdu: Apdu) -> bytes:
    size = len(apdu.payload)
    length = bytes([size]) if size < EXTENDED else bytes([EXTENDED]) + size.to_bytes(2, "little")
    return apdu.kind.to_bytes(2, "big") + length + apdu.payload


def size_of(octets: bytes | bytearray) -> int | None:
    """Size of the whole message that begins `octets`; None while too little of it is there."""
    if len(octets) < HEADER:
        return None
    if octets[2] != EXTENDED:
        return HEADER + octets[2]
    if len(octets) < LONG_HEADER:
        return None
    return LONG_HEADER + int.from_bytes(octets[3:5], "little")


def decode(octets: bytes) -> Apdu:
    """Exactly one message; raises Malformed."""
    if size_of(octets) != len(octets):
        raise Malformed(f"length does not fit: {len(octets)} bytes")
    header = LONG_HEADER if octets[2] == EXTENDED else HEADER
    return Apdu(int.from_bytes(octets[:2], "big"), octets[header:])
