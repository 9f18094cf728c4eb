"""Numbers, card numbers and text as ZVT writes them.

A card number is masked here, while it is read: no more than its first six and last four digits
ever leave this package (PCI DSS 3.4).
"""

import re
from enum import StrEnum

from drivers.zvt.apdu import Malformed

_SHORTEST_PAN = 13
_LONGEST_PAN = 19
_SHOWN_FIRST = 6
_SHOWN_LAST = 4
_HIDDEN = "*"
_FILL = "F"  # pads a card number to whole bytes
_ALREADY_HIDDEN = "E"

# A run of digits as long as a card number, as people print it: bare, or in groups.
_PAN_IN_TEXT = re.compile(
    rf"(?<![\d*])\d(?:[ -]?\d){{{_SHORTEST_PAN - 1},{_LONGEST_PAN - 1}}}(?![\d*])"
)


class TextEncoding(StrEnum):
    """How a terminal writes letters; CP437 is what the specification says."""

    AUTO = "auto"  # UTF-8 where that is what it can only be, else CP437
    CP437 = "cp437"
    LATIN_1 = "latin-1"
    UTF_8 = "utf-8"


def bcd(number: int, size: int) -> bytes:
    """`number` in `size` bytes of two digits each."""
    digits = f"{number:0{2 * size}d}"
    if number < 0 or len(digits) > 2 * size:
        raise ValueError(f"{number} does not fit into {size} bytes of BCD")
    return bytes.fromhex(digits)


def digits_of(octets: bytes) -> str:
    """The digits of a BCD field; raises Malformed."""
    text = octets.hex()
    if not text.isdecimal():
        raise Malformed(f"not BCD: {text}")
    return text


def number_of(octets: bytes) -> int:
    return int(digits_of(octets))


def masked_pan(octets: bytes) -> str:
    """The card number of field 22, with what the terminal left readable in its middle hidden."""
    digits = octets.hex().upper().split(_FILL)[0].replace(_ALREADY_HIDDEN, _HIDDEN)
    return _masked(digits) if re.fullmatch(r"[0-9*]*", digits) else ""


def _masked(digits: str) -> str:
    first = _SHOWN_FIRST if len(digits) >= _SHORTEST_PAN else 0
    middle = max(0, len(digits) - first - _SHOWN_LAST)
    return digits[:first] + _HIDDEN * middle + digits[first + middle :]


def without_pans(text: str) -> str:
    """A line of a receipt in which nobody can read a whole card number."""
    return _PAN_IN_TEXT.sub(_masked_in_groups, text)


def _masked_in_groups(match: re.Match[str]) -> str:
    """Digits replaced one by one, so that the columns of the receipt stay."""
    hidden = iter(_masked(re.sub(r"[ -]", "", match[0])))
    return "".join(next(hidden) if each.isdigit() else each for each in match[0])


def text_of(octets: bytes, encoding: TextEncoding = TextEncoding.AUTO) -> str:
    """Printable text, card numbers masked. Never fails: a receipt may not be lost to one letter."""
    printable = "".join(each for each in _decoded(octets, encoding) if each.isprintable())
    return without_pans(printable)


def _decoded(octets: bytes, encoding: TextEncoding) -> str:
    if encoding is not TextEncoding.AUTO:
        return octets.decode(encoding, "replace")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp437")


def encoded(text: str, encoding: TextEncoding = TextEncoding.CP437) -> bytes:
    """For devices that write such text."""
    codec = "cp437" if encoding is TextEncoding.AUTO else encoding.value
    return text.encode(codec, "replace")
