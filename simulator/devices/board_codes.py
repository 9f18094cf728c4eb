"""What a charging board says of its state: codes of pilots and faults, and its flags (RAPI `$GS`)."""

from enum import StrEnum
from functools import lru_cache

from chargepoint.domain.devices import Pilot
from drivers.rapi.state import Flag, State


class Mode(StrEnum):
    """What its host last ordered."""

    ENABLED = "enabled"
    SLEEPING = "sleeping"
    DISABLED = "disabled"


PILOT_CODES = {
    Pilot.A: State.A,
    Pilot.B: State.B,
    Pilot.C: State.C,
    Pilot.D: State.VENT_REQUIRED,
    Pilot.E: State.UNKNOWN,  # a voltage of none of them
}
RETRIED = frozenset({State.GFCI_TRIP, State.NO_GROUND})
# Kept until the power goes; all other faults end when the car is unplugged.
UNTIL_POWER_CYCLE = frozenset({State.STUCK_RELAY, State.GFI_SELFTEST_FAILED})
# Whether there is a resistor, and it is none of a cable.
PROXIMITY_FAULTS = {True: State.PROXIMITY_SHORTED, False: State.PROXIMITY_MISSING}


@lru_cache(256)
def flags_of(sticky: int, *present: bool) -> int:
    """`present`: a car, a closed relay, an ended session, a lock worked by hand."""
    bits = (Flag.EV_CONNECTED, Flag.CHARGING_ON, Flag.SESSION_ENDED, Flag.LOCK_MANUAL)
    return sum((bit for bit, is_set in zip(bits, present, strict=True) if is_set), sticky)
