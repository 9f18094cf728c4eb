"""The conversation's states and transitions, as data. Guards and actions: dialogue/guards.py,
dialogue/actions.py.

Most screens are states. `following` is not one screen: there the point in focus decides what is
shown (screens.py), so the screen can never disagree with the contactor. Overlays (language, access,
help, more time) remember what is under them; a physical event lifts them first.

Triggers: b_<button id>, and coin card foreign clone unreadable plug unplug out usable begun ended left
refused answered, and timers t_….
"""

from collections.abc import Callable

from chargepoint.domain.dialogue import access_talk as access
from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import change_talk as change
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import mishap_table as mishap
from chargepoint.domain.dialogue import mishap_talk, own_code
from chargepoint.domain.dialogue import payment_table as payment
from chargepoint.domain.dialogue import reservation_table as reserved
from chargepoint.domain.dialogue import topup_talk as topup
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.screens import OVERLAYS
from chargepoint.domain.dialogue.to_focus import to_focus
from chargepoint.domain.engine import Row, Table
from chargepoint.domain.service import talk as service
from chargepoint.domain.service.steps import refresh as refresh_service

Guard = Callable[[Talk], bool]
Action = Callable[[Talk], None]

INITIAL = "home"
GREEN = ("gc_tap", "gc_wait", "gc_ok", "gc_low", "gc_blocked", "gc_unknown")
BASE = (
    *("home", "pay", "cash_in", "cash_iou", *GREEN, "code", "code_set", "following"),
    *("stop_auth", "receipt", "receipt_qr", "thanks", "res_none"),
    *payment.STATES,
    *reserved.STATES,
    *mishap.STATES,
)
TREE = [*BASE, *OVERLAYS, "service"]


def _card_rows(source: str) -> list[Row[Talk]]:
    """Any card, any time, is accepted and routed (KIOSK §1.2)."""
    return [
        Row("card", source, "following", guard.card_owns_a_session, action.stop_card_session),
        Row("card", source, "gc_wait", guard.can_ask, action.ask_about_card),
        Row("card", source, "gc_wait", guard.may_be_of_a_group, action.ask_about_card),
        Row("card", source, "gc_unknown", None, action.refuse_busy),
        Row("foreign", source, "following", guard.card_owns_a_session, action.stop_card_session),
        Row("foreign", source, "gc_wait", guard.foreign_may_ask, action.ask_about_card),
        Row("foreign", source, "gc_wait", guard.foreign_may_be_of_a_group, action.ask_about_card),
        Row("foreign", source, "gc_unknown", None, action.refuse_foreign),
        Row("clone", source, "gc_unknown", None, action.refuse_clone),
        Row("unreadable", source, "gc_unknown", None, action.refuse_unreadable),
    ]


_DONE = ("thanks", "receipt", "receipt_qr")
_CARD_READY = (
    "home",
    "pay",
    *GREEN,
    *_DONE,
    "following",
    "res_none",
    *reserved.CARD_READY,
    *mishap.CARD_READY,
)
_COIN_READY = ("home", "pay", *GREEN, *_DONE, "res_none", "cash_in", *mishap.COIN_READY)
_PLUG_FREE = ("home", "pay", "following", *_DONE, "res_none")
_PLUG_IN_TALK = ("cash_in", *GREEN)
_TABBED = (
    "home",
    "pay",
    "following",
    *_DONE,
    "res_none",
    "gc_unknown",
    "gc_blocked",
    "res_no",
    *mishap.TABBED,
)
_TIMED = ("cash_in", "gc_tap", "gc_ok", "gc_low", *payment.TIMED, *mishap.TIMED, *reserved.TIMED)
_ASKED = tuple(s for s in _TIMED if s != "following")  # there only after a failed start

# Where nobody's money is under way: a technician may come in.
_SERVICEABLE = (
    *("home", "pay", "following", "stop_auth", *_DONE, "res_none", *mishap.SERVICEABLE),
    *("gc_tap", "gc_ok", "gc_low", "gc_blocked", "gc_unknown"),
)

# No answer to the question for more time, or no more wanted, and only the plug is left.
_GONE: dict[str, tuple[str, Guard, Action]] = {
    "b_cancel": ("thanks", mishap_talk.only_a_plug_is_left, action.say_goodbye),
    "t_more": ("pay", mishap_talk.only_a_plug_is_left, mishap_talk.rest),
}

ROWS: tuple[Row[Talk], ...] = (
    *mishap.ROWS,
    *payment.ROWS,
    # nobody new can begin: a token ends a charge of its group, or there is nothing here for it
    Row("answered", "gc_wait", "following", guard.answer_ends_a_session, action.stop_group_session),
    Row("answered", "gc_wait", "gc_unknown", guard.is_turned_away, action.turn_away),
    *reserved.ROWS,
    # the service menu
    *[Row("service", s, "service", None, service.enter) for s in _SERVICEABLE],
    *to_focus("service_left", "service", action.clear_customer),
    *[
        Row(t, "service", None, guard.card_owns_a_session, action.stop_elsewhere)
        for t in ("card", "foreign")
    ],
    Row("t_service", "service", None, None, service.idle),
    Row("t_refresh", "service", None, None, refresh_service),
    # cards, coins and plugs move the conversation by themselves
    *[row for source in _CARD_READY for row in _card_rows(source)],
    Row("card", "cash_in", None, topup.is_its_own_card),
    Row("card", "cash_in", "gc_wait", topup.is_free_for_a_card, topup.begin_anew),
    *[Row(t, "cash_in", None, None, action.error_tone) for t in ("card", "foreign", "clone")],
    Row("unreadable", "cash_in", None),
    *[Row("coin", source, "cash_in", None, action.open_cash) for source in _COIN_READY],
    *[
        Row("plug", source, target, when, action.focus_here)
        for source in _PLUG_FREE
        for target, when in (
            ("cash_in", guard.credit_and_plug_are_usable),
            ("pay", guard.about_is_usable),
        )
    ],
    *[
        Row("plug", s, None, guard.usable_plug_is_for_this_talk, action.focus_here)
        for s in _PLUG_IN_TALK
    ],
    # a connector out of order says so to whoever plugs in or looks there, and nobody pays there
    *[
        Row("plug", s, "home", guard.out_while_nobody_pays, action.show_plugged_out)
        for s in _PLUG_FREE
    ],
    *[Row("plug", s, None, guard.about_is_out, action.error_tone) for s in _PLUG_IN_TALK],
    Row("out", "home", None, guard.about_focus_unplugged, action.focus_free),
    Row("out", "home", None, guard.about_focus, action.show_what_is_out),
    Row("out", "pay", "home", guard.about_focus, action.leave_what_is_out),
    *to_focus("usable", "home", None, guard.about_focus),
    Row("t_idle", "home", None, None, action.focus_free),
    # after a cut, or left at the other connector: money is shown and given back, never forgotten
    Row("forgotten", "home", "cash_in", guard.credit_is_forgotten, action.show_forgotten_credit),
    # a car was there before the station: whoever comes back to it can pay without plugging in anew
    Row("standing", "home", "pay", guard.car_stands_in_focus),
    *to_focus("unplug", "pay", action.clear_customer, guard.about_focus),
    *[
        row
        for n in ("b_connector_1", "b_connector_2", "b_connector_3", "b_connector_4")
        for source in _TABBED
        for row in to_focus(n, source, action.show_what_is_out)
    ],
    # home, pay
    Row("b_greencard", "home", "gc_tap", None, lambda talk: talk.timer("t_idle", 60)),
    Row("b_reservation", "home", "res_none", None, lambda talk: talk.timer("t_idle", 30)),
    *to_focus("b_back", "res_none"),
    *to_focus("t_idle", "res_none"),
    Row("b_pay_cash", "pay", "cash_in", None, action.open_cash),
    Row("b_pay_greencard", "pay", "gc_tap", None, lambda talk: talk.timer("t_idle", 60)),
    Row("b_cancel", "pay", "thanks", None, action.say_goodbye),
    # cash
    Row("b_start", "cash_in", "code", guard.can_start_cash, action.start_cash),
    *to_focus("b_back", "cash_in", None, guard.no_credit),
    *[row for s in ("code", "code_set") for row in to_focus("refused", s)],
    Row("b_key_ok", "code", "following"),
    Row("t_code", "code", "following"),
    Row("b_code_own", "code", "code_set", own_code.may_choose, own_code.ask),
    *[Row(f"b_key_{n}", "code_set", None, None, own_code.type_digit) for n in range(10)],
    Row("typed", "code_set", None, guard.code_is_incomplete),
    Row("typed", "code_set", None, own_code.is_plain, own_code.refuse),
    Row("typed", "code_set", "code", own_code.may_choose, own_code.take),
    Row("typed", "code_set", "following"),
    Row("b_key_clear", "code_set", None, None, action.clear_digits),
    Row("b_key_ok", "code_set", None),
    *[Row(t, "code_set", "code", None, own_code.show) for t in ("b_back", "t_auth")],
    # Green Card
    *to_focus("b_back", "gc_tap"),
    Row("answered", "gc_wait", "gc_low", guard.answer_is_low, action.welcome_card),
    Row("answered", "gc_wait", "gc_ok", guard.answer_is_active, action.welcome_card),
    Row("answered", "gc_wait", "gc_blocked", guard.answer_is_blocked, action.refuse_card),
    Row("answered", "gc_wait", "gc_unknown", None, action.refuse_card),
    Row("t_answer", "gc_wait", "gc_unknown", None, action.no_answer),
    Row("b_start", "gc_ok", "following", guard.can_start_card, action.start_card),
    *[
        row
        for s in ("gc_ok", "gc_unknown")
        for row in to_focus("b_cancel", s, action.clear_customer)
    ],
    *[
        row
        for s in ("gc_low", "gc_blocked", "gc_unknown")
        for row in to_focus("b_other_method", s, action.clear_customer)
    ],
    *[
        row
        for s in ("gc_blocked", "gc_unknown")
        for row in to_focus("t_idle", s, action.clear_customer)
    ],
    # a session runs: the point decides the screen
    Row("begun", "home", "following", None, action.focus_here),
    Row("begun", "pay", "following", None, action.focus_here),
    Row("begun", "thanks", "following", None, action.focus_here),
    Row("b_stop", "following", "stop_auth", guard.focus_is_running, action.ask_for_proof),
    Row("b_retry", "following", "cash_in", guard.has_credit, action.open_cash),
    Row("b_retry", "following", "gc_wait", guard.knows_card, action.ask_about_card),
    Row("b_retry", "following", "pay", guard.focus_is_plugged),
    Row("b_other_method", "following", "pay", guard.focus_is_plugged, action.clear_customer),
    *to_focus("refused", "following"),
    Row("card", "stop_auth", "following", guard.card_owns_a_session, action.stop_card_session),
    Row("foreign", "stop_auth", "following", guard.card_owns_a_session, action.stop_card_session),
    *[
        Row(t, "stop_auth", None, None, action.error_tone)
        for t in ("card", "foreign", "clone", "unreadable")
    ],
    *[
        Row(f"b_key_{digit}", "stop_auth", None, guard.keypad_is_open, action.type_digit)
        for digit in range(10)
    ],
    Row("typed", "stop_auth", None, guard.code_is_incomplete),
    Row("typed", "stop_auth", "following", guard.code_is_right, action.stop_by_code),
    Row("typed", "stop_auth", None, None, action.reject_code),
    Row("b_key_clear", "stop_auth", None, None, action.clear_digits),
    Row("b_key_ok", "stop_auth", None),  # four digits are judged as they are complete
    Row("b_back", "stop_auth", "following"),
    Row("t_auth", "stop_auth", "following"),
    Row("t_unlock", "stop_auth", None),
    Row("ended", "stop_auth", "following", guard.about_focus),
    # leaving: the plug is out
    *[
        row
        for s in ("following", "code", "code_set", "stop_auth", "cable_stuck")
        for row in (
            Row("left", s, "cash_in", guard.left_with_credit, action.open_cash),
            Row("left", s, "change", change.left_with_payable_change, change.offer_change),
            Row("left", s, "cash_iou", guard.left_with_change, change.show_owed),
            Row("left", s, "receipt", guard.left_with_receipt, action.offer_receipt),
            Row("left", s, "home", guard.about_focus, action.clear_customer),
        )
    ],
    Row("b_key_ok", "cash_iou", "receipt", guard.has_receipt, action.offer_receipt),
    Row("t_iou", "cash_iou", "receipt", guard.has_receipt, action.offer_receipt),
    *to_focus("b_key_ok", "cash_iou", action.clear_customer),
    *to_focus("t_iou", "cash_iou", action.clear_customer),
    Row("b_receipt_none", "receipt", "thanks", None, action.say_goodbye),
    Row("b_receipt_qr", "receipt", "receipt_qr", None, action.show_receipt_qr),
    Row("b_receipt_print", "receipt", "thanks", None, action.print_receipt),
    Row("unprinted", "thanks", "receipt_qr", action.can_show_receipt_qr, action.show_receipt_qr),
    Row("b_key_ok", "receipt_qr", "thanks", None, action.say_goodbye),
    *[Row("t_receipt", s, "thanks", None, action.say_goodbye) for s in ("receipt", "receipt_qr")],
    *to_focus("t_thanks", "thanks", action.clear_customer),
    # time runs out: ask first, then go back; money never times out into loss
    *[Row("t_idle", s, "more_time", None, action.ask_more_time) for s in _ASKED],
    *[
        Row("b_more_time", "more_time", s, guard.lies_under(s), action.give_more_time)
        for s in _TIMED
    ],
    *[
        row
        for t in ("b_cancel", "t_more")
        for row in (
            Row(t, "more_time", "top_wait", topup.has_unsent, topup.send_soon),
            Row(t, "more_time", "cash_back", change.gives_up_coins, change.return_in_coins),
            Row(t, "more_time", "cash_iou", guard.gives_up_money, change.return_without_coins),
            Row(t, "more_time", *_GONE[t]),
            *to_focus(t, "more_time", action.clear_customer),
        )
    ],
    # overlays
    *[
        Row(f"b_{button}", source, overlay, None, action.open_overlay)
        for button, overlay in (("language", "lang"), ("easy", "access"), ("help", "help"))
        for source in BASE
    ],
    *[
        Row(t, overlay, s, guard.lies_under(s), action.close_overlay)
        for overlay in ("lang", "access", "help")
        for t in ("b_back", "t_overlay", "lift", "chosen")
        for s in BASE
    ],
    *[Row("lift", "more_time", s, guard.lies_under(s), action.give_more_time) for s in _TIMED],
    Row("b_easy_toggle", "access", None, None, action.toggle_easy),
    Row("b_contrast_toggle", "access", None, None, access.toggle_contrast),
    Row("b_slow_toggle", "access", None, None, access.toggle_slow),
    Row("b_low_toggle", "access", None, None, access.toggle_low),
    Row("b_volume", "access", None, None, access.turn_volume),
    *[Row("b_voice", s, None, None, access.toggle_voice) for s in (*BASE, "access")],
    *[Row("t_access", s, None, None, access.forget) for s in ("home", "following")],
)

# Events that lift an overlay before they are handled: the world goes on, and the customer sees it.
PHYSICAL = frozenset(
    {
        *("coin", "card", "foreign", "clone", "unreadable", "plug", "left", "ended", "refused"),
        *("answered", "t_answer", "out", "service"),
        *payment.EVENTS,
        *payment.TIMERS,
        *reserved.TIMERS,
        *mishap.TIMERS,
        *mishap.EVENTS,
    }
)

_TIMERS = frozenset(
    {
        "t_idle",
        "t_answer",
        "t_code",
        "t_auth",
        "t_receipt",
        "t_thanks",
        "t_iou",
        "t_more",
        "t_overlay",
        "t_unlock",
        "t_access",
        "t_service",
        "t_refresh",
    }
)
_POINTS = frozenset(
    {
        *("plug", "unplug", "begun", "ended", "left", "refused", "answered", "out", "usable"),
        "forgotten",
        "waiting",
        "recovered",
        "standing",
        "unprinted",
    }
)
# A coin that nobody consumes has its own incident, with the account it was booked to.
_HANDS = frozenset({"card", "foreign", "clone", "unreadable", "coin", "service"})
_RESERVED = reserved.TIMERS | reserved.EVENTS
_MISHAPS = mishap.TIMERS | mishap.EVENTS
IGNORED = {
    state: payment.TIMERS
    | payment.EVENTS
    | _RESERVED
    | _MISHAPS
    | _TIMERS
    | _POINTS
    | _HANDS
    | {"lift"}
    for state in TREE
}

TABLE: Table[Talk] = Table(list(TREE), ROWS, IGNORED, {}, INITIAL)
