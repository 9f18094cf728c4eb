"""Samples: a charge from its start to the receipt."""

from chargepoint.contract import Button, Snapshot
from ui.samples.parts import COST_MINOR, ENERGY_WH, KEYS, OFF, WORDS, a_session, a_shot, two

PAGE = "https://carga.citere.example/r/abcdefghijklmnopqrstuvwxyz"

SCREENS: dict[str, Snapshot] = {
    "code": a_shot("code", 3, ("code_own", "key_ok"), code="4827", countdown_s=12),
    "code_set": a_shot("code_set", 3, (*KEYS, "back"), typed=1, length=4, reason=""),
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
    "cable_stuck": a_shot("cable_stuck", 4, ("retry", "back"), tries=0),
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
    "receipt_qr": a_shot(
        "receipt_qr", 4, ("key_ok",), qr="https://example.org/r/07-000123", number="07-000123"
    ),
}

VARIANTS: dict[str, Snapshot] = {
    "cable_stuck_still": a_shot("cable_stuck", 4, ("retry", "back"), tries=3),
    "code_set_plain": a_shot(
        "code_set", 3, (*KEYS, "back"), typed=0, length=4, reason="plain_code"
    ),
    "charging_needed": a_session("charging", needed_at="15:45"),
    "change_paying": a_shot("change", 4, amount_minor=680, paid_minor=200, paying=True),
    "change_waiting": a_shot("change", 4, ("key_ok",), amount_minor=680, paying=False),
    "receipt_all": two(
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
    "charging_words": a_session("charging", text=WORDS),
    "charging_phone": a_session("charging", qr=PAGE, locked=True),
    "finished_words": a_session("finished", 4, power_w=0, text=WORDS),
    "charging_two": two(a_session("charging"), "free"),
    "charging_low": a_session("charging", low_s=95),
    "charging_warm": a_session("charging", warm=True),
    "paused_car_words": a_session("paused_car", power_w=0, text=WORDS),
    "paused_grid_words": a_session("paused_grid", power_w=0, text=WORDS),
    "paused_until_words": a_session("paused_grid", power_w=0, resumes="23:00", text=WORDS),
    "paused_until": a_session("paused_grid", power_w=0, resumes="23:00"),
    "charging_free": a_session("charging", max_minor=0, locked=False, means="greencard"),
    "stop_auth_card": a_shot("stop_auth", 3, ("back",), means="greencard"),
    "stop_auth_two": two(
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
    "start_fail_two": two(SCREENS["start_fail"], charged_minor=50, reason="no_energy"),
    "finished_idle": a_session("finished", 4, power_w=0, idle_starts_s=0),
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
