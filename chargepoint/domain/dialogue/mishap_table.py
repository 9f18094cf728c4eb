"""The conversation's rows for small mishaps, each with a way on; see dialogue/table.py.

A vehicle whose pilot line is wrong, a coin that fell through, no change, a plug that is stuck, a
bank card left in the terminal, somebody who plugged in and went away. No money is lost in any.

Triggers besides those: misplugged (the vehicle's side of a plug is wrong), jammed and freed (a
plug's lock), coin_refused.
"""

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import bank_talk as bank
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import mishap_talk as mishap
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.to_focus import to_focus
from chargepoint.domain.engine import Row

STATES = ("plug_err", "check", "cash_bad", "cash_nochange", "card_remove", "cable_stuck")
CARD_READY = ("plug_err", "check", "cash_bad", "cash_nochange", "cable_stuck")
COIN_READY = ("plug_err", "check", "cash_bad", "cash_nochange")
SERVICEABLE = ("plug_err", "check", "cash_bad", "cable_stuck")
TABBED = ("plug_err", "cable_stuck")
TIMED = ("cash_nochange", "pay", "card_no", "following")
TIMERS = frozenset({"t_check", "t_bad", "t_beep", "t_stuck", "t_abandon"})
EVENTS = frozenset({"misplugged", "jammed", "freed", "coin_refused"})

_NOBODY_PAYS = ("home", "pay", "check", "plug_err", "thanks", "receipt", "receipt_qr", "res_none")
_WAITING_FOR_PLUG = ("plug_err", "check")

ROWS: tuple[Row[Talk], ...] = (
    # the vehicle or its cable: out, in again, and after three times another vehicle's turn
    *[
        row
        for s in _NOBODY_PAYS
        for row in (
            Row("misplugged", s, "home", mishap.is_third_time, mishap.give_up_plug),
            Row("misplugged", s, "plug_err", mishap.is_shown_here, mishap.ask_to_plug_again),
        )
    ],
    Row("plug", "plug_err", "check", guard.about_is_usable, mishap.watch_plug),
    *to_focus("usable", "plug_err", mishap.forget_plug, mishap.about_focus_plugged),
    *to_focus("t_check", "check", mishap.forget_plug),
    Row("unplug", "check", "plug_err", guard.about_focus, mishap.wait_for_plug),
    Row("out", "check", "home", guard.about_focus, action.leave_what_is_out),
    *[row for s in _WAITING_FOR_PLUG for row in to_focus("b_cancel", s, mishap.leave_plug)],
    *to_focus("t_idle", "plug_err", mishap.leave_plug),
    *[Row("begun", s, "following", None, action.focus_here) for s in (*_WAITING_FOR_PLUG, "cash_bad")],
    # a coin that fell through: said large where nothing else is going on
    *[
        Row("coin_refused", s, "cash_bad", None, mishap.show_refused)
        for s in ("home", "pay", "cash_bad", *_WAITING_FOR_PLUG)
    ],
    *to_focus("t_bad", "cash_bad"),
    Row("plug", "cash_bad", "cash_in", guard.credit_and_plug_are_usable, action.focus_here),
    Row("plug", "cash_bad", "pay", guard.about_is_usable, action.focus_here),
    # no coins to give back: told before the first one goes in
    Row("b_pay_cash", "pay", "cash_nochange", mishap.has_no_change, action.open_cash),
    Row("b_key_ok", "cash_nochange", "cash_in", None, action.open_cash),
    *to_focus("b_other_method", "cash_nochange"),
    *to_focus("unplug", "cash_nochange", action.clear_customer, guard.about_focus),
    # a bank card left in the terminal
    *[
        Row("prompt", s, "card_remove", mishap.must_take_card, mishap.ask_to_take_card)
        for s in ("card_tap", "card_wait")
    ],
    Row("prompt", "card_remove", None, mishap.must_take_card),
    Row("prompt", "card_remove", "card_tap", bank.wants_the_card, mishap.stop_beeping),
    Row("prompt", "card_remove", "card_wait", None, mishap.stop_beeping),
    Row("t_beep", "card_remove", None, mishap.still_beeps, mishap.beep),
    Row("t_beep", "card_remove", None, None, mishap.report_card_left),
    # a plug that does not come out
    Row("b_cable_stuck", "following", "cable_stuck", mishap.may_be_stuck, mishap.show_stuck),
    Row("jammed", "following", "cable_stuck", mishap.about_focus_done, mishap.show_stuck),
    Row("b_retry", "cable_stuck", None, mishap.may_be_stuck, mishap.free_plug),
    Row("freed", "cable_stuck", None, guard.about_focus, mishap.show_stuck),
    *to_focus("b_back", "cable_stuck"),
    *to_focus("t_stuck", "cable_stuck"),
    # somebody plugged in, and nobody pays: asked once, then the screen rests
    Row("t_idle", "following", "more_time", mishap.nothing_has_started, action.ask_more_time),
    Row("t_idle", "following", None),
    Row("t_abandon", "pay", None, None, mishap.dim),
)  # fmt: skip
