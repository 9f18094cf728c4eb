"""Samples: paying with card, cash, voucher or Green Card, and topping up."""

from dataclasses import replace

from chargepoint.contract import Button, Snapshot
from ui.samples.parts import (
    COINS,
    KEYS,
    LOW,
    OFF,
    UTILITIES,
    a_cash,
    a_shot,
    an_account,
    two,
    with_buttons,
)

SCREENS: dict[str, Snapshot] = {
    "pay": a_shot(
        "pay",
        2,
        ("pay_card", "pay_cash", "pay_greencard", "cancel"),
        plugged=True,
        hold_minor=4_000,
        coins_ok=True,
        change_ok=True,
    ),
    "cash_in": a_cash(),
    "cash_bad": a_shot("cash_bad", 2, reason="rejected"),
    "cash_back": a_shot("cash_back", 2, amount_minor=1_500),
    "cash_iou": a_shot("cash_iou", 4, ("receipt_qr", "key_ok"), amount_minor=340, code="7KQ4-M2XP"),
    "gc_tap": a_shot("gc_tap", 2, ("back",)),
    "gc_wait": a_shot("gc_wait", 2, countdown_s=8),
    "gc_ok": an_account(),
    "gc_low": a_shot("gc_low", 2, ("topup", "other_method"), balance_minor=35),
    "gc_blocked": a_shot("gc_blocked", 2, ("other_method",), state="blocked"),
    "gc_unknown": a_shot("gc_unknown", 2, ("other_method", "cancel"), reason="not_green_card"),
    "card_tap": a_shot("card_tap", 2, ("back",), amount_minor=4_000, purpose="hold"),
    "card_wait": a_shot("card_wait", 2, ("cancel",), prompt="wait", text=""),
    "card_remove": a_shot("card_remove", 2, prompt="remove_card", text=""),
    "card_ok": a_shot("card_ok", 2, amount_minor=4_000, purpose="hold"),
    "card_no": a_shot("card_no", 2, ("retry", "other_method"), reason="insufficient"),
    "cash_nochange": a_shot("cash_nochange", 2, ("other_method", "key_ok")),
    "voucher_in": a_shot("voucher_in", 2, (*KEYS, "back"), typed=3, length=8, wrong=0, reason=""),
    "gc_load": a_shot("gc_load", 4, ("back",), amount_minor=680),
    "top_amt": a_shot(
        "top_amt",
        2,
        ("topup_10", "topup_20", "topup_50", "topup_other", "back"),
        balance_minor=35,
        min_minor=100,
        max_minor=20_000,
    ),
    "top_how": a_shot(
        "top_how", 2, ("topup_card", "topup_cash", "voucher", "back"), amount_minor=2_000
    ),
    "top_other": a_shot(
        "top_other",
        2,
        (*KEYS, "back"),
        amount_minor=3_500,
        min_minor=100,
        max_minor=20_000,
        reason="",
    ),
    "top_wait": a_shot("top_wait", 2, amount_minor=2_000),
    "top_done": a_shot(
        "top_done",
        2,
        ("start", "key_ok"),
        amount_minor=2_000,
        balance_minor=4_350,
        queued=False,
    ),
}

VARIANTS: dict[str, Snapshot] = {
    "pay_two": with_buttons(
        two(SCREENS["pay"]), pay_card=Button("pay_card", enabled=False, reason=OFF)
    ),
    "pay_low": replace(two(SCREENS["pay"]), access=LOW),
    "top_amt_low": replace(SCREENS["top_amt"], access=LOW),
    "pay_idle_only": with_buttons(
        SCREENS["pay"],
        pay_card=Button("pay_card", enabled=False, reason=OFF),
        pay_cash=Button("pay_cash", enabled=False, reason="no_cash"),
    ),
    "cash_in_missing": with_buttons(
        two(a_cash(credit_minor=50, approx_wh=1_000, denominations=COINS)),
        start=Button("start", enabled=False, reason="minimum"),
        back=Button("back", enabled=False, reason="money_inside"),
    ),
    "pay_voucher": replace(
        SCREENS["pay"],
        buttons=(*SCREENS["pay"].buttons[:3], Button("voucher"), *SCREENS["pay"].buttons[3:]),
    ),
    "cash_in_topup": replace(
        a_cash(purpose="topup", denominations=COINS, notes=[500, 1000, 2000], coins_left=42),
        buttons=tuple(Button(name) for name in ("key_ok", "return_money", "back", *UTILITIES)),
    ),
    "cash_in_last_coins": a_cash(coins_left=4),
    "gc_ok_load": two(
        replace(
            an_account(credit_minor=500, load_minor=500),
            buttons=(
                *(
                    Button(name, enabled=False, reason="money_inside")
                    for name in ("start", "topup")
                ),
                *(Button(name) for name in ("to_greencard", "cancel", *UTILITIES)),
            ),
        )
    ),
    "gc_low_load": a_shot(
        "gc_low", 2, ("to_greencard", "other_method"), balance_minor=35, load_minor=500
    ),
    "card_wait_pin": a_shot("card_wait", 2, ("cancel",), prompt="enter_pin", text="PIN: ****"),
    "cash_iou_digits": a_shot(
        "cash_iou",
        4,
        ("key_ok",),
        amount_minor=340,
        code="48270915",
        expires="2027-11-21",
    ),
    "cash_iou_choice": two(
        a_shot("cash_iou", 4, ("voucher", "to_greencard", "key_ok"), amount_minor=340, code="")
    ),
    "voucher_in_used": two(
        a_shot("voucher_in", 2, (*KEYS, "back"), typed=0, length=8, wrong=1, reason="used")
    ),
    "top_done_invoice": a_shot(
        "top_done",
        2,
        ("receipt_print", "start", "key_ok"),
        amount_minor=2_000,
        balance_minor=4_350,
        queued=False,
        number="P07-000042",
        qr="https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR"
        "?nif=B12345674&numserie=P07-000042&fecha=21-11-2026&importe=20.00",
    ),
    "top_done_queued": a_shot(
        "top_done", 2, ("start", "key_ok"), amount_minor=2_000, balance_minor=-1, queued=True
    ),
    "top_how_any": with_buttons(
        a_shot(
            "top_how",
            2,
            ("topup_card", "topup_cash", "back"),
            amount_minor=0,
            min_minor=100,
            max_minor=20_000,
        ),
        topup_card=Button("topup_card", enabled=False, reason="amount"),
    ),
    "cash_in_refused": a_cash(reason="rejected", change_ok=False),
    "cash_in_unplugged": with_buttons(
        a_cash(plugged=False), start=Button("start", enabled=False, reason="not_plugged")
    ),
    "gc_ok_flat": two(an_account(plan="flatRate", wh_left=80_000, message="¡Doble de puntos hoy!")),
    "gc_ok_offline": with_buttons(
        replace(
            an_account(offline=True, plan="unknown", balance_minor=-1, spend_minor=2_000),
            online=False,
        ),
        topup=Button("topup", enabled=False, reason="offline"),
    ),
    "gc_ok_unplugged": with_buttons(
        an_account(plugged=False, discount_percent=0, charges_until_next=1),
        start=Button("start", enabled=False, reason="not_plugged"),
        topup=Button("topup", enabled=False, reason=OFF),
    ),
    **{
        f"gc_unknown_{reason}": a_shot("gc_unknown", 2, ("other_method", "cancel"), reason=reason)
        for reason in (
            "cloned",
            "unknown_offline",
            "offline_spent",
            "invalid",
            "unreadable",
            "busy",
        )
    },
    "gc_blocked_expired": a_shot("gc_blocked", 2, ("other_method",), state="expired"),
}
