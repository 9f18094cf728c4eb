"""Numbers to type: a PIN that is only counted, amounts and digits that are shown."""

from ui.buttons import key_button
from ui.frame import Frame
from ui.layout import GAP_MM, Rect
from ui.screens.service.lines import worded
from ui.text import countdown
from ui.theme import TITLE_CAP_MM, Face, Role
from ui.view import Box, Run

_KEYPAD_PX = 420
_ROWS = (
    ("key_1", "key_2", "key_3"),
    ("key_4", "key_5", "key_6"),
    ("key_7", "key_8", "key_9"),
    ("key_clear", "key_0", "key_ok"),
)


def compose_login(frame: Frame) -> None:
    text, locked = frame.text, frame.snapshot.param("locked_s")
    hint = text("svc.login.hint")
    if locked:
        hint = text("svc.login.locked", time=countdown(locked))
    typed = max(0, min(12, frame.snapshot.param("typed")))
    frame.say(text("stop_auth.typed", typed=typed, length=max(6, typed)))
    room = _left(frame, hint, ink=Role.STOP if locked else Role.SECONDARY)
    _dots(frame, room, typed, max(6, typed))
    _keys(frame)


def compose_amount(frame: Frame) -> None:
    most = frame.snapshot.param("most_minor")
    hint = frame.text("svc.amount.hint")
    if most:
        hint = frame.text("svc.amount.most", amount=frame.text.money(most, frame.currency))
    _shown(frame, frame.text.money(_number(frame), frame.currency), hint)


def compose_count(frame: Frame) -> None:
    subject = str(frame.snapshot.params.get("subject") or "")
    _shown(frame, str(_number(frame)), worded(frame, f"count.hint|{subject}"))


def compose_digits(frame: Frame) -> None:
    typed = _typed(frame)
    _shown(frame, typed or "…", frame.text(f"svc.{frame.snapshot.screen}.hint"))


def _typed(frame: Frame) -> str:
    number = str(frame.snapshot.params.get("number") or "")
    return number if number.isascii() and number.isdigit() else ""


def _number(frame: Frame) -> int:
    return int(_typed(frame)[:12] or 0)


def _shown(frame: Frame, number: str, hint: str) -> None:
    room = _left(frame, hint)
    runs = (Run(number, face=Face.DIGITS),)
    frame.figure(room, runs, frame.pick(64, 90), align="centre", cap_mm=TITLE_CAP_MM)
    _keys(frame)


def _left(frame: Frame, hint: str, ink: Role = Role.SECONDARY) -> Rect:
    """The card beside the keys; answers the room above the hint."""
    place = frame.body
    if frame.portrait:
        place = place.rows([0.38, 0.62], frame.gap)[0]
    room = frame.card(place)
    below, room = room.cut_bottom(frame.pick(96, 90), frame.px(6))
    frame.words(below, hint, frame.pick(26, 32), lines=3, ink=ink)
    return room


def _dots(frame: Frame, room: Rect, typed: int, length: int) -> None:
    gap = frame.px(8)
    side = min(room.h, frame.pick(60, 84), (room.w - (length - 1) * gap) // length)
    whole = room.centred(length * side + (length - 1) * gap, side)
    for number, spot in enumerate(whole.columns([1] * length, gap)):
        full = number < typed
        frame.add(
            Box(spot, Role.CARD, Role.DO if full else Role.CONTROL, frame.px(4), frame.px(12))
        )
        if full:
            dot = spot.centred(round(side * 0.3), round(side * 0.3))
            frame.add(Box(dot, Role.DO, None, 0, dot.w // 2))


def _keys(frame: Frame) -> None:
    gap = max(frame.px(10), frame.panel.down(GAP_MM))
    for names, row in zip(_ROWS, _right(frame).rows([1] * 4, gap), strict=True):
        for name, place in zip(names, row.columns([1] * 3, gap), strict=True):
            button = frame.offered(name)
            if button is not None:
                key_button(frame, button, place)


def _right(frame: Frame) -> Rect:
    """In landscape the keys need the foot's height too."""
    if frame.portrait:
        return frame.body.rows([0.38, 0.62], frame.gap)[1]
    wide, top = frame.px(_KEYPAD_PX), frame.px(80)
    left = frame.panel.width - frame.margin - wide
    return Rect(left, top, wide, frame.panel.height - frame.px(14) - top)
