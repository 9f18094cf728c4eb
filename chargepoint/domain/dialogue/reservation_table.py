"""The conversation's rows for whoever has reserved; see dialogue/table.py.

Triggers besides those: kept (a connector is for somebody else from now on), typed (a digit).
That a connector is reserved is no state: `home` then shows it (screens.py).
"""

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import reservation_talk as reserved
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.to_focus import to_focus
from chargepoint.domain.engine import Row

STATES = ("res_id", "res_ok", "res_no")
CARD_READY = ("res_id", "res_no")
TIMERS = frozenset({"t_res"})
TIMED = ("res_id",)
EVENTS = frozenset({"kept"})

ROWS: tuple[Row[Talk], ...] = (
    Row("b_reservation", "home", "res_id", reserved.somebody_has_reserved, reserved.ask_who),
    # any card, any time: whoever has reserved is recognised by it
    Row("answered", "gc_wait", "res_ok", reserved.card_has_reserved, reserved.accept_card),
    Row("answered", "gc_wait", "res_no", reserved.card_finds_nothing, reserved.find_nothing),
    # or the code
    *[
        Row(f"b_key_{digit}", "res_id", None, guard.keypad_is_open, reserved.type_digit)
        for digit in range(10)
    ],
    Row("typed", "res_id", None, reserved.code_is_short),
    Row("typed", "res_id", "res_ok", reserved.code_has_reserved, reserved.accept_code),
    Row("typed", "res_id", "res_no", None, reserved.reject_code),
    Row("b_key_clear", "res_id", None, None, action.clear_digits),
    Row("b_key_ok", "res_id", None),  # six digits are judged as they are complete
    *to_focus("b_back", "res_id", action.clear_digits),
    *[
        row
        for trigger in ("t_res", "b_key_ok")
        for row in (
            Row(trigger, "res_ok", "gc_low", guard.answer_is_low_of_card, action.welcome_card),
            Row(trigger, "res_ok", "gc_ok", guard.knows_card, action.welcome_card),
            *to_focus(trigger, "res_ok"),
        )
    ],
    Row("b_retry", "res_no", "res_id", reserved.somebody_has_reserved, reserved.ask_who),
    *to_focus("b_back", "res_no", action.clear_customer),
    *to_focus("t_idle", "res_no", action.clear_customer),
    # a connector that is kept says so to whoever plugs in or stands there
    Row("kept", "home", None, reserved.focus_was_not_plugged, reserved.leave_kept),
    Row("usable", "home", None, reserved.focus_is_kept, reserved.leave_kept),
    *[
        Row("plug", source, "home", reserved.kept_while_nobody_pays, reserved.show_kept)
        for source in ("home", "pay", "following", "thanks", "receipt", "receipt_qr", "res_none")
    ],
    *[
        Row("plug", source, None, reserved.about_is_kept, action.error_tone)
        for source in ("cash_in", "gc_tap", "gc_wait", "gc_ok", "gc_low", "gc_blocked")
    ],
)
