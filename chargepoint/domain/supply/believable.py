"""Whether a meter can be believed: its register never falls, never leaps, never stands in a current.

    falls    below the last believed value
    leaps    beyond what the power could have delivered; where nobody looked for a while, beyond what
             the socket could have
    stands   while energy flows by the meter's own power

Energy is counted in W ms, an integer. Registers come in steps of up to 16 Wh (float32 above 131 MWh,
or 10 Wh of meters with two decimals), so a little may come before its time, and a little late.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.units import Watt, Wh

WMS_PER_WH = 3_600_000
EARLY_WMS = 60 * WMS_PER_WH  # a register may be ahead of its power by this much
LATE_WMS = 60 * WMS_PER_WH  # and behind it; more is standing still
TOLERANCE_PERCENT = 125  # of power between two readings, which may have been higher meanwhile
CLOSE_MS = 5_000  # readings further apart say nothing of the power between them
CHARGING_MA = 3_000  # below the 6 A of any charge; power that says 0 then is broken, too
DOUBTFUL_READINGS = 2  # in a row: one may be a slip of the line, and is passed over


class Doubt(StrEnum):
    """Keys of the faults in faults.py."""

    WENT_BACK = "meter_went_back"
    LEAPT = "meter_leapt"
    STUCK = "meter_stuck"
    REPLACED = "meter_replaced"


DOUBTS = frozenset(Doubt)


@dataclass(frozen=True, slots=True)
class Trust:
    """What the readings so far allow to be believed. `register` None: the next one is believed."""

    register: Wh | None = None
    at_ms: int = 0
    power: Watt = Watt(0)
    early_wms: int = EARLY_WMS  # what is left of it
    late_wms: int = 0  # flowed since the register last moved
    doubtful: int = 0  # readings in a row
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`doubt`: this reading's, if it cannot be believed; `is_certain`: it is no slip of the line."""

    trust: Trust
    doubt: Doubt | None = None
    is_certain: bool = False


def weigh(trust: Trust, sample: MeterSampled, now_ms: int, most: Watt) -> Verdict:
    """`most`: power that the socket can deliver at all; 0: not known, and leaps are not judged."""
    if trust.register is None:
        return Verdict(_believed(trust, sample, now_ms))
    step = sample.register - trust.register
    gone_ms = max(0, now_ms - trust.at_ms)
    if step < 0:
        return _doubted(trust, Doubt.WENT_BACK)
    is_close = gone_ms <= CLOSE_MS
    highest = max(trust.power, sample.power, 0) if is_close else most
    gained = highest * gone_ms * TOLERANCE_PERCENT // 100
    left = trust.early_wms + gained - step * WMS_PER_WH
    if most and left < 0:
        return _doubted(trust, Doubt.LEAPT)
    late = trust.late_wms + (_certain_power(trust, sample) * gone_ms if is_close else 0)
    now = _believed(
        trust,
        sample,
        now_ms,
        early_wms=min(EARLY_WMS, max(0, left)),
        late_wms=0 if step else late,
    )
    if now.late_wms > LATE_WMS:
        return Verdict(now, Doubt.STUCK, is_certain=True)
    return Verdict(now)


def _certain_power(trust: Trust, sample: MeterSampled) -> int:
    """What flowed at least between two readings."""
    power = max(0, min(trust.power, sample.power))
    if power == 0 and sample.current >= CHARGING_MA:
        return sample.current * sample.voltage // 1_000_000 // 2
    return power


def _believed(trust: Trust, sample: MeterSampled, now_ms: int, **left: int) -> Trust:
    return changed(
        trust, register=sample.register, at_ms=now_ms, power=sample.power, doubtful=0, **left
    )


def _doubted(trust: Trust, doubt: Doubt) -> Verdict:
    """The base stays: what comes next is judged by the last value that was believed."""
    doubtful = min(trust.doubtful + 1, DOUBTFUL_READINGS)
    return Verdict(replace(trust, doubtful=doubtful), doubt, doubtful == DOUBTFUL_READINGS)


def met(trust: Trust, serial: str) -> Trust:
    """The meter has come online. Another one than before counts from a number of its own."""
    if serial and trust.serial and serial != trust.serial:
        return Trust(serial=serial)
    return replace(trust, serial=serial or trust.serial)
