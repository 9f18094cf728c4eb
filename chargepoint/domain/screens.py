"""From the conversation to what is on the screen: id, buttons, parameters (docs/screens.md). Pure.

The kiosk draws this and adds words; nothing here knows pixels or languages.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chargepoint.domain import dialogue_rules as rule
from chargepoint.domain import faults
from chargepoint.domain.dialogue_rules import DialogueData, PointSeen, Talk
from chargepoint.domain.point_rules import (
    NO_ENERGY_LIMIT_S,
    START_LIMIT_S,
    idle_fee_starts_in_s,
)
from chargepoint.domain.session import EndCause, Session
from chargepoint.domain.tariff import Tariff

Params = dict[str, str | int | bool | list[int] | list[str] | None]

_LOW_WARNING_S = 120
_FAILED = (EndCause.NOT_STARTED, EndCause.NO_ENERGY)
_BROKEN = (EndCause.FAULT, EndCause.POWER_LOSS, EndCause.REFUSED)
_UTILITIES = ("language", "voice", "easy", "help")
_NOT_FOR_DRIVERS = frozenset({"boot", "recover", "emergency"})


@dataclass(frozen=True, slots=True)
class ButtonState:
    id: str
    enabled: bool = True
    reason: str = ""


_SCREEN_OF_STATE = {
    "booting": "recover",
    "session/starting/locking": "start_wait",
    "session/starting/waiting": "start_wait",
    "session/energised": "charging",
    "session/suspended/by_vehicle": "paused_car",
    "session/suspended/by_station": "paused_grid",
    "session/stopping": "stopping",
    "settling/metering": "stopping",
}


# --- which screen --------------------------------------------------------------------------------


def screen_of(state: str, data: DialogueData) -> str:
    if state == "following":
        return _screen_of_point(data.point)
    if state == "home":
        return _screen_of_nobody(data)
    return state


def _screen_of_nobody(data: DialogueData) -> str:
    seen = data.points.values()
    if all(point.state == "booting" and not point.data.faults for point in seen):
        return "recover" if any(point.session for point in seen) else "boot"
    if not any(point.is_usable or point.session for point in seen):
        return "oos"
    return "home"


def _screen_of_point(point: PointSeen) -> str:
    if point.state in _SCREEN_OF_STATE:
        return _SCREEN_OF_STATE[point.state]
    return _screen_after(point.session) if point.session is not None else "home"


def _screen_after(session: Session) -> str:
    if session.cause in _FAILED:
        return "start_fail"
    if session.cause in _BROKEN:
        return "session_fault"
    return "unplug" if session.cause is EndCause.CUSTOMER else "finished"


def takes_coins(state: str, talk: Talk) -> bool:
    """Where a coin makes sense: somebody can still be served, or a cash session runs in focus."""
    if "coin_acceptor" in talk.data.down:
        return False
    if state in ("home", "pay", "cash_in"):
        return rule.can_serve(talk)
    return state == "following" and rule.cash_session_in_focus(talk)


# --- which buttons -------------------------------------------------------------------------------


def buttons_of(state: str, talk: Talk) -> tuple[ButtonState, ...]:
    """Own buttons first, then tabs of the connectors, then the utilities."""
    screen = screen_of(state, talk.data)
    if screen in _NOT_FOR_DRIVERS:
        return ()
    maker = _BUTTONS.get(screen)
    own = maker(talk) if maker else ()
    tabs: tuple[ButtonState, ...] = ()
    if len(talk.data.points) > 1 and state in _TABBED:
        tabs = tuple(ButtonState(f"connector_{c}") for c in sorted(talk.data.points))
    return (*own, *tabs, *_utilities(state))


_TABBED = frozenset(
    {"home", "pay", "following", "thanks", "receipt", "res_none", "gc_unknown", "gc_blocked"}
)


def _utilities(state: str) -> tuple[ButtonState, ...]:
    if state in ("lang", "access", "help", "more_time"):
        return ()
    return tuple(
        ButtonState(name, enabled=name != "voice", reason="not_fitted" if name == "voice" else "")
        for name in _UTILITIES
    )


def _plain(*ids: str) -> Callable[[Talk], tuple[ButtonState, ...]]:
    return lambda _talk: tuple(ButtonState(name) for name in ids)


def _has_reader(talk: Talk) -> bool:
    return talk.settings.reader_fitted and "card_reader" not in talk.data.down


def _has_coins(talk: Talk) -> bool:
    return talk.settings.coins_fitted and "coin_acceptor" not in talk.data.down


def _home(talk: Talk) -> tuple[ButtonState, ...]:
    usable = rule.can_serve(talk) and _has_reader(talk)
    return (ButtonState("greencard", usable, "" if usable else "busy"), ButtonState("reservation"))


def _pay(talk: Talk) -> tuple[ButtonState, ...]:
    cash, reader = _has_coins(talk), _has_reader(talk)
    return (
        ButtonState("pay_card", enabled=False, reason="not_fitted"),
        ButtonState("pay_cash", cash, "" if cash else "not_fitted"),
        ButtonState("pay_greencard", reader, "" if reader else "not_fitted"),
        ButtonState("cancel"),
    )


def _cash_in(talk: Talk) -> tuple[ButtonState, ...]:
    data = talk.data
    reason = "" if data.point.data.is_plugged else "not_plugged"
    if data.here < talk.settings.minimum:
        reason = "minimum"
    return (
        ButtonState("start", rule.can_start_cash(talk), reason),
        ButtonState("return_money", data.here > 0),
        ButtonState("back", data.here == 0, "money_inside" if data.here else ""),
    )


def _gc_ok(talk: Talk) -> tuple[ButtonState, ...]:
    ready = rule.can_start_card(talk)
    return (
        ButtonState("start", ready, "" if ready else "not_plugged"),
        ButtonState("topup", enabled=False, reason="not_fitted"),
        ButtonState("cancel"),
    )


def _start_fail(talk: Talk) -> tuple[ButtonState, ...]:
    again = rule.has_credit(talk) or rule.knows_card(talk) or rule.focus_is_plugged(talk)
    return (ButtonState("retry", again), ButtonState("other_method", rule.focus_is_plugged(talk)))


def _keypad(talk: Talk) -> tuple[ButtonState, ...]:
    session = talk.data.point.session
    if session is None or not session.order.code:
        return (ButtonState("back"),)
    usable = rule.keypad_is_open(talk)
    keys = (*(f"key_{n}" for n in range(1, 10)), "key_clear", "key_0", "key_ok")
    return (*(ButtonState(key, usable) for key in keys), ButtonState("back"))


def _languages(talk: Talk) -> tuple[ButtonState, ...]:
    names = tuple(ButtonState(f"lang_{code}") for code in talk.settings.languages)
    return (*names, ButtonState("back"))


def _receipt(_talk: Talk) -> tuple[ButtonState, ...]:
    return (
        ButtonState("receipt_qr", enabled=False, reason="not_fitted"),
        ButtonState("receipt_none"),
    )


_BUTTONS: dict[str, Callable[[Talk], tuple[ButtonState, ...]]] = {
    "home": _home,
    "pay": _pay,
    "cash_in": _cash_in,
    "cash_iou": _plain("key_ok"),
    "gc_tap": _plain("back"),
    "gc_ok": _gc_ok,
    "gc_low": lambda _talk: (
        ButtonState("topup", enabled=False, reason="not_fitted"),
        ButtonState("other_method"),
    ),
    "gc_blocked": _plain("other_method"),
    "gc_unknown": _plain("other_method", "cancel"),
    "code": _plain("key_ok"),
    "start_wait": _plain("stop"),
    "start_fail": _start_fail,
    "charging": _plain("stop"),
    "paused_car": _plain("stop"),
    "paused_grid": _plain("stop"),
    "stop_auth": _keypad,
    "receipt": _receipt,
    "res_none": _plain("back"),
    "lang": _languages,
    "access": _plain("easy_toggle", "back"),
    "help": _plain("back"),
    "more_time": _plain("more_time", "cancel"),
}


# --- which parameters ----------------------------------------------------------------------------


def params_of(state: str, talk: Talk) -> Params:
    screen = screen_of(state, talk.data)
    maker = _PARAMS.get(screen)
    return {**_prices(talk.settings.tariff), **(maker(talk) if maker else {})}


def _prices(tariff: Tariff) -> Params:
    return {
        "price_energy": tariff.energy_milli_per_kwh,
        "price_charging": tariff.charging_milli_per_minute,
        "price_idle": tariff.idle_milli_per_minute,
        "idle_grace_min": tariff.idle_grace_minutes,
        "price_session_minor": tariff.session_minor,
        "gc_hint": "gc_discount",
    }


def _countdown(talk: Talk) -> int:
    return max(0, -int(-(talk.data.deadline - talk.now.monotonic) // 1))


def _home_params(talk: Talk) -> Params:
    point = talk.data.point
    return {
        "plugged": point.data.is_plugged,
        "free": point.is_usable,
        "coins_ok": talk.data.coins_accepted,
    }


def _pay_params(talk: Talk) -> Params:
    return {
        "plugged": talk.data.point.data.is_plugged,
        "coins_ok": talk.data.coins_accepted,
        "change_ok": False,
        "hold_minor": 0,
    }


def _cash_params(talk: Talk) -> Params:
    data = talk.data
    return {
        "credit_minor": data.here,
        "approx_wh": rule.approximate_energy(talk.settings.tariff, data.here),
        "minimum_minor": talk.settings.minimum,
        "plugged": data.point.data.is_plugged,
        "change_ok": False,
        "denominations": list(talk.settings.denominations),
        "last_minor": data.last_coin,
        "reason": data.reason,
    }


def _owed_params(talk: Talk) -> Params:
    leaving = talk.data.leaving
    return {"amount_minor": leaving.owed, "code": leaving.code} if leaving else {}


def _gc_params(talk: Talk) -> Params:
    data = talk.data
    account = data.answer.account if data.answer else None
    tariff = rule.price_of_answer(data, talk.settings)
    common: Params = {
        "plugged": data.point.data.is_plugged,
        "offline": data.answer.offline if data.answer else False,
        "price_card": tariff.energy_milli_per_kwh,
        "credit_minor": data.here,
        "spend_minor": talk.settings.offline_limit,
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
    return {
        "energy_wh": session.energy,
        "cost_minor": session.cost,
        "max_minor": session.limit if session.limit is not None else 0,
        "elapsed_s": session.elapsed_ms // 1000,
        "power_w": point.data.power if point.state == "session/energised" else 0,
        "locked": point.data.locked,
        "means": session.order.means.value,
        "low_s": left if is_low and left is not None else 0,
        "reason": session.cause.value if session.cause else "",
        "idle_starts_s": idle_fee_starts_in_s(session),
        "reference": rule.reference_of(session.id),
        "text": "",
    }


def _start_params(talk: Talk) -> Params:
    point = talk.data.point
    session = point.session
    elapsed = session.elapsed_ms // 1000 if session else 0
    phase = "lock" if point.state.endswith("locking") else "car"
    return {
        **_session_params(talk),
        "phase": "power" if point.data.pilot == "C" and phase == "car" else phase,
        "countdown_s": max(0, min(START_LIMIT_S, NO_ENERGY_LIMIT_S) - elapsed),
    }


def _code_params(talk: Talk) -> Params:
    session = talk.data.point.session
    return {"code": session.order.code if session else "", "countdown_s": _countdown(talk)}


def _auth_params(talk: Talk) -> Params:
    data = talk.data
    session = data.point.session
    return {
        "means": session.order.means.value if session else "",
        "typed": len(data.typed),
        "wrong": data.wrong,
        "locked_s": max(0, -int(-(data.locked_until - talk.now.monotonic) // 1)),
    }


def _fault_params(talk: Talk) -> Params:
    session = talk.data.point.session
    found = faults.FAULTS.get(session.fault) if session else None
    reason = found.text if found else (session.cause.value if session and session.cause else "")
    return {**_session_params(talk), "reason": reason}


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
        "balance_minor": -1,
    }


def _oos_params(talk: Talk) -> Params:
    point = talk.data.point
    worst = faults.worst(point.data.faults)
    key = worst.key if worst else "inoperative"
    return {"reason": worst.text if worst else "out", "reference": f"{talk.settings.name}-{key}"}


def _help_params(talk: Talk) -> Params:
    session = talk.data.point.session
    reference = rule.reference_of(session.id) if session else ""
    return {"point": talk.settings.name, "phone": talk.settings.phone, "reference": reference}


_PARAMS: dict[str, Callable[[Talk], Params]] = {
    "home": _home_params,
    "pay": _pay_params,
    "cash_in": _cash_params,
    "cash_iou": _owed_params,
    "gc_wait": lambda talk: {"countdown_s": _countdown(talk)},
    "gc_ok": _gc_params,
    "gc_low": _gc_params,
    "gc_blocked": _blocked_params,
    "gc_unknown": lambda talk: {"reason": talk.data.reason},
    "code": _code_params,
    "start_wait": _start_params,
    "start_fail": _fail_params,
    "charging": _session_params,
    "paused_car": _session_params,
    "paused_grid": _session_params,
    "stop_auth": _auth_params,
    "stopping": _session_params,
    "finished": _session_params,
    "unplug": _session_params,
    "session_fault": _fault_params,
    "receipt": _receipt_params,
    "oos": _oos_params,
    "help": _help_params,
    "access": lambda talk: {"easy": talk.data.easy},
    "more_time": lambda talk: {"countdown_s": _countdown(talk), "under": talk.data.under},
}

COUNTING = frozenset(
    {"code", "gc_wait", "start_wait", "more_time", "stop_auth", "finished", "unplug"}
)
"""Screens with something that changes every second without any event."""
