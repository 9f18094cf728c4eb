"""The control pilot as a voltmeter and an oscilloscope see it (IEC 61851-1 Annex A).

         1 kOhm             0.7 V
source ──[====]──┬── CP ────|>|────┬──────────┬─ S2 ─┐
+12 V / -12 V   │                 2.74 k     1.3 k or 270
              board               │          │
────────────────┴── PE ───────────┴──────────┴──

B  2.74 kOhm             C  with 1.3 kOhm beside it        D  with 270 Ohm beside it
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from chargepoint.domain.devices import Pilot

SOURCE_MV = 12_000
SOURCE_OHM = 1_000
DIODE_MV = 700
READY_OHM, CHARGE_OHM, VENTILATE_OHM = 2_740, 1_300, 270
BAND_MV = 1_000  # around 12, 9, 6, 3, 0 and -12 V
DIODE_PROVED_MV = -10_000  # the negative half of a pilot behind a sound diode is lower

_HIGH_MV = {Pilot.A: 12_000, Pilot.B: 9_000, Pilot.C: 6_000, Pilot.D: 3_000, Pilot.E: 0}


class Source(Enum):
    """What the board puts on the control pilot."""

    UNPOWERED = "unpowered"
    STEADY = "steady"  # X1: +12 V
    PWM = "pwm"  # X2: 1 kHz, duty says how much
    NEGATIVE = "negative"  # -12 V: state F


@dataclass(frozen=True, slots=True)
class Load:
    """What lies between pilot and earth beyond the socket. `ohm` None: nothing; 0: a short."""

    ohm: int | None = None
    has_diode: bool = True


OPEN = Load()
SHORTED = Load(0, has_diode=False)


@dataclass(frozen=True, slots=True)
class Levels:
    """Of one period: the positive and the negative half; both the same where nothing oscillates."""

    high_mv: int
    low_mv: int

    @property
    def is_diode_proved(self) -> bool:
        return self.low_mv <= DIODE_PROVED_MV


@lru_cache(8)  # every combination
def vehicle_load(*, is_asking: bool, ventilated: bool = False, has_diode: bool = True) -> Load:
    """`is_asking`: S2 is closed. `ventilated`: it asks by 270 instead of 1,300 Ohm."""
    if not is_asking:
        return Load(READY_OHM, has_diode)
    second = VENTILATE_OHM if ventilated else CHARGE_OHM
    return Load(round(READY_OHM * second / (READY_OHM + second)), has_diode)


def levels(source: Source, load: Load) -> Levels:
    match source:
        case Source.UNPOWERED:
            return Levels(0, 0)
        case Source.STEADY:
            high = _divided(SOURCE_MV, load)
            return Levels(high, high)
        case Source.NEGATIVE:
            low = _divided(-SOURCE_MV, load)
            return Levels(low, low)
        case Source.PWM:
            return Levels(_divided(SOURCE_MV, load), _divided(-SOURCE_MV, load))


def state_of(seen: Levels) -> Pilot | None:
    """None: between the bands, where a board keeps what it had (IEC 61851-1 A.4.11)."""
    if abs(seen.high_mv + SOURCE_MV) <= BAND_MV:
        return Pilot.F
    for state, ideal_mv in _HIGH_MV.items():
        if abs(seen.high_mv - ideal_mv) <= BAND_MV:
            return state
    return None


def _divided(source_mv: int, load: Load) -> int:
    if load.ohm is None:
        return source_mv
    diode_mv = DIODE_MV if load.has_diode else 0
    if diode_mv and source_mv < 0:
        return source_mv  # it blocks: no current, no drop
    sign = -1 if source_mv < 0 else 1
    return diode_mv + sign * ((abs(source_mv) - diode_mv) * load.ohm // (load.ohm + SOURCE_OHM))
