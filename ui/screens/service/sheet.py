"""Pages of lines: facts in columns, or lines as high as a finger that open something."""

from ui.frame import Frame, estimated_em
from ui.layout import GAP_MM, Rect
from ui.screens.service.lines import Line, lines_of, shortened
from ui.theme import SECONDARY_CAP_MM, TITLE_CAP_MM, Face, Role
from ui.view import Box, Words
from ui.widgets import Message, compose_message

MARKS = {"ok": ("tick", Role.GO), "warn": ("clock", Role.CASH), "bad": ("cross", Role.STOP)}
_ONE_COLUMN = 6  # more facts than that stand in two columns
_LEAST_ALONE, _LEAST_BESIDE = 5, 3  # rows of one column, of two: fewer lines do not grow further
_MOST_LINES = 4  # of one fact


def compose_sheet(frame: Frame) -> None:
    lines = lines_of(frame)
    if not lines:
        _empty(frame)
        return
    touched = any(line.row for line in lines)
    if len(lines) == 1 and not touched and not lines[0].value:
        _sentence(frame, lines[0].label)
        return
    columns = 1 if frame.portrait or (len(lines) <= _ONE_COLUMN and not touched) else 2
    rows = -(-len(lines) // columns)
    least = _LEAST_ALONE if columns == 1 else _LEAST_BESIDE
    gap = max(frame.px(8), frame.panel.down(GAP_MM))
    body = _paged(frame)
    for number, strip in enumerate(body.rows([1] * max(rows, least), gap)):
        for line, place in zip(
            lines[number * columns : (number + 1) * columns],
            strip.columns([1] * columns, frame.gap),
            strict=False,
        ):
            _line(frame, place, line)


def _paged(frame: Frame) -> Rect:
    """Which page of how many, where there are several."""
    pages = frame.snapshot.param("pages")
    if pages <= 1:
        return frame.body
    strip, body = frame.body.cut_bottom(frame.pick(26, 36), frame.px(4))
    words = frame.text("svc.page", page=frame.snapshot.param("page"), pages=pages)
    frame.words(strip, words, frame.pick(22, 26), align="right")
    return body


def _line(frame: Frame, rect: Rect, line: Line) -> None:
    button = frame.offered(line.row) if line.row else None
    border = Role.CONTROL if button is not None else Role.LINE
    frame.add(Box(rect, Role.CARD, border, frame.px(3), frame.px(14)))
    room = rect.inset(frame.pick(14, 18), frame.px(3))
    if line.mark in MARKS:
        glyph, ink = MARKS[line.mark]
        side = min(room.h, frame.pick(30, 38))
        place, room = room.cut_left(side, frame.px(10))
        frame.glyph(place.centred(side, side), glyph, ink)
    if button is not None:
        side = min(room.h, frame.pick(24, 30))
        place, room = room.cut_right(side, frame.px(8))
        frame.glyph(place.centred(side, side), "arrow", Role.SECONDARY)
        frame.control(button, rect, f"{line.label} {line.value}".strip(), picture="arrow")
    _words(frame, room, line)


def _words(frame: Frame, room: Rect, line: Line) -> None:
    size = frame.floor(SECONDARY_CAP_MM)
    lines = max(1, min(_MOST_LINES, room.h // round(size * 1.25)))
    if not line.value:
        text = shortened(line.label, size, room.w, lines)
        frame.words(room, text, frame.pick(27, 32), ink=Role.TEXT, lines=lines)
        return
    value, label = _sides(frame, room, line)
    text = shortened(line.label, size, label.w, lines)
    frame.words(label, text, frame.pick(25, 30), lines=lines)
    text = shortened(line.value, size, value.w, lines)
    frame.words(
        value, text, frame.pick(28, 34), ink=Role.TEXT, align="right", lines=lines, face=Face.BOLD
    )


def _sides(frame: Frame, room: Rect, line: Line) -> tuple[Rect, Rect]:
    """For the value and its label: a short label leaves its room, and the value matters more."""
    size = frame.floor(SECONDARY_CAP_MM)
    value, label = (round(estimated_em(each) * size * 1.06) for each in (line.value, line.label))
    third, gap = room.w // 3, frame.px(12)
    shared = max(room.w * value // max(1, value + label), min(value, room.w * 3 // 5))
    return room.cut_right(min(max(third, shared), room.w - gap - min(label, third)), gap)


def _empty(frame: Frame) -> None:
    waits = bool(frame.snapshot.params.get("waiting"))
    words = frame.text("svc.wait" if waits else "svc.nothing")
    frame.card(frame.body)
    frame.words(frame.body.inset(frame.px(20)), words, frame.pick(34, 42), align="centre")


def compose_words(frame: Frame) -> None:
    """One thing to do by hand, said in full."""
    _sentence(frame, frame.text(f"svc.{frame.snapshot.screen}.body"))


def _sentence(frame: Frame, words: str) -> None:
    """Beside the sign of the screen."""
    room = frame.card(frame.body)
    side = min(room.h, round(room.w * 0.24))
    place, rest = room.cut_left(side, frame.pick(24, 24))
    frame.picture(place.centred(side, side), frame.sign)
    frame.words(rest, words, frame.pick(32, 38), ink=Role.TEXT, lines=6)


def compose_busy(frame: Frame) -> None:
    compose_message(
        frame,
        Message(
            frame.text("svc.service_busy.title"),
            frame.text("svc.service_busy.body"),
            picture="wrench",
            role=Role.CASH,
        ),
    )


def compose_grid(frame: Frame) -> None:
    """Twelve places to touch; a touched one is struck."""
    columns = 3 if frame.portrait else 4
    names = [item for item in frame.snapshot.buttons if item.id.startswith("grid_")]
    rows = max(1, -(-len(names) // columns))
    for number, strip in enumerate(frame.body.rows([1] * rows, frame.gap)):
        places = strip.columns([1] * columns, frame.gap)
        for button, place in zip(names[number * columns :], places, strict=False):
            fill = Role.CARD if button.enabled else Role.GO_TINT
            frame.add(Box(place, fill, Role.CONTROL, frame.px(3), frame.px(14)))
            label = button.id.partition("_")[2]
            floor = frame.floor(TITLE_CAP_MM)
            ink = Role.TEXT if button.enabled else Role.GO
            frame.add(Words(place, label, floor, floor, Face.DIGITS, ink, "centre"))
            frame.control(button, place, label, picture="arrow")


_PLAIN = (Role.TEXT, Role.CARD, Role.STOP, Role.GO, Role.DO, Role.CASH)


def compose_colours(frame: Frame) -> None:
    """One colour after the other, at last all of them as bars; a touch anywhere goes on."""
    shown = frame.snapshot.param("colour")
    place = frame.body
    if 0 <= shown < len(_PLAIN):
        frame.add(Box(place, _PLAIN[shown], None, 0, 0))
    else:
        for role, bar in zip(_PLAIN, place.columns([1] * len(_PLAIN), 0), strict=True):
            frame.add(Box(bar, role, None, 0, 0))
    button = frame.offered("grid_next")
    if button is not None:
        frame.control(button, place, frame.text("button.grid_next"), picture="arrow")
