"""Facts of a technician's page: what the core sends as parallel lists, as words and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from ui.frame import Frame, estimated_em
from ui.text import Text, duration


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    value: str
    mark: str
    row: str


def _texts(frame: Frame, name: str) -> list[str]:
    found = frame.snapshot.params.get(name)
    return [str(each) for each in found] if isinstance(found, list) else []


def lines_of(frame: Frame) -> list[Line]:
    labels = _texts(frame, "labels")
    columns = [_filled(_texts(frame, name), len(labels)) for name in _COLUMNS]
    return [
        Line(worded(frame, label), _valued(frame, value, kind), mark, row)
        for label, value, kind, mark, row in zip(labels, *columns, strict=True)
    ]


_LOST_EM = 1.2  # at the end of a line that is broken between words
_SAFE = 1.05  # an estimate may not be too small: what is drawn is never clipped
_COLUMNS = ("values", "kinds", "marks", "rows")


def _filled(column: list[str], length: int) -> list[str]:
    return (column + [""] * length)[:length]


def worded(frame: Frame, label: str) -> str:
    """A text key, with "|" and its argument where it has one; `raw|` is what a device said."""
    key, _, argument = label.partition("|")
    if key == "raw":
        return argument
    if not frame.text.has(f"svc.{key}"):
        return label
    amount = argument
    if argument.isascii() and argument.isdigit():
        amount = frame.text.money_short(int(argument), frame.currency)
    return frame.text(f"svc.{key}", arg=argument, amount=amount)


def _valued(frame: Frame, value: str, kind: str) -> str:
    text = frame.text
    if kind in ("key", "amounts"):
        return worded(frame, value) if kind == "key" else _amounts(frame, value)
    if not _is_whole(value):
        return value
    number = int(value)
    match kind:
        case "money":
            return text.money(number, frame.currency)
        case "rate":
            return text.price(number, frame.currency)
        case "seconds":
            return f"{duration(number)} h"
        case _:
            return _measured(text, number, kind) or value


def _amounts(frame: Frame, value: str) -> str:
    """Minor units, one beside the other; what is no number stays as it is."""
    each = value.split()[:16]
    if not all(_is_whole(one) for one in each):
        return value
    parts = [frame.text.money_short(int(one), frame.currency).split("\u00a0") for one in each]
    sign = parts[-1][-1] if parts and len(parts[-1]) > 1 else ""
    return " · ".join(part[0] for part in parts) + (f"\u00a0{sign}" if sign else "")


def _measured(text: Text, number: int, kind: str) -> str:
    match kind:
        case "energy":
            return text("unit.kwh", value=text.kilo(number))
        case "power":
            return text("unit.kw", value=text.kilo(number, 2))
        case "milliamp":
            return f"{text.kilo(number, 1)} A"
        case "millivolt":
            return f"{text.kilo(number, 1)} V"
        case _:
            return ""


def _is_whole(value: str) -> bool:
    digits = value.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 15


def shortened(words: str, size: int, width: int, lines: int) -> str:
    """What a device says has any length; a line of the screen has not."""
    room_em = width * lines / max(1, size) - _LOST_EM * (lines - 1)
    if estimated_em(words) * _SAFE <= room_em:
        return words
    widths = accumulate(estimated_em(letter) * _SAFE for letter in words)
    most = sum(1 for width_em in widths if width_em <= room_em - 1)
    return words[: max(3, most)] + "…"


def notice_of(frame: Frame) -> Iterator[tuple[str, bool]]:
    """What has just happened, and whether it is good."""
    notice = str(frame.snapshot.params.get("notice") or "")
    if notice:
        yield worded(frame, f"notice.{notice}"), bool(frame.snapshot.params.get("is_good"))
