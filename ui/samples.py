"""One truthful example of every screen, for the gallery, the layout tests and the bench's docs."""

from dataclasses import replace

from chargepoint.contract import Button, Params, Scalar, Snapshot, Station, Tab
from ui.samples_money import MONEY
from ui.samples_prices import price_variants
from ui.samples_service import SERVICE, SERVICE_VARIANTS

Value = Scalar | list[int] | list[str]

UTILITIES = ("language", "voice", "easy", "help")
_PRICES: Params = {
    "price_energy": 45_000,
    "price_charging": 0,
    "price_idle": 10_000,
    "idle_grace_min": 60,
    "price_session_minor": 50,
    "gc_hint": "gc_discount",
}
_STATION = Station(phone="900 123 456")
_COINS = [10, 20, 50, 100, 200]
_KEYS = tuple(f"key_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, "clear", 0, "ok"))


def _shot(
    screen: str,
    step: int,
    buttons: tuple[str | Button, ...] = (),
    **params: Value,
) -> Snapshot:
    names = (*buttons, *(() if screen in _BARE else UTILITIES))
    return Snapshot(
        sequence=1,
        screen_seq=1,
        screen=screen,
        step=step,
        clock="14:32",
        params={**_PRICES, **params},
        buttons=tuple(name if isinstance(name, Button) else Button(name) for name in names),
        tabs=(Tab(1, _STATES.get(screen, "busy"), "A"),),
        station=_STATION,
    )


# The longest line that the core lets through.
_WORDS = (
    "Precio de su operador: 0,42 €/kWh y 1,20 €/h de estacionamiento desde los 30 minutos; "
    "factura en www.operador.example"
)

_BARE = frozenset({"boot", "recover", "emergency", "lang", "access", "help", "more_time"})
_STATES = {
    "home": "free",
    "charging": "charging",
    "paused_car": "paused",
    "paused_grid": "paused",
    "stop_auth": "charging",
    "finished": "finished",
    "unplug": "finished",
    "oos": "out",
    "updating": "out",
    "session_fault": "out",
    "emergency": "out",
}


def _given(shot: Snapshot, params: Params) -> Snapshot:
    return replace(shot, params={**shot.params, **params})


def _session(screen: str, step: int = 3, **params: Value) -> Snapshot:
    values: Params = {
        "energy_wh": 12_480,
        "cost_minor": 612,
        "max_minor": 4_000,
        "elapsed_s": 2_100,
        "power_w": 21_600,
        "locked": True,
        "means": "cash",
        "low_s": 0,
        "text": "",
        "reason": "customer",
        "idle_starts_s": -1,
    }
    buttons = ("stop",) if screen in ("charging", "paused_car", "paused_grid") else ()
    return _given(_shot(screen, step, buttons), {**values, **params})


def _account(**params: Value) -> Snapshot:
    values: Params = {
        "balance_minor": 2_350,
        "spend_minor": 2_350,
        "plan": "prepaid",
        "wh_left": -1,
        "price_card": 41_000,
        "discount_percent": 10,
        "charges_until_next": 3,
        "points": 500,
        "plugged": True,
        "offline": False,
        "message": "",
        "credit_minor": 0,
    }
    return _given(_shot("gc_ok", 2, ("start", "topup", "cancel")), {**values, **params})


def _cash(**params: Value) -> Snapshot:
    values: Params = {
        "credit_minor": 1_500,
        "approx_wh": 32_000,
        "minimum_minor": 100,
        "plugged": True,
        "change_ok": True,
        "denominations": [*_COINS, 500, 1000, 2000],
        "last_minor": 200,
        "reason": "",
    }
    return _given(
        _shot("cash_in", 2, ("start", "voucher", "return_money", "back")), {**values, **params}
    )


_OFF = "not_fitted"
_COST_MINOR = 612
_ENERGY_WH = 12_480

SCREENS: dict[str, Snapshot] = {
    "boot": _shot("boot", 0),
    "home": _shot(
        "home", 1, ("greencard", "reservation", "voucher"), plugged=False, coins_ok=True, free=True
    ),
    "check": _shot("check", 1, ("cancel",)),
    "plug_err": _shot("plug_err", 1, ("cancel",), tries=2),
    "pay": _shot(
        "pay",
        2,
        ("pay_card", "pay_cash", "pay_greencard", "cancel"),
        plugged=True,
        hold_minor=4_000,
        coins_ok=True,
        change_ok=True,
    ),
    "cash_in": _cash(),
    "cash_bad": _shot("cash_bad", 2, reason="rejected"),
    "cash_back": _shot("cash_back", 2, amount_minor=1_500),
    "cash_iou": _shot("cash_iou", 4, ("receipt_qr", "key_ok"), amount_minor=340, code="7KQ4-M2XP"),
    "gc_tap": _shot("gc_tap", 2, ("back",)),
    "gc_wait": _shot("gc_wait", 2, countdown_s=8),
    "gc_ok": _account(),
    "gc_low": _shot("gc_low", 2, ("topup", "other_method"), balance_minor=35),
    "gc_blocked": _shot("gc_blocked", 2, ("other_method",), state="blocked"),
    "gc_unknown": _shot("gc_unknown", 2, ("other_method", "cancel"), reason="not_green_card"),
    "code": _shot("code", 3, ("key_ok",), code="4827", countdown_s=12),
    "start_wait": _shot("start_wait", 3, ("stop",), phase="car", countdown_s=131),
    "start_fail": _shot(
        "start_fail",
        3,
        ("retry", "other_method"),
        reason="not_started",
        reference="07-1A2B",
        charged_minor=0,
    ),
    "charging": _session("charging"),
    "paused_car": _session("paused_car", power_w=0),
    "paused_grid": _session("paused_grid", power_w=0, resumes=""),
    "stop_auth": _shot(
        "stop_auth", 3, (*_KEYS, "back"), means="cash", typed=2, wrong=0, locked_s=0
    ),
    "stopping": _session("stopping", power_w=0),
    "finished": _session("finished", 4, power_w=0, reason="spent"),
    "unplug": _session("unplug", 4, power_w=0, idle_starts_s=3_400),
    "cable_stuck": _shot("cable_stuck", 4, ("retry",)),
    "change": _shot("change", 4, ("key_ok",), amount_minor=680),
    "receipt": _shot(
        "receipt",
        4,
        ("receipt_qr", "receipt_none"),
        cost_minor=_COST_MINOR,
        energy_wh=_ENERGY_WH,
        elapsed_s=2_100,
        owed_minor=680,
        number="07-000123",
        balance_minor=-1,
    ),
    "thanks": _shot("thanks", 4),
    "session_fault": _shot(
        "session_fault",
        3,
        reason="fault_safety",
        reference="07-1A2B",
        cost_minor=_COST_MINOR,
        energy_wh=_ENERGY_WH,
        elapsed_s=2_100,
    ),
    "recover": _shot("recover", 0),
    "home_reserved": _shot("home_reserved", 1, ("reservation",), until="15:30", other="B"),
    "res_id": _shot("res_id", 1, (*_KEYS, "back"), typed=2, length=6, wrong=0, locked_s=0),
    "res_ok": _shot("res_ok", 1, ("key_ok",), plugged=False, connector="A"),
    "res_no": _shot("res_no", 1, ("retry", "back"), free=True),
    "res_none": _shot("res_none", 1, ("back",)),
    "oos": _shot("oos", 0, reason="fault_point", reference="07-E12"),
    "updating": _shot("updating", 0),
    "emergency": _shot("emergency", 0, reference="07-E01"),
    "card_tap": _shot("card_tap", 2, ("back",), amount_minor=4_000, purpose="hold"),
    "card_wait": _shot("card_wait", 2, ("cancel",), prompt="wait", text=""),
    "card_ok": _shot("card_ok", 2, amount_minor=4_000, purpose="hold"),
    "card_no": _shot("card_no", 2, ("retry", "other_method"), reason="insufficient"),
    "cash_nochange": _shot("cash_nochange", 2, ("other_method", "key_ok")),
    "voucher_in": _shot("voucher_in", 2, (*_KEYS, "back"), typed=3, length=8, wrong=0, reason=""),
    "gc_load": _shot("gc_load", 4, ("back",), amount_minor=680),
    "top_amt": _shot(
        "top_amt",
        2,
        ("topup_10", "topup_20", "topup_50", "topup_other", "back"),
        balance_minor=35,
    ),
    "top_how": _shot(
        "top_how", 2, ("topup_card", "topup_cash", "voucher", "back"), amount_minor=2_000
    ),
    "top_wait": _shot("top_wait", 2, amount_minor=2_000),
    "top_done": _shot(
        "top_done",
        2,
        ("start", "key_ok"),
        amount_minor=2_000,
        balance_minor=4_350,
        queued=False,
    ),
    "receipt_qr": _shot(
        "receipt_qr", 4, ("key_ok",), qr="https://example.org/r/07-000123", number="07-000123"
    ),
    "lang": _shot("lang", 0, ("lang_es", "lang_en", "back")),
    "access": _shot("access", 0, ("easy_toggle", "back"), easy=False),
    "help": _shot(
        "help",
        0,
        ("back",),
        point="07",
        phone="900 123 456",
        reference="07-1A2B",
    ),
    "more_time": _shot("more_time", 2, ("more_time", "cancel"), countdown_s=18, under="pay"),
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
    "home_free_until": _given(
        _two(SCREENS["home"]), {"free_until": "15:45", "free_wh": 15_000, "coins_ok": True}
    ),
    "home_reserved_alone": _given(SCREENS["home_reserved"], {"until": "", "other": ""}),
    "res_id_locked": _given(SCREENS["res_id"], {"typed": 0, "locked_s": 55}),
    "res_ok_plugged": _given(SCREENS["res_ok"], {"plugged": True, "connector": ""}),
    "res_no_taken": _given(SCREENS["res_no"], {"free": False}),
    "charging_needed": _session("charging", needed_at="15:45"),
    "home_taken": _two(SCREENS["home"], "free", free=False),
    "home_plugged": _two(SCREENS["home"], "free", plugged=True),
    **{name: _given(SCREENS[screen], given) for name, (screen, given) in MONEY.items()},
    "home_offline": replace(_two(SCREENS["home"], coins_ok=False), online=False),
    "pay_two": _with(_two(SCREENS["pay"]), pay_card=Button("pay_card", enabled=False, reason=_OFF)),
    "pay_idle_only": _with(
        SCREENS["pay"],
        pay_card=Button("pay_card", enabled=False, reason=_OFF),
        pay_cash=Button("pay_cash", enabled=False, reason="no_cash"),
    ),
    "cash_in_missing": _with(
        _two(_cash(credit_minor=50, approx_wh=1_000, denominations=_COINS)),
        start=Button("start", enabled=False, reason="minimum"),
        back=Button("back", enabled=False, reason="money_inside"),
    ),
    "pay_voucher": replace(
        SCREENS["pay"],
        buttons=(*SCREENS["pay"].buttons[:3], Button("voucher"), *SCREENS["pay"].buttons[3:]),
    ),
    "cash_in_topup": replace(
        _cash(purpose="topup", denominations=_COINS, notes=[500, 1000, 2000], coins_left=42),
        buttons=tuple(Button(name) for name in ("key_ok", "return_money", "back", *UTILITIES)),
    ),
    "cash_in_last_coins": _cash(coins_left=4),
    "gc_ok_load": _two(
        replace(
            _account(credit_minor=500, load_minor=500),
            buttons=tuple(
                Button(name) for name in ("start", "topup", "to_greencard", "cancel", *UTILITIES)
            ),
        )
    ),
    "card_wait_pin": _shot("card_wait", 2, ("cancel",), prompt="enter_pin", text="PIN: ****"),
    "change_paying": _shot("change", 4, amount_minor=680, paid_minor=200, paying=True),
    "change_waiting": _shot("change", 4, ("key_ok",), amount_minor=680, paying=False),
    "cash_iou_digits": _shot(
        "cash_iou",
        4,
        ("key_ok",),
        amount_minor=340,
        code="48270915",
        expires="21/11/2027",
    ),
    "cash_iou_choice": _two(
        _shot("cash_iou", 4, ("voucher", "to_greencard", "key_ok"), amount_minor=340, code="")
    ),
    "voucher_in_used": _two(
        _shot("voucher_in", 2, (*_KEYS, "back"), typed=0, length=8, wrong=1, reason="used")
    ),
    "top_done_queued": _shot(
        "top_done", 2, ("start", "key_ok"), amount_minor=2_000, balance_minor=-1, queued=True
    ),
    "top_how_any": _with(
        _shot("top_how", 2, ("topup_card", "topup_cash", "back"), amount_minor=0),
        topup_card=Button("topup_card", enabled=False, reason=_OFF),
    ),
    "receipt_all": _two(
        _shot(
            "receipt",
            4,
            (Button("receipt_print", enabled=False, reason=_OFF), "receipt_qr", "receipt_none"),
            cost_minor=_COST_MINOR,
            energy_wh=_ENERGY_WH,
            elapsed_s=2_100,
            hold_minor=4_000,
            captured_minor=_COST_MINOR,
            released_minor=3_388,
            owed_minor=0,
            number="07-000123",
            balance_minor=-1,
        )
    ),
    "cash_in_refused": _cash(reason="rejected", change_ok=False),
    "cash_in_unplugged": _with(
        _cash(plugged=False), start=Button("start", enabled=False, reason="not_plugged")
    ),
    "gc_ok_flat": _two(_account(plan="flatRate", wh_left=80_000, message="¡Doble de puntos hoy!")),
    "gc_ok_offline": _with(
        replace(
            _account(offline=True, plan="unknown", balance_minor=-1, spend_minor=2_000),
            online=False,
        ),
        topup=Button("topup", enabled=False, reason="offline"),
    ),
    "gc_ok_unplugged": _with(
        _account(plugged=False, discount_percent=0, charges_until_next=1),
        start=Button("start", enabled=False, reason="not_plugged"),
        topup=Button("topup", enabled=False, reason=_OFF),
    ),
    **{
        f"gc_unknown_{reason}": _shot("gc_unknown", 2, ("other_method", "cancel"), reason=reason)
        for reason in (
            "cloned",
            "unknown_offline",
            "offline_spent",
            "invalid",
            "unreadable",
            "busy",
        )
    },
    "gc_blocked_expired": _shot("gc_blocked", 2, ("other_method",), state="expired"),
    "home_words": _given(SCREENS["home"], {"text": _WORDS}),
    "charging_words": _session("charging", text=_WORDS),
    "finished_words": _session("finished", 4, power_w=0, text=_WORDS),
    "charging_two": _two(_session("charging"), "free"),
    "charging_low": _session("charging", low_s=95),
    "paused_until": _session("paused_grid", power_w=0, resumes="23:00"),
    "charging_free": _session("charging", max_minor=0, locked=False, means="greencard"),
    "stop_auth_card": _shot("stop_auth", 3, ("back",), means="greencard"),
    "stop_auth_two": _two(
        _shot("stop_auth", 3, (*_KEYS, "back"), means="cash", typed=4, wrong=1, locked_s=0)
    ),
    "stop_auth_locked": _shot(
        "stop_auth",
        3,
        (*(Button(key, enabled=False) for key in _KEYS), "back"),
        means="cash",
        typed=0,
        wrong=3,
        locked_s=60,
    ),
    "start_fail_two": _two(SCREENS["start_fail"], charged_minor=50, reason="no_energy"),
    "oos_two": _two(SCREENS["oos"], "out", reason="fault_lock"),
    "oos_one": _two(SCREENS["oos"], "free", reason="fault_point"),
    "finished_idle": _session("finished", 4, power_w=0, idle_starts_s=0),
    "access_on": replace(SCREENS["access"], params={**_PRICES, "easy": True}),
    "lang_ten": _shot(
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
    "receipt_token": _shot(
        "receipt", 4, ("receipt_qr", "receipt_none"), cost_minor=_COST_MINOR, billed_by="provider"
    ),
    "receipt_card": _shot(
        "receipt",
        4,
        ("receipt_qr", "receipt_none"),
        cost_minor=_COST_MINOR,
        energy_wh=_ENERGY_WH,
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
