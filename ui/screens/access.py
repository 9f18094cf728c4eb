"""The utilities: language, easy mode, help, and the question whether more time is needed."""

from chargepoint.contract import Button
from ui.buttons import row_button
from ui.frame import Frame
from ui.layout import Rect
from ui.text import AUTONYMS
from ui.theme import Face, Role
from ui.view import Box, Code, Picture, Run, Shade, Words
from ui.widgets import ring

_MORE_TIME_S = 20
_FEW_LANGUAGES = 4


def languages(frame: Frame) -> list[Button]:
    return [item for item in frame.snapshot.buttons if item.id.startswith("lang_")]


def taken_by_lang(frame: Frame) -> frozenset[str]:
    names = [button.id for button in languages(frame)]
    return frozenset((*names, "back") if _takes_back(frame) else names)


def _takes_back(frame: Frame) -> bool:
    """In landscape many names and the way back need one grid: a footer would cost a row of it."""
    return not frame.portrait and len(languages(frame)) > _FEW_LANGUAGES


def compose_lang(frame: Frame) -> None:
    """Every language by its own name."""
    body = frame.body
    head, body = body.cut_top(frame.pick(70, 110), frame.gap)
    place, head = head.cut_left(head.h, frame.pick(18, 20))
    frame.picture(place, "languages")
    frame.title(head, frame.text("lang.title"), size=frame.pick(52, 62))
    buttons = languages(frame)
    back = frame.offered("back") if _takes_back(frame) else None
    cells = len(buttons) + (back is not None)
    if not cells:
        return
    places = _grid(frame, body, cells)
    for button, place in zip(buttons, places, strict=False):
        _language(frame, button, place)
    if back is not None:
        row_button(frame, back, places[-1])


def _grid(frame: Frame, body: Rect, cells: int) -> list[Rect]:
    """Places row by row, at least `cells` of them: two columns, more only when rows run out."""
    high = max(frame.target_height, frame.pick(96, 130))
    most = max(1, (body.h + frame.gap) // (high + frame.gap))
    columns = max(2, -(-cells // most))
    rows = -(-cells // columns)
    if frame.low:
        strips = frame.sunk(body, rows).rows([1] * rows, frame.gap)
        return [place for strip in strips for place in strip.columns([1] * columns, frame.gap)]
    limit = min(body.h, rows * frame.pick(150, 190) + (rows - 1) * frame.gap)
    grid = Rect(body.x, body.y + (body.h - limit) // 3, body.w, limit)
    strips = grid.rows([1] * rows, frame.gap)
    return [place for strip in strips for place in strip.columns([1] * columns, frame.gap)]


def _language(frame: Frame, button: Button, rect: Rect) -> None:
    code = button.id[5:]
    chosen = code == frame.text.language
    fill, border = (Role.DO_TINT, Role.DO) if chosen else (Role.CARD, Role.CONTROL)
    frame.add(Box(rect, fill, border, frame.px(5 if chosen else 3), frame.px(22)))
    room = rect.inset(frame.pick(20, 26), frame.px(8))
    if chosen:
        icon = min(room.h, frame.pick(46, 64))
        sign, room = room.cut_right(icon, frame.px(8))
        frame.picture(sign.centred(icon, icon), "ok")
    label = AUTONYMS.get(code, code)
    floor = frame.label_floor()
    frame.add(Words(room, label, frame.pick(48, 58), floor))
    frame.control(button, rect, label, picture="ok" if chosen else "languages")


def compose_help(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    room = frame.card(frame.body, border=Role.GO, width=4)
    if frame.portrait:
        sign, room = room.cut_top(frame.px(260), frame.px(16))
    else:
        sign, room = room.cut_left(frame.px(250), frame.px(26))
    phone = str(shot.params.get("phone") or shot.station.phone or "-")
    side = min(sign.w, sign.h) - frame.px(24)
    _phone_sign(frame, sign.centred(side, side), phone)
    align = "centre" if frame.portrait else "left"
    head, number, body, facts = room.rows([1.0, 1.25, 0.75, 0.8], frame.pick(6, 14))
    frame.title(head, text("help.title"), size=frame.pick(56, 66), align=align, lines=1)
    _number_to_call(frame, number, phone, align)
    frame.words(body, text("help.body"), frame.pick(30, 36), align=align, lines=2)
    _help_facts(frame, facts)


def _phone_sign(frame: Frame, rect: Rect, phone: str) -> None:
    """A code that makes a telephone dial; without a number to call, the receiver."""
    number = _dialled(phone)
    if not number:
        frame.picture(rect, "phone")
        return
    frame.add(Box(rect, Role.DISC, Role.LINE, frame.px(3), frame.px(18)))
    frame.add(Code(rect.inset(frame.px(6)), f"tel:{number}"))


def _number_to_call(frame: Frame, rect: Rect, phone: str, align: str) -> None:
    if _dialled(phone):
        side = min(rect.h, frame.pick(84, 100))
        group = rect.centred(min(rect.w, frame.pick(660, 560)), rect.h)
        group = rect if align == "left" else group
        sign, rect = group.cut_left(side, frame.px(22))
        frame.picture(sign.centred(side, side), "phone")
    frame.figure(rect, (Run(phone, ink=Role.GO),), frame.pick(82, 96))


def _dialled(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isdigit() or letter == "+")


def _help_facts(frame: Frame, rect: Rect) -> None:
    """What the person who answers will ask for."""
    text, shot = frame.text, frame.snapshot
    point = str(shot.params.get("point") or shot.station.name)
    facts = [text("help.point", point=point)]
    if value := shot.params.get("reference"):
        facts.append(text("reference", reference=value))
    for words, place in zip(facts, rect.columns([1] * len(facts), frame.gap), strict=True):
        frame.add(Box(place, Role.DO_TINT, None, 0, frame.px(16)))
        frame.words(
            place.inset(frame.px(14), 0), words, frame.pick(30, 34), ink=Role.TEXT, align="centre"
        )


def compose_more_time(frame: Frame) -> None:
    """A dialogue over the dimmed screen below; its two buttons are the only large ones."""
    text, shot = frame.text, frame.snapshot
    frame.add(Shade(frame.panel.rect))
    place = _dialogue(frame)
    frame.add(Box(place, Role.CARD, Role.DO, frame.px(6), frame.px(28)))
    room = place.inset(frame.pick(28, 34), frame.pick(24, 34))
    low, room = room.cut_bottom(max(frame.pick(120, 130), frame.target_height), frame.pick(14, 24))
    if frame.portrait:
        sign, room = room.cut_top(frame.px(220), frame.px(20))
    else:
        sign, room = room.cut_left(frame.px(206), frame.px(34))
    left = shot.param("countdown_s")
    ring(frame, sign, left, max(_MORE_TIME_S, left))
    head, body = room.rows([1.2, 0.9], frame.px(6))
    frame.title(head, text("more_time.title"), size=frame.pick(56, 64))
    frame.words(body, text("more_time.body"), frame.pick(28, 36), lines=4)
    names = [name for name in ("more_time", "cancel") if frame.offered(name)]
    weights = [1.3 if name == "more_time" else 1.0 for name in names]
    if names:
        for name, spot in zip(names, low.columns(weights, frame.gap), strict=True):
            button = frame.offered(name)
            if button is not None:
                row_button(frame, button, spot, size=frame.pick(44, 46))


def _dialogue(frame: Frame) -> Rect:
    if frame.portrait:
        return frame.panel.rect.centred(frame.px(700), frame.px(760)).moved(0, -frame.px(40))
    return frame.panel.rect.centred(frame.px(776), frame.px(430)).moved(0, -frame.px(40))


def compose_busy(frame: Frame) -> None:
    """Laid over a screen whose touch the core has not answered yet; presses nothing."""
    frame.add(Shade(frame.panel.rect))
    place = frame.panel.rect.centred(frame.pick(520, 560), frame.pick(190, 240))
    frame.add(Box(place, Role.CARD, Role.DO, frame.px(5), frame.px(28)))
    room = place.inset(frame.px(34), frame.px(26))
    sign, room = room.cut_left(frame.pick(110, 120), frame.px(26))
    frame.add(Picture(sign, "hourglass"))
    words = frame.text("busy.title")
    frame.say(words)
    frame.add(Words(room, words, frame.pick(52, 58), frame.floor(4.0), Face.BOLD, lines=2))
