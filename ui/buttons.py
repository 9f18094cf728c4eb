"""How each button looks: its word, its sign, its colour. One table, and the shapes drawn from it."""

from dataclasses import dataclass
from enum import StrEnum

from chargepoint.contract import Button
from ui.frame import Frame, Sign
from ui.layout import Rect
from ui.text import AUTONYMS
from ui.theme import LABEL_CAP_MM, SECONDARY_CAP_MM, Face, Role
from ui.view import Box, Words


class Look(StrEnum):
    OUTLINE = "outline"
    TINT = "tint"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Style:
    """`weight` is the width it asks for when it shares a row."""

    key: str
    picture: str = ""
    glyph: str = ""
    role: Role = Role.DO
    look: Look = Look.OUTLINE
    weight: float = 1.0


_TINTS = {
    Role.DO: Role.DO_TINT,
    Role.GO: Role.GO_TINT,
    Role.CASH: Role.CASH_TINT,
    Role.STOP: Role.STOP_TINT,
}

UTILITIES = ("language", "voice", "easy", "help")

STYLES: dict[str, Style] = {
    "language": Style("button.language", glyph="language"),
    "voice": Style("button.voice", glyph="voice"),
    "easy": Style("button.easy", glyph="easy"),
    "help": Style("button.help", glyph="help"),
    "service": Style("button.service", glyph="wrench"),
    "back": Style("button.back", glyph="back", weight=0.85),
    "cancel": Style("button.cancel", glyph="cross", role=Role.STOP),
    "more_time": Style("button.more_time", glyph="plus", role=Role.GO, look=Look.FILLED),
    "greencard": Style("button.greencard", picture="topup", role=Role.GO, look=Look.TINT),
    "reservation": Style("button.reservation", picture="calendar"),
    "pay_card": Style("pay.card", picture="card"),
    "pay_cash": Style("pay.cash", picture="cash", role=Role.CASH),
    "pay_greencard": Style("pay.greencard", picture="greencard", role=Role.GO),
    "start": Style("button.start", glyph="bolt", role=Role.GO, look=Look.FILLED),
    "stop": Style("button.stop", picture="hand", role=Role.STOP, look=Look.FILLED, weight=3),
    "return_money": Style("button.return_money", picture="cashout", role=Role.STOP, weight=1.3),
    "topup": Style("button.topup", picture="topup", role=Role.GO, look=Look.TINT),
    "cable_stuck": Style("cable_stuck.title", picture="lock", role=Role.CASH, look=Look.TINT),
    "retry": Style("button.retry", glyph="retry", role=Role.GO, look=Look.FILLED),
    "other_method": Style("button.other_method", glyph="other", look=Look.TINT),
    "voucher": Style("button.voucher", picture="voucher", role=Role.CASH, look=Look.TINT),
    "to_greencard": Style("button.to_greencard", picture="topup", role=Role.GO, look=Look.TINT),
    "receipt_qr": Style("button.receipt_qr", picture="qr", look=Look.TINT),
    "receipt_print": Style("button.receipt_print", picture="printer", look=Look.TINT),
    "receipt_none": Style("button.receipt_none", glyph="cross"),
    "easy_toggle": Style("button.easy_toggle", picture="access", look=Look.TINT),
    "contrast_toggle": Style("button.contrast_toggle", picture="access", look=Look.TINT),
    "slow_toggle": Style("button.slow_toggle", picture="clock", look=Look.TINT),
    "low_toggle": Style("button.low_toggle", picture="access", look=Look.TINT),
    "volume": Style("button.volume", glyph="voice"),
    "key_ok": Style("button.ok", glyph="tick", role=Role.GO, look=Look.FILLED),
    "code_own": Style("button.code_own", picture="keypad", look=Look.TINT),
    "key_clear": Style("button.clear", glyph="erase", role=Role.STOP),
    "topup_10": Style("button.topup", picture="topup", role=Role.GO, look=Look.TINT),
    "topup_20": Style("button.topup", picture="topup", role=Role.GO, look=Look.TINT),
    "topup_50": Style("button.topup", picture="topup", role=Role.GO, look=Look.TINT),
    "topup_other": Style("button.topup_other", picture="topup", role=Role.GO),
    "topup_card": Style("pay.card", picture="card", look=Look.TINT),
    "t_cash": Style("button.t_cash", picture="cash"),
    "t_sessions": Style("button.t_sessions", picture="receipt"),
    "t_devices": Style("button.t_devices", picture="plug"),
    "t_avail": Style("button.t_avail", picture="power"),
    "t_meter": Style("button.t_meter", picture="meter"),
    "t_test": Style("button.t_test", picture="hand"),
    "t_logs": Style("button.t_logs", picture="warn"),
    "t_ocpp": Style("button.t_ocpp", picture="network"),
    "t_tariff": Style("button.t_tariff", picture="euro"),
    "t_net": Style("button.t_net", picture="globe"),
    "t_sw": Style("button.t_sw", picture="update"),
    "t_set": Style("button.t_set", picture="wrench"),
    "t_commission": Style("button.t_commission", picture="wrench"),
    "t_search": Style("button.t_search", glyph="search"),
    "t_sign": Style("button.t_sign", glyph="tick", role=Role.GO),
    "t_out": Style("button.t_out", glyph="tick", role=Role.GO),
    "t_collect": Style("button.t_collect", picture="cashout"),
    "t_refill": Style("button.t_refill", picture="coin"),
    "t_owed": Style("button.t_owed", picture="voucher"),
    "t_freeze": Style("button.t_freeze", glyph="arrow", role=Role.GO),
    "t_give_up": Style("button.t_give_up", glyph="cross", role=Role.STOP),
    "t_find": Style("button.t_find", glyph="search"),
    "t_reprint": Style("button.t_reprint", picture="receipt"),
    "t_refund": Style("button.t_refund", picture="cashout"),
    "t_all": Style("button.t_all", glyph="plus"),
    "t_resend": Style("button.t_resend", glyph="retry"),
    "t_doings": Style("button.t_doings", picture="keypad"),
    "t_replace": Style("button.t_replace", glyph="other"),
    "t_again": Style("button.t_again", glyph="retry"),
    "t_begin": Style("button.t_begin", glyph="arrow", role=Role.GO),
    "t_without": Style("button.t_without", glyph="arrow", role=Role.STOP),
    "t_try": Style("button.t_try", glyph="arrow", role=Role.GO),
    "t_pay_back": Style("button.t_pay_back", picture="coin", role=Role.GO),
    "t_taken": Style("button.t_taken", picture="hand"),
    "t_left": Style("button.t_left", picture="cash"),
    "t_heard": Style("button.t_heard", glyph="tick", role=Role.GO),
    "t_not_heard": Style("button.t_not_heard", glyph="cross", role=Role.STOP),
    "t_darker": Style("button.t_darker", glyph="minus"),
    "t_brighter": Style("button.t_brighter", glyph="plus"),
    "t_trace": Style("button.t_trace", picture="network"),
    "t_reach": Style("button.t_reach", picture="globe"),
    "t_filter": Style("button.t_filter", glyph="other"),
    "t_dispute": Style("button.t_dispute", glyph="arrow"),
    "t_hold": Style("button.t_hold", glyph="bolt", role=Role.STOP),
    "t_export": Style("button.t_export", glyph="arrow"),
    "t_self_test": Style("button.t_self_test", glyph="tick"),
    "t_reboot": Style("button.t_reboot", glyph="retry", role=Role.STOP),
    "t_install": Style("button.t_install", picture="update"),
    "t_roll_back": Style("button.t_roll_back", glyph="back", role=Role.STOP),
    "t_window": Style("button.t_window", picture="clock"),
    "t_no_window": Style("button.t_no_window", glyph="cross"),
    "t_take_back": Style("button.t_take_back", glyph="erase", role=Role.STOP),
    "t_prev": Style("button.t_prev", glyph="back"),
    "t_next": Style("button.t_next", glyph="arrow"),
    "topup_cash": Style("pay.cash", picture="cash", role=Role.CASH, look=Look.TINT),
}


def style_of(button_id: str) -> Style:
    """The style of any id; one we do not know shows its own name, so that it is noticed."""
    return STYLES.get(button_id, Style(f"button.{button_id}"))


def label_of(frame: Frame, button_id: str) -> str:
    """What is written on a button, in the driver's language."""
    figure = _figure_on(frame, button_id)
    if figure:
        return figure
    if button_id == "cancel" and frame.snapshot.screen == "more_time":
        return frame.text("button.end")
    if button_id == "language":
        return _language_label(frame)
    shot = frame.snapshot
    amount = frame.text.money(
        shot.param("load_minor") or shot.param("credit_minor"), frame.currency
    )
    if button_id == "to_greencard" and shot.screen == "gc_ok":
        return frame.text("gc_ok.load", amount=amount)
    return frame.text(style_of(button_id).key, amount=amount)


def _figure_on(frame: Frame, button_id: str) -> str:
    """Labels that no catalogue holds: names of languages, digits, amounts; empty for all others."""
    family, _, member = button_id.partition("_")
    if family == "lang":
        return AUTONYMS.get(member, member)
    if family == "key" and member.isdigit():
        return member
    if family == "topup" and button_id in STYLES and member.isdecimal():
        return frame.text.money_whole(int(member), frame.currency)
    return ""


def _language_label(frame: Frame) -> str:
    """A word that a driver who cannot read this screen understands."""
    others = [code for code in frame.snapshot.station.languages if code != frame.text.language]
    if len(others) == 1:
        return AUTONYMS.get(others[0], others[0])
    return frame.text("button.language")


@dataclass(frozen=True, slots=True)
class Ink:
    """The three colours of one button."""

    fill: Role
    border: Role | None
    sign: Role
    word: Role


def ink_of(style: Style, *, enabled: bool) -> Ink:
    if not enabled:
        return Ink(Role.IDLE_FILL, Role.LINE, Role.SECONDARY, Role.SECONDARY)
    if style.look is Look.FILLED:
        return Ink(style.role, None, Role.ON_STRONG, Role.ON_STRONG)
    coloured = style.role in {Role.GO, Role.STOP, Role.CASH}
    fill = _TINTS.get(style.role, Role.CARD) if style.look is Look.TINT else Role.CARD
    border = style.role if coloured or style.look is Look.TINT else Role.CONTROL
    return Ink(fill, border, style.role, style.role if coloured else Role.TEXT)


def row_button(
    frame: Frame,
    button: Button,
    rect: Rect,
    *,
    size: int = 0,
    margin: int = 0,
) -> None:
    """A sign with a word beside it; a disabled one says why, below the word."""
    style = style_of(button.id)
    ink = ink_of(style, enabled=button.enabled)
    label = label_of(frame, button.id)
    frame.add(Box(rect, ink.fill, ink.border, frame.px(4), frame.px(22)))
    room = rect.inset(margin or frame.pick(18, 22), frame.px(6))
    reason = frame.reason(button)
    floor = frame.floor(SECONDARY_CAP_MM)
    if reason and frame.lines_of(reason, floor, room.w) == 1:
        below, room = room.cut_bottom(round(floor * 1.5))
        frame.words(below, reason, frame.pick(26, 30), align="centre")
    tall = rect.h * 0.62
    icon = round(min(tall, room.h * 0.9, rect.w * 0.24)) if style.picture or style.glyph else 0
    if style.glyph:
        icon = round(icon * 0.74)
    frame.pair(
        room,
        label,
        size or frame.pick(34, 40),
        Sign(icon, style.picture, style.glyph, ink.sign),
        ink=ink.word,
        align="centre",
        cap_mm=LABEL_CAP_MM,
    )
    frame.control(button, rect, label, picture=style.picture or style.glyph)


_BOLD_ADVANCE = 0.58  # of a letter of a short word, in em: more than nine in ten need


def stack_label_width(frame: Frame, label: str, size: int) -> int:
    """Width of a stacked button whose word is set in `size`."""
    return round(len(label) * size * _BOLD_ADVANCE) + 2 * frame.px(4)


def stack_button(frame: Frame, button: Button, rect: Rect) -> None:
    """A sign above a short word: the utilities."""
    style = style_of(button.id)
    ink = ink_of(style, enabled=button.enabled)
    label = label_of(frame, button.id)
    frame.add(Box(rect, ink.fill, ink.border, frame.px(3), frame.px(18)))
    icon = frame.pick(46, 62)
    top, bottom = rect.cut_bottom(round(rect.h * 0.42))[::-1]
    sign = top.centred(icon, icon).moved(0, frame.px(4))
    if style.picture:
        frame.picture(sign, style.picture)
    else:
        frame.glyph(sign, style.glyph or "other", ink.sign)
    floor = frame.floor(SECONDARY_CAP_MM)
    frame.add(
        Words(
            bottom.inset(frame.px(4), 0),
            label,
            max(floor, frame.pick(23, 28)),
            floor,
            Face.BOLD,
            ink.word,
            "centre",
        )
    )
    frame.control(button, rect, label, picture=style.picture or style.glyph)


def tile_button(frame: Frame, button: Button, rect: Rect) -> None:
    """A large sign over its word, with the reason below when it cannot be used."""
    style = style_of(button.id)
    ink = ink_of(style, enabled=button.enabled)
    label = label_of(frame, button.id)
    frame.add(Box(rect, ink.fill, ink.border, frame.px(4), frame.px(22)))
    room = rect.inset(frame.pick(10, 14), frame.pick(8, 14))
    reason = frame.reason(button)
    if reason:
        why, room = room.cut_bottom(frame.pick(28, 38))
        frame.words(why, reason, frame.pick(24, 30), align="centre")
    word, sign = room.cut_bottom(frame.pick(38, 50), frame.px(4))
    side = min(sign.w, sign.h, frame.pick(110, 150))
    if style.picture:
        frame.picture(sign.centred(side, side), style.picture, "" if button.enabled else "no")
    else:
        frame.glyph(sign.centred(side, side), style.glyph or "other", ink.sign)
    floor = frame.floor(LABEL_CAP_MM)
    size = frame.pick(34, 40)
    frame.add(Words(word, label, size, floor, Face.BOLD, ink.word, "centre"))
    frame.control(button, rect, label, picture=style.picture or style.glyph)


def icon_button(frame: Frame, button: Button, rect: Rect) -> None:
    """A sign alone, for easy mode, where no word of the required size would fit."""
    style = style_of(button.id)
    ink = ink_of(style, enabled=button.enabled)
    frame.add(Box(rect, ink.fill, ink.border, frame.px(4), frame.px(22)))
    side = round(min(rect.w, rect.h) * 0.66)
    if style.picture:
        frame.picture(rect.centred(side, side), style.picture)
    else:
        frame.glyph(rect.centred(side, side), style.glyph or "other", ink.sign)
    label = label_of(frame, button.id)
    frame.control(button, rect, label, picture=style.picture or style.glyph)


def key_button(frame: Frame, button: Button, rect: Rect) -> None:
    """One key of the keypad: a digit, or a sign."""
    style = style_of(button.id)
    ink = ink_of(style, enabled=button.enabled)
    label = label_of(frame, button.id)
    frame.add(Box(rect, ink.fill, ink.border, frame.px(3), frame.px(18)))
    if style.glyph:
        side = round(rect.h * 0.48)
        frame.glyph(rect.centred(side, side), style.glyph, ink.sign)
    else:
        floor = frame.label_floor()
        size = frame.pick(46, 60)
        frame.add(Words(rect, label, size, floor, Face.DIGITS, ink.word, "centre"))
    frame.control(button, rect, label, picture=style.glyph)
