"""Screens by id: what each looks like, and which of the core's buttons it places itself.

One description per screen: the painter draws it and the bench reads it, so what a person can
press and what a test can press are the same thing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chargepoint.contract import Snapshot
from ui.footer import compose_footer
from ui.frame import Frame
from ui.header import compose_header
from ui.layout import Panel
from ui.screens import (
    access,
    bank,
    charging,
    choices,
    finish,
    greencard,
    home,
    pay,
    reservation,
    topup,
    trouble,
)
from ui.screens.easy import compose_easy, has_easy
from ui.screens.keypad import KEYPAD, keypad_left_width
from ui.screens.service import SERVICE, compose_service
from ui.text import Text
from ui.view import Shade, View


@dataclass(frozen=True, slots=True)
class Screen:
    """`takes`: buttons the body places; all others go to the footer."""

    compose: Callable[[Frame], None]
    picture: str
    takes: frozenset[str] = frozenset()


_PAY = frozenset(pay.WAYS)
_ACCOUNT = frozenset({"start", "to_greencard"})
_CASH = frozenset({"start", "key_ok", "voucher"})
_CHANGE = frozenset(pay.CHANGE_AS)

SCREENS: dict[str, Screen] = {
    "boot": Screen(home.compose_boot, "brand"),
    "home": Screen(home.compose_home, "cablecar"),
    "check": Screen(home.compose_check, "cablecar"),
    "plug_err": Screen(home.compose_plug_err, "cablecar"),
    "pay": Screen(pay.compose_pay, "card", _PAY),
    "cash_in": Screen(pay.compose_cash_in, "cash", _CASH),
    "cash_bad": Screen(pay.compose_cash_bad, "coin"),
    "cash_back": Screen(pay.compose_cash_back, "cashout"),
    "cash_iou": Screen(pay.compose_cash_iou, "voucher", _CHANGE),
    "gc_tap": Screen(greencard.compose_tap, "greencard"),
    "gc_wait": Screen(greencard.compose_wait, "greencard"),
    "gc_ok": Screen(greencard.compose_account, "greencard", _ACCOUNT),
    "gc_low": Screen(greencard.compose_low, "greencard"),
    "gc_blocked": Screen(greencard.compose_blocked, "greencard"),
    "gc_unknown": Screen(greencard.compose_unknown, "card"),
    "code": Screen(charging.compose_code, "keypad"),
    "code_set": Screen(charging.compose_code_set, "keypad", KEYPAD),
    "start_wait": Screen(charging.compose_start_wait, "power"),
    "start_fail": Screen(charging.compose_start_fail, "battery"),
    "charging": Screen(charging.compose_charging, "battery"),
    "paused_car": Screen(charging.compose_paused_car, "pause"),
    "paused_grid": Screen(charging.compose_paused_grid, "pause"),
    "stop_auth": Screen(charging.compose_stop_auth, "keypad", KEYPAD),
    "stopping": Screen(charging.compose_stopping, "hand"),
    "finished": Screen(finish.compose_finished, "ok"),
    "unplug": Screen(finish.compose_unplug, "unplug"),
    "cable_stuck": Screen(finish.compose_cable_stuck, "lock"),
    "change": Screen(pay.compose_change, "cashout"),
    "receipt": Screen(finish.compose_receipt, "receipt", finish.RECEIPT_BUTTONS),
    "thanks": Screen(finish.compose_thanks, "ok"),
    "session_fault": Screen(trouble.compose_session_fault, "battery"),
    "recover": Screen(trouble.compose_recover, "grid"),
    "home_reserved": Screen(reservation.compose_home_reserved, "calendar"),
    "res_id": Screen(reservation.compose_res_id, "calendar", KEYPAD),
    "res_ok": Screen(reservation.compose_res_ok, "calendar"),
    "res_no": Screen(reservation.compose_res_no, "calendar"),
    "res_none": Screen(home.compose_res_none, "calendar"),
    "oos": Screen(trouble.compose_oos, "plug"),
    "updating": Screen(trouble.compose_updating, "wrench"),
    "emergency": Screen(trouble.compose_emergency, "hand"),
    "card_tap": Screen(bank.compose_card_tap, "card"),
    "card_wait": Screen(bank.compose_card_wait, "card"),
    "card_remove": Screen(bank.compose_card_remove, "card_out"),
    "card_ok": Screen(bank.compose_card_ok, "card"),
    "card_no": Screen(bank.compose_card_no, "card"),
    "cash_nochange": Screen(pay.compose_cash_nochange, "cash"),
    "voucher_in": Screen(topup.compose_voucher, "voucher", KEYPAD),
    "gc_load": Screen(topup.compose_load, "topup"),
    "top_amt": Screen(topup.compose_amount, "topup", frozenset(topup.AMOUNTS)),
    "top_how": Screen(topup.compose_way, "topup", frozenset(topup.WAYS)),
    "top_other": Screen(topup.compose_other, "topup", KEYPAD),
    "top_wait": Screen(topup.compose_top_wait, "greencard"),
    "top_done": Screen(topup.compose_top_done, "greencard"),
    "receipt_qr": Screen(finish.compose_receipt_qr, "qr"),
    "lang": Screen(access.compose_lang, "languages"),
    "access": Screen(choices.compose_access, "access", choices.CHOICES),
    "help": Screen(access.compose_help, "phone"),
    **{name: Screen(compose_service, each.picture) for name, each in SERVICE.items()},
}

_UNKNOWN = Screen(trouble.compose_unknown, "brand")


def describe(snapshot: Snapshot, panel: Panel, text: Text, under: Snapshot | None = None) -> View:
    """What this snapshot looks like on this panel. Total: every snapshot has a view.

    `under` is the screen a `more_time` question lies over.
    """
    if snapshot.screen == "more_time":
        return _more_time(snapshot, panel, text, under)
    frame = Frame(snapshot, panel, text)
    _compose(frame, snapshot)
    return frame.finish()


def _compose(frame: Frame, snapshot: Snapshot) -> None:
    screen = SCREENS.get(snapshot.screen, _UNKNOWN)
    frame.subject(screen.picture)
    if snapshot.easy and has_easy(snapshot.screen):
        compose_easy(frame, screen.picture)
        return
    if snapshot.screen in SERVICE:
        compose_service(frame)
        return
    top = compose_header(frame)
    frame.end_header()
    takes = screen.takes
    if snapshot.screen == "lang":
        takes = access.taken_by_lang(frame)
    narrow = keypad_left_width(frame) if screen.takes is KEYPAD else 0
    frame.body = compose_footer(frame, takes, top, narrow=narrow)
    screen.compose(frame)
    if snapshot.params.get("dim"):
        frame.add(Shade(frame.panel.rect))


def _more_time(snapshot: Snapshot, panel: Panel, text: Text, under: Snapshot | None) -> View:
    below = under or replace(snapshot, screen="boot", buttons=())
    backdrop = describe(replace(below, easy=False), panel, text)
    frame = Frame(snapshot, panel, text)
    frame.subject("clock")
    frame.add(*backdrop.items)
    access.compose_more_time(frame)
    compose_footer(frame, frozenset({"more_time", "cancel"}), 0)
    return frame.finish()


def with_busy(view: View, snapshot: Snapshot, panel: Panel, text: Text) -> View:
    """The same screen under a calm "one moment": its buttons wait for the core's answer."""
    frame = Frame(snapshot, panel, text)
    frame.add(*view.items)
    access.compose_busy(frame)
    over = frame.finish()
    quiet = tuple(replace(control, enabled=False) for control in view.controls)
    return replace(view, items=over.items, controls=quiet, texts=(*view.texts, *over.texts))
