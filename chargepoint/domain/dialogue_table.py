"""The conversation's states and transitions, as data. Guards and actions: dialogue_rules.py.

Most screens are states. `following` is not one screen: there the point in focus decides what is
shown (screens.py), so the screen can never disagree with the contactor. Overlays (language, access,
help, more time) remember what is under them; a physical event lifts them first.

Triggers: b_<button id>, and coin card foreign clone unreadable plug unplug begun ended left
refused answered, and timers t_….
"""

from collections.abc import Callable

from chargepoint.domain import dialogue_rules as rule
from chargepoint.domain.dialogue_rules import Talk
from chargepoint.domain.engine import Row

INITIAL = "home"
GREEN = ("gc_tap", "gc_wait", "gc_ok", "gc_low", "gc_blocked", "gc_unknown")
BASE = (
    *("home", "pay", "cash_in", "cash_iou", *GREEN, "code", "following", "stop_auth"),
    *("receipt", "thanks", "res_none"),
)
OVERLAYS = ("lang", "access", "help", "more_time")
TREE = [*BASE, *OVERLAYS]

# Where a finished or cancelled step leads: the truth of the connector in focus.
_TO_FOCUS: tuple[tuple[str, Callable[[Talk], bool] | None], ...] = (
    ("following", rule.focus_is_running),
    ("cash_in", rule.has_credit),
    ("pay", rule.focus_is_plugged),
    ("home", None),
)


def _to_focus(
    trigger: str,
    source: str,
    action: Callable[[Talk], None] | None = None,
    guard: Callable[[Talk], bool] | None = None,
) -> list[Row[Talk]]:
    def both(place: Callable[[Talk], bool] | None) -> Callable[[Talk], bool] | None:
        if guard is None or place is None:
            return place or guard
        return lambda talk: guard(talk) and place(talk)

    return [Row(trigger, source, target, both(place), action) for target, place in _TO_FOCUS]


def _card_rows(source: str) -> list[Row[Talk]]:
    """Any card, any time, is accepted and routed (KIOSK §1.2)."""
    return [
        Row("card", source, "following", rule.card_owns_a_session, rule.stop_card_session),
        Row("card", source, "gc_wait", rule.can_serve, rule.ask_about_card),
        Row("card", source, "gc_unknown", None, rule.refuse_busy),
        Row("foreign", source, "following", rule.card_owns_a_session, rule.stop_card_session),
        Row("foreign", source, "gc_wait", rule.foreign_may_ask, rule.ask_about_card),
        Row("foreign", source, "gc_unknown", None, rule.refuse_foreign),
        Row("clone", source, "gc_unknown", None, rule.refuse_clone),
        Row("unreadable", source, "gc_unknown", None, rule.refuse_unreadable),
    ]


_CARD_READY = ("home", "pay", *GREEN, "thanks", "receipt", "following", "res_none")
_COIN_READY = ("home", "pay", *GREEN, "thanks", "receipt", "res_none", "cash_in")
_PLUG_FREE = ("home", "pay", "following", "thanks", "receipt", "res_none")
_PLUG_IN_TALK = ("cash_in", *GREEN)
_TABBED = ("home", "pay", "following", "thanks", "receipt", "res_none", "gc_unknown", "gc_blocked")
_TIMED = ("cash_in", "gc_tap", "gc_ok", "gc_low")

ROWS: tuple[Row[Talk], ...] = (
    # cards, coins and plugs move the conversation by themselves
    *[row for source in _CARD_READY for row in _card_rows(source)],
    Row("card", "cash_in", "gc_wait", rule.no_credit, rule.ask_about_card),
    *[Row(t, "cash_in", None, None, rule.error_tone) for t in ("card", "foreign", "clone")],
    Row("unreadable", "cash_in", None),
    *[Row("coin", source, "cash_in", None, rule.open_cash) for source in _COIN_READY],
    *[
        Row("plug", source, target, guard, rule.focus_here)
        for source in _PLUG_FREE
        for target, guard in (("cash_in", rule.has_credit), ("pay", rule.about_is_usable))
    ],
    *[Row("plug", s, None, rule.focus_unplugged, rule.focus_here) for s in _PLUG_IN_TALK],
    *_to_focus("unplug", "pay", rule.clear_customer, rule.about_focus),
    *[
        row
        for n in ("b_connector_1", "b_connector_2", "b_connector_3", "b_connector_4")
        for source in _TABBED
        for row in _to_focus(n, source, None)
    ],
    # home, pay
    Row("b_greencard", "home", "gc_tap", None, lambda talk: talk.timer("t_idle", 60)),
    Row("b_reservation", "home", "res_none", None, lambda talk: talk.timer("t_idle", 30)),
    *_to_focus("b_back", "res_none"),
    *_to_focus("t_idle", "res_none"),
    Row("b_pay_cash", "pay", "cash_in", None, rule.open_cash),
    Row("b_pay_greencard", "pay", "gc_tap", None, lambda talk: talk.timer("t_idle", 60)),
    Row("b_cancel", "pay", "thanks", None, rule.say_goodbye),
    # cash
    Row("b_start", "cash_in", "code", rule.can_start_cash, rule.start_cash),
    Row("b_return_money", "cash_in", "cash_iou", rule.has_credit, rule.owe_everything),
    *_to_focus("b_back", "cash_in", None, rule.no_credit),
    *_to_focus("refused", "code"),
    Row("b_key_ok", "code", "following"),
    Row("t_code", "code", "following"),
    # Green Card
    *_to_focus("b_back", "gc_tap"),
    Row("answered", "gc_wait", "gc_low", rule.answer_is_low, rule.welcome_card),
    Row("answered", "gc_wait", "gc_ok", rule.answer_is_active, rule.welcome_card),
    Row("answered", "gc_wait", "gc_blocked", rule.answer_is_blocked, rule.refuse_card),
    Row("answered", "gc_wait", "gc_unknown", None, rule.refuse_card),
    Row("t_answer", "gc_wait", "gc_unknown", None, rule.no_answer),
    Row("b_start", "gc_ok", "following", rule.can_start_card, rule.start_card),
    *[
        row
        for s in ("gc_ok", "gc_unknown")
        for row in _to_focus("b_cancel", s, rule.clear_customer)
    ],
    *[
        row
        for s in ("gc_low", "gc_blocked", "gc_unknown")
        for row in _to_focus("b_other_method", s, rule.clear_customer)
    ],
    *[
        row
        for s in ("gc_blocked", "gc_unknown")
        for row in _to_focus("t_idle", s, rule.clear_customer)
    ],
    # a session runs: the point decides the screen
    Row("begun", "home", "following", None, rule.focus_here),
    Row("begun", "pay", "following", None, rule.focus_here),
    Row("begun", "thanks", "following", None, rule.focus_here),
    Row("b_stop", "following", "stop_auth", rule.focus_is_running, rule.ask_for_proof),
    Row("b_retry", "following", "cash_in", rule.has_credit, rule.open_cash),
    Row("b_retry", "following", "gc_wait", rule.knows_card, rule.ask_about_card),
    Row("b_retry", "following", "pay", rule.focus_is_plugged),
    Row("b_other_method", "following", "pay", rule.focus_is_plugged, rule.clear_customer),
    *_to_focus("refused", "following"),
    Row("card", "stop_auth", "following", rule.card_owns_a_session, rule.stop_card_session),
    Row("foreign", "stop_auth", "following", rule.card_owns_a_session, rule.stop_card_session),
    *[
        Row(t, "stop_auth", None, None, rule.error_tone)
        for t in ("card", "foreign", "clone", "unreadable")
    ],
    *[
        Row(f"b_key_{digit}", "stop_auth", None, rule.keypad_is_open, rule.type_digit)
        for digit in range(10)
    ],
    Row("typed", "stop_auth", None, rule.code_is_incomplete),
    Row("typed", "stop_auth", "following", rule.code_is_right, rule.stop_by_code),
    Row("typed", "stop_auth", None, None, rule.reject_code),
    Row("b_key_clear", "stop_auth", None, None, rule.clear_digits),
    Row("b_back", "stop_auth", "following"),
    Row("t_auth", "stop_auth", "following"),
    Row("t_unlock", "stop_auth", None),
    Row("ended", "stop_auth", "following", rule.about_focus),
    # leaving: the plug is out
    *[
        row
        for s in ("following", "code", "stop_auth")
        for row in (
            Row("left", s, "cash_in", rule.left_with_credit, rule.open_cash),
            Row("left", s, "cash_iou", rule.left_with_change, rule.show_owed),
            Row("left", s, "receipt", rule.left_with_receipt, rule.offer_receipt),
            Row("left", s, "home", rule.about_focus, rule.clear_customer),
        )
    ],
    Row("b_key_ok", "cash_iou", "receipt", rule.has_receipt, rule.offer_receipt),
    Row("t_iou", "cash_iou", "receipt", rule.has_receipt, rule.offer_receipt),
    *_to_focus("b_key_ok", "cash_iou", rule.clear_customer),
    *_to_focus("t_iou", "cash_iou", rule.clear_customer),
    Row("b_receipt_none", "receipt", "thanks", None, rule.say_goodbye),
    Row("t_receipt", "receipt", "thanks", None, rule.say_goodbye),
    *_to_focus("t_thanks", "thanks", rule.clear_customer),
    # time runs out: ask first, then go back; money never times out into loss
    *[Row("t_idle", s, "more_time", None, rule.ask_more_time) for s in _TIMED],
    *[Row("b_more_time", "more_time", s, rule.lies_under(s), rule.give_more_time) for s in _TIMED],
    *[
        row
        for t in ("b_cancel", "t_more")
        for row in (
            Row(t, "more_time", "cash_iou", rule.gives_up_money, rule.owe_everything),
            *_to_focus(t, "more_time", rule.clear_customer),
        )
    ],
    # overlays
    *[
        Row(f"b_{button}", source, overlay, None, rule.open_overlay)
        for button, overlay in (("language", "lang"), ("easy", "access"), ("help", "help"))
        for source in BASE
    ],
    *[
        Row(t, overlay, s, rule.lies_under(s), rule.close_overlay)
        for overlay in ("lang", "access", "help")
        for t in ("b_back", "t_overlay", "lift", "chosen")
        for s in BASE
    ],
    *[Row("lift", "more_time", s, rule.lies_under(s)) for s in _TIMED],
    Row("b_easy_toggle", "access", None, None, rule.toggle_easy),
)

# Events that lift an overlay before they are handled.
PHYSICAL = frozenset(
    {"coin", "card", "foreign", "clone", "unreadable", "plug", "left", "ended", "refused"}
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
    }
)
_POINTS = frozenset({"plug", "unplug", "begun", "ended", "left", "refused", "answered"})
IGNORED = {
    state: _TIMERS | _POINTS | {"lift", "clone", "unreadable", "foreign", "card"} for state in TREE
}
