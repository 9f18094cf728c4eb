"""The conversation's rows for bank card, change, vouchers and top-ups; see dialogue/table.py.

Triggers besides those: prompt bank (the terminal), paid (a payout ended), voucher (the central
system's word on a code), found (a stop code named a voucher), delivered (a top-up was credited),
waiting and recovered (somebody is owed money, and the screen is free).
"""

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import amount_talk as amount
from chargepoint.domain.dialogue import bank_talk as bank
from chargepoint.domain.dialogue import change_talk as change
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue import leaving_talk as leaving
from chargepoint.domain.dialogue import topup_talk as topup
from chargepoint.domain.dialogue import voucher_talk as voucher
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.to_focus import to_focus
from chargepoint.domain.engine import Row

STATES = (
    *("card_tap", "card_wait", "card_ok", "card_no"),
    *("change", "cash_back", "gc_load", "voucher_in"),
    *("top_amt", "top_how", "top_other", "top_wait", "top_done"),
)
TIMERS = frozenset({"t_bank", "t_card_ok", "t_change", "t_topup", "t_payout", "t_send"})
EVENTS = frozenset({"prompt", "bank", "paid", "voucher", "found", "delivered"})
TIMED = ("top_amt", "top_how", "top_other", "voucher_in")

_AT_TERMINAL = ("card_tap", "card_wait", "card_remove")

# Somebody's money is on the screen; a card that pays for a charge elsewhere still ends it.
SOMEBODY_PAYS = (
    *("cash_in", "cash_iou", "cash_back", "change", "gc_load", "voucher_in"),
    *("code", "code_set"),
    *(*_AT_TERMINAL, "card_ok", "card_no", "top_amt", "top_how", "top_other", "top_wait"),
    "top_done",
)

ROWS: tuple[Row[Talk], ...] = (
    *[Row(t, s, None, guard.card_owns_a_session, action.stop_elsewhere)
      for t in ("card", "foreign") for s in SOMEBODY_PAYS],
    # bank card
    Row("b_pay_card", "pay", "code", bank.can_start_held, bank.start_held),
    Row("b_pay_card", "pay", None, bank.is_held_too_little, bank.release_hold),
    Row("b_pay_card", "pay", "card_tap", bank.bank_is_ready, bank.reserve),
    Row("b_retry", "following", "code", bank.can_start_held, bank.start_held),
    Row("prompt", "card_tap", None, bank.wants_the_card),
    Row("prompt", "card_tap", "card_wait"),
    Row("prompt", "card_wait", "card_tap", bank.wants_the_card),
    Row("prompt", "card_wait", None),
    Row("b_back", "card_tap", "card_wait", None, bank.give_up_card),
    Row("b_cancel", "card_wait", None, None, bank.give_up_card),
    *[Row("t_bank", s, "card_wait", None, bank.give_up_card) for s in _AT_TERMINAL],
    *[
        row
        for s in _AT_TERMINAL
        for row in (
            *to_focus("bank", s, bank.give_back_late, bank.is_approved_too_late),
            Row("bank", s, "top_wait", bank.is_approved_sale, bank.book_sale_and_send),
            Row("bank", s, "card_ok", bank.is_approved, bank.take_hold),
            *to_focus("bank", s, bank.forget_bank, bank.is_cancelled),
            Row("bank", s, "card_no", None, bank.refuse_bank),
        )
    ],
    Row("t_card_ok", "card_ok", "code", bank.can_start_held, bank.start_held),
    *to_focus("t_card_ok", "card_ok", bank.release_hold),
    Row("b_retry", "card_no", "card_tap", bank.can_sell_topup, bank.sell_topup),
    Row("b_retry", "card_no", "card_tap", bank.bank_is_ready, bank.reserve),
    *to_focus("b_other_method", "card_no", bank.forget_bank),
    # money back
    Row("b_return_money", "cash_in", "cash_back", change.returns_in_coins, change.return_in_coins),
    Row("b_return_money", "cash_in", "cash_iou", change.has_something, change.return_without_coins),
    Row("t_payout", "cash_back", None, None, change.begin_payout),
    Row("b_key_ok", "change", None, change.is_paying),
    Row("b_key_ok", "change", None, None, change.begin_payout),
    Row("t_change", "change", "cash_iou", None, change.show_owed),
    *[
        row
        for s in ("change", "cash_back")
        for row in (
            Row("paid", s, None, change.must_pay_more, change.begin_payout),
            Row("paid", s, "cash_iou", guard.is_owed, change.show_owed),
            Row("paid", s, "receipt", guard.has_receipt, action.offer_receipt),
            *to_focus("paid", s, action.clear_customer),
        )
    ],
    Row("b_key_ok", "cash_iou", "receipt", change.not_issued_and_receipt, change.issue_on_receipt),
    Row("b_key_ok", "cash_iou", None, change.not_issued, change.issue_voucher),
    Row("b_voucher", "cash_iou", None, change.not_issued, change.issue_voucher),
    Row("t_iou", "cash_iou", None, change.not_issued, change.issue_voucher),
    Row("b_to_greencard", "cash_iou", "gc_load", None, lambda talk: talk.timer("t_idle", 60)),
    *[Row("card", s, "top_wait", topup.may_load_change, topup.load_change)
      for s in ("cash_iou", "gc_load")],
    Row("b_back", "gc_load", "cash_iou", None, lambda talk: talk.timer("t_iou", 120)),
    Row("t_idle", "gc_load", "cash_iou", None, lambda talk: talk.timer("t_iou", 120)),
    # a voucher of another day
    *[Row("b_voucher", s, "voucher_in", None, voucher.begin)
      for s in ("home", "pay", "cash_in", "top_how")],
    *[Row(f"b_key_{digit}", "voucher_in", None, None, voucher.type_digit) for digit in range(10)],
    Row("b_key_clear", "voucher_in", None, None, action.clear_digits),
    Row("b_key_ok", "voucher_in", None, voucher.is_stop_code, voucher.find),
    Row("b_key_ok", "voucher_in", None),  # a voucher is asked about as soon as it is complete
    Row("typed", "voucher_in", None, voucher.is_complete, voucher.ask),
    Row("typed", "voucher_in", None),
    Row("voucher", "voucher_in", "top_wait", voucher.pays_topup, voucher.load),
    Row("voucher", "voucher_in", "cash_in", voucher.is_worth_money, voucher.credit),
    Row("voucher", "voucher_in", None, None, voucher.refuse),
    Row("found", "voucher_in", "cash_iou", None, voucher.show_found),
    Row("b_back", "voucher_in", "cash_in", topup.has_unsent, topup.insert_cash),
    Row("b_back", "voucher_in", "top_how", topup.not_sent, topup.insert_cash),
    Row("b_back", "voucher_in", "cash_in", guard.has_credit, topup.insert_cash),
    *to_focus("b_back", "voucher_in"),
    # after a cut, and when the screen is free: what is still owed finds its customer
    Row("waiting", "home", "change", leaving.somebody_waits_for_coins, leaving.bring_up_for_coins),
    Row("waiting", "home", "cash_iou", leaving.somebody_waits, leaving.bring_up_owed),
    *[row for s in ("home", "pay") for row in (
        Row("recovered", s, "voucher_in", voucher.is_told_by_code, voucher.ask_for_stop_code),
        Row("recovered", s, "cash_iou", voucher.is_told, voucher.show_recovered),
    )],
    # onto the Green Card
    *[Row("b_topup", s, "top_amt", topup.may_top_up, topup.forget_topup)
      for s in ("gc_ok", "gc_low")],
    *[Row("b_to_greencard", s, "top_wait", topup.may_load_credit, topup.load_credit)
      for s in ("gc_ok", "gc_low")],
    *[Row(f"b_{name}", "top_amt", "top_how", topup.offers_amount, topup.choose_amount)
      for name in ("topup_10", "topup_20", "topup_50", "topup_other")],
    Row("b_back", "top_amt", "gc_ok", None, topup.forget_topup),
    Row("b_topup_cash", "top_how", "cash_in", None, topup.insert_cash),
    Row("b_topup_card", "top_how", "card_tap", bank.can_sell_topup, bank.sell_topup),
    Row("b_topup_card", "top_how", "top_other", amount.may_be_typed, amount.begin),
    Row("b_back", "top_how", "top_amt", None, topup.forget_topup),
    *[Row(f"b_key_{digit}", "top_other", None, None, amount.type_digit) for digit in range(10)],
    Row("b_key_clear", "top_other", None, None, amount.clear),
    Row("b_key_ok", "top_other", "card_tap", amount.can_be_sold, amount.sell),
    Row("b_key_ok", "top_other", None, None, amount.refuse),
    Row("b_back", "top_other", "top_how", None, topup.insert_cash),
    Row("b_key_ok", "cash_in", "top_wait", topup.is_enough, topup.send_soon),
    Row("t_send", "top_wait", None, topup.not_sent, topup.send),
    Row("coin", "top_wait", None),
    Row("b_back", "cash_in", "top_how", topup.nothing_inserted),
    Row("delivered", "top_wait", "top_done", None, topup.confirm),
    Row("t_topup", "top_wait", "top_done", None, topup.queue),
    Row("delivered", "top_done", None),
    Row("b_receipt_print", "top_done", None, None, topup.print_receipt),
    Row("b_start", "top_done", "gc_wait", None, topup.begin_anew),
    *[row for t in ("b_key_ok", "t_thanks") for row in to_focus(t, "top_done", action.clear_customer)],
)  # fmt: skip
