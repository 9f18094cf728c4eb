"""Which buttons a screen has, and which of them can be pressed (docs/screens.md). Pure.

The kiosk draws them and adds words; nothing here knows pixels or languages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from chargepoint.domain.dialogue import (
    amount_talk,
    bank_talk,
    change_talk,
    mishap_table,
    mishap_talk,
    own_code,
    topup_talk,
)
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import reservation_talk as reserved
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.reservation_fee import least
from chargepoint.domain.dialogue.screens import OVERLAYS, screen_of
from chargepoint.domain.service import replace_trial as replacement
from chargepoint.domain.service import screens as service

_UTILITIES = ("language", "voice", "easy", "help")
_NOT_FOR_DRIVERS = frozenset({"boot", "recover", "emergency"})


@dataclass(frozen=True, slots=True)
class ButtonState:
    id: str
    enabled: bool = True
    reason: str = ""


# The same few are on the screen at every event: each of them is made once.
button = lru_cache(128)(ButtonState)


def buttons_of(state: str, talk: Talk) -> tuple[ButtonState, ...]:
    """Own buttons first, then tabs of the connectors, then the utilities."""
    screen = screen_of(state, talk.data)
    if screen in _NOT_FOR_DRIVERS:
        return ()
    if state == "service":
        return tuple(ButtonState(k.id, k.enabled, k.shown_reason) for k in service.buttons_of(talk))
    maker = BUTTONS.get(screen)
    own = maker(talk) if maker else ()
    tabs: tuple[ButtonState, ...] = ()
    if len(talk.data.points) > 1 and state in _TABBED:
        tabs = tuple(button(f"connector_{c}") for c in sorted(talk.data.points))
    return (*own, *tabs, *_utilities(state, talk))


_TABBED = frozenset(
    {
        *("home", "pay", "following", "thanks", "receipt", "receipt_qr", "res_none"),
        "res_no",
        *("gc_unknown", "gc_blocked", *mishap_table.TABBED),
    }
)


def _utilities(state: str, talk: Talk) -> tuple[ButtonState, ...]:
    if state in OVERLAYS:
        return ()
    return tuple(_voice(talk) if name == "voice" else button(name) for name in _UTILITIES)


def _voice(talk: Talk) -> ButtonState:
    speaks = talk.data.access.can_speak
    return button("voice", speaks, "" if speaks else "no_voice")


def _access(talk: Talk) -> tuple[ButtonState, ...]:
    speaks = talk.data.access.can_speak
    louder = ButtonState("volume", speaks, "" if speaks else "no_voice")
    plain = (ButtonState(f"{name}_toggle") for name in ("easy", "contrast", "slow", "low"))
    return (*plain, _voice(talk), louder, ButtonState("back"))


def _plain(*ids: str) -> Callable[[Talk], tuple[ButtonState, ...]]:
    buttons = tuple(button(name) for name in ids)
    return lambda _talk: buttons


def _has_reader(talk: Talk) -> bool:
    return talk.settings.reader_fitted and "card_reader" not in talk.data.down


def _has_coins(talk: Talk) -> bool:
    here = talk.settings.coins_fitted and "coin_acceptor" not in talk.data.down
    return here and not replacement.is_out(talk, "coin_acceptor")


def _home_reserved(talk: Talk) -> tuple[ButtonState, ...]:
    there = reserved.somebody_has_reserved(talk)
    return (ButtonState("reservation", there, "" if there else "busy"),)


def _res_id(talk: Talk) -> tuple[ButtonState, ...]:
    usable = guard.keypad_is_open(talk)
    return (*(ButtonState(key, usable) for key in service.KEYPAD), ButtonState("back"))


def _res_no(talk: Talk) -> tuple[ButtonState, ...]:
    return (ButtonState("retry", reserved.somebody_has_reserved(talk)), ButtonState("back"))


def _home(talk: Talk) -> tuple[ButtonState, ...]:
    usable = guard.can_ask(talk) and _has_reader(talk)
    return (
        button("greencard", usable, "" if usable else "busy"),
        button("reservation"),
        button("voucher"),
    )


def _pay(talk: Talk) -> tuple[ButtonState, ...]:
    cash, reader = _has_coins(talk), _has_reader(talk)
    card = bank_talk.can_pay_by_card(talk)
    return (
        ButtonState("pay_card", card, "" if card else bank_talk.why_not_ready(talk)),
        ButtonState("pay_cash", cash, "" if cash else "not_fitted"),
        ButtonState("pay_greencard", reader, "" if reader else "not_fitted"),
        ButtonState("voucher"),
        ButtonState("cancel"),
    )


def _cash_in(talk: Talk) -> tuple[ButtonState, ...]:
    data = talk.data
    if topup_talk.is_topping_up(talk):
        inside, enough = topup_talk.has_inserted(talk), topup_talk.is_enough(talk)
        return (
            ButtonState("key_ok", enough, "" if enough else "minimum"),
            ButtonState("return_money", inside),
            ButtonState("voucher"),
            ButtonState("back", not inside, "money_inside" if inside else ""),
        )
    reason = "" if data.point.data.is_plugged else "not_plugged"
    if data.here < least(talk, talk.settings.tariff):
        reason = "minimum"
    return (
        ButtonState("start", guard.can_start_cash(talk), reason),
        ButtonState("return_money", data.here > 0),
        ButtonState("voucher"),
        ButtonState("back", data.here == 0, "money_inside" if data.here else ""),
    )


def _gc_ok(talk: Talk) -> tuple[ButtonState, ...]:
    ready, why = guard.can_start_card(talk), "not_plugged"
    if guard.has_credit(talk):  # a card pays for no charge beside coins that nobody gave back
        ready, why = False, "money_inside"
    return (
        ButtonState("start", ready, "" if ready else why),
        _topup(talk),
        *_load(talk),
        ButtonState("cancel"),
    )


def _topup(talk: Talk) -> ButtonState:
    top = topup_talk.may_top_up(talk)
    why = "money_inside" if guard.has_credit(talk) else "not_fitted"
    return ButtonState("topup", top, "" if top else why)


def _load(talk: Talk) -> tuple[ButtonState, ...]:
    return (ButtonState("to_greencard"),) if topup_talk.may_load_credit(talk) else ()


def _top_amt(talk: Talk) -> tuple[ButtonState, ...]:
    found = []
    for name in ("topup_10", "topup_20", "topup_50", "topup_other"):
        offered = topup_talk.is_offered(talk, name)
        found.append(ButtonState(name, offered, "" if offered else "not_fitted"))
    return (*found, ButtonState("back"))


def _why_no_sale(talk: Talk) -> str:
    """The terminal is free, and no amount that may be chosen or typed is within the limits."""
    if bank_talk.bank_is_ready(talk):
        return topup_talk.NO_AMOUNT
    return bank_talk.why_not_ready(talk)


def _top_how(talk: Talk) -> tuple[ButtonState, ...]:
    card = bank_talk.can_sell_topup(talk) or amount_talk.may_be_typed(talk)
    cash = _has_coins(talk)
    return (
        ButtonState("topup_card", card, "" if card else _why_no_sale(talk)),
        ButtonState("topup_cash", cash, "" if cash else "not_fitted"),
        ButtonState("voucher"),
        ButtonState("back"),
    )


def _top_done(talk: Talk) -> tuple[ButtonState, ...]:
    return (*_paper(talk), ButtonState("start"), ButtonState("key_ok"))


def _digits(talk: Talk) -> tuple[ButtonState, ...]:
    usable = talk.data.pay.voucher_request is None and guard.keypad_is_open(talk)
    return (*(ButtonState(key, usable) for key in service.KEYPAD), ButtonState("back"))


def _change(talk: Talk) -> tuple[ButtonState, ...]:
    return () if talk.data.pay.payout else (ButtonState("key_ok"),)


def _iou(talk: Talk) -> tuple[ButtonState, ...]:
    if not change_talk.not_issued(talk):
        return (ButtonState("key_ok"),)
    reader = _has_reader(talk)
    card = ButtonState("to_greencard", reader, "" if reader else "not_fitted")
    return (ButtonState("voucher"), card, ButtonState("key_ok"))


def _start_fail(talk: Talk) -> tuple[ButtonState, ...]:
    plugged = guard.focus_is_plugged(talk)
    again = guard.has_credit(talk) or guard.knows_card(talk) or plugged
    return (ButtonState("retry", again), ButtonState("other_method", guard.focus_is_plugged(talk)))


def _stuck(talk: Talk) -> tuple[ButtonState, ...]:
    return (ButtonState("cable_stuck"),) if mishap_talk.may_be_stuck(talk) else ()


def _cable_stuck(talk: Talk) -> tuple[ButtonState, ...]:
    return (ButtonState("retry", mishap_talk.may_be_stuck(talk)), ButtonState("back"))


def _keypad(talk: Talk) -> tuple[ButtonState, ...]:
    session = talk.data.point.session
    if session is None or not session.order.code:
        return (ButtonState("back"),)
    usable = guard.keypad_is_open(talk)
    return (*(ButtonState(key, usable) for key in service.KEYPAD), ButtonState("back"))


def _languages(talk: Talk) -> tuple[ButtonState, ...]:
    names = tuple(ButtonState(f"lang_{code}") for code in talk.settings.languages)
    return (*names, ButtonState("back"))


def _paper(talk: Talk) -> tuple[ButtonState, ...]:
    can_print = "printer" not in talk.data.down
    paper = (ButtonState("receipt_print", can_print, "" if can_print else "offline"),)
    return paper if talk.settings.printer_fitted else ()


def _receipt(talk: Talk) -> tuple[ButtonState, ...]:
    leaving = talk.data.leaving
    there = leaving is not None and bool(leaving.qr)
    return (
        *_paper(talk),
        ButtonState("receipt_qr", there, "" if there else "not_fitted"),
        ButtonState("receipt_none"),
    )


BUTTONS: dict[str, Callable[[Talk], tuple[ButtonState, ...]]] = {
    "home": _home,
    "home_reserved": _home_reserved,
    "res_id": _res_id,
    "res_ok": _plain("key_ok"),
    "res_no": _res_no,
    "pay": _pay,
    "cash_in": _cash_in,
    "cash_iou": _iou,
    "cash_back": lambda _talk: (),
    "change": _change,
    "card_tap": _plain("back"),
    "card_wait": _plain("cancel"),
    "card_no": _plain("retry", "other_method"),
    "voucher_in": _digits,
    "gc_load": _plain("back"),
    "top_amt": _top_amt,
    "top_how": _top_how,
    "top_other": _plain(*service.KEYPAD, "back"),
    "top_done": _top_done,
    "gc_tap": _plain("back"),
    "gc_ok": _gc_ok,
    "gc_low": lambda talk: (
        *(_load(talk) or (_topup(talk),)),
        ButtonState("other_method"),
    ),
    "gc_blocked": _plain("other_method"),
    "gc_unknown": _plain("other_method", "cancel"),
    "code": lambda talk: (
        ButtonState("code_own", own_code.may_choose(talk)),
        ButtonState("key_ok"),
    ),
    "code_set": _plain(*service.KEYPAD, "back"),
    "start_wait": _plain("stop"),
    "start_fail": _start_fail,
    "charging": _plain("stop"),
    "paused_car": _plain("stop"),
    "paused_grid": _plain("stop"),
    "stop_auth": _keypad,
    "receipt": _receipt,
    "receipt_qr": _plain("key_ok"),
    "res_none": _plain("back"),
    "plug_err": _plain("cancel"),
    "check": _plain("cancel"),
    "cash_nochange": _plain("key_ok", "other_method"),
    "cable_stuck": _cable_stuck,
    "finished": _stuck,
    "unplug": _stuck,
    "lang": _languages,
    "access": _access,
    "help": _plain("back"),
    "more_time": _plain("more_time", "cancel"),
}
