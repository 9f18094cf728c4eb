"""One truthful example of every screen, for the gallery, the layout tests and the bench's docs."""

from dataclasses import replace

from chargepoint.contract import Button, Snapshot, Tab
from ui.samples_money import MONEY
from ui.samples_parts import (
    COINS,
    COST_MINOR,
    ENERGY_WH,
    KEYS,
    OFF,
    PRICES,
    UTILITIES,
    WORDS,
    Value,
    a_cash,
    a_session,
    a_shot,
    an_account,
    given,
)
from ui.samples_prices import price_variants
from ui.samples_service import SERVICE, SERVICE_VARIANTS

SCREENS: dict[str, Snapshot] = {
    "boot": a_shot("boot", 0),
    "home": a_shot(
        "home", 1, ("greencard", "reservation", "voucher"), plugged=False, coins_ok=True, free=True
    ),
    "check": a_shot("check", 1, ("cancel",)),
    "plug_err": a_shot("plug_err", 1, ("cancel",), tries=2),
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
    "code": a_shot("code", 3, ("key_ok",), code="4827", countdown_s=12),
    "start_wait": a_shot("start_wait", 3, ("stop",), phase="car", countdown_s=131),
    "start_fail": a_shot(
        "start_fail",
        3,
        ("retry", "other_method"),
        reason="not_started",
        reference="07-1A2B",
        charged_minor=0,
    ),
    "charging": a_session("charging"),
    "paused_car": a_session("paused_car", power_w=0),
    "paused_grid": a_session("paused_grid", power_w=0, resumes=""),
    "stop_auth": a_shot(
        "stop_auth", 3, (*KEYS, "back"), means="cash", typed=2, wrong=0, locked_s=0
    ),
    "stopping": a_session("stopping", power_w=0),
    "finished": a_session("finished", 4, power_w=0, reason="spent"),
    "unplug": a_session("unplug", 4, power_w=0, idle_starts_s=3_400),
    "cable_stuck": a_shot("cable_stuck", 4, ("retry",)),
    "change": a_shot("change", 4, ("key_ok",), amount_minor=680),
    "receipt": a_shot(
        "receipt",
        4,
        ("receipt_qr", "receipt_none"),
        cost_minor=COST_MINOR,
        energy_wh=ENERGY_WH,
        elapsed_s=2_100,
        owed_minor=680,
        number="07-000123",
        balance_minor=-1,
    ),
    "thanks": a_shot("thanks", 4),
    "session_fault": a_shot(
        "session_fault",
        3,
        reason="fault_safety",
        reference="07-1A2B",
        cost_minor=COST_MINOR,
        energy_wh=ENERGY_WH,
        elapsed_s=2_100,
    ),
    "recover": a_shot("recover", 0),
    "home_reserved": a_shot("home_reserved", 1, ("reservation",), until="15:30", other="B"),
    "res_id": a_shot("res_id", 1, (*KEYS, "back"), typed=2, length=6, wrong=0, locked_s=0),
    "res_ok": a_shot("res_ok", 1, ("key_ok",), plugged=False, connector="A"),
    "res_no": a_shot("res_no", 1, ("retry", "back"), free=True),
    "res_none": a_shot("res_none", 1, ("back",)),
    "oos": a_shot("oos", 0, reason="fault_point", reference="07-E12"),
    "updating": a_shot("updating", 0),
    "emergency": a_shot("emergency", 0, reference="07-E01"),
    "card_tap": a_shot("card_tap", 2, ("back",), amount_minor=4_000, purpose="hold"),
    "card_wait": a_shot("card_wait", 2, ("cancel",), prompt="wait", text=""),
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
    ),
    "top_how": a_shot(
        "top_how", 2, ("topup_card", "topup_cash", "voucher", "back"), amount_minor=2_000
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
    "receipt_qr": a_shot(
        "receipt_qr", 4, ("key_ok",), qr="https://example.org/r/07-000123", number="07-000123"
    ),
    "lang": a_shot("lang", 0, ("lang_es", "lang_en", "back")),
    "access": a_shot("access", 0, ("easy_toggle", "back"), easy=False),
    "help": a_shot(
        "help",
        0,
        ("back",),
        point="07",
        phone="900 123 456",
        reference="07-1A2B",
    ),
    "more_time": a_shot("more_time", 2, ("more_time", "cancel"), countdown_s=18, under="pay"),
}


def _two(shot: Snapshot, other: str = "charging", **params: Value) -> Snapshot:
    """The same screen at a station with two connectors."""
    own = shot.tabs[0].state
    return replace(
        shot,
        params={**shot.params, **params},
        tabs=(Tab(1, own, "A"), Tab(2, other, "B")),
        buttons=(*shot.buttons, Button("connector_1"), Button("connector_2")),
    )


def _with(shot: Snapshot, **buttons: Button) -> Snapshot:
    return replace(shot, buttons=tuple(buttons.get(item.id, item) for item in shot.buttons))


VARIANTS: dict[str, Snapshot] = {
    "home_two": _two(SCREENS["home"]),
    "home_free_until": given(
        _two(SCREENS["home"]), {"free_until": "15:45", "free_wh": 15_000, "coins_ok": True}
    ),
    "home_reserved_alone": given(SCREENS["home_reserved"], {"until": "", "other": ""}),
    "res_id_locked": given(SCREENS["res_id"], {"typed": 0, "locked_s": 55}),
    "res_ok_plugged": given(SCREENS["res_ok"], {"plugged": True, "connector": ""}),
    "res_no_taken": given(SCREENS["res_no"], {"free": False}),
    "charging_needed": a_session("charging", needed_at="15:45"),
    "home_taken": _two(SCREENS["home"], "free", free=False),
    "home_plugged": _two(SCREENS["home"], "free", plugged=True),
    **{name: given(SCREENS[screen], params) for name, (screen, params) in MONEY.items()},
    "home_offline": replace(_two(SCREENS["home"], coins_ok=False), online=False),
    "pay_two": _with(_two(SCREENS["pay"]), pay_card=Button("pay_card", enabled=False, reason=OFF)),
    "pay_idle_only": _with(
        SCREENS["pay"],
        pay_card=Button("pay_card", enabled=False, reason=OFF),
        pay_cash=Button("pay_cash", enabled=False, reason="no_cash"),
    ),
    "cash_in_missing": _with(
        _two(a_cash(credit_minor=50, approx_wh=1_000, denominations=COINS)),
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
    "gc_ok_load": _two(
        replace(
            an_account(credit_minor=500, load_minor=500),
            buttons=tuple(
                Button(name) for name in ("start", "topup", "to_greencard", "cancel", *UTILITIES)
            ),
        )
    ),
    "card_wait_pin": a_shot("card_wait", 2, ("cancel",), prompt="enter_pin", text="PIN: ****"),
    "change_paying": a_shot("change", 4, amount_minor=680, paid_minor=200, paying=True),
    "change_waiting": a_shot("change", 4, ("key_ok",), amount_minor=680, paying=False),
    "cash_iou_digits": a_shot(
        "cash_iou",
        4,
        ("key_ok",),
        amount_minor=340,
        code="48270915",
        expires="21/11/2027",
    ),
    "cash_iou_choice": _two(
        a_shot("cash_iou", 4, ("voucher", "to_greencard", "key_ok"), amount_minor=340, code="")
    ),
    "voucher_in_used": _two(
        a_shot("voucher_in", 2, (*KEYS, "back"), typed=0, length=8, wrong=1, reason="used")
    ),
    "top_done_queued": a_shot(
        "top_done", 2, ("start", "key_ok"), amount_minor=2_000, balance_minor=-1, queued=True
    ),
    "top_how_any": _with(
        a_shot("top_how", 2, ("topup_card", "topup_cash", "back"), amount_minor=0),
        topup_card=Button("topup_card", enabled=False, reason=OFF),
    ),
    "receipt_all": _two(
        a_shot(
            "receipt",
            4,
            (Button("receipt_print", enabled=False, reason=OFF), "receipt_qr", "receipt_none"),
            cost_minor=COST_MINOR,
            energy_wh=ENERGY_WH,
            elapsed_s=2_100,
            hold_minor=4_000,
            captured_minor=COST_MINOR,
            released_minor=3_388,
            owed_minor=0,
            number="07-000123",
            balance_minor=-1,
        )
    ),
    "cash_in_refused": a_cash(reason="rejected", change_ok=False),
    "cash_in_unplugged": _with(
        a_cash(plugged=False), start=Button("start", enabled=False, reason="not_plugged")
    ),
    "gc_ok_flat": _two(
        an_account(plan="flatRate", wh_left=80_000, message="¡Doble de puntos hoy!")
    ),
    "gc_ok_offline": _with(
        replace(
            an_account(offline=True, plan="unknown", balance_minor=-1, spend_minor=2_000),
            online=False,
        ),
        topup=Button("topup", enabled=False, reason="offline"),
    ),
    "gc_ok_unplugged": _with(
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
    "home_words": given(SCREENS["home"], {"text": WORDS}),
    "charging_words": a_session("charging", text=WORDS),
    "finished_words": a_session("finished", 4, power_w=0, text=WORDS),
    "charging_two": _two(a_session("charging"), "free"),
    "charging_low": a_session("charging", low_s=95),
    "paused_until": a_session("paused_grid", power_w=0, resumes="23:00"),
    "charging_free": a_session("charging", max_minor=0, locked=False, means="greencard"),
    "stop_auth_card": a_shot("stop_auth", 3, ("back",), means="greencard"),
    "stop_auth_two": _two(
        a_shot("stop_auth", 3, (*KEYS, "back"), means="cash", typed=4, wrong=1, locked_s=0)
    ),
    "stop_auth_locked": a_shot(
        "stop_auth",
        3,
        (*(Button(key, enabled=False) for key in KEYS), "back"),
        means="cash",
        typed=0,
        wrong=3,
        locked_s=60,
    ),
    "start_fail_two": _two(SCREENS["start_fail"], charged_minor=50, reason="no_energy"),
    "oos_two": _two(SCREENS["oos"], "out", reason="fault_lock"),
    "oos_one": _two(SCREENS["oos"], "free", reason="fault_point"),
    "finished_idle": a_session("finished", 4, power_w=0, idle_starts_s=0),
    "access_on": replace(SCREENS["access"], params={**PRICES, "easy": True}),
    "lang_ten": a_shot(
        "lang",
        0,
        (
            *(
                f"lang_{code}"
                for code in ("es", "ca", "eu", "gl", "en", "fr", "de", "pt", "it", "nl")
            ),
            "back",
        ),
    ),
    "receipt_token": a_shot(
        "receipt", 4, ("receipt_qr", "receipt_none"), cost_minor=COST_MINOR, billed_by="provider"
    ),
    "receipt_card": a_shot(
        "receipt",
        4,
        ("receipt_qr", "receipt_none"),
        cost_minor=COST_MINOR,
        energy_wh=ENERGY_WH,
        elapsed_s=2_100,
        owed_minor=0,
        balance_minor=1_738,
    ),
}

SCREENS.update(SERVICE)
ALL: dict[str, Snapshot] = {
    **SCREENS,
    **VARIANTS,
    **SERVICE_VARIANTS,
    **price_variants(SCREENS),
}


def under_of(snapshot: Snapshot) -> Snapshot | None:
    """What lies under a `more_time` sample."""
    name = snapshot.params.get("under")
    if snapshot.screen != "more_time" or not isinstance(name, str):
        return None
    return replace(SCREENS[name], language=snapshot.language, theme=snapshot.theme)
