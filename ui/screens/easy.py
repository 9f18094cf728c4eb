"""Easy mode: the same screens with little on them, and all of it large.

Every word is at least 7.3 mm high in its capitals (EN 301 549 5.1.4 at 600 mm), nothing moves,
controls lie low. What a screen needs is its sign, its title, at most two numbers and its buttons.
"""

from collections.abc import Callable
from dataclasses import replace

from chargepoint.contract import Button, Tab
from ui.buttons import UTILITIES, Look, icon_button, ink_of, label_of, style_of
from ui.frame import Frame
from ui.header import STATES
from ui.layout import Rect
from ui.screens.pay import WAYS
from ui.text import countdown, duration
from ui.theme import EASY_CAP_MM, Face, Role
from ui.view import Box, Glyph, Pair, Picture, Words
from ui.widgets import operator_note

Number = Callable[[Frame], str]


def _money(name: str) -> Number:
    return lambda frame: frame.text.money(frame.snapshot.param(name), frame.currency)


def _price(name: str) -> Number:
    def shown(frame: Frame) -> str:
        milli = frame.snapshot.param(name) or frame.snapshot.param("price_energy")
        return frame.text.price(milli, frame.currency) + frame.text("price.per_kwh")

    return shown


def _energy(frame: Frame) -> str:
    return frame.text("unit.kwh", value=frame.text.kilo(frame.snapshot.param("energy_wh")))


def _elapsed(frame: Frame) -> str:
    return frame.text("unit.h", value=duration(frame.snapshot.param("elapsed_s")))


def _left(frame: Frame) -> str:
    return countdown(frame.snapshot.param("countdown_s"))


def _until(frame: Frame) -> str:
    return str(frame.snapshot.params.get("until") or "")


def _code(frame: Frame) -> str:
    return " ".join(str(frame.snapshot.params.get("code") or ""))


def _account(frame: Frame) -> str:
    offline = bool(frame.snapshot.params.get("offline"))
    return _money("spend_minor" if offline else "balance_minor")(frame)


_SESSION = (("energy", _energy), ("euro", _money("cost_minor")))

FACTS: dict[str, tuple[tuple[str, Number], ...]] = {
    "home": (("energy", _price("price_energy")),),
    "check": (),
    "plug_err": (),
    "pay": (),
    "cash_in": (("cash", _money("credit_minor")),),
    "cash_bad": (),
    "cash_back": (("cashout", _money("amount_minor")),),
    "gc_tap": (),
    "gc_wait": (("clock", _left),),
    "gc_ok": (("greencard", _account), ("energy", _price("price_card"))),
    "gc_low": (("greencard", _money("balance_minor")),),
    "gc_blocked": (),
    "gc_unknown": (),
    "code": (("keypad", _code),),
    "start_wait": (("clock", _left),),
    "start_fail": (),
    "charging": _SESSION,
    "paused_car": _SESSION,
    "paused_grid": _SESSION,
    "stopping": _SESSION,
    "finished": _SESSION,
    "unplug": _SESSION,
    "cable_stuck": (),
    "change": (("cashout", _money("amount_minor")),),
    "receipt": (("euro", _money("cost_minor")), ("clock", _elapsed)),
    "thanks": (),
    "home_reserved": (("clock", _until),),
    "res_ok": (),
    "res_no": (),
    "res_none": (),
}

_TITLES = {
    "home": "home.title",
    "stopping": "stopping.title",
}
_LOW = ("back", "cancel")
_LINE = 1.3  # a line's height, of the size of print


def has_easy(screen: str) -> bool:
    """Screens with small keys or large lists of their own keep their usual layout."""
    return screen in FACTS


def compose_easy(frame: Frame, picture: str) -> None:
    frame.enlarge()
    rect = frame.panel.rect.inset(frame.margin, frame.pick(12, 20))
    high = max(frame.pick(104, 190), frame.target_height)
    head, rest = rect.cut_top(high, frame.gap)
    _head(frame, head, picture)
    frame.end_header()
    buttons = [item for item in frame.snapshot.buttons if not item.id.startswith("connector_")]
    utilities = [item for item in buttons if item.id in UTILITIES]
    low = [item for item in buttons if item.id in _LOW]
    main = [item for item in buttons if item not in utilities and item not in low]
    rest = _low_rows(frame, rest, utilities, low)
    frame.say(_words_said(frame))
    _middle(frame, rest, main, picture)


def _low_rows(frame: Frame, rect: Rect, utilities: list[Button], low: list[Button]) -> Rect:
    """Utilities as signs at the very bottom, Back or Cancel beside or above them."""
    high = max(frame.pick(98, 126), frame.target_height)
    if not utilities and not low:
        return rect
    row, rect = rect.cut_bottom(high, frame.gap)
    width = max(frame.pick(98, 126), frame.target_width)
    strip = row
    if utilities:
        need = len(utilities) * width + (len(utilities) - 1) * frame.gap
        strip, row = row.cut_right(min(row.w, need), frame.gap)
        if frame.portrait:
            strip = Rect(frame.margin, strip.y, frame.panel.width - 2 * frame.margin, strip.h)
            row = strip
    for button, place in zip(
        utilities, strip.columns([1] * max(1, len(utilities)), frame.gap), strict=False
    ):
        icon_button(frame, button, place)
    if low:
        if frame.portrait and utilities:
            row, rect = rect.cut_bottom(high, frame.gap)
        for button, place in zip(low, row.columns([1] * len(low), frame.gap), strict=True):
            _wide(frame, button, place)
    return rect


def _head(frame: Frame, rect: Rect, picture: str) -> None:
    tabs = frame.snapshot.tabs
    if len(tabs) > 1:
        side = max(frame.pick(98, 122), frame.target_width)
        strip, rect = rect.cut_right(len(tabs) * side + (len(tabs) - 1) * frame.gap, frame.gap)
        for tab, place in zip(tabs, strip.columns([1] * len(tabs), frame.gap), strict=True):
            high = max(frame.pick(98, 122), frame.target_height)
            _tab(frame, tab, place.cut_top(min(place.h, high))[0])
    icon = min(rect.h, frame.pick(92, 104))
    sign, rect = rect.cut_left(icon, frame.pick(18, 18))
    frame.picture(sign.centred(icon, icon), picture)
    key = _TITLES.get(frame.snapshot.screen, f"{frame.snapshot.screen}.title")
    key = (
        f"easy.{frame.snapshot.screen}" if frame.text.has(f"easy.{frame.snapshot.screen}") else key
    )
    frame.title(rect, frame.text(key), size=frame.floor(EASY_CAP_MM), lines=2)


def _tab(frame: Frame, tab: Tab, rect: Rect) -> None:
    chosen = tab.connector == frame.snapshot.connector
    sign = STATES.get(tab.state, STATES["out"])
    fill, border = (Role.DO_TINT, Role.DO) if chosen else (Role.CARD, Role.CONTROL)
    frame.add(Box(rect, fill, border, frame.px(6 if chosen else 3), frame.px(20)))
    label = tab.label or str(tab.connector)
    size = frame.floor(EASY_CAP_MM)
    top, bottom = rect.inset(frame.px(8)).rows([1.5, 1], 0)
    frame.add(Words(top, label, size, size, Face.BOLD, Role.TEXT, "centre"))
    frame.add(Glyph(bottom.inset(0, frame.px(2)), sign.glyph, sign.role))
    frame.say(f"{label} {frame.text(sign.key)}")
    button = frame.offered(f"connector_{tab.connector}")
    if button is not None:
        spoken = frame.text("button.connector", number=label)
        frame.control(button, rect, spoken, picture=sign.glyph)


def _middle(frame: Frame, rect: Rect, buttons: list[Button], picture: str) -> None:
    """Numbers and buttons low, within reach; the screen's sign fills what is left above."""
    facts = FACTS.get(frame.snapshot.screen, ())
    if frame.portrait and frame.snapshot.screen == "pay":
        facts = FACTS["home"]  # too narrow for the price beside each way to pay
    count = len(facts) + len(buttons)
    if not count:
        _fill(frame, rect, picture)
        return
    high = max(frame.pick(98, 124), frame.target_height)
    fit = max(1, (rect.h + frame.gap) // (high + frame.gap))
    columns = 1 if count <= fit else 2
    rows = -(-count // columns)
    limit = min(rect.h, rows * frame.pick(140, 170) + (rows - 1) * frame.gap)
    group, above = rect.cut_bottom(limit, frame.gap)
    _fill(frame, above, picture)
    strips = group.rows([1] * rows, frame.gap)
    places = [place for strip in strips for place in strip.columns([1] * columns, frame.gap)]
    for (sign, shown), place in zip(facts, places, strict=False):
        _fact(frame, place, sign, shown(frame))
    for button, place in zip(buttons, places[len(facts) :], strict=False):
        _wide(frame, button, place)


def _words_said(frame: Frame) -> str:
    """Of the operator, or of the driver's provider. Always spoken, shown where there is room."""
    note = operator_note(frame)
    return "" if note is None else note.text


def _fill(frame: Frame, rect: Rect, picture: str) -> None:
    said, size = _words_said(frame), frame.floor(EASY_CAP_MM)
    lines = frame.lines_of(said, size, rect.w)
    if said and rect.h >= (lines + 1) * size * _LINE:
        frame.add(Words(rect, said, size, size, Face.BOLD, Role.DO, "left", "middle", lines + 1))
        return
    side = min(rect.w, rect.h) - frame.px(24)
    if side >= frame.pick(120, 150):
        side = min(side, frame.pick(250, 320))
        frame.add(Picture(rect.centred(side, side), picture))


def _fact(frame: Frame, rect: Rect, picture: str, value: str) -> None:
    frame.add(Box(rect, Role.CARD, Role.LINE, frame.px(4), frame.px(22)))
    room = rect.inset(frame.pick(22, 24), frame.px(8))
    icon = min(room.h, frame.pick(84, 104))
    sign, room = room.cut_left(icon, frame.pick(24, 24))
    frame.add(Picture(sign.centred(icon, icon), picture))
    frame.say(value)
    floor = frame.floor(EASY_CAP_MM, Face.DIGITS)
    frame.add(Words(room, value, frame.pick(76, 90), floor, Face.DIGITS))


def _wide(frame: Frame, button: Button, rect: Rect) -> None:
    way = button.id in WAYS
    style = style_of(button.id)
    if way:
        style = replace(style, look=Look.TINT)
    ink = ink_of(style, enabled=button.enabled)
    label = label_of(frame, button.id)
    if frame.text.has(f"easy.{button.id}"):
        label = frame.text(f"easy.{button.id}")
    frame.add(Box(rect, ink.fill, ink.border, frame.px(6), frame.px(22)))
    frame.say(frame.reason(button))
    room = rect.inset(frame.pick(20, 22), frame.px(6))
    if way and button.enabled and not frame.portrait:
        room = _rate(frame, room, ink.word)
    floor = frame.floor(EASY_CAP_MM)
    icon = min(rect.h - frame.px(20), frame.pick(76, 96))
    word = Role.TEXT if way and button.enabled else ink.word
    words = Words(room, label, floor, floor, Face.BOLD, word, "left", "middle", 2)
    frame.add(Pair(words, icon, frame.px(18), style.picture, style.glyph, ink.sign))
    frame.control(button, rect, label, picture=style.picture or style.glyph)


def _rate(frame: Frame, rect: Rect, ink: Role) -> Rect:
    """The price at the right of a way to pay; answers what is left."""
    place, rest = rect.cut_right(frame.px(370), frame.px(12))
    floor = frame.floor(EASY_CAP_MM, Face.DIGITS)
    price = _price("price_energy")(frame)
    frame.say(price)
    frame.add(Words(place, price, frame.px(54), floor, Face.DIGITS, ink, "right"))
    return rest
