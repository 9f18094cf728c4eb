"""When a charge is measured for the central system: every so often, and on the clock (OCPP 1.6 §3.16)."""

from dataclasses import replace
from datetime import datetime, timedelta

from chargepoint.domain.delivery import MeterValuesTaken
from chargepoint.domain.effects import CancelTimer
from chargepoint.domain.point.context import Point, PointSettings
from chargepoint.domain.units import Wh

_S_PER_DAY = 86_400
_LATE_S = 5.0  # a timer later than this was overtaken by a clock that was set; so was an early one
_SAMPLED = ("session/starting/waiting", "session/energised", "session/suspended")


def arm(point: Point) -> None:
    """Both timers anew, or none where the interval is 0."""
    _arm_periodic(point)
    _arm_aligned(point)


def _arm_periodic(point: Point) -> None:
    if point.settings.meter_sample_s > 0:
        point.timer("t_sample", point.settings.meter_sample_s)
    else:
        point.do(CancelTimer("t_sample"))


def _arm_aligned(point: Point) -> None:
    interval_s = point.settings.clock_aligned_s
    if interval_s > 0:
        point.timer("t_aligned", seconds_to_boundary(point.now.utc, interval_s))
    else:
        point.do(CancelTimer("t_aligned"))


def adopt(point: Point, settings: PointSettings, state: str) -> None:
    """New settings count at once, also in a charge that runs."""
    old, point.settings = point.settings, settings
    if not state.startswith(_SAMPLED):
        return
    if old.meter_sample_s != settings.meter_sample_s:
        _arm_periodic(point)
    if old.clock_aligned_s != settings.clock_aligned_s:
        _arm_aligned(point)


def since_boundary(utc: datetime, interval_s: int) -> float:
    """Since the last multiple of `interval_s` from midnight UTC."""
    since = utc.hour * 3600 + utc.minute * 60 + utc.second + utc.microsecond / 1e6
    return since % interval_s


def seconds_to_boundary(utc: datetime, interval_s: int) -> float:
    """The last interval of a day is shorter when they do not fill it."""
    since = utc.hour * 3600 + utc.minute * 60 + utc.second + utc.microsecond / 1e6
    return float(min(interval_s - since % interval_s, _S_PER_DAY - since))


def send_periodic(point: Point) -> None:
    _arm_periodic(point)
    _send(point, point.now.utc, clock_aligned=False)


def send_now(point: Point) -> None:
    """The periodic ones keep their pace."""
    _send(point, point.now.utc, clock_aligned=False)


def send_aligned(point: Point) -> None:
    """Stamped with the boundary itself. A clock that was set meanwhile has moved it."""
    _arm_aligned(point)
    interval_s = point.settings.clock_aligned_s
    if interval_s == 0:
        return
    late_s = since_boundary(point.now.utc, interval_s)
    if late_s <= _LATE_S:
        _send(point, point.now.utc - timedelta(seconds=late_s), clock_aligned=True)


def _send(point: Point, at: datetime, *, clock_aligned: bool) -> None:
    session, data = point.session, point.data
    before = session.aligned_register if clock_aligned else session.sampled_register
    interval = Wh(session.register - (session.register_start if before is None else before))
    session = replace(session, meter_number=session.meter_number + 1)
    if clock_aligned:
        session = replace(session, aligned_register=session.register)
    else:
        session = replace(session, sampled_register=session.register)
    point.session = session
    point.draft.deliveries.append(
        MeterValuesTaken(
            session.id,
            data.connector,
            session.meter_number,
            at,
            session.register,
            data.power,
            data.current,
            data.voltage,
            clock_aligned,
            replace(data.values.details, interval=interval),
        )
    )
    point.draft.save = True
