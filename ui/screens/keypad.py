"""Digits to type. Of the stop code and a voucher the core counts them, and none is shown; an amount is."""

from dataclasses import dataclass

from ui.buttons import key_button
from ui.frame import Frame
from ui.layout import GAP_MM, Rect
from ui.theme import SECONDARY_CAP_MM, TITLE_CAP_MM, Face, Role
from ui.view import Box, Run

KEYS = tuple(f"key_{digit}" for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9))
KEYPAD = frozenset((*KEYS, "key_0", "key_ok", "key_clear"))

_KEYPAD_PX = 420
_ROWS = (KEYS[0:3], KEYS[3:6], KEYS[6:9], ("key_clear", "key_0", "key_ok"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is asked for, and how much of it is typed."""

    title: str
    hint: str
    hint_ink: Role
    typed: int = 0
    length: int = 0
    shown: str = ""  # an amount is no secret: it is shown instead of places


def has_keypad(frame: Frame) -> bool:
    return any(frame.offered(name) for name in KEYPAD if name != "key_ok")


def keypad_left_width(frame: Frame) -> int:
    """What the keypad leaves beside it in landscape; 0 when there is no keypad."""
    if frame.portrait or not has_keypad(frame):
        return 0
    return frame.panel.width - 2 * frame.margin - frame.px(_KEYPAD_PX) - frame.gap


def compose_keypad(frame: Frame, entry: Entry) -> None:
    left, right = _places(frame)
    room = frame.card(left)
    head, room = room.cut_top(frame.pick(104, 70), frame.pick(6, 6))
    frame.title(head, entry.title, size=frame.pick(50, 58))
    # In portrait a hint of one line leaves its room to the digits.
    is_short = frame.lines_of(entry.hint, frame.floor(SECONDARY_CAP_MM), round(room.w * 0.95)) == 1
    hint, room = room.cut_bottom(frame.pick(84, 44 if is_short else 78), frame.px(4))
    if entry.shown:
        runs = (Run(entry.shown, face=Face.DIGITS),)
        frame.figure(room, runs, frame.pick(72, 96), align="centre", cap_mm=TITLE_CAP_MM)
    else:
        _digits(frame, room, entry)
    frame.words(hint, entry.hint, frame.pick(28, 34), lines=3, ink=entry.hint_ink)
    _keys(frame, right)


def _places(frame: Frame) -> tuple[Rect, Rect]:
    body = frame.body
    if frame.portrait:
        high = 4 * frame.target_height + 3 * frame.px(12)
        low, top = body.cut_bottom(max(high, round(body.h * 0.5)), frame.gap)
        return top, low
    # Four rows of 20 mm keys need the footer's height too; the footer keeps to the left half.
    bottom = frame.bottom - frame.px(14)
    whole = Rect(body.x, body.y, body.w, bottom - body.y)
    keys, rest = whole.cut_right(frame.px(_KEYPAD_PX), frame.gap)
    return Rect(rest.x, body.y, rest.w, body.h), keys


def _digits(frame: Frame, rect: Rect, entry: Entry) -> None:
    """One place a digit; dots, for somebody may look over the shoulder."""
    count = max(1, min(12, entry.length))
    typed = max(0, min(count, entry.typed))
    gap = frame.px(16 if count <= 4 else 8)
    side = min(rect.h, frame.pick(84, 110), (rect.w - (count - 1) * gap) // count)
    whole = rect.centred(count * side + (count - 1) * gap, side)
    for place, spot in enumerate(whole.columns([1] * count, gap)):
        full = place < typed
        border = Role.DO if full or place == typed else Role.CONTROL
        fill = Role.DO_TINT if full else Role.CARD
        frame.add(Box(spot, fill, border, frame.px(4), frame.px(14)))
        if full:
            dot = spot.centred(round(side * 0.3), round(side * 0.3))
            frame.add(Box(dot, Role.DO, None, 0, dot.w // 2))
    frame.say(frame.text("stop_auth.typed", typed=typed, length=count))


def _keys(frame: Frame, rect: Rect) -> None:
    gap = max(frame.px(10), frame.panel.down(GAP_MM))
    for names, row in zip(_ROWS, rect.rows([1] * 4, gap), strict=True):
        for name, place in zip(names, row.columns([1] * 3, gap), strict=True):
            button = frame.offered(name)
            if button is not None:
                key_button(frame, button, place)
