"""Head and foot of a technician's page: where, who, when; and every button the body does not place."""

from ui.buttons import stack_button
from ui.frame import Frame
from ui.layout import GAP_MM, Rect
from ui.screens.service.lines import notice_of
from ui.theme import SECONDARY_CAP_MM, Face, Role
from ui.view import Box, Picture, Words

_KEYPAD_PX = 420


def keypad_room(frame: Frame) -> int:
    """What a keypad leaves beside it in landscape."""
    return frame.panel.width - 2 * frame.margin - frame.px(_KEYPAD_PX) - frame.gap


def compose_bars(frame: Frame, takes: tuple[str, ...], *, keypad: bool) -> Rect:
    """Answers the room between them."""
    top = _head(frame)
    strip = Rect(frame.margin, 0, frame.panel.width - 2 * frame.margin, 0)
    if keypad and not frame.portrait:
        strip = strip.cut_left(keypad_room(frame))[0]
    bottom = _foot(frame, strip, takes)
    room = Rect(strip.x, top, strip.w, max(1, bottom - top - frame.gap))
    return _notice(frame, room)


def _head(frame: Frame) -> int:
    """Title, who is inside, time; in portrait the title has a row of its own."""
    high = frame.pick(62, 72)
    rect = Rect(frame.margin, frame.pick(8, 12), frame.panel.width - 2 * frame.margin, high)
    side = frame.pick(46, 64)
    place, rest = rect.cut_left(side, frame.px(14))
    frame.add(Picture(place.centred(side, side), "wrench"))
    strip, bottom = rest, rect.bottom
    if frame.portrait:
        strip = Rect(rect.x, rect.bottom, rect.w, frame.px(44))
        bottom = strip.bottom
    strip = _who_and_when(frame, strip)
    title = frame.text.or_else(f"svc.{frame.snapshot.screen}.title", "unknown.body")
    frame.title(rest if frame.portrait else strip, title, size=frame.pick(40, 50), lines=1)
    return bottom + frame.pick(8, 14)


def _who_and_when(frame: Frame, rect: Rect) -> Rect:
    """At the right; answers what is left."""
    floor = frame.floor(SECONDARY_CAP_MM)
    if frame.snapshot.clock:
        clock, rect = rect.cut_right(frame.pick(98, 124), frame.px(10))
        frame.add(Words(clock, frame.snapshot.clock, frame.pick(30, 34), floor, align="right"))
    who = str(frame.snapshot.params.get("who") or "")
    if who:
        name, rect = rect.cut_right(frame.pick(170, 300), frame.px(10))
        frame.words(name, who[:14], frame.pick(24, 28), align="right")
    return rect


def _foot(frame: Frame, strip: Rect, takes: tuple[str, ...]) -> int:
    buttons = [item for item in frame.snapshot.buttons if not item.id.startswith(takes)]
    buttons = [item for item in buttons if not item.id.startswith("connector_")]
    if not buttons:
        return frame.panel.height - frame.px(10)
    buttons.sort(key=lambda item: item.id != "back")
    high = max(frame.pick(96, 126), frame.target_height)
    row = Rect(strip.x, frame.panel.height - frame.px(14) - high, strip.w, high)
    gap = max(frame.px(10), frame.panel.across(GAP_MM))
    count = max(len(buttons), 3 if strip.w < frame.panel.width * 0.8 else 5)
    for button, place in zip(buttons, row.columns([1] * count, gap), strict=False):
        stack_button(frame, button, place)
    return row.y


def _notice(frame: Frame, room: Rect) -> Rect:
    for words, is_good in notice_of(frame):
        strip, room = room.cut_bottom(frame.pick(44, 60), frame.px(8))
        fill, ink = (Role.GO_TINT, Role.GO) if is_good else (Role.STOP_TINT, Role.STOP)
        frame.add(Box(strip, fill, None, 0, frame.px(14)))
        inner = strip.inset(frame.px(14), frame.px(2))
        frame.words(inner, words[:70], frame.pick(26, 32), ink=ink, face=Face.BOLD)
    return room
