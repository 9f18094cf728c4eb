"""What several screens share: banners, figures with their sign, price lines, the message layout."""

from dataclasses import dataclass

from ui.frame import Frame, Sign, estimated_em
from ui.layout import Rect
from ui.theme import SECONDARY_CAP_MM, TITLE_CAP_MM, Face, Role
from ui.view import Box, Code, Ring, Run

TINT_OF = {
    Role.DO: Role.DO_TINT,
    Role.GO: Role.GO_TINT,
    Role.CASH: Role.CASH_TINT,
    Role.STOP: Role.STOP_TINT,
    Role.SECONDARY: Role.IDLE_FILL,
}


_SURE_OF_LINE = 0.86  # of a line's width: letters are wider in some languages than in others
_LINE_CHARS = 34  # what one line of a banner surely holds


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence on a tint, with its sign."""

    text: str
    picture: str
    role: Role = Role.GO
    face: Face = Face.BOLD
    lines: int = 1


def operator_note(frame: Frame) -> Banner | None:
    """What the operator or the driver's provider says, in their own words."""
    message = frame.snapshot.params.get("text")
    if not isinstance(message, str) or not message:
        return None
    lines = 1 if len(message) <= _LINE_CHARS else 4
    return Banner(message, "receipt", Role.DO, lines=lines)


def banner(frame: Frame, rect: Rect, content: Banner, *, size: int = 0) -> None:
    frame.add(Box(rect, TINT_OF[content.role], None, 0, frame.px(18)))
    digits = content.face is Face.DIGITS
    ink = Role.TEXT if content.role is Role.SECONDARY else content.role
    if content.lines > 1:
        _many_lines(frame, rect, content)
        return
    frame.say(content.text)
    frame.pair(
        rect.inset(frame.pick(18, 22), frame.px(4)),
        content.text,
        size or frame.pick(40 if digits else 30, 46 if digits else 36),
        Sign(min(rect.h - frame.px(12), frame.pick(46, 60)), content.picture),
        face=content.face,
        ink=ink,
    )


def _many_lines(frame: Frame, rect: Rect, content: Banner) -> None:
    side = frame.pick(46, 60)
    sign, words = rect.inset(frame.pick(18, 22), frame.px(6)).cut_left(side, frame.px(14))
    frame.picture(sign.centred(side, side), content.picture)
    frame.words(words, content.text, frame.pick(26, 33), ink=content.role, lines=content.lines)


def number(value: str, unit: str = "", *, ink: Role = Role.TEXT) -> tuple[Run, ...]:
    """A number with its unit, smaller and quieter."""
    if not unit:
        return (Run(value, ink=ink),)
    return (Run(value, ink=ink), Run(" " + unit, 0.46, Face.DIGITS, Role.SECONDARY))


@dataclass(frozen=True, slots=True)
class Fact:
    """A sign, what it is, and its number. `note` stands behind the number, in words."""

    picture: str
    label: str
    runs: tuple[Run, ...]
    badge: str = ""


def fact_card(frame: Frame, rect: Rect, fact: Fact, size: int) -> None:
    """A fact on its own panel: sign at the left, label above the number."""
    room = frame.card(rect)
    icon = min(round(rect.h * 0.58), frame.pick(72, 84))
    place, room = room.cut_left(icon, frame.pick(20, 22))
    frame.picture(place.centred(icon, icon), fact.picture, fact.badge)
    if rect.h < frame.pick(100, 112):
        label, room = room.cut_left(round(room.w * 0.34), frame.px(8))
        frame.words(label, fact.label, frame.pick(28, 32))
        frame.figure(room, fact.runs, size, align="right")
        return
    label, room = room.cut_top(frame.pick(30, 34), frame.px(2))
    frame.words(label, fact.label, frame.pick(26, 29))
    frame.figure(room, fact.runs, size)


def small_fact(frame: Frame, rect: Rect, fact: Fact, size: int) -> None:
    """A fact in one line; its label is spoken, the sign stands for it."""
    frame.add(Box(rect, Role.CARD, Role.LINE, frame.px(3), frame.px(18)))
    room = rect.inset(frame.pick(14, 16), frame.px(4))
    icon = min(rect.h - frame.px(16), frame.pick(40, 46))
    place, room = room.cut_left(icon, frame.pick(14, 14))
    frame.picture(place.centred(icon, icon), fact.picture, fact.badge)
    frame.say(fact.label)
    frame.figure(room, fact.runs, size)


def ring(frame: Frame, rect: Rect, left_s: int, whole_s: int) -> None:
    """Seconds left as a ring with its number; still when nothing limits the wait."""
    square = rect.square()
    share = max(0.0, min(1.0, left_s / whole_s)) if whole_s > 0 else 1.0
    frame.add(Ring(square, share, max(3, round(square.w * 0.065))))
    inner = square.inset(round(square.w * 0.18))
    size = round(square.h * 0.36)
    frame.figure(inner, (Run(str(max(0, left_s)), face=Face.DIGITS),), size, align="centre")


_MOST_COMING = 2  # more than these are named as others


@dataclass(frozen=True, slots=True)
class PriceLine:
    picture: str
    amount: str
    unit: str


def price_lines(frame: Frame) -> list[PriceLine]:
    """The ad-hoc price's parts after the energy price, in the order the law names them."""
    shot, text = frame.snapshot, frame.text
    lines: list[PriceLine] = []
    if charging := shot.param("price_charging"):
        amount = "+" + text.price(charging, frame.currency)
        lines.append(PriceLine("clock", amount, text("price.per_minute")))
    if idle := shot.param("price_idle"):
        grace = shot.param("idle_grace_min")
        unit = text("price.idle_after", minutes=grace) if grace else text("price.idle")
        lines.append(PriceLine("parking", "+" + text.price(idle, frame.currency), unit))
    if session := shot.param("price_session_minor"):
        amount = "+" + text.money(session, frame.currency)
        lines.append(PriceLine("start", amount, text("price.per_session")))
    if reserved := shot.param("price_reservation"):
        amount = "+" + text.price(reserved, frame.currency)
        lines.append(PriceLine("calendar", amount, text("price.per_minute_reserved")))
    return lines


def coming_prices(frame: Frame) -> list[str]:
    """What changes at `next_at`, in the order of `price_lines`: the energy price stands first."""
    shot, text = frame.snapshot, frame.text
    rates = (
        ("next_energy", "price.per_kwh"),
        ("next_charging", "price.per_minute"),
        ("next_idle", "price.idle"),
        ("next_reservation", "price.per_minute_reserved"),
    )
    found = [
        text.price(shot.param(name), frame.currency) + text(unit)
        for name, unit in rates
        if name in shot.params
    ]
    if "next_session_minor" in shot.params:
        amount = text.money(shot.param("next_session_minor"), frame.currency)
        place = len(found) - ("next_reservation" in shot.params)
        found.insert(place, f"{amount} {text('price.per_session')}")
    return found


def coming_line(frame: Frame) -> str:
    """`From 22:00: 0,29 €/kWh`; empty when nothing changes within a day."""
    time = frame.snapshot.params.get("next_at")
    if not time:
        return ""
    prices = coming_prices(frame)
    if len(prices) > _MOST_COMING:
        return frame.text("price.from_more", time=time, price=prices[0])
    return frame.text("price.from", time=time, prices="\u00a0· ".join(prices))


def price_line(frame: Frame, rect: Rect, line: PriceLine, size: int) -> None:
    icon = min(rect.h, frame.pick(38, 46))
    place, room = rect.cut_left(icon, frame.pick(16, 18))
    frame.picture(place.centred(icon, icon), line.picture)
    runs = (Run(line.amount), Run(" " + line.unit, 0.84, Face.PLAIN, Role.SECONDARY))
    frame.figure(room, runs, size)


@dataclass(frozen=True, slots=True)
class Message:
    """A screen that says one thing: a large sign, a title, what it means, what to do."""

    title: str
    body: str = ""
    picture: str = "brand"
    badge: str = ""
    role: Role = Role.LINE
    figure: tuple[Run, ...] = ()
    banners: tuple[Banner, ...] = ()
    small_print: str = ""
    countdown: tuple[int, int] | None = None  # seconds left, of how many
    qr: str = ""  # to be read by a phone, in place of the sign


def compose_message(frame: Frame, message: Message) -> None:
    loud = message.role is not Role.LINE
    room = frame.card(frame.body, border=message.role, width=5 if loud else 3)
    if frame.portrait:
        side = min(round(room.h * 0.36), frame.px(320))
        gap = frame.px(46)
        wanted = side + gap + _height_of(frame, message, room.w)
        room = room.centred(room.w, min(room.h, wanted))
        top, room = room.cut_top(side, gap)
        align = "centre"
    else:
        side = min(round(room.w * 0.27), room.h - frame.px(16))
        top, room = room.cut_left(round(room.w * 0.29), frame.px(22))
        align = "left"
    sign = top.centred(side, side)
    if message.qr:
        frame.add(Code(sign, message.qr))
    elif message.countdown is None:
        frame.picture(sign, message.picture, message.badge)
    else:
        _sign_with_ring(frame, sign, message)
    _message_text(frame, room, message, align)


def _sign_with_ring(frame: Frame, rect: Rect, message: Message) -> None:
    """The sign inside a ring that runs out."""
    left, whole = message.countdown or (0, 1)
    share = max(0.0, min(1.0, left / whole)) if whole > 0 else 1.0
    frame.add(Ring(rect, share, max(4, round(rect.w * 0.055))))
    frame.picture(rect.inset(round(rect.w * 0.2)), message.picture, message.badge)
    frame.say(frame.text("count.seconds", seconds=max(0, left)))


@dataclass(frozen=True, slots=True)
class Part:
    """One block of a message and the height it would like."""

    name: str
    height: int
    banner: Banner | None = None


def _parts(frame: Frame, message: Message, width: int) -> list[Part]:
    title = frame.pick(58, 72)
    # A title that may need a second line has the room for it.
    lines = frame.lines_of(message.title, frame.floor(TITLE_CAP_MM), round(width * 0.95))
    parts = [Part("title", min(2, lines) * title)]
    if message.figure:
        parts.append(Part("figure", frame.pick(96, 140)))
    if message.body:
        size = frame.pick(31, 38)
        count = min(4, frame.lines_of(message.body, size, round(width * _SURE_OF_LINE)))
        parts.append(Part("body", round(count * size * 1.2) + frame.px(6)))
    parts.extend(Part("banner", frame.pick(70, 100), item) for item in message.banners)
    if message.small_print:
        parts.append(Part("small", frame.pick(34, 40)))
    return parts


def _height_of(frame: Frame, message: Message, width: int) -> int:
    parts = _parts(frame, message, width)
    return sum(part.height for part in parts) + frame.pick(10, 24) * (len(parts) - 1)


def _message_text(frame: Frame, room: Rect, message: Message, align: str) -> None:
    """The blocks as one group in the middle, at their own heights as far as there is room."""
    parts = _parts(frame, message, room.w)
    gap = frame.pick(10, 24)
    group = room.centred(room.w, min(room.h, _height_of(frame, message, room.w)))
    places = group.rows(_squeezed(parts, group.h - gap * (len(parts) - 1)), gap)
    for part, place in zip(parts, places, strict=True):
        _part(frame, place, part, message, align)


_YIELDS = {"banner": 0.62, "figure": 0.8}  # to what share of its height a part may be pressed


def _squeezed(parts: list[Part], room: int) -> list[int]:
    """Heights that fit: sentences on their tint give way first, a title never has to."""
    heights = [part.height for part in parts]
    soft = [round(part.height * (1 - _YIELDS.get(part.name, 1.0))) for part in parts]
    share = min(1.0, max(0, sum(heights) - room) / max(1, sum(soft)))
    return [height - round(give * share) for height, give in zip(heights, soft, strict=True)]


def _part(frame: Frame, place: Rect, part: Part, message: Message, align: str) -> None:
    match part.name:
        case "title":
            frame.title(place, message.title, align=align, size=frame.pick(56, 66))
        case "figure":
            size = frame.pick(96, 128)
            frame.figure(place, message.figure, size, align=align, cap_mm=TITLE_CAP_MM)
        case "body":
            frame.words(place, message.body, frame.pick(31, 38), align=align, lines=4)
        case "small":
            frame.words(place, message.small_print, frame.pick(25, 30), align=align)
        case _:
            if part.banner is not None:
                banner(frame, place, part.banner)


_LEAST_SCENE_PX = (84, 110)


# 33 modules and the quiet zone, each of three pixels: less is too small for a telephone.
_LEAST_CODE_PX = (124, 140)


def _inside(frame: Frame, rect: Rect) -> Rect:
    return rect.inset(frame.px(13), frame.px(13))


def scene_title_lines(frame: Frame, rect: Rect, title: str) -> int:
    """How many lines the title of a `scene_card` takes."""
    return min(2, frame.lines_of(title, frame.floor(TITLE_CAP_MM), _inside(frame, rect).w))


def scene_card(
    frame: Frame, rect: Rect, title: str, kind: str, note: Banner | None = None, code: str = ""
) -> None:
    """Title over an illustration, and under it one sentence; beside it a QR code, where there is one."""
    frame.card(rect)
    inner = _inside(frame, rect)
    lines = scene_title_lines(frame, rect, title)
    top, room = inner.cut_top(frame.pick(56, 74) * lines, frame.pick(8, 10))
    below = room
    if note is not None:
        height = min(frame.pick(66, 86) if note.lines == 1 else frame.pick(150, 190), room.h // 2)
        if note.lines > 1:
            height = max(height, min(room.h, frame.pick(110, 130)))
        below, room = room.cut_bottom(height, frame.pick(12, 14))
    side = min(room.h, round(room.w * 0.46))
    has_code = bool(code) and side >= frame.pick(*_LEAST_CODE_PX)
    if has_code:
        place, room = room.cut_right(side, frame.px(12))
        _code(frame, place, code)
    if room.h >= frame.pick(*_LEAST_SCENE_PX):
        frame.scene(room, kind)
    else:
        # A sliver of landscape tells nothing: the room goes to the words.
        wordy = note is not None and note.lines > 1
        weights = [1.0, 1.15] if wordy else [1.3, 1.0 if note is not None else 0.0]
        top, below = inner.rows(weights, frame.pick(8, 10))
    frame.title(top, title, size=frame.pick(46, 58), align="centre", lines=lines)
    if note is not None:
        banner(frame, below, note)
    if has_code:
        frame.say(frame.text("charging.phone"))


def _code(frame: Frame, place: Rect, code: str) -> None:
    """What it is for stands under it, where it stays large enough to be read."""
    words, size = frame.text("charging.on_phone"), frame.floor(SECONDARY_CAP_MM)
    caption, room = place.cut_bottom(round(size * 1.2))
    side = min(room.h, room.w)
    if side >= frame.pick(*_LEAST_CODE_PX) and estimated_em(words) * size <= caption.w:
        frame.words(caption, words, size, align="centre", lines=1)
        place = room
    side = min(place.w, place.h)
    frame.add(Code(place.centred(side, side), code))


def scene_with_note(frame: Frame, title: str, kind: str, note: Banner) -> None:
    """An illustration with its title, and beside it one thing to know, large."""
    left, right = halves(frame, 0.64, 0.62)
    scene_card(frame, left, title, kind)
    frame.add(Box(right, TINT_OF[note.role], None, 0, frame.px(22)))
    room = right.inset(frame.pick(24, 30), frame.pick(26, 26))
    if frame.portrait:
        sign, words = room.cut_left(frame.px(190), frame.px(30))
    else:
        sign, words = room.rows([1.15, 1.0], frame.px(14))
    side = min(sign.w, sign.h)
    frame.picture(sign.centred(side, side), note.picture)
    align = "left" if frame.portrait else "centre"
    frame.words(
        words, note.text, frame.pick(36, 44), ink=Role.TEXT, align=align, lines=4, face=Face.BOLD
    )


def halves(frame: Frame, share: float, portrait_share: float) -> tuple[Rect, Rect]:
    """The body in two: beside each other, or one above the other."""
    if frame.portrait:
        first, second = frame.body.rows([portrait_share, 1 - portrait_share], frame.gap)
    else:
        first, second = frame.body.columns([share, 1 - share], frame.gap)
    return first, second
