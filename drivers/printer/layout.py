"""From a document to the bytes of one paper width. Pure."""

import textwrap
from collections.abc import Sequence

from chargepoint.domain.money.paper import Paper, PaperLine, PaperQr, PaperRow, PaperRule
from drivers.printer import codec
from drivers.printer.codec import Align
from drivers.printer.profiles import PrinterProfile

# A version 10 symbol is 57 modules and its quiet zone: 58 mm paper has 384 dots of 0.125 mm.
_QR_MODULE_DOTS = 5  # 0.6 mm
_TEAR_OFF_LINES = 4


def encode(paper: Paper, profile: PrinterProfile) -> bytes:
    """From reset to cut: nothing that was printed before matters."""
    parts = [codec.INIT, codec.code_page(profile.code_page)]
    for part in paper.parts:
        match part:
            case PaperLine():
                parts.append(_line(part, profile))
            case PaperRow(left=left, right=right, bold=bold):
                parts.append(_emphasised(_row(left, right, profile), bold=bold))
            case PaperQr(content=content):
                parts.append(_qr(content, profile))
            case PaperRule():
                parts.append(codec.text("-" * profile.columns))
    end = codec.CUT if profile.has_knife else codec.feed(_TEAR_OFF_LINES)
    return b"".join([*parts, codec.feed(2), end])


def _qr(content: str, profile: PrinterProfile) -> bytes:
    """Its text where the printer draws none: an address can be typed."""
    if not profile.draws_qr:
        return _texts(_wrapped(content, profile.columns), profile)
    symbol = codec.qr(content, module_dots=_QR_MODULE_DOTS)
    return codec.align(Align.CENTRE) + symbol + codec.align(Align.LEFT)


def _line(line: PaperLine, profile: PrinterProfile) -> bytes:
    columns = profile.columns // 2 if line.large else profile.columns
    inside = _texts(_wrapped(line.text, columns), profile)
    if line.large:
        inside = codec.double(on=True) + inside + codec.double(on=False)
    if line.centred:
        inside = codec.align(Align.CENTRE) + inside + codec.align(Align.LEFT)
    return _emphasised(inside, bold=line.bold)


def _row(left: str, right: str, profile: PrinterProfile) -> bytes:
    """Left and right on one line; on two where they do not fit."""
    columns = profile.columns
    gap = columns - len(left) - len(right)
    if gap >= 1:
        return codec.text(f"{left}{' ' * gap}{right}", profile.encoding)
    rows = [*_wrapped(left, columns), *(f"{each:>{columns}}" for each in _wrapped(right, columns))]
    return _texts(rows, profile)


def _texts(lines: Sequence[str], profile: PrinterProfile) -> bytes:
    return b"".join(codec.text(each, profile.encoding) for each in lines)


def _emphasised(inside: bytes, *, bold: bool) -> bytes:
    return codec.bold(on=True) + inside + codec.bold(on=False) if bold else inside


def _wrapped(words: str, columns: int) -> list[str]:
    return textwrap.wrap(words, columns) or [""]
