"""The Green Card: tap, wait, the account, and the ways a card can be refused."""

from ui.buttons import row_button
from ui.frame import Frame
from ui.layout import Rect
from ui.theme import TITLE_CAP_MM, Role
from ui.view import Box, Run
from ui.widgets import (
    Banner,
    Fact,
    Message,
    banner,
    compose_message,
    halves,
    scene_card,
    small_fact,
)

_WAIT_S = 10  # the journey waits at most this long for the central system
_MAX_PIPS = 8


def compose_tap(frame: Frame) -> None:
    text = frame.text
    note = Banner(text("gc_tap.body"), "greencard")
    scene_card(frame, frame.body, text("gc_tap.title"), "tap", note)


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
    """Balance, plan, price after discount, charges until the next one, points; Start, Top up."""
    left, right = halves(frame, 0.54, 0.6)
    _account_card(frame, left)
    start, topup = frame.offered("start"), frame.offered("topup")
    shown = [button for button in (start, topup) if button is not None]
    facts = right
    if shown:
        high = max(frame.pick(104, 140), frame.target_height)
        if frame.portrait:
            low, facts = right.cut_bottom(high, frame.gap)
        else:
            low, facts = right.cut_bottom(high, frame.gap)
        weights = [1.35 if button.id == "start" else 1.0 for button in shown]
        for button, place in zip(shown, low.columns(weights, frame.gap), strict=True):
            row_button(frame, button, place, size=frame.pick(38, 48))
    _account_facts(frame, facts)


def _account_card(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect, border=Role.GO, width=4)
    offline = bool(shot.params.get("offline"))
    head, room = room.cut_top(frame.pick(62, 84), frame.pick(2, 8))
    icon = frame.pick(76, 100)
    place, head = head.cut_left(icon, frame.pick(16, 20))
    frame.picture(place.centred(icon, icon), "greencard", "ok")
    frame.title(head, text("gc_ok.title"), size=frame.pick(48, 60), lines=1)
    note = _note(frame)
    if note is not None:
        low, room = room.cut_bottom(frame.pick(62, 92), frame.pick(6, 10))
        banner(frame, low, note, size=frame.pick(26, 34))
    label, figure, plan = room.rows([0.5, 1.35, 0.62], frame.pick(2, 8))
    amount = "spend_minor" if offline else "balance_minor"
    caption = "gc_ok.offline_limit" if offline else "gc_ok.balance"
    frame.words(label, text(caption), frame.pick(28, 34), valign="bottom")
    runs = (Run(text.money(shot.param(amount), frame.currency), ink=Role.GO),)
    frame.figure(figure, runs, frame.pick(88, 124), cap_mm=TITLE_CAP_MM)
    frame.words(plan, _plan(frame), frame.pick(29, 36))


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


def _account_facts(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    upper, lower = rect.rows([1.15, 1.0], frame.gap)
    _rate(frame, upper)
    loyalty, points = lower.columns([1.35, 1.0], frame.gap)
    _loyalty(frame, loyalty)
    small_fact(
        frame,
        points,
        Fact(
            "gift",
            text("gc_ok.points"),
            (
                Run(text.number(shot.param("points"))),
                Run(" " + text("gc_ok.points_unit"), 0.72, ink=Role.SECONDARY),
            ),
        ),
        frame.pick(33, 42),
    )


def _rate(frame: Frame, rect: Rect) -> None:
    """The price this card pays here, and how much that is below the price for everyone."""
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect)
    icon = min(room.h, frame.pick(56, 76))
    place, room = room.cut_left(icon, frame.pick(16, 20))
    frame.picture(place.centred(icon, icon), "energy")
    percent = shot.param("discount_percent")
    if percent > 0:
        width = frame.pick(104, 140)
        tag, room = room.cut_right(width, frame.px(8))
        tag = tag.centred(width, min(tag.h, frame.pick(46, 60)))
        frame.add(Box(tag, Role.GO, None, 0, tag.h // 2))
        run = Run(f"−{percent} %", ink=Role.ON_STRONG)
        frame.figure(tag, (run,), frame.pick(32, 40), align="centre")
    milli = shot.param("price_card") or shot.param("price_energy")
    runs = (
        Run(text.price(milli, frame.currency)),
        Run(text("price.per_kwh"), 0.46, ink=Role.SECONDARY),
    )
    frame.figure(room, runs, frame.pick(60, 80))


def _loyalty(frame: Frame, rect: Rect) -> None:
    """Charges still missing to the next discount, as pips that fill up."""
    shot, text = frame.snapshot, frame.text
    missing = shot.params.get("charges_until_next")
    frame.add(Box(rect, Role.CARD, Role.LINE, frame.px(3), frame.px(18)))
    room = rect.inset(frame.pick(14, 18), frame.px(6))
    icon = min(room.h, frame.pick(42, 54))
    place, room = room.cut_left(icon, frame.pick(12, 14))
    frame.picture(place.centred(icon, icon), "percent")
    if not isinstance(missing, int):
        frame.words(room, text("gc_ok.no_loyalty"), frame.pick(26, 30), lines=2)
        return
    if missing <= 0:
        frame.words(room, text("gc_ok.discount_now"), frame.pick(26, 30), lines=2, ink=Role.GO)
        return
    words, pips = room.rows([1.6, 0.8], frame.px(2)) if missing <= _MAX_PIPS else (room, room)
    key = "gc_ok.missing_one" if missing == 1 else "gc_ok.missing"
    frame.words(words, text(key, count=missing), frame.pick(26, 30), lines=2)
    if missing <= _MAX_PIPS:
        _pips(frame, pips, missing)


def _pips(frame: Frame, rect: Rect, missing: int) -> None:
    side = min(rect.h, frame.pick(16, 22))
    step = min(side + frame.px(7), rect.w // (missing + 1))
    for place in range(missing + 1):
        spot = Rect(rect.x + place * step, rect.y + (rect.h - side) // 2, side, side)
        last = place == missing
        frame.add(Box(spot, Role.GO if last else Role.CARD, Role.GO, frame.px(3), side // 2))


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
