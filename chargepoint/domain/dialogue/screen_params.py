"""The numbers and short texts on each screen (docs/screens.md). Pure; no words, no pixels."""

from collections.abc import Callable

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import (
    bank_talk,
    change_talk,
    money_params,
    own_code,
    pause_params,
    phone_params,
    reservation_params,
)
from chargepoint.domain.dialogue.context import Params, Talk
from chargepoint.domain.dialogue.guards import CODE_LENGTH
from chargepoint.domain.dialogue.reservation_fee import hold
from chargepoint.domain.dialogue.screens import screen_of
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.actions import (
    NO_ENERGY_LIMIT_S,
    START_LIMIT_S,
    idle_fee_starts_in_s,
)
from chargepoint.domain.pricing.price_params import (
    BEFORE_A_CHARGE,
    WHILE_CHARGING,
    coming_prices,
    prices_of,
)
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import Moment
from chargepoint.domain.service import screens as service
from chargepoint.domain.session import Means

_LOW_WARNING_S = 120
_MEANS_ON_SCREEN = {
    Means.CASH: "cash",
    Means.BANK: "card",
    Means.GREENCARD: "greencard",
    Means.TOKEN: "remote",
}


def params_of(state: str, talk: Talk) -> Params:
    if state == "service":
        return service.params_of(talk)
    screen = screen_of(state, talk.data)
    maker = _PARAMS.get(screen)
    prices = prices_of(talk.settings.tariff.at(talk.now.utc))
    return {**prices, "gc_hint": "gc_discount", **(maker(talk) if maker else {})}


def _coming(tariff: Tariff, talk: Talk) -> Params:
    """Where somebody chooses: what the clock will change."""
    return {**coming_prices(tariff, Moment(tariff.local(talk.now.utc)), BEFORE_A_CHARGE)}


def _home_params(talk: Talk) -> Params:
    point = talk.data.point
    return {
        **_coming(talk.settings.tariff, talk),
        "plugged": point.data.is_plugged,
        "free": point.is_usable,
        **reservation_params.free(talk),
        "coins_ok": talk.data.coins_accepted,
        "change_ok": change_talk.gives_change(talk),
    }


def _pay_params(talk: Talk) -> Params:
    return {
        **_coming(talk.settings.tariff, talk),
        "plugged": talk.data.point.data.is_plugged,
        "coins_ok": talk.data.coins_accepted,
        "change_ok": change_talk.gives_change(talk),
        "hold_minor": hold(talk) if talk.settings.bank_fitted else 0,
        **reservation_params.free(talk),
        "bank_ok": bank_talk.can_pay_by_card(talk),
        "dim": talk.data.dimmed,
        "vouchers_ok": talk.data.online,
    }


def _gc_params(talk: Talk) -> Params:
    data = talk.data
    account = data.answer.account if data.answer else None
    tariff = action.price_of_answer(data, talk.settings)
    common: Params = {
        **_coming(tariff, talk),
        "plugged": data.point.data.is_plugged,
        "offline": data.answer.offline if data.answer else False,
        "price_card": tariff.at(talk.now.utc).energy_milli_per_kwh,
        "credit_minor": data.here,
        "load_minor": data.here,
        "spend_minor": action.offline_limit(talk),
    }
    if account is None or (data.answer and data.answer.offline):
        return {**common, "balance_minor": -1, "plan": "unknown"}
    return {
        **common,
        "balance_minor": account.balance,
        "spend_minor": account.spend_limit,
        "plan": account.plan.kind,
        "wh_left": account.plan.wh_left if account.plan.wh_left is not None else -1,
        "discount_percent": account.discount.percent,
        "charges_until_next": account.discount.charges_until_next
        if account.discount.charges_until_next is not None
        else -1,
        "points": account.points,
        "message": account.message.get(data.language, ""),
    }


def _blocked_params(talk: Talk) -> Params:
    answer = talk.data.answer
    if answer is None:
        return {"state": "blocked"}
    return {"state": answer.account.state.value if answer.account else answer.status.value}


def _session_params(talk: Talk) -> Params:
    point = talk.data.point
    session = point.session
    if session is None:
        return {}
    left = session.seconds_left(point.data.power)
    is_low = left is not None and left < _LOW_WARNING_S
    now, tariff = session.moment(talk.now.utc, point.data.power), session.order.tariff
    is_charging = point.state.startswith("session/")
    return {
        **prices_of(tariff.at_moment(now)),
        **(coming_prices(tariff, now, WHILE_CHARGING) if is_charging else {}),
        "energy_wh": session.energy,
        "cost_minor": session.cost,
        "max_minor": session.limit if session.limit is not None else 0,
        "elapsed_s": session.elapsed_ms // 1000,
        "power_w": point.data.power if point.state == "session/energised" else 0,
        "locked": point.data.locked,
        "means": _MEANS_ON_SCREEN[session.order.means],
        **reservation_params.needed(talk),
        "low_s": left if is_low and left is not None else 0,
        "reason": session.cause.value if session.cause else "",
        "idle_starts_s": idle_fee_starts_in_s(session),
        "reference": action.reference_of(session.id),
        "text": "",
    }


def _start_params(talk: Talk) -> Params:
    point = talk.data.point
    session = point.session
    elapsed = (session.elapsed_ms - session.waits_from_ms) // 1000 if session else 0
    phase = "lock" if point.state.endswith("locking") else "car"
    return {
        **_session_params(talk),
        "phase": "power" if point.data.pilot == "C" and phase == "car" else phase,
        "countdown_s": max(0, min(START_LIMIT_S, NO_ENERGY_LIMIT_S) - elapsed),
    }


def _code_params(talk: Talk) -> Params:
    return {
        "code": own_code.code_shown(talk),
        "countdown_s": talk.seconds_until(talk.data.deadline),
    }


def _own_code_params(talk: Talk) -> Params:
    return {"typed": len(talk.data.typed), "length": CODE_LENGTH, "reason": talk.data.reason}


def _auth_params(talk: Talk) -> Params:
    data = talk.data
    session = data.point.session
    return {
        "means": _MEANS_ON_SCREEN[session.order.means] if session else "",
        "typed": len(data.typed),
        "wrong": data.wrong,
        "locked_s": talk.seconds_until(data.locked_until),
    }


def _fault_params(talk: Talk) -> Params:
    session = talk.data.point.session
    found = faults.FAULTS.get(session.fault) if session else None
    found = found or faults.worst(talk.data.point.data.faults)
    reason = found.text if found else (session.cause.value if session and session.cause else "")
    shown: Params = {**_session_params(talk), "reason": reason}
    if found:
        shown["reference"] = f"{found.ref} {shown.get('reference', '')}".strip()
    return shown


def _fail_params(talk: Talk) -> Params:
    return {**_session_params(talk), "charged_minor": 0}


def _receipt_params(talk: Talk) -> Params:
    leaving = talk.data.leaving
    if leaving is None:
        return {}
    return {
        "cost_minor": leaving.total,
        "energy_wh": leaving.energy,
        "elapsed_s": leaving.elapsed_s,
        "owed_minor": leaving.owed,
        "number": leaving.number,
        "voucher": talk.data.pay.voucher.code if talk.data.pay.voucher else "",
        "balance_minor": -1,
        "hold_minor": leaving.hold,
        "captured_minor": leaving.total if leaving.hold else 0,
        "released_minor": max(0, leaving.hold - leaving.total),
        "qr": leaving.qr,
        "full_invoice": leaving.full_invoice,
        "billed_by": "provider" if leaving.means is Means.TOKEN else "point",
    }


def _oos_params(talk: Talk) -> Params:
    point = talk.data.point
    worst = faults.worst(point.data.faults)
    ref = worst.ref if worst else faults.INOPERATIVE_REF
    return {"reason": worst.text if worst else "out", "reference": f"{talk.settings.name}-{ref}"}


def _help_params(talk: Talk) -> Params:
    session = talk.data.point.session
    reference = action.reference_of(session.id) if session else ""
    return {"point": talk.settings.name, "phone": talk.settings.phone, "reference": reference}


_PARAMS: dict[str, Callable[[Talk], Params]] = {
    "home": _home_params,
    "home_reserved": reservation_params.home_reserved,
    "res_id": reservation_params.res_id,
    "res_ok": reservation_params.res_ok,
    "res_no": reservation_params.res_no,
    "pay": _pay_params,
    "cash_in": money_params.cash,
    "cash_iou": money_params.owed,
    "cash_back": money_params.change,
    "change": money_params.change,
    "gc_load": money_params.owed,
    "card_tap": money_params.bank,
    "card_wait": money_params.bank,
    "card_ok": money_params.bank,
    "card_no": money_params.bank,
    "voucher_in": money_params.voucher,
    "top_amt": money_params.topup,
    "top_how": money_params.topup,
    "top_other": money_params.amount,
    "top_wait": money_params.topup,
    "top_done": money_params.topup,
    "gc_wait": lambda talk: {"countdown_s": talk.seconds_until(talk.data.deadline)},
    "gc_ok": _gc_params,
    "gc_low": _gc_params,
    "gc_blocked": _blocked_params,
    "gc_unknown": lambda talk: {"reason": talk.data.reason},
    "code": _code_params,
    "code_set": _own_code_params,
    "start_wait": _start_params,
    "start_fail": _fail_params,
    "charging": lambda t: _session_params(t) | pause_params.reduced(t) | phone_params.page(t),
    "paused_car": _session_params,
    "paused_grid": lambda talk: {**_session_params(talk), **pause_params.paused(talk)},
    "stop_auth": _auth_params,
    "stopping": _session_params,
    "finished": _session_params,
    "unplug": _session_params,
    "session_fault": _fault_params,
    "receipt": _receipt_params,
    "receipt_qr": _receipt_params,
    "oos": _oos_params,
    "emergency": _oos_params,
    "help": _help_params,
    "access": lambda talk: {
        "easy": talk.data.easy,
        "contrast": talk.data.access.contrast,
        "slow": talk.data.access.slow,
        "low": talk.data.access.low,
        "voice": talk.data.access.voice,
        "volume": talk.data.access.volume,
    },
    "plug_err": lambda talk: {"tries": talk.data.plug_tries},
    "cash_bad": lambda talk: {"reason": talk.data.reason},
    "card_remove": money_params.bank,
    "cable_stuck": lambda talk: {"tries": talk.data.unlock_tries},
    "more_time": lambda talk: {
        "countdown_s": talk.seconds_until(talk.data.deadline),
        "under": talk.data.under,
    },
}


COUNTING = frozenset(
    {"t_login", "code", "gc_wait", "start_wait", "more_time", "stop_auth", "finished", "unplug"}
    | {"res_id"}
)
"""Screens with something that changes every second without any event."""
