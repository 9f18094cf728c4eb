"""The top of every screen: which point and connector this is, its state, the time, the steps."""

from dataclasses import dataclass, replace

from chargepoint.contract import Tab
from ui.frame import Frame, estimated_em
from ui.layout import Rect
from ui.theme import SECONDARY_CAP_MM, Face, Role
from ui.view import Box, Glyph, Hexagon, Pair, Picture, Run, Runs, Words


@dataclass(frozen=True, slots=True)
class StateSign:
    key: str
    glyph: str
    role: Role


STATES = {
    "free": StateSign("state.free", "tick", Role.GO),
    "busy": StateSign("state.busy", "clock", Role.DO),
    "charging": StateSign("state.charging", "bolt", Role.GO),
    "paused": StateSign("state.paused", "pause", Role.CASH),
    "finished": StateSign("state.finished", "tick", Role.DO),
    "reserved": StateSign("state.reserved", "clock", Role.CASH),
    "out": StateSign("state.out", "cross", Role.STOP),
}

STEPS = (
    ("step.connect", "cablecar"),
    ("step.pay", "card"),
    ("step.charge", "battery"),
    ("step.collect", "unplug"),
)

_MANY_TABS = 3
_BOLD = 1.08  # wider than an estimate of plain letters


def compose_header(frame: Frame) -> int:
    """Draw header and steps; answers where the body may begin."""
    bottom = _tabbed(frame) if len(frame.snapshot.tabs) > 1 else _plain(frame)
    if frame.snapshot.step in range(1, 5):
        bottom = _steps(frame, bottom + frame.pick(8, 12))
    return bottom + frame.pick(12, 14)


def _clock(frame: Frame, rect: Rect) -> Rect:
    """The time at the right; answers what is left of `rect`."""
    if not frame.snapshot.clock:
        return rect
    width = frame.pick(98, 124)
    place, rest = rect.cut_right(width, frame.pick(14, 12))
    floor = frame.floor(SECONDARY_CAP_MM)
    frame.add(
        Words(place, frame.snapshot.clock, frame.pick(36, 44), floor, Face.BOLD, Role.TEXT, "right")
    )
    return rest


def _plain(frame: Frame) -> int:
    rect = Rect(
        frame.margin, frame.pick(8, 10), frame.panel.width - 2 * frame.margin, frame.pick(50, 72)
    )
    bottom = rect.bottom
    logo = frame.pick(46, 70)
    place, rest = rect.cut_left(logo, frame.pick(14, 14))
    frame.add(Picture(place.centred(logo, logo), "brand"))
    frame.brand(Rect(0, 0, place.right, rect.bottom))
    rest = _clock(frame, rest)
    rest = _chip(frame, rest)
    name = frame.text("header.point", name=frame.snapshot.station.name)
    place, rest = rest.cut_left(frame.pick(154, 186), frame.pick(12, 10))
    floor = frame.floor(SECONDARY_CAP_MM)
    frame.add(Words(place, name, frame.pick(36, 44), floor))
    _socket(frame, rest)
    return bottom


def _socket(frame: Frame, rect: Rect) -> None:
    """EN 17186 letter (white on black: it is what the cable carries), its name and power."""
    station = frame.snapshot.station
    side = frame.pick(46, 56)
    if rect.w < side:
        return
    place, rest = rect.cut_left(side, frame.pick(10, 10))
    _letter(frame, place.centred(side, side), station.socket_letter)
    power = frame.text("unit.kw", value=frame.text.kilo_short(station.max_power))
    name = "" if frame.portrait else frame.text.or_else(f"socket.{station.socket_name}", "")
    text = f"{name} · {power}" if name else power
    floor = frame.floor(SECONDARY_CAP_MM)
    if rest.w > frame.pick(90, 80):
        frame.add(Words(rest, text, frame.pick(25, 30), floor, Face.PLAIN, Role.SECONDARY))


def _letter(frame: Frame, rect: Rect, letter: str) -> None:
    frame.add(Hexagon(rect, Role.CARD, Role.TEXT, frame.px(3)))
    size = round(rect.h * 0.56)
    frame.add(Words(rect, letter, size, min(size, 8), Face.BOLD, Role.TEXT, "centre"))


def _chip(frame: Frame, rect: Rect) -> Rect:
    """The connector's state in word, sign and colour; answers what is left."""
    tabs = frame.snapshot.tabs
    if not frame.snapshot.online:
        rect = _pill(frame, rect, StateSign("state.offline", "offline", Role.CASH))
        if frame.portrait:
            return rect
    if not tabs or tabs[0].state not in STATES:
        return rect
    return _pill(frame, rect, STATES[tabs[0].state])


def _pill(frame: Frame, rect: Rect, sign: StateSign) -> Rect:
    """A filled label at the right of `rect`; answers what is left."""
    word = frame.text(sign.key)
    frame.say(word)
    size = frame.pick(26, 30)
    width = frame.pick(70, 80) + round(len(word) * size * 0.56)
    rect, rest = rect.cut_right(width, frame.px(8))
    height = frame.pick(46, 56)
    pill = rect.centred(rect.w, height)
    frame.add(Box(pill, sign.role, None, 0, height // 2))
    floor = frame.floor(SECONDARY_CAP_MM)
    words = Words(
        pill.inset(frame.pick(10, 10), 0),
        word,
        size,
        floor,
        Face.BOLD,
        Role.ON_STRONG,
        "centre",
    )
    frame.add(Pair(words, frame.pick(24, 28), frame.px(8), "", sign.glyph, Role.ON_STRONG))
    return rest


def _tabbed(frame: Frame) -> int:
    """Two and more connectors: the brand, one tab each, the time. Tabs are 20 mm targets.

    In the low layout all of it lies at the foot of the panel.
    """
    height = max(frame.pick(96, 124), frame.target_height)
    above = frame.panel.height - height if frame.low else 0
    strip = Rect(frame.margin, above, frame.panel.width - 2 * frame.margin, height)
    edge = frame.pick(8, 12)
    # At the foot of the panel the ring of the focus needs room below the tabs, too.
    ending = edge if frame.low else frame.pick(4, 4)
    face = Rect(strip.x, above + edge, strip.w, height - edge - ending)
    side = frame.pick(64, 74)
    place, rest = face.cut_left(side, frame.pick(16, 14))
    floor = frame.floor(SECONDARY_CAP_MM)
    top, below = place.centred(side, face.h).cut_top(frame.pick(50, 64))
    frame.add(Picture(top, "brand"))
    frame.brand(Rect(0, above, place.right, height))
    frame.add(Words(below, frame.snapshot.station.name, frame.pick(27, 30), floor, align="centre"))
    rest = _corner(frame, rest)
    tabs = frame.snapshot.tabs
    places = rest.columns([1] * len(tabs), frame.gap)
    compose = _narrow_tab if _is_narrow(frame, _beside_letter(frame, places[0])) else _tab
    for tab, place in zip(tabs, places, strict=True):
        _frame_of(frame, tab, place, Rect(place.x, above, place.w, height))
        compose(frame, tab, place)
    if frame.low:
        frame.bottom = above
        return 0
    return face.bottom


def _corner(frame: Frame, rect: Rect) -> Rect:
    """The time, and below it that there is no network."""
    # Four tabs on a tall panel are 20 mm wide only when the time has no more than it needs.
    tall = 122 if len(frame.snapshot.tabs) > _MANY_TABS else 140
    place, rest = rect.cut_right(frame.pick(112, tall), frame.pick(12, 10))
    if frame.snapshot.online:
        _clock(frame, place)
        return rest
    top, bottom = place.cut_top(round(place.h * 0.43))
    _clock(frame, top)
    floor = frame.floor(SECONDARY_CAP_MM)
    text = frame.text("state.offline")
    frame.say(text)
    words = Words(bottom, text, frame.pick(23, 27), floor, Face.BOLD, Role.CASH, "right", lines=2)
    frame.add(Pair(words, frame.pick(22, 24), frame.px(5), "", "offline", Role.CASH))
    return rest


def _is_narrow(frame: Frame, room: Rect) -> bool:
    """Some state's word would not fit there: tabs keep their form, whatever their states."""
    return _widest(frame) > room.w - (0 if frame.portrait else frame.px(35))


def _widest(frame: Frame) -> float:
    words = [frame.text(sign.key) for sign in STATES.values()]
    if frame.portrait:  # in two lines
        words = [part for word in words for part in word.split()]
    widest_em = max(estimated_em(word) for word in words)
    return widest_em * _BOLD * frame.floor(SECONDARY_CAP_MM)


def _frame_of(frame: Frame, tab: Tab, face: Rect, rect: Rect) -> None:
    """What it says, without a word drawn; `rect` is what a finger meets."""
    chosen = tab.connector == frame.snapshot.connector
    sign = STATES.get(tab.state, STATES["out"])
    fill = Role.CARD if chosen else Role.BACKGROUND
    border = Role.DO if chosen else Role.CONTROL
    frame.add(Box(face, fill, border, frame.px(5 if chosen else 2), frame.px(20)))
    label = tab.label or str(tab.connector)
    frame.say(f"{label} {frame.text(sign.key)}")
    button = frame.offered(f"connector_{tab.connector}")
    if button is not None:
        name = frame.text("button.connector", number=label)
        frame.control(button, rect, name, picture=sign.glyph, face=face)


def _inside_tab(frame: Frame, face: Rect) -> Rect:
    return face.inset(frame.pick(12, 9), frame.px(6))


def _beside_letter(frame: Frame, face: Rect) -> Rect:
    return _inside_tab(frame, face).cut_left(frame.pick(56, 50), frame.pick(12, 10))[1]


def _disc(frame: Frame, tab: Tab, place: Rect, size: int) -> None:
    chosen, side = tab.connector == frame.snapshot.connector, place.w
    frame.add(Box(place, Role.DO if chosen else Role.IDLE_FILL, None, 0, side // 2))
    ink = Role.ON_STRONG if chosen else Role.SECONDARY
    label = tab.label or str(tab.connector)
    floor = frame.floor(SECONDARY_CAP_MM)
    frame.add(Words(place, label, max(size, floor), floor, Face.BOLD, ink, "centre"))


def _tab(frame: Frame, tab: Tab, face: Rect) -> None:
    sign = STATES.get(tab.state, STATES["out"])
    disc = frame.pick(56, 50)
    place, _ = _inside_tab(frame, face).cut_left(disc)
    room = _beside_letter(frame, face)
    _disc(frame, tab, place.centred(disc, disc), frame.pick(34, 40))
    floor = frame.floor(SECONDARY_CAP_MM)
    top, bottom = room.cut_top(round(room.h * (0.64 if frame.portrait else 0.54)))
    words = Words(top, frame.text(sign.key), frame.pick(30, 32), floor, Face.BOLD, sign.role)
    if frame.portrait:
        # Beside the sign a narrow tab has no room for the longest word: the sign goes below it.
        place, bottom = bottom.cut_right(frame.px(28), frame.px(6))
        frame.add(replace(words, lines=2), Glyph(place.square(), sign.glyph, sign.role))
    else:
        frame.add(Pair(words, frame.px(28), frame.px(7), "", sign.glyph, sign.role))
    _plug_line(frame, bottom)


def _narrow_tab(frame: Frame, tab: Tab, face: Rect) -> None:
    """Letter and sign above, the word below them where it fits; what plug it is, all others say."""
    sign = STATES.get(tab.state, STATES["out"])
    room = _inside_tab(frame, face)
    has_word = _widest(frame) <= room.w
    share = (0.38 if frame.portrait else 0.5) if has_word else 1.0
    top, below = room.cut_top(round(room.h * share), frame.px(2))
    disc = min(top.h, top.w // 2)
    centred = Rect(top.x, top.y + (top.h - disc) // 2, disc, disc)
    _disc(frame, tab, centred, round(disc * 0.62))
    side = frame.px(28)
    place, _ = top.cut_right(side)
    frame.add(Glyph(place.centred(side, side), sign.glyph, sign.role))
    if has_word:
        size, floor = frame.pick(27, 28), frame.floor(SECONDARY_CAP_MM)
        word, lines = frame.text(sign.key), 2 if frame.portrait else 1
        frame.add(Words(below, word, size, floor, Face.BOLD, sign.role, "centre", lines=lines))


def _plug_line(frame: Frame, rect: Rect) -> None:
    station = frame.snapshot.station
    side = min(rect.h, frame.pick(30, 34))
    if rect.w < side * 4:
        return
    place, rest = rect.cut_left(side, frame.pick(8, 8))
    _letter(frame, place.centred(side, side), station.socket_letter)
    power = frame.text("unit.kw", value=frame.text.kilo_short(station.max_power))
    name = frame.text.or_else(f"socket.{station.socket_name}", "")
    floor = frame.floor(SECONDARY_CAP_MM, Face.PLAIN)
    text = f"{name} · {power}" if name and not frame.portrait else power
    if estimated_em(text) * floor > rest.w:
        text = power
    frame.add(Words(rest, text, frame.pick(23, 27), floor, Face.PLAIN, Role.SECONDARY))


def _steps(frame: Frame, top: int) -> int:
    """1 connect, 2 pay, 3 charge, 4 collect: done, current, to come."""
    tabbed = len(frame.snapshot.tabs) > 1
    height = frame.pick(52 if tabbed else 60, 96 if tabbed else 108)
    strip = Rect(frame.margin, top, frame.panel.width - 2 * frame.margin, height)
    for number, place in enumerate(strip.columns([1] * 4, frame.pick(12, 10)), start=1):
        _step(frame, number, place)
    return strip.bottom


def _step(frame: Frame, number: int, rect: Rect) -> None:
    key, picture = STEPS[number - 1]
    current = frame.snapshot.step
    done, now = number < current, number == current
    fill = Role.DO if now else Role.CARD
    border = Role.GO if done else (None if now else Role.LINE)
    ink = Role.ON_STRONG if now else (Role.GO if done else Role.SECONDARY)
    radius = frame.px(18) if frame.portrait else rect.h // 2
    frame.add(Box(rect, fill, border, frame.px(4), radius))
    shown = "ok" if done else picture
    if frame.portrait:
        _tall_step(frame, number, rect, (key, shown, ink, now))
        return
    disc = rect.h - frame.px(8)
    place, room = rect.inset(frame.px(4)).cut_left(disc, frame.px(10))
    if now:
        frame.add(Box(place.centred(disc, disc), Role.DISC, None, 0, disc // 2))
    side = disc - frame.px(2 if done else (10 if now else 4))
    frame.add(Picture(place.centred(side, side), shown))
    floor = frame.floor(SECONDARY_CAP_MM)
    runs = (
        Run(f"{number} ", 1.12, Face.BOLD, ink),
        Run(frame.text(key), 1.0, Face.BOLD, ink),
    )
    frame.add(Runs(room.inset(frame.px(2), 0), runs, frame.pick(28, 28), floor))


def _tall_step(frame: Frame, number: int, rect: Rect, looks: tuple[str, str, Role, bool]) -> None:
    key, shown, ink, now = looks
    top, bottom = rect.inset(frame.px(10), frame.px(5)).cut_top(round(rect.h * 0.54))
    floor = frame.floor(SECONDARY_CAP_MM)
    left, _ = top.cut_left(frame.px(28))
    frame.add(Words(left.moved(frame.px(6), 0), str(number), frame.px(32), floor, ink=ink))
    side = top.h
    disc = top.centred(side, side).moved(frame.px(12), 0)
    if now:
        frame.add(Box(disc, Role.DISC, None, 0, side // 2))
    frame.add(Picture(disc.inset(frame.px(6 if now else 0)), shown))
    frame.add(Words(bottom, frame.text(key), frame.px(29), floor, ink=ink, align="centre"))
