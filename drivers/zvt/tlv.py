"""The TLV container of field 06: tags of one or more bytes, BER lengths (PA00P015, appendix TLV).

tag       low five bits of the first byte all 1: more follow while bit 7 is set
length    00..7F | 81 nn | 82 hi lo
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from drivers.zvt.apdu import Malformed

_MORE_TAG = 0x1F
_CONTINUES = 0x80
_LONGEST_TAG = 4
_ONE_LENGTH_BYTE = 0x81
_TWO_LENGTH_BYTES = 0x82
_LONGEST_VALUE = 0xFFFF


class Tag(IntEnum):
    """Tags that this project reads or writes."""

    TEXT_LINE = 0x07
    RECEIPT_NUMBER = 0x08
    ATTRIBUTE = 0x09
    RECEIPT_LIST = 0x23
    DISPLAY_TEXTS = 0x24
    PRINT_LINES = 0x25
    CARD_UID = 0x4C
    MERCHANT_REFERENCE = 0xE9
    RECEIPT_TYPE = 0x1F07
    CARD_IDENTIFICATION = 0x1F14
    EXTENDED_ERROR_CODE = 0x1F16
    EXTENDED_ERROR_TEXT = 0x1F17
    REFERENCE_PREFIX = 0x1F62
    REFERENCE_VALUE = 0x1F63


@dataclass(frozen=True, slots=True)
class Entry:
    tag: int
    octets: bytes

    def entries(self) -> tuple["Entry", ...]:
        """What is in a constructed entry, as far as it can be read."""
        return parse(self.octets)


def encode(*entries: Entry) -> bytes:
    return b"".join(
        _tag(each.tag) + encode_length(len(each.octets)) + each.octets for each in entries
    )


def encode_length(size: int) -> bytes:
    if size < _CONTINUES:
        return bytes([size])
    if size <= 0xFF:
        return bytes([_ONE_LENGTH_BYTE, size])
    if size <= _LONGEST_VALUE:
        return bytes([_TWO_LENGTH_BYTES]) + size.to_bytes(2, "big")
    raise ValueError(f"{size} bytes are too many for one TLV value")


def _tag(tag: int) -> bytes:
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def parse(octets: bytes) -> tuple[Entry, ...]:
    """Every entry up to the first that makes no sense.

    A value that claims to be longer than what is left is taken as far as it goes: terminals are
    known to announce a container longer than it is.
    """
    return tuple(_entries(octets))


def _entries(octets: bytes) -> Iterator[Entry]:
    while octets:
        try:
            tag, rest = _read_tag(octets)
            size, rest = read_length(rest)
        except Malformed:
            return
        yield Entry(tag, rest[:size])
        octets = rest[size:]


def _read_tag(octets: bytes) -> tuple[int, bytes]:
    size = 1
    if octets[0] & _MORE_TAG == _MORE_TAG:
        size = 2
        while size < _LONGEST_TAG and size <= len(octets) and octets[size - 1] & _CONTINUES:
            size += 1
    if size > len(octets):
        raise Malformed("a tag is cut off")
    return int.from_bytes(octets[:size], "big"), octets[size:]


def read_length(octets: bytes) -> tuple[int, bytes]:
    """The length, and what follows it; raises Malformed."""
    if octets and octets[0] < _CONTINUES:
        return octets[0], octets[1:]
    if octets[:1] == bytes([_ONE_LENGTH_BYTE]) and len(octets) >= 2:
        return octets[1], octets[2:]
    if octets[:1] == bytes([_TWO_LENGTH_BYTES]) and len(octets) >= 3:
        return int.from_bytes(octets[1:3], "big"), octets[3:]
    raise Malformed("no TLV length")


def find(entries: tuple[Entry, ...], *path: int) -> bytes | None:
    """The value under nested tags, the first of each."""
    for depth, tag in enumerate(path):
        match = next((each for each in entries if each.tag == tag), None)
        if match is None:
            return None
        if depth == len(path) - 1:
            return match.octets
        entries = match.entries()
    return None


def every(entries: tuple[Entry, ...], tag: int) -> Iterator[bytes]:
    """Every value of a tag, in order, at whatever depth of constructed entries."""
    for each in entries:
        if each.tag == tag:
            yield each.octets
        elif _is_constructed(each.tag):
            yield from every(each.entries(), tag)


def _is_constructed(tag: int) -> bool:
    return bool(_tag(tag)[0] & 0x20)
