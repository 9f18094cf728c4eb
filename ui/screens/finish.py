"""The end of a session: the total, the cable, the receipt, the farewell."""

from ui.buttons import row_button, tile_button
from ui.frame import Frame
from ui.layout import Rect
from ui.screens.charging import cost_fact, energy_fact, time_fact
from ui.text import countdown, duration
from ui.theme import Face, Role
from ui.view import Box, Code, Run
from ui.widgets import (
    Banner,
    Message,
    compose_message,
    fact_card,
    halves,
    operator_note,
    scene_card,
    scene_with_note,
)

_RECEIPT_WAYS = ("receipt_print", "receipt_qr")
_RECEIPT_SUMS = (
    ("receipt.captured", "captured_minor"),
    ("receipt.released", "released_minor"),
    ("receipt.owed", "owed_minor"),
)
_RECEIPT_ROWS = 4
_MOST_UNLOCKS = 3
RECEIPT_BUTTONS = frozenset((*_RECEIPT_WAYS, "receipt_none"))


def compose_finished(frame: Frame) -> None:
    text = frame.text
    reason = str(frame.snapshot.params.get("reason") or "")
    ended = Banner(text.or_else(f"ended.{reason}", "finished.body"), "ok")
    note = _idle_note(frame) or operator_note(frame) or ended
    _ended(frame, "finished", text("finished.title"), note)


def compose_unplug(frame: Frame) -> None:
    text = frame.text
    note = _idle_note(frame) or operator_note(frame)
    note = note or Banner(text("unplug.body"), "unplug", Role.DO)
    _ended(frame, "unplug", text("unplug.title"), note)


def _idle_note(frame: Frame) -> Banner | None:
    """The fee that begins when the car stays is announced before it begins."""
    shot, text = frame.snapshot, frame.text
    left = shot.params.get("idle_starts_s")
    price = shot.param("price_idle")
    if not isinstance(left, int) or left < 0 or price <= 0:
        return None
    amount = text.price(price, frame.currency)
    if left == 0:
        return Banner(text("idle.now", amount=amount), "parking", Role.CASH)
    words = text("idle.soon", time=countdown(left), amount=amount)
    return Banner(words, "parking", Role.CASH)


def _ended(frame: Frame, kind: str, title: str, note: Banner) -> None:
    left, right = halves(frame, 0.56, 0.6)
    scene_card(frame, left, title, kind, note)
    cost, energy, time = right.rows([1.2, 1.0, 1.0], frame.gap)
    fact_card(frame, cost, cost_fact(frame, "fact.total"), frame.pick(76, 92))
    fact_card(frame, energy, energy_fact(frame), frame.pick(56, 72))
    fact_card(frame, time, time_fact(frame), frame.pick(56, 72))


def compose_receipt(frame: Frame) -> None:
    """The bill as a slip of paper, and beside it what may be done with it."""
    left, right = halves(frame, 0.52, 0.55)
    _slip(frame, left)
    head, room = right.cut_top(frame.pick(60, 84), frame.pick(10, 14))
    frame.title(head, frame.text("receipt.title"), size=frame.pick(46, 58), align="centre", lines=1)
    none = frame.offered("receipt_none")
    if none is not None:
        high = max(frame.target_height, frame.pick(96, 120))
        low, room = room.cut_bottom(high, frame.gap)
        row_button(frame, none, low)
    ways = [button for name in _RECEIPT_WAYS if (button := frame.offered(name))]
    for button, place in zip(ways, room.columns([1] * max(1, len(ways)), frame.gap), strict=False):
        tile_button(frame, button, place)


def compose_receipt_qr(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    room = frame.card(frame.body)
    content = str(shot.params.get("qr") or "")
    if frame.portrait:
        side = min(room.w, round(room.h * 0.62))
        code, room = room.cut_top(side, frame.px(16))
    else:
        side = room.h
        code, room = room.cut_left(round(room.w * 0.42), frame.px(24))
    if content:
        frame.add(Code(code.centred(side, side), content))
    align = "centre" if frame.portrait else "left"
    head, body, small = room.rows([1.3, 1.0, 0.7], frame.pick(6, 8))
    frame.title(head, text("receipt_qr.title"), size=frame.pick(52, 60), align=align)
    frame.words(body, text("receipt_qr.body"), frame.pick(32, 38), align=align, lines=2)
    name = shot.params.get("number")
    if name:
        words = text("receipt.number", number=name)
        frame.words(small, words, frame.pick(26, 30), align=align)


def _slip(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect, border=Role.CONTROL)
    head, room = room.cut_top(frame.pick(38, 50), frame.pick(4, 8))
    name = shot.params.get("number")
    frame.words(head, text("receipt.number", number=name or "-"), frame.pick(26, 30))
    total, room = room.cut_top(frame.pick(84, 120), frame.pick(6, 10))
    _total(frame, total)
    rows: list[tuple[str, str]] = [
        ("fact.energy", text("unit.kwh", value=text.kilo(shot.param("energy_wh")))),
        ("fact.time", text("unit.h", value=duration(shot.param("elapsed_s")))),
    ]
    for key, name in _RECEIPT_SUMS:
        if amount := shot.param(name):
            rows.append((key, text.money(amount, frame.currency)))
    if shot.params.get("billed_by") == "provider":
        rows.insert(0, ("receipt.billed_by", text("receipt.provider")))
    if shot.params.get("full_invoice"):
        rows.insert(0, ("receipt.full_invoice", text("receipt.ask_operator")))
    balance = shot.params.get("balance_minor")
    if isinstance(balance, int) and balance >= 0:
        rows.append(("receipt.balance", text.money(balance, frame.currency)))
    rows = rows[:_RECEIPT_ROWS]
    places = room.rows([1.0] * max(3, len(rows)), frame.px(4))
    for (key, value), place in zip(rows, places, strict=False):
        label, sum_ = place.columns([1, 1], frame.px(8))
        frame.words(label, text(key), frame.pick(28, 34))
        frame.figure(sum_, (Run(value),), frame.pick(32, 40), align="right")


def _total(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    frame.add(Box(rect, Role.GO_TINT, None, 0, frame.px(16)))
    room = rect.inset(frame.pick(16, 20), frame.px(4))
    label, amount = room.columns([1, 1.5], frame.px(8))
    is_elsewhere = shot.params.get("billed_by") == "provider"
    name = text("receipt.public" if is_elsewhere else "fact.total")
    frame.words(label, name, frame.pick(32, 40), ink=Role.GO)
    runs = (Run(text.money(shot.param("cost_minor"), frame.currency), ink=Role.GO),)
    frame.figure(amount, runs, frame.pick(58, 80), align="right")


def compose_thanks(frame: Frame) -> None:
    text = frame.text
    note = Banner(text("thanks.body"), "ok", Role.GO)
    scene_with_note(frame, text("thanks.title"), "goodbye", note)


def _phone_after(frame: Frame, tries: int) -> tuple[Banner, ...]:
    """Trying again has not helped: the number to call."""
    phone = frame.snapshot.station.phone
    if not phone or frame.snapshot.param("tries") < tries:
        return ()
    return (Banner(phone, "phone", Role.GO, Face.DIGITS),)


def compose_cable_stuck(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(
            text("cable_stuck.title"),
            picture="lock",
            badge="no",
            role=Role.CASH,
            banners=(
                Banner(text("cable_stuck.first"), "unlock", Role.DO),
                Banner(text("cable_stuck.second"), "cablecar", Role.DO),
                Banner(text("cable_stuck.third"), "phone", Role.GO),
                *_phone_after(frame, _MOST_UNLOCKS),
            ),
        ),
    )
