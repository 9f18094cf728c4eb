"""The choice of a means of payment, and the cash journey."""

from dataclasses import replace

from chargepoint.contract import Button
from ui.buttons import label_of, row_button, style_of, tile_button
from ui.frame import Frame, Sign
from ui.layout import Rect
from ui.screens.topup import compose_choice
from ui.theme import LABEL_CAP_MM, SECONDARY_CAP_MM, TITLE_CAP_MM, Face, Role
from ui.view import Box, Picture, Run, Runs, Words
from ui.widgets import (
    TINT_OF,
    Banner,
    Message,
    PriceLine,
    coming_line,
    compose_message,
    number,
    price_line,
    price_lines,
)

WAYS = ("pay_card", "pay_cash", "pay_greencard")
_NOTE_FROM_MINOR = 500
_MOST_SHOWN = 9
_FEW_COINS = 10
_FEW_LINES = 2
_LOW_TILE_PX = 212
_LOW_ROWS = 4  # what three ways with name, note and price need at least


def compose_pay(frame: Frame) -> None:
    text = frame.text
    body = frame.body
    lines = price_lines(frame)
    told = _all_in_words(frame, lines)
    if told:
        strip, body = body.cut_bottom(frame.pick(62, 112), frame.px(6))
        frame.words(strip, told, frame.pick(26, 30), lines=3 if frame.portrait else 2)
        lines = []
    if lines:
        lines[-1] = replace(lines[-1], unit=f"{lines[-1].unit} · {text('price.vat_short')}")
    if frame.portrait:
        head, body = body.cut_top(frame.px(76), frame.px(8))
        small = Rect(0, 0, 1, 1)
        if lines:
            small, body = body.cut_bottom(frame.px(46) * len(lines), frame.px(10))
        frame.title(head, text("pay.title"), size=frame.px(60), lines=1)
    else:
        head, body = body.cut_top(frame.px(70), frame.px(6))
        small, head = head.cut_right(frame.px(390), frame.px(12))
        frame.title(head, text("pay.title"), size=frame.px(52), lines=1)
    places = small.rows([1, 1] if not frame.portrait else [1] * max(1, len(lines)), 0)
    ways = [button for name in WAYS if (button := frame.offered(name))]
    count = [1] * len(ways)
    if ways:
        gap = frame.pick(16, 14)
        tiles = (
            _way_room(frame, body).rows(count, gap) if frame.portrait else body.columns(count, gap)
        )
        for button, tile in zip(ways, tiles, strict=True):
            _tile(frame, button, tile)
    for line, place in zip(lines, places, strict=False):
        price_line(frame, place.inset(0, frame.px(1)), line, frame.pick(27, 28))


def _way_room(frame: Frame, body: Rect) -> Rect:
    return frame.sunk(body, _LOW_ROWS, "card") if frame.low else body


def _all_in_words(frame: Frame, lines: list[PriceLine]) -> str:
    """More than two parts of the price, or a coming one, need the width of the screen."""
    coming = coming_line(frame)
    if len(lines) <= _FEW_LINES and not coming:
        return ""
    parts = [f"{line.amount}\u00a0{line.unit}" for line in lines]
    now = "\u00a0· ".join([*parts, frame.text("price.vat_short")])
    return f"{now}\u00a0· {coming}" if coming else now


def _tile(frame: Frame, button: Button, rect: Rect) -> None:
    """A way to pay: sign, name, what to know, price. Struck with its reason when not possible."""
    role = style_of(button.id).role if button.enabled else Role.SECONDARY
    border = role if button.enabled else Role.LINE
    frame.add(Box(rect, TINT_OF[role], border, frame.px(5), frame.px(22)))
    sign, name, note, pill = _tile_places(frame, rect)
    style = style_of(button.id)
    badge = "" if button.enabled else "no"
    frame.add(Picture(sign, style.picture, badge, faded=False))
    label = label_of(frame, button.id)
    align = "left" if sign.x < name.x else "centre"
    ink = Role.TEXT if button.enabled else Role.SECONDARY
    floor = frame.floor(LABEL_CAP_MM)
    frame.add(Words(name, label, frame.pick(38, 46), floor, ink=ink, align=align, lines=2))
    if button.enabled:
        frame.words(note, _note(frame, button.id), frame.pick(27, 32), align=align)
        _pill(frame, pill, role, _rate(frame, button.id))
    else:
        both = Rect(note.x, note.y, note.w, pill.bottom - note.y)
        reason = frame.reason(button) or frame.text("reason.unavailable")
        frame.words(both, reason, frame.pick(28, 34), align=align, lines=3, valign="middle")
    frame.control(button, rect, label, picture=style.picture)


def _tile_places(frame: Frame, rect: Rect) -> tuple[Rect, Rect, Rect, Rect]:
    if frame.portrait:
        room = rect.inset(frame.px(24), frame.px(16))
        sign, room = room.cut_left(frame.px(150), frame.px(26))
        name, note, pill = room.rows([1.0, 0.7, 1.0], frame.px(8))
        side = min(sign.h, sign.w)
        return sign.centred(side, side), name, note, pill
    if rect.h < frame.px(_LOW_TILE_PX):
        return _low_tile_places(frame, rect)
    room = rect.inset(frame.px(12), frame.px(11))
    pill, room = room.cut_bottom(frame.px(48), frame.px(6))
    sign, name, note = room.rows([1.5, 0.75, 0.62], frame.px(2))
    return sign.centred(min(sign.h, frame.px(104)), min(sign.h, frame.px(104))), name, note, pill


def _low_tile_places(frame: Frame, rect: Rect) -> tuple[Rect, Rect, Rect, Rect]:
    """Where prices take the height, the sign stands beside the name."""
    room = rect.inset(frame.px(12))
    pill, room = room.cut_bottom(frame.px(44), frame.px(6))
    top, note = room.rows([1.2, 0.9], frame.px(4))
    sign, name = top.cut_left(min(top.h, frame.px(46)), frame.px(8))
    return sign, name, note, pill


def _note(frame: Frame, way: str) -> str:
    shot, text = frame.snapshot, frame.text
    if way == "pay_card":
        amount = text.money_short(shot.param("hold_minor"), frame.currency)
        return text("pay.hold", amount=amount)
    if way == "pay_cash":
        return text("pay.change" if shot.params.get("change_ok") else "pay.no_change")
    return text("pay.points")


def _rate(frame: Frame, way: str) -> str:
    card = frame.snapshot.param("price_card") if way == "pay_greencard" else 0
    milli = card or frame.snapshot.param("price_energy")
    return frame.text.price(milli, frame.currency) + frame.text("price.per_kwh")


def _pill(frame: Frame, rect: Rect, role: Role, rate: str) -> None:
    frame.add(Box(rect, role, None, 0, frame.px(16)))
    frame.say(rate)
    floor = frame.floor(SECONDARY_CAP_MM)
    run = Run(rate, ink=Role.ON_STRONG)
    frame.add(Runs(rect.inset(frame.px(8), 0), (run,), frame.pick(31, 38), floor, "centre"))


def compose_cash_in(frame: Frame) -> None:
    if frame.portrait:
        money, side = frame.body.rows([0.6, 0.4], frame.gap)
        tip, go = side.rows([0.42, 0.58], frame.gap)
    else:
        money, side = frame.body.columns([0.57, 0.43], frame.gap)
        tip, go = side.rows([0.48, 0.52], frame.gap)
    _money_in(frame, money)
    _tip(frame, tip)
    voucher = frame.offered("voucher")
    if voucher is not None:
        aside, go = go.cut_left(round(go.w * 0.385), frame.gap)
        tile_button(frame, voucher, aside)
    start = frame.offered("start") or frame.offered("key_ok")
    if start is not None:
        row_button(frame, start, go, size=frame.pick(50, 60))


def _money_in(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    room = frame.card(rect)
    head, room = room.cut_top(frame.pick(92, 130), frame.pick(2, 10))
    frame.title(head, text("cash_in.title"), size=frame.pick(46, 60))
    coins, room = room.cut_bottom(frame.pick(54, 66), frame.pick(8, 14))
    _denominations(frame, coins)
    side = min(room.h, frame.pick(168, 230))
    sign, room = room.cut_left(side, frame.pick(26, 34))
    frame.picture(sign, "cash")
    label, figure, energy = room.rows([0.55, 1.4, 0.6], 0)
    frame.words(label, text("cash_in.inserted"), frame.pick(26, 32), valign="bottom")
    runs = (Run(text.money(shot.param("credit_minor"), frame.currency), ink=Role.GO),)
    frame.figure(figure, runs, frame.pick(82, 110), cap_mm=TITLE_CAP_MM)
    if wh := shot.param("approx_wh"):
        unit = text("unit.kwh", value=text.kilo_short(wh))
        frame.words(energy, f"≈ {unit}", frame.pick(34, 42))


def _denominations(frame: Frame, rect: Rect) -> None:
    """What the slot takes: coins round, notes oblong, as they are."""
    amounts = [*_accepted(frame, "denominations"), *_accepted(frame, "notes")][:_MOST_SHOWN]
    if not amounts:
        return
    frame.say(*(frame.text.money(value, frame.currency) for value in amounts))
    gap = frame.px(8)
    widest = max(1, (rect.w - gap * (len(amounts) - 1)) // max(1, len(amounts)))
    width = min(widest, frame.pick(60, 72))
    for place, value in enumerate(amounts):
        note = value >= _NOTE_FROM_MINOR
        high = min(rect.h, width) if not note else min(rect.h, round(width * 0.8))
        spot = Rect(rect.x + place * (width + gap), rect.y, width, rect.h).centred(width, high)
        fill, ink = (Role.NOTE, Role.GO) if note else (Role.COIN, Role.CASH)
        frame.add(Box(spot, fill, ink, frame.px(3), frame.px(8) if note else high // 2))
        word = frame.text.coin(value, frame.currency)
        floor = frame.floor(SECONDARY_CAP_MM, Face.DIGITS)
        room = spot.inset(frame.px(4), 0)
        size = max(floor, frame.pick(25, 30))
        frame.add(Words(room, word, size, floor, Face.DIGITS, ink, "centre"))


def _accepted(frame: Frame, name: str) -> list[int]:
    values = frame.snapshot.params.get(name)
    return [value for value in values if isinstance(value, int)] if isinstance(values, list) else []


def _topup_tip(frame: Frame) -> Banner:
    if _is_full(frame):
        return Banner(frame.text("cash_in.topup_full"), "no", Role.CASH)
    return Banner(frame.text("cash_in.topup"), "topup", Role.GO)


def _is_full(frame: Frame) -> bool:
    """The slot takes any coin or none: it shuts when the largest would be too much."""
    values = frame.snapshot.params.get("denominations")
    known = values if isinstance(values, list) else []
    largest = max((value for value in known if isinstance(value, int)), default=0)
    return "room_minor" in frame.snapshot.params and frame.snapshot.param("room_minor") < largest


def _tip(frame: Frame, rect: Rect) -> None:
    """The one thing to know now: what is missing before Start, or what happens with the rest."""
    shot, text = frame.snapshot, frame.text
    missing = shot.param("minimum_minor") - shot.param("credit_minor")
    coins, is_topup = shot.param("coins_left"), shot.params.get("purpose") == "topup"
    size = frame.pick(36, 44)
    if shot.params.get("reason"):
        tip = Banner(text("cash_in.refused"), "no", Role.STOP)
    elif missing > 0:
        amount = text.money(missing, frame.currency)
        words = "cash_in.missing_topup" if is_topup else "cash_in.missing"
        tip = Banner(text(words, amount=amount), "coin", Role.CASH)
    elif coins == 0 and "coins_left" in shot.params:
        tip = Banner(text("cash_in.no_more_coins"), "no", Role.CASH)
    elif 0 < coins <= _FEW_COINS:
        tip = Banner(text.counted("cash_in.coins_left", coins), "coin", Role.CASH)
    elif is_topup:
        tip = _topup_tip(frame)
    elif not shot.params.get("plugged"):
        tip = Banner(text("cash_in.plug"), "cablecar", Role.DO)
    elif shot.params.get("change_ok") is False:
        tip = Banner(text("cash_in.no_change"), "warn", Role.CASH)
    else:
        tip = Banner(text("cash_in.rest"), "cashout", Role.CASH)
    _tall_banner(frame, rect, tip, size)


def _tall_banner(frame: Frame, rect: Rect, tip: Banner, size: int) -> None:
    frame.add(Box(rect, TINT_OF[tip.role], None, 0, frame.px(22)))
    frame.say(tip.text)
    frame.pair(
        rect.inset(frame.pick(22, 30), frame.px(8)),
        tip.text,
        size,
        Sign(min(rect.h - frame.px(28), frame.pick(96, 124)), tip.picture),
        lines=3,
    )


def compose_cash_bad(frame: Frame) -> None:
    text = frame.text
    reason = str(frame.snapshot.params.get("reason") or "")
    body = text.or_else(f"coin.{reason}", "cash_bad.body")
    compose_message(
        frame,
        Message(
            text("cash_bad.title"),
            body,
            picture="coin",
            badge="no",
            banners=(Banner(text("cash_bad.again"), "cashout", Role.CASH),),
        ),
    )


def _amount(frame: Frame, name: str, ink: Role = Role.TEXT) -> tuple[Run, ...]:
    return number(frame.text.money(frame.snapshot.param(name), frame.currency), ink=ink)


def compose_cash_nochange(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(
            text("cash_nochange.title"),
            text("cash_nochange.body"),
            picture="cash",
            badge="no",
            role=Role.CASH,
        ),
    )


CHANGE_AS = ("voucher", "to_greencard")


def _falling(frame: Frame) -> tuple[Banner, ...]:
    """How much already lies in the tray while coins fall."""
    paid = frame.snapshot.param("paid_minor")
    if not paid:
        return ()
    amount = frame.text.money(paid, frame.currency)
    return (Banner(frame.text("cash_back.paid", amount=amount), "coin", Role.CASH),)


def compose_cash_back(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(
            text("cash_back.title"),
            text("cash_back.body"),
            picture="cashout",
            figure=_amount(frame, "amount_minor", Role.GO),
            banners=_falling(frame),
        ),
    )


def compose_change(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    compose_message(
        frame,
        Message(
            text("change.title"),
            text("change.wait" if shot.params.get("paying") is False else "change.body"),
            picture="cashout",
            role=Role.GO,
            figure=_amount(frame, "amount_minor", Role.GO),
            banners=_falling(frame),
        ),
    )


def _grouped(code: str) -> str:
    """Eight digits are remembered as two times four."""
    return f"{code[:4]} {code[4:]}" if len(code) == 8 and code.isdigit() else code


def compose_cash_iou(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    code = str(shot.params.get("code") or "")
    expires = shot.params.get("expires")
    amount = text.money(shot.param("amount_minor"), frame.currency)
    if frame.offered("voucher"):
        compose_choice(frame, text("cash_iou.owed", amount=amount), CHANGE_AS, digits=False)
        return
    compose_message(
        frame,
        Message(
            text("cash_iou.title", amount=amount),
            text("cash_iou.body"),
            picture="voucher",
            badge="warn",
            role=Role.CASH,
            figure=number(_grouped(code), ink=Role.CASH) if code else (),
            small_print=text("cash_iou.expires", date=text.day(str(expires))) if expires else "",
        ),
    )
