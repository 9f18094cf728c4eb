"""ESC/POS in bytes: the few commands a receipt needs, and the real-time status.

Section numbers are those of the field notes' chapter on ESC/POS; `GS r` is answered in order, after
everything before it was processed, unlike the real-time status that overtakes the buffer.
"""

from dataclasses import dataclass
from enum import IntEnum

INIT = b"\x1b@"
CUT = b"\x1dVA\x03"  # feed to the knife and cut
PROCESSED = b"\x1dr\x01"
QR_BYTES_MOST = 600
_FIXED_MASK, _FIXED = 0b1001_0011, 0b0001_0010  # every status byte is 0xx1xx10
_PROCESSED_MASK = 0b1001_0000


class Status(IntEnum):
    """`DLE EOT n`."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    PAPER = 4


class Align(IntEnum):
    LEFT = 0
    CENTRE = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """What three status bytes say together."""

    is_offline: bool = False
    is_open: bool = False
    is_paper_out: bool = False
    is_paper_low: bool = False
    has_error: bool = False

    @property
    def why_not(self) -> str:
        """Why it cannot print, as a word; empty when it can."""
        if self.is_open:
            return "cover_open"
        if self.is_paper_out:
            return "paper_out"
        return "error" if self.has_error or self.is_offline else ""


def ask(status: Status) -> bytes:
    return bytes([0x10, 0x04, status])


def status_in(chunk: bytes) -> int | None:
    """The status byte in what was received; None while there is none. Noise is passed over."""
    return next((octet for octet in chunk if octet & _FIXED_MASK == _FIXED), None)


def processed_in(chunk: bytes) -> int | None:
    """The answer to `PROCESSED`; its fixed bits differ from those of a real-time status."""
    return next((octet for octet in chunk if octet & _PROCESSED_MASK == 0), None)


def condition(printer: int, cause: int, paper: int) -> Condition:
    return Condition(
        is_offline=bool(printer & 0b0000_1000),
        is_open=bool(cause & 0b0000_0100),
        is_paper_out=bool(cause & 0b0010_0000) or paper & 0b0110_0000 == 0b0110_0000,
        is_paper_low=bool(paper & 0b0000_1100),
        has_error=bool(cause & 0b0100_0000),
    )


def code_page(number: int) -> bytes:
    return bytes([0x1B, 0x74, number])


def align(where: Align) -> bytes:
    return bytes([0x1B, 0x61, where])


def bold(*, on: bool) -> bytes:
    return bytes([0x1B, 0x45, on])


def double(*, on: bool) -> bytes:
    """Twice as high and as wide."""
    return bytes([0x1D, 0x21, 0x11 if on else 0x00])


def feed(lines: int) -> bytes:
    return bytes([0x1B, 0x64, lines])


def text(words: str, encoding: str = "cp858") -> bytes:
    """One line; what the code page lacks becomes a question mark."""
    printable = "".join(each if each.isprintable() else "?" for each in words)
    return printable.encode(encoding, "replace") + b"\n"


def qr(content: str, *, module_dots: int) -> bytes:
    """Model 2, level M (ISO/IEC 18004), as the tax agency wants it."""
    octets = content.encode("utf-8")
    if not 0 < len(octets) <= QR_BYTES_MOST:
        raise ValueError(f"a QR code of {len(octets)} bytes does not fit on a receipt")
    length = len(octets) + 3
    return b"".join(
        (
            _symbol(b"\x31\x41\x32\x00"),
            _symbol(bytes([0x31, 0x43, module_dots])),
            _symbol(b"\x31\x45\x31"),
            b"\x1d(k" + bytes([length & 0xFF, length >> 8]) + b"\x31\x50\x30" + octets,
            _symbol(b"\x31\x51\x30"),
        )
    )


def _symbol(function: bytes) -> bytes:
    """`GS ( k pL pH cn fn …`."""
    return b"\x1d(k" + bytes([len(function), 0]) + function
