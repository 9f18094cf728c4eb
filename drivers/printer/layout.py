"""From a document to the bytes of one paper width. Pure."""

import textwrap
from dataclasses import dataclass

from chargepoint.domain.paper import Paper, PaperLine, PaperQr, PaperRow, PaperRule
from drivers.printer import codec
from drivers.printer.codec import Align

# A version 10 symbol is 57 modules and its quiet zone: 58 mm paper has 384 dots of 0.125 mm.
_QR_MODULE_DOTS = 5  # 0.6 mm


@dataclass(frozen=True, slots=True)
class PaperWidth:
    """`columns` of the normal font."""

    columns: int


MM_58 = PaperWidth(32)
MM_80 = PaperWidth(48)


def encode(paper: Paper, width: PaperWidth, code_page: int = codec.CODE_PAGE_858) -> bytes:
    """From reset to cut: nothing that was printed before matters."""
    parts = [codec.INIT, codec.code_page(code_page)]
    for part in paper.parts:
        match part:
            case PaperLine():
                parts.append(_line(part, width))
            case PaperRow(left=left, right=right, bold=bold):
                parts.append(_emphasised(_row(left, right, width.columns), bold=bold))
            case PaperQr(content=content):
                symbol = codec.qr(content, module_dots=_QR_MODULE_DOTS)
                parts += [codec.align(Align.CENTRE), symbol, codec.align(Align.LEFT)]
            case PaperRule():
                parts.append(codec.text("-" * width.columns))
    return b"".join([*parts, codec.feed(2), codec.CUT])


def _line(line: PaperLine, width: PaperWidth) -> bytes:
    columns = width.columns // 2 if line.large else width.columns
    inside = b"".join(codec.text(each) for each in _wrapped(line.text, columns))
    if line.large:
        inside = codec.double(on=True) + inside + codec.double(on=False)
    if line.centred:
        inside = codec.align(Align.CENTRE) + inside + codec.align(Align.LEFT)
    return _emphasised(inside, bold=line.bold)


def _row(left: str, right: str, columns: int) -> bytes:
    """Left and right on one line; on two where they do not fit."""
    gap = columns - len(left) - len(right)
    if gap >= 1:
        return codec.text(f"{left}{' ' * gap}{right}")
    rows = [*_wrapped(left, columns), *(f"{each:>{columns}}" for each in _wrapped(right, columns))]
    return b"".join(codec.text(each) for each in rows)


def _emphasised(inside: bytes, *, bold: bool) -> bytes:
    return codec.bold(on=True) + inside + codec.bold(on=False) if bold else inside


def _wrapped(words: str, columns: int) -> list[str]:
    return textwrap.wrap(words, columns) or [""]
