"""What several screens share: banners, figures with their sign, price lines, the message layout."""

from dataclasses import dataclass

from ui.frame import Frame
from ui.layout import Rect
from ui.theme import TITLE_CAP_MM, Face, Role
from ui.view import Box, Ring, Run

TINT_OF = {
    Role.DO: Role.DO_TINT,
    Role.GO: Role.GO_TINT,
    Role.CASH: Role.CASH_TINT,
    Role.STOP: Role.STOP_TINT,
    Role.SECONDARY: Role.IDLE_FILL,
}


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence on a tint, with its sign."""

    text: str
    picture: str
    role: Role = Role.GO


def banner(frame: Frame, rect: Rect, content: Banner, *, size: int = 0) -> None:
    frame.add(Box(rect, TINT_OF[content.role], None, 0, frame.px(18)))
    ink = Role.TEXT if content.role is Role.SECONDARY else content.role
    frame.pair(
        rect.inset(frame.pick(18, 22), frame.px(4)),
        content.text,
        size=size or frame.pick(30, 36),
        icon=min(rect.h - frame.px(12), frame.pick(46, 60)),
        picture=content.picture,
        ink=ink,
    )


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
    icon = min(round(rect.h * 0.56), frame.pick(72, 84))
    place, room = room.cut_left(icon, frame.pick(20, 22))
    frame.picture(place.centred(icon, icon), fact.picture, fact.badge)
    if not fact.label or rect.h < frame.pick(84, 96):
        frame.say(fact.label)
        frame.figure(room, fact.runs, size)
        return
    label, room = room.cut_top(frame.pick(30, 34))
    frame.words(label, fact.label, frame.pick(25, 28))
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
    return lines


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


def compose_message(frame: Frame, message: Message) -> None:
    loud = message.role is not Role.LINE
    room = frame.card(frame.body, border=message.role, width=5 if loud else 3)
    if frame.portrait:
        side = min(round(room.h * 0.34), frame.px(300))
        top, room = room.cut_top(side, frame.px(18))
        align = "centre"
    else:
        side = min(round(room.w * 0.27), room.h - frame.px(16))
        top, room = room.cut_left(round(room.w * 0.29), frame.px(22))
        align = "left"
    sign = top.centred(side, side)
    if message.countdown is None:
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


def _message_text(frame: Frame, room: Rect, message: Message, align: str) -> None:
    parts: list[tuple[str, float]] = [("title", 2.0 if len(message.title) > 20 else 1.2)]
    if message.figure:
        parts.append(("figure", 1.7))
    if message.body:
        parts.append(("body", 1.0 + 0.5 * (len(message.body) > 40) + 0.5 * (len(message.body) > 90)))
    parts.extend((f"banner {number}", 1.25) for number in range(len(message.banners)))
    if message.small_print:
        parts.append(("small", 0.7))
    places = dict(
        zip(
            (name for name, _ in parts),
            room.rows([weight for _, weight in parts], frame.pick(8, 16)),
            strict=True,
        )
    )
    frame.title(places["title"], message.title, align=align, size=frame.pick(56, 66))
    if message.figure:
        size = frame.pick(92, 120)
        frame.figure(places["figure"], message.figure, size, align=align, cap_mm=TITLE_CAP_MM)
    if message.body:
        frame.words(
            places["body"], message.body, frame.pick(32, 40), align=align, lines=4, valign="middle"
        )
    for place, content in enumerate(message.banners):
        rect = places[f"banner {place}"]
        banner(frame, rect.centred(rect.w, min(rect.h, frame.pick(84, 110))), content)
    if message.small_print:
        frame.words(places["small"], message.small_print, frame.pick(24, 28), align=align)


def scene_card(
    frame: Frame, rect: Rect, title: str, kind: str, note: Banner | None = None
) -> None:
    """Title over an illustration, and under it one sentence."""
    frame.card(rect)
    inner = rect.inset(frame.px(13), frame.px(13))
    high = frame.pick(66, 88)
    top, room = inner.cut_top(high, frame.pick(4, 6))
    frame.title(top.inset(frame.px(8), 0), title, size=frame.pick(46, 58), align="centre")
    if note is not None:
        height = min(frame.pick(66, 86), room.h // 2)
        below, room = room.cut_bottom(height, frame.pick(12, 14))
        banner(frame, below, note)
    frame.scene(room, kind)


def halves(frame: Frame, share: float, portrait_share: float) -> tuple[Rect, Rect]:
    """The body in two: beside each other, or one above the other."""
    if frame.portrait:
        first, second = frame.body.rows([portrait_share, 1 - portrait_share], frame.gap)
    else:
        first, second = frame.body.columns([share, 1 - share], frame.gap)
    return first, second

