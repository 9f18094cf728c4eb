"""Samples of screens when money is in trouble: the usual screen, and what is different on it."""

Given = dict[str, str | int | bool | list[int] | list[str] | None]

MONEY: dict[str, tuple[str, Given]] = {
    "home_no_change": ("home", {"change_ok": False}),
    "cash_in_fifty_coins": ("cash_in", {"coins_left": 0}),
    "voucher_in_recovered": ("voucher_in", {"typed": 0, "recovered_minor": 1340}),
    "voucher_in_locked": ("voucher_in", {"typed": 0, "locked_s": 55}),
    "voucher_in_expired": ("voucher_in", {"typed": 0, "reason": "expired"}),
    "voucher_in_trouble": ("voucher_in", {"typed": 0, "reason": "trouble"}),
    "voucher_in_offline": ("voucher_in", {"typed": 0, "online": False}),
    "cash_in_topup_missing": (
        "cash_in",
        {"purpose": "topup", "credit_minor": 50, "minimum_minor": 100},
    ),
    "cash_in_topup_full": (
        "cash_in",
        {"purpose": "topup", "credit_minor": 19_900, "room_minor": 100, "coins_left": 30},
    ),
    "top_other_above": ("top_other", {"amount_minor": 0, "reason": "above"}),
    "card_no_amount": ("card_no", {"reason": "amount"}),
    "top_done_refused": (
        "top_done",
        {"amount_minor": 1000, "balance_minor": -1, "refused": True},
    ),
    "receipt_full_invoice": ("receipt", {"full_invoice": True}),
}
