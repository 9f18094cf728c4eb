"""The Green Card: tap, wait, the account, and the ways a card can be refused."""

from ui.buttons import row_button
from ui.frame import Frame
from ui.layout import Rect
from ui.theme import TITLE_CAP_MM, Face, Role
from ui.view import Box, Run
from ui.widgets import (
    Banner,
    Message,
    banner,
    coming_line,
    compose_message,
    halves,
    scene_with_note,
)

_WAIT_S = 10  # the journey waits at most this long for the central system
_MAX_PIPS = 8


def compose_tap(frame: Frame) -> None:
    text = frame.text
    note = Banner(text("gc_tap.body"), "greencard")
    scene_with_note(frame, text("gc_tap.title"), "tap", note)


def compose_wait(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(
            text("gc_wait.title"),
            text("gc_wait.body"),
            picture="greencard",
            countdown=(frame.snapshot.param("countdown_s"), _WAIT_S),
        ),
    )


def compose_account(frame: Frame) -> None:
    """Balance, plan, price after discount, charges until the next one, points; Start."""
    load = frame.offered("to_greencard")
    down = 0.64 if load is not None else 0.55 if coming_line(frame) else 0.58
    left, right = halves(frame, 0.545, down)
    _account_card(frame, left)
    start = frame.offered("start")
    if start is not None:
        high = frame.pick(112, 140 if load is None else 120)
        low, right = right.cut_bottom(max(high, frame.target_height), frame.gap)
        row_button(frame, start, low, size=frame.pick(46, 56))
    if load is not None:
        high = max(frame.pick(98, 120), frame.target_height)
        low, right = right.cut_bottom(min(right.h, high), frame.gap)
        row_button(frame, load, low, size=frame.pick(36, 44))
        if not frame.portrait:  # there the two buttons need the room
            _rate(frame, right)
        return
    if frame.portrait:
        rate, loyalty = right.columns([1.0, 1.1], frame.gap)
    else:
        rate, loyalty = right.rows([1.0, 0.95], frame.gap)
    _rate(frame, rate)
    _loyalty(frame, loyalty)


def _account_card(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect, border=Role.GO, width=4)
    offline = bool(shot.params.get("offline"))
    head, room = room.cut_top(frame.pick(62, 90), frame.pick(2, 4))
    icon = frame.pick(80, 110)
    place, head = head.cut_left(icon, frame.pick(14, 20))
    frame.picture(place.centred(icon, icon), "greencard", "ok")
    frame.title(head, text("gc_ok.title"), size=frame.pick(48, 60), lines=1)
    low, room = room.cut_bottom(frame.pick(66, 84), frame.pick(4, 6))
    _account_foot(frame, low)
    label, figure = room.rows([0.42, 1.2], frame.pick(4, 10))
    amount = "spend_minor" if offline else "balance_minor"
    caption = "gc_ok.offline_limit" if offline else "gc_ok.balance"
    frame.words(label, text(caption), frame.pick(28, 36), valign="bottom")
    runs = (Run(text.money(max(0, shot.param(amount)), frame.currency), ink=Role.GO),)
    frame.figure(figure, runs, frame.pick(118, 150), cap_mm=TITLE_CAP_MM)


def _account_foot(frame: Frame, rect: Rect) -> None:
    """What is special now; else the plan and the points."""
    shot, text = frame.snapshot, frame.text
    note = _note(frame)
    if note is not None:
        banner(frame, rect, note, size=frame.pick(28, 36))
        return
    plan, points = rect.columns([1.7, 1.0], frame.px(12))
    banner(frame, plan, Banner(_plan(frame), "calendar", Role.DO), size=frame.pick(27, 34))
    words = text.counted("gc_ok.points", shot.param("points"))
    banner(frame, points, Banner(words, "gift", Role.DO), size=frame.pick(27, 34))


def _note(frame: Frame) -> Banner | None:
    shot, text = frame.snapshot, frame.text
    if credit := shot.param("credit_minor"):
        amount = text.money(credit, frame.currency)
        return Banner(text("gc_ok.credit", amount=amount), "coin", Role.CASH)
    if not shot.params.get("plugged"):
        return Banner(text("gc_ok.plug"), "cablecar", Role.DO)
    if shot.params.get("offline"):
        return Banner(text("gc_ok.offline"), "network", Role.SECONDARY)
    message = shot.params.get("message")
    if isinstance(message, str) and message:
        return Banner(message, "gift", Role.GO)
    return None


def _plan(frame: Frame) -> str:
    shot, text = frame.snapshot, frame.text
    if shot.params.get("plan") != "flatRate":
        return text("plan.prepaid")
    left = shot.params.get("wh_left")
    if isinstance(left, int) and left >= 0:
        energy = text("unit.kwh", value=text.kilo_short(left))
        return text("plan.flat_left", energy=energy)
    return text("plan.flat")


def _rate(frame: Frame, rect: Rect) -> None:
    """The price this card pays here, and how much that is below the price for everyone."""
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect)
    if coming := coming_line(frame):
        low, room = room.cut_bottom(frame.pick(36, 76), frame.px(2))
        frame.words(low, coming, frame.pick(24, 28), ink=Role.DO, lines=2)
    icon = min(room.h, frame.pick(60, 80))
    place, room = room.cut_left(icon, frame.pick(14, 20))
    frame.picture(place.centred(icon, icon), "energy")
    percent = shot.param("discount_percent")
    if percent > 0:
        width = frame.pick(106, 130)
        if frame.portrait:
            tag, room = room.cut_bottom(frame.px(44), frame.px(4))
            tag = tag.cut_left(width)[0]
        else:
            tag, room = room.cut_right(width, frame.px(8))
            tag = tag.centred(width, min(tag.h, frame.px(46)))
        frame.add(Box(tag, Role.GO, None, 0, tag.h // 2))
        run = Run(text("gc_ok.percent", percent=percent), ink=Role.ON_STRONG)
        frame.figure(tag, (run,), frame.pick(30, 34), align="centre")
    milli = shot.param("price_card") or shot.param("price_energy")
    runs = (
        Run(text.price(milli, frame.currency)),
        Run(" " + text("price.per_kwh"), 0.44, ink=Role.SECONDARY),
    )
    frame.figure(room, runs, frame.pick(60, 84))


def _loyalty(frame: Frame, rect: Rect) -> None:
    """Charges still missing to the next discount, as pips that fill up."""
    text = frame.text
    missing = frame.snapshot.params.get("charges_until_next")
    room = frame.card(rect)
    icon = min(room.h, frame.pick(60, 80))
    place, room = room.cut_left(icon, frame.pick(14, 20))
    frame.picture(place.centred(icon, icon), "percent")
    size = frame.pick(29, 36)
    if not isinstance(missing, int) or missing < 0:
        frame.words(room, text("gc_ok.no_loyalty"), size, lines=2)
        return
    if missing == 0:
        frame.words(room, text("gc_ok.discount_now"), size, lines=2, ink=Role.GO, face=Face.BOLD)
        return
    words = text.counted("gc_ok.missing", missing)
    if missing > _MAX_PIPS:
        frame.words(room, words, size, lines=2)
        return
    line, pips = room.rows([1.9 if frame.portrait else 1.25, 1.0], frame.px(2))
    frame.words(line, words, size, lines=2 if frame.portrait else 1)
    _pips(frame, pips, missing)


def _pips(frame: Frame, rect: Rect, missing: int) -> None:
    """One open ring per missing charge, then the filled one that brings the discount."""
    side = min(rect.h, frame.pick(26, 34))
    step = min(side + frame.px(12), rect.w // (missing + 1))
    for place in range(missing + 1):
        spot = Rect(rect.x + place * step, rect.y + (rect.h - side) // 2, side, side)
        last = place == missing
        frame.add(Box(spot, Role.GO if last else Role.CARD, Role.GO, frame.px(4), side // 2))


def compose_low(frame: Frame) -> None:
    text = frame.text
    balance = text.money(frame.snapshot.param("balance_minor"), frame.currency)
    compose_message(
        frame,
        Message(
            text("gc_low.title"),
            text("gc_low.body"),
            picture="greencard",
            badge="low",
            role=Role.CASH,
            figure=(Run(balance, ink=Role.CASH),),
        ),
    )


def compose_blocked(frame: Frame) -> None:
    text = frame.text
    state = str(frame.snapshot.params.get("state") or "")
    body = text.or_else(f"gc_blocked.{state}", "gc_blocked.body")
    compose_message(
        frame,
        Message(
            text("gc_blocked.title"),
            body,
            picture="greencard",
            badge="no",
            role=Role.STOP,
            banners=(Banner(text("money.none_taken"), "ok", Role.GO),),
        ),
    )


def compose_unknown(frame: Frame) -> None:
    text = frame.text
    reason = str(frame.snapshot.params.get("reason") or "")
    title = text.or_else(f"gc_unknown.{reason}.title", "gc_unknown.title")
    body = text.or_else(f"gc_unknown.{reason}.body", "gc_unknown.body")
    hold_still = reason == "unreadable"
    compose_message(
        frame,
        Message(
            title,
            body,
            picture="greencard" if reason in {"unreadable", "busy"} else "card",
            badge="question" if not hold_still else "clock",
            role=Role.CASH,
            banners=(Banner(text("money.none_taken"), "ok", Role.GO),),
        ),
    )
