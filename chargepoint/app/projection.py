"""Domain state to what others see: the kiosk's snapshot and the wire status. Derived, never stored."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from chargepoint import contract
from chargepoint.domain.devices import Pilot
from chargepoint.domain.dialogue.access import Access
from chargepoint.domain.dialogue.context import Params
from chargepoint.domain.dialogue.machine import DialogueMachine
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service import senses
from chargepoint.domain.service.values import ServiceData
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import PointStatus, StatusReport

_MINUTES_KEPT, _BUTTONS_KEPT, _STATUSES_KEPT = 4, 128, 64
_NIGHT_FROM, _NIGHT_UNTIL = 20, 7  # local hours; a light sensor may override later

STEPS = {
    **dict.fromkeys(("home", "check", "plug_err", "res_none"), 1),
    **dict.fromkeys(("home_reserved", "res_id", "res_ok", "res_no"), 1),
    **dict.fromkeys(("pay", "cash_in", "cash_bad", "cash_back", "gc_tap", "gc_wait", "gc_ok"), 2),
    **dict.fromkeys(("gc_low", "gc_blocked", "gc_unknown", "voucher_in", "cash_nochange"), 2),
    **dict.fromkeys(("card_tap", "card_wait", "card_remove", "card_ok", "card_no"), 2),
    **dict.fromkeys(("top_amt", "top_how", "top_other", "top_wait", "top_done"), 2),
    **dict.fromkeys(("code", "code_set", "start_wait", "start_fail", "charging", "paused_car"), 3),
    **dict.fromkeys(("paused_grid", "stop_auth", "stopping", "session_fault"), 3),
    **dict.fromkeys(("finished", "unplug", "cash_iou", "change", "receipt", "thanks"), 4),
    **dict.fromkeys(("cable_stuck", "gc_load", "receipt_qr"), 4),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """What the site fixes about its screen."""

    station: contract.Station
    timezone: str = "Europe/Madrid"
    theme: str = "auto"  # auto | day | night
    brightness_day: int = 100
    brightness_night: int = 100
    locator_s: int = 0
    quiet_from: int = 22  # local hours between which the idle station makes no sound by itself
    quiet_until: int = 7


def local_clock(utc: datetime, timezone: str) -> str:
    return utc.astimezone(ZoneInfo(timezone)).strftime("%H:%M")


def local_time(stamp: str, timezone: str) -> str:
    """A stored time as people of the place read it, to the minute."""
    at = datetime.fromisoformat(stamp).astimezone(ZoneInfo(timezone))
    return at.strftime("%Y-%m-%d %H:%M")


def snapshot(
    dialogue: DialogueMachine,
    params: Params,
    panel: Panel,
    utc: datetime,
    earcon: str,
) -> contract.Snapshot:
    """What the kiosk must show now. `sequence` is the feed's."""
    data = dialogue.data
    screen = dialogue.screen()
    hour, clock = _hour_and_clock(utc.replace(second=0, microsecond=0), panel.timezone)
    session = data.point.session
    return contract.Snapshot(
        sequence=0,
        screen_seq=dialogue.screen_seq,
        screen=screen,
        language=data.language,
        theme=_theme(panel.theme, hour),
        brightness=_brightness(data.service, panel, hour),
        easy=data.easy,
        connector=data.focus,
        session=session.id if session else "",
        step=STEPS.get(screen, 0),
        clock=clock,
        online=data.online,
        params=params,
        buttons=tuple(
            _button(button.id, button.enabled, button.reason) for button in dialogue.buttons()
        ),
        tabs=tuple(
            _tab(connector, _tab_state(seen)) for connector, seen in sorted(data.points.items())
        ),
        station=panel.station,
        earcon=earcon,
        access=_access(data.access, panel, hour, is_tried=senses.voice_wanted(data.service)),
    )


@lru_cache(_MINUTES_KEPT)
def _hour_and_clock(minute: datetime, timezone: str) -> tuple[int, str]:
    local = minute.astimezone(ZoneInfo(timezone))
    return local.hour, local.strftime("%H:%M")


# The same few of them are on the screen, every second.
_button = lru_cache(_BUTTONS_KEPT)(contract.Button)


@lru_cache(_BUTTONS_KEPT)
def _tab(connector: ConnectorId, state: str) -> contract.Tab:
    return contract.Tab(connector, state, chr(ord("A") + connector - 1))


def _brightness(service: ServiceData, panel: Panel, hour: int) -> int:
    tried = senses.brightness_wanted(service)
    if tried is not None:
        return tried
    return panel.brightness_night if _is_night(hour) else panel.brightness_day


def _access(access: Access, panel: Panel, hour: int, *, is_tried: bool) -> contract.Access:
    """`is_tried`: a technician listens whether the kiosk can speak."""
    quiet = hour >= panel.quiet_from or hour < panel.quiet_until
    return contract.Access(
        voice=access.voice or is_tried,
        jack=access.jack,
        volume=access.volume,
        contrast=access.contrast,
        slow=access.slow,
        low=access.low,
        locator_s=0 if quiet else panel.locator_s,
    )


def _theme(wanted: str, hour: int) -> str:
    if wanted != "auto":
        return wanted
    return "night" if _is_night(hour) else "day"


def _is_night(hour: int) -> bool:
    return hour >= _NIGHT_FROM or hour < _NIGHT_UNTIL


_TAB_OF_STATE: tuple[tuple[str, str], ...] = (
    ("session/energised", "charging"),
    ("session/suspended", "paused"),
    ("settling", "finished"),
)


def _tab_state(seen: PointSeen) -> str:
    for prefix, word in _TAB_OF_STATE:
        if seen.state.startswith(prefix):
            return word
    if seen.session is not None or seen.data.pending is not None:
        return "busy"
    if seen.is_open and seen.is_kept:
        return "reserved"
    if not seen.is_usable:
        return "out"
    return "busy" if seen.data.is_plugged else "free"


_STATUS: tuple[tuple[str, PointStatus], ...] = (
    ("idle/free", PointStatus.AVAILABLE),
    ("idle", PointStatus.PREPARING),
    ("session/starting", PointStatus.PREPARING),
    ("session/energised", PointStatus.CHARGING),
    ("session/suspended/by_vehicle", PointStatus.SUSPENDED_EV),
    ("session/suspended/by_station", PointStatus.SUSPENDED_EVSE),
    ("session/stopping", PointStatus.FINISHING),
    ("settling", PointStatus.FINISHING),
    ("booting", PointStatus.UNAVAILABLE),
)

# Beside a status that goes on.
_WARM = ("HighTemperature", "derated", "CX003")
_BLIND = ("InternalError", "thermometer_silent", "")


def status(seen: PointSeen) -> StatusReport:
    """OCPP 1.6 §4.9: the point's own fault outranks all; availability waits for the transaction."""
    worst = faults.worst(seen.data.faults)
    word = _word(seen)
    if not seen.data.is_available and seen.session is None and not seen.data.cable_of:
        word = PointStatus.UNAVAILABLE
    elif _is_reserved(seen):
        word = PointStatus.RESERVED
    if worst is not None:
        word = _with_fault(word, worst)
    if worst is None and seen.data.derating.limit is not None:
        told = _BLIND if seen.data.temperature_milli is None else _WARM
        return StatusReport(seen.data.connector, word, *told)
    if worst is None:
        return StatusReport(seen.data.connector, word, info=_left_at(seen))
    each = [
        StatusReport(seen.data.connector, word, fault.ocpp_code, fault.key, fault.mrec)
        for fault in faults.by_weight(seen.data.faults)
    ]
    return replace(each[0], others=tuple(each[1:]))


def _left_at(seen: PointSeen) -> str:
    """§4.9 asks that a transaction that outlives its plug says so."""
    return "EV side disconnected" if _is_left_by_vehicle(seen) else ""


def _is_left_by_vehicle(seen: PointSeen) -> bool:
    """StopTransactionOnEVSideDisconnect is false, and the vehicle may come back."""
    return seen.state.startswith("session/suspended") and seen.data.pilot is Pilot.A


def _is_reserved(seen: PointSeen) -> bool:
    """Until whoever it is reserved for has come forward (§4.9 G2). A plug of somebody else changes
    nothing. A reservation of connector 0 shows at the last connector that can still serve it.
    """
    data = seen.data
    if data.kept.is_own:
        has_come = data.is_claimed and (data.is_plugged or data.expected)
        return seen.state in ("idle/free", "idle/plugged") and not has_come
    is_last = data.kept.only and any(each.connector == 0 for each in data.kept.usable)
    return is_last and seen.state == "idle/free" and not (data.is_claimed or data.expected)


@lru_cache(_STATUSES_KEPT)
def common_status(
    words: frozenset[PointStatus], lost: frozenset[str] = frozenset()
) -> StatusReport:
    """Connector 0: what all connectors have in common (§4.9 allows it three words), and which of the
    devices that they share is away.
    """
    common = next(iter(words)) if len(words) == 1 else PointStatus.AVAILABLE
    if common not in (PointStatus.UNAVAILABLE, PointStatus.FAULTED):
        common = PointStatus.AVAILABLE
    if common is PointStatus.FAULTED:
        return StatusReport(ConnectorId(0), common, "OtherError")
    told = [device for device in faults.SHARED_CODES if device in lost]
    code = faults.SHARED_CODES[told[0]] if told else "NoError"
    return StatusReport(ConnectorId(0), common, code, " ".join(told)[:50])


def _word(seen: PointSeen) -> PointStatus:
    """The status under any fault."""
    if seen.data.cable_of and seen.state.startswith("idle"):
        return PointStatus.FINISHING  # somebody's cable is still in the socket
    if seen.state == "idle/plugged" and seen.data.waited_out:
        return PointStatus.FINISHING  # B6
    if seen.state == "idle/free" and seen.data.expected:
        return PointStatus.PREPARING  # A2: somebody has shown who pays
    if _is_left_by_vehicle(seen) and not seen.data.is_paused:
        return PointStatus.SUSPENDED_EV
    session = seen.session
    if seen.state == "session/starting/waiting" and session is not None and session.was_paused:
        return PointStatus.SUSPENDED_EV  # offered again, and there is no way back to Preparing
    return next(word for prefix, word in _STATUS if seen.state.startswith(prefix))


def _with_fault(word: PointStatus, fault: faults.Fault) -> PointStatus:
    """A vehicle that misbehaves is no fault of the point (OCPP 1.6: EVCommunicationError).

    It suspends a transaction. Without one the word stays, and the error code tells: §4.9 knows no
    way from SuspendedEVSE back to Preparing.
    """
    if not fault.of_vehicle:
        return PointStatus.FAULTED
    charging = (PointStatus.CHARGING, PointStatus.SUSPENDED_EV)
    return PointStatus.SUSPENDED_EVSE if word in charging else word
