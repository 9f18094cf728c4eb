"""What the flight recorder may keep of the terminal's line: no password, no track, no card number.

A message that cannot be read to its end keeps its head only, and so do bytes that are none: what
is hidden in them is unknown.
"""

import re

from drivers.trace import Direction
from drivers.zvt import bitmaps
from drivers.zvt.apdu import HEADER, LONG_HEADER, Apdu, Kind, Malformed, decode
from drivers.zvt.bitmaps import Field
from drivers.zvt.commands import PASSWORD_BYTES, PASSWORD_FIRST

_SHOWN_OF_UNREADABLE = 6
_HIDDEN = "**"
_SECRET_FIELDS = frozenset(
    {Field.PAN, Field.TRACK_1, Field.TRACK_2, Field.TRACK_3, Field.EXPIRY, 0x2E, 0x3A, 0x3D}
)
_WITH_FIELDS = {Kind.STATUS_INFORMATION: 0, Kind.ABORTED: 1, Kind.COMPLETION: 0}
_WITH_TEXT = frozenset({Kind.PRINT_LINE, Kind.PRINT_BLOCK, Kind.INTERMEDIATE_STATUS})
# As a card number in text, also across the bytes between two lines of one container.
_DIGITS = re.compile(rb"[0-9](?:[ -]?[0-9]){12,}")

_WORDS = {
    Kind.TAKEN: "taken",
    Kind.ABORTED: "aborted",
    Kind.PARTIAL_REVERSAL: "partial reversal or enquiry",
}


def mask_messages(_direction: Direction, octets: bytes) -> str:
    """`drivers.trace.Mask` for the bank terminal: messages, without their framing."""
    return _hide(octets, _secret_places(octets))


def _secret_places(octets: bytes) -> set[int]:
    if len(octets) < HEADER:
        return set()
    try:
        apdu = decode(octets)
    except Malformed:
        return set(range(_SHOWN_OF_UNREADABLE, len(octets)))
    start = len(octets) - len(apdu.payload)
    assert start in {HEADER, LONG_HEADER}
    return {start + place for place in _secret_of(apdu)}


def _secret_of(apdu: Apdu) -> set[int]:
    if apdu.kind in PASSWORD_FIRST:
        return set(range(PASSWORD_BYTES))
    if apdu.kind in _WITH_TEXT:
        return {place for run in _DIGITS.finditer(apdu.payload) for place in range(*run.span())}
    if apdu.kind == Kind.COMPLETION and _is_version(apdu.payload):
        return set()
    skipped = _WITH_FIELDS.get(Kind(apdu.kind)) if apdu.kind in _WITH_FIELDS else None
    return set() if skipped is None else _secret_fields(apdu.payload, skipped)


def _is_version(payload: bytes) -> bool:
    """The completion of a status enquiry: a text with its length, no fields."""
    try:
        return bitmaps.read_digits(payload, 0, 3) <= len(payload) - 3
    except Malformed:
        return False


def _secret_fields(payload: bytes, skipped: int) -> set[int]:
    spans, is_complete = bitmaps.locate(payload[skipped:])
    secret: set[int] = set()
    for span in spans:
        if span.number in _SECRET_FIELDS:
            secret.update(range(skipped + span.start, skipped + span.end))
    if not is_complete:
        known = skipped + (spans[-1].end if spans else 0)
        secret.update(range(known + 1, len(payload)))
    return secret


def _hide(octets: bytes, secret: set[int]) -> str:
    return " ".join(
        _HIDDEN if place in secret else f"{octet:02X}" for place, octet in enumerate(octets)
    )


def describe(apdu: Apdu) -> str:
    """What a message is, for people who read a trace."""
    if apdu.refusal is not None:
        return f"refused: {apdu.refusal:02X}"
    try:
        kind = Kind(apdu.kind)
    except ValueError:
        return f"message {apdu.kind:04X}"
    return _WORDS.get(kind) or kind.name.replace("_", " ").lower()
