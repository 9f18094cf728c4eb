"""The numbered fields ("bitmaps") of ZVT messages: which there are, and how long each is (§2.6).

Track contents never leave this module, and of a card number only the masked form does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from drivers.zvt import tlv
from drivers.zvt.apdu import Malformed
from drivers.zvt.values import masked_pan


class Field(IntEnum):
    TIMEOUT = 0x01
    MAX_REPEATS = 0x02
    SERVICE = 0x03
    AMOUNT = 0x04
    PUMP = 0x05
    TLV = 0x06
    TRACE = 0x0B
    TIME = 0x0C
    DATE = 0x0D
    EXPIRY = 0x0E
    CARD_SEQUENCE = 0x17
    PAYMENT_TYPE = 0x19
    PAN = 0x22
    TRACK_2 = 0x23
    TRACK_3 = 0x24
    RESULT = 0x27
    TERMINAL_ID = 0x29
    VU_NUMBER = 0x2A
    TRACK_1 = 0x2D
    ORIGINAL_TRACE = 0x37
    AUTHORISATION = 0x3B
    ADDITIONAL_TEXT = 0x3C
    CURRENCY = 0x49
    TOTALS = 0x60
    RECEIPT = 0x87
    TURNOVER = 0x88
    CARD_TYPE = 0x8A
    CARD_NAME = 0x8B
    NETWORK_CARD_TYPE = 0x8C
    DATE_FULL = 0xAA


_FIXED: Mapping[int, int] = MappingProxyType(
    {
        **dict.fromkeys((0x01, 0x02, 0x03, 0x05, 0x19, 0x27, 0x8A, 0x8C, 0xA0, 0xFC), 1),
        **dict.fromkeys((0x0D, 0x0E, 0x17, 0x3A, 0x49, 0x87), 2),
        **dict.fromkeys((0x0B, 0x0C, 0x37, 0x3D, 0x88, 0xAA), 3),
        0x29: 4,
        0xBA: 5,
        0x04: 6,
        0x3B: 8,
        0x2A: 15,
    }
)
_TWO_DIGITS = frozenset({0x22, 0x23, 0x2D, 0x8B, 0xD1, *range(0xE1, 0xE9), *range(0xF1, 0xF9)})
_THREE_DIGITS = frozenset({0x24, 0x2E, 0x3C, 0x60, 0x92, 0x9A, 0xAF})
# Tracks hold everything a copy of the card needs; 3A is its check number, 3D its password.
_NEVER_KEPT = frozenset({0x23, 0x24, 0x2D, 0x2E, 0x3A, 0x3D})
_LENGTH_DIGIT = 0xF0


@dataclass(frozen=True, slots=True)
class Span:
    """Where one field's content lies in the payload that it was read from."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bitmaps:
    """Fields by number; of one that came twice the last counts, as in the terminals' own hosts.

    `is_complete`: False when a field that nobody knows, or that is cut off, hides the rest.
    """

    fields: Mapping[int, bytes] = field(default_factory=dict)
    masked_pan: str = ""
    is_complete: bool = True

    def get(self, number: Field) -> bytes | None:
        return self.fields.get(number)

    def tlv(self) -> tuple[tlv.Entry, ...]:
        return tlv.parse(self.fields.get(Field.TLV, b""))


def parse(payload: bytes) -> Bitmaps:
    spans, is_complete = locate(payload)
    fields: dict[int, bytes] = {}
    pan = ""
    for span in spans:
        content = payload[span.start : span.end]
        if span.number == Field.PAN:
            pan = masked_pan(content)
        elif span.number not in _NEVER_KEPT:
            fields[span.number] = content
    return Bitmaps(MappingProxyType(fields), pan, is_complete)


def locate(payload: bytes) -> tuple[list[Span], bool]:
    """Every field up to the first that cannot be read; whether that was the end."""
    spans: list[Span] = []
    at = 0
    while at < len(payload):
        try:
            span = _span(payload, at)
        except Malformed:
            return spans, False
        spans.append(span)
        at = span.end
    return spans, True


def _span(payload: bytes, at: int) -> Span:
    number = payload[at]
    start, size = _content(payload, number, at + 1)
    if number == Field.TLV:  # it may claim more than there is, see tlv.parse
        size = min(size, len(payload) - start)
    if start + size > len(payload):
        raise Malformed(f"field {number:02X} is cut off")
    return Span(number, start, start + size)


def _content(payload: bytes, number: int, at: int) -> tuple[int, int]:
    """Where the content begins, and its size."""
    if number in _FIXED:
        return at, _FIXED[number]
    if number in _TWO_DIGITS:
        return at + 2, read_digits(payload, at, 2)
    if number in _THREE_DIGITS:
        return at + 3, read_digits(payload, at, 3)
    if number == Field.TLV:
        size, rest = tlv.read_length(payload[at : at + 3])
        return at + min(3, len(payload) - at) - len(rest), size
    raise Malformed(f"field {number:02X} is unknown")


def read_digits(payload: bytes, at: int, count: int) -> int:
    """A length in decimal digits, one to a byte, each with F in front."""
    size = 0
    for octet in payload[at : at + count]:
        if octet & _LENGTH_DIGIT != _LENGTH_DIGIT or octet & 0x0F > 9:
            raise Malformed(f"{octet:02X} is no digit of a length")
        size = 10 * size + (octet & 0x0F)
    if at + count > len(payload):
        raise Malformed("a length is cut off")
    return size


def digits_length(size: int, count: int) -> bytes:
    """The same the other way round."""
    if size >= 10**count:
        raise ValueError(f"{size} does not fit into {count} digits")
    return bytes(_LENGTH_DIGIT | int(digit) for digit in f"{size:0{count}d}")


def encode(*fields: tuple[int, bytes]) -> bytes:
    """A payload of these fields in this order; raises ValueError for what the table forbids."""
    return b"".join(_encode_one(number, content) for number, content in fields)


def _encode_one(number: int, content: bytes) -> bytes:
    head = bytes([number])
    if number in _FIXED:
        if len(content) != _FIXED[number]:
            raise ValueError(f"field {number:02X} has {_FIXED[number]} bytes, not {len(content)}")
        return head + content
    if number in _TWO_DIGITS:
        return head + digits_length(len(content), 2) + content
    if number in _THREE_DIGITS:
        return head + digits_length(len(content), 3) + content
    if number == Field.TLV:
        return head + tlv.encode_length(len(content)) + content
    raise ValueError(f"field {number:02X} is unknown")
