"""What screens say about times to come: free until when, for how many kWh, reserved for whom."""

from datetime import datetime

from chargepoint.domain.dialogue import reservation_talk as reserved
from chargepoint.domain.dialogue.context import Params, Talk
from chargepoint.domain.reservations.reservation import WARNINGS
from chargepoint.domain.units import ConnectorId

_S_PER_HOUR = 3600


def _clock(talk: Talk, at: datetime | None) -> str:
    """As people of the place read it; empty: no such time."""
    return "" if at is None else talk.settings.tariff.local(at).strftime("%H:%M")


def _letter(connector: ConnectorId) -> str:
    return chr(ord("A") + connector - 1)


def free(talk: Talk) -> Params:
    """Until when the connector in focus is free, and what it can give until then; 0: unknown."""
    data, now = talk.data.point.data, talk.now.utc
    window = data.kept.next_window(now)
    powers = talk.settings.powers_w
    is_known = window is not None and len(powers) >= talk.data.focus
    if window is None or not is_known:
        return {"free_until": _clock(talk, window.begin if window else None), "free_wh": 0}
    left_s = int((window.begin - now).total_seconds())
    power = powers[talk.data.focus - 1]
    return {"free_until": _clock(talk, window.begin), "free_wh": power * left_s // _S_PER_HOUR}


def needed(talk: Talk) -> Params:
    """When a running charge must make room, from a quarter of an hour before."""
    point, now = talk.data.point, talk.now.utc
    window = point.data.kept.next_window(now)
    if window is None or point.session is None or window.begin - now > WARNINGS[0]:
        return {"needed_at": ""}
    covered = point.session.reserved_until
    is_own = covered is not None and covered > window.begin
    return {"needed_at": "" if is_own else _clock(talk, window.begin)}


def home_reserved(talk: Talk) -> Params:
    points = talk.data.points
    other = next((c for c, seen in sorted(points.items()) if seen.is_usable), None)
    return {
        "until": _clock(talk, talk.data.point.data.kept.until),
        "plugged": talk.data.point.data.is_plugged,
        "other": _letter(other) if other is not None else "",
    }


def res_id(talk: Talk) -> Params:
    return {
        "typed": len(talk.data.typed),
        "length": reserved.CODE_LENGTH,
        "wrong": talk.data.wrong,
        "locked_s": talk.seconds_until(talk.data.locked_until),
    }


def res_ok(talk: Talk) -> Params:
    return {
        "plugged": talk.data.point.data.is_plugged,
        "connector": _letter(talk.data.focus) if len(talk.data.points) > 1 else "",
    }


def res_no(talk: Talk) -> Params:
    return {"free": any(seen.is_usable for seen in talk.data.points.values())}
