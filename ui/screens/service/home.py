"""T_HOME: how everything is, and the pages."""

from ui.buttons import stack_button
from ui.frame import Frame
from ui.layout import Rect
from ui.screens.service.lines import Line, lines_of
from ui.screens.service.sheet import MARKS
from ui.theme import Role
from ui.view import Box

_TILES = {True: 3, False: 5}  # health signs in a row, by portrait
_PAGES = {True: 4, False: 7}


def compose_home(frame: Frame) -> None:
    buttons = [item for item in frame.snapshot.buttons if item.id.startswith("t_")]
    columns = _PAGES[frame.portrait]
    rows = max(1, -(-len(buttons) // columns))
    high = max(frame.target_height, frame.pick(96, 126))
    low, room = frame.body.cut_bottom(rows * high + (rows - 1) * frame.gap, frame.gap)
    for number, strip in enumerate(low.rows([1] * rows, frame.gap)):
        places = strip.columns([1] * columns, frame.gap)
        for button, place in zip(buttons[number * columns :], places, strict=False):
            stack_button(frame, button, place)
    lines = lines_of(frame)
    _facts(frame, room, [line for line in lines if line.value and not line.mark])
    _health(frame, room, [line for line in lines if line.mark])


def _facts(frame: Frame, room: Rect, lines: list[Line]) -> None:
    strip, _ = room.cut_bottom(frame.pick(30, 84))
    if not lines:
        words = frame.text("svc.wait") if frame.snapshot.params.get("waiting") else ""
        frame.words(strip, words, frame.pick(24, 30))
        return
    for line, place in zip(lines, strip.columns([1] * len(lines), frame.gap), strict=True):
        frame.words(
            place,
            f"{line.label} {line.value}",
            frame.pick(24, 28),
            align="centre",
            lines=2 if frame.portrait else 1,
        )


def _health(frame: Frame, room: Rect, lines: list[Line]) -> None:
    _, body = room.cut_bottom(frame.pick(30, 84), frame.px(8))
    columns = _TILES[frame.portrait]
    rows = max(1, -(-len(lines) // columns))
    gap = frame.px(8)
    high = min(body.h, rows * frame.pick(56, 92) + (rows - 1) * gap)
    body = Rect(body.x, body.y, body.w, high)
    for number, strip in enumerate(body.rows([1] * rows, gap)):
        places = strip.columns([1] * columns, gap)
        for line, place in zip(lines[number * columns :], places, strict=False):
            _sign(frame, place, line)


def _sign(frame: Frame, rect: Rect, line: Line) -> None:
    glyph, ink = MARKS.get(line.mark, ("other", Role.SECONDARY))
    frame.add(Box(rect, Role.CARD, ink, frame.px(3), frame.px(12)))
    room = rect.inset(frame.px(10), frame.px(2))
    side = min(room.h, frame.pick(28, 36))
    place, room = room.cut_left(side, frame.px(8))
    frame.glyph(place.centred(side, side), glyph, ink)
    frame.words(room, line.label, frame.pick(24, 28), ink=Role.TEXT, lines=2)
