"""What the registers of a Heidelberg Energy Control mean (layout 1.0.7 and later; 19200 baud, 8E1).

input    04   4 layout | 5 state | 6..8 current 0.1 A | 9 board 0.1 degrees | 10..12 volts
             13 lock input | 14 power VA | 15-16 since power-on | 17-18 since installation
holding  03   257 watchdog ms | 258 standby 0 on 4 off | 259 remote lock 0 locked 1 unlocked
         10   261 current command 0.1 A | 262 the same, once the watchdog has run out
"""

from dataclasses import dataclass
from enum import IntEnum

from chargepoint.domain.devices import BoardFault, Pilot
from chargepoint.domain.units import MilliAmp
from chargepoint.errors import ChargepointError

LAYOUT = 4
STATE, STATE_COUNT = 5, 9  # up to and with the voltages
WATCHDOG, STANDBY, REMOTE_LOCK, CURRENT, FAIL_SAFE = 257, 258, 259, 261, 262

WATCHDOG_MS = 3_000  # as the lease of every other contactor
STANDBY_OFF = 4  # asleep it does not answer
UNLOCKED, LOCKED = 1, 0
NO_CURRENT = 0
SMALLEST_OFFER = MilliAmp(6_000)
LARGEST_OFFER = MilliAmp(16_000)
MA_PER_STEP = 100
LIVE_STEPS = 5  # more than a meter's noise: with open contacts nothing flows


class State(IntEnum):
    A1 = 2
    A2 = 3
    B1 = 4
    B2 = 5
    C1 = 6
    C2 = 7
    DERATING = 8
    E = 9
    F = 10
    ERROR = 11


PILOTS = {
    State.A1: Pilot.A,
    State.A2: Pilot.A,
    State.B1: Pilot.B,
    State.B2: Pilot.B,
    State.C1: Pilot.C,
    State.C2: Pilot.C,
    State.DERATING: Pilot.C,
    State.E: Pilot.E,
    State.F: Pilot.F,
}
ENERGISED = frozenset({State.C2, State.DERATING})


class UnreadableState(ChargepointError):
    """A well-framed answer whose values are not those of this unit."""


@dataclass(frozen=True, slots=True)
class UnitState:
    state: State
    most_steps: int  # of the phase that carries most, in 0.1 A
    temperature_milli: int

    @property
    def is_closed(self) -> bool:
        """It has no feedback of its contacts: charging, or current although it says it is not."""
        return self.state in ENERGISED or self.most_steps >= LIVE_STEPS

    @property
    def fault(self) -> BoardFault | None:
        return BoardFault.UNIT_ERROR if self.state is State.ERROR else None

    def pilot(self, before: Pilot) -> Pilot:
        """In an error it says nothing of the vehicle."""
        return PILOTS.get(self.state, before)


def unit_state(registers: list[int]) -> UnitState:
    """Registers 5 to 13. Raises UnreadableState."""
    code, *currents = registers[:4]
    if code not in set(State):
        raise UnreadableState(f"state {code} is none of a charging unit")
    decidegrees = registers[4] - 0x1_0000 if registers[4] & 0x8000 else registers[4]
    return UnitState(State(code), max(currents), decidegrees * 100)


def command_of(limit: MilliAmp) -> int:
    """Register 261: 0, or 60 to 160."""
    if limit < SMALLEST_OFFER:
        return NO_CURRENT
    return min(limit, LARGEST_OFFER) // MA_PER_STEP
