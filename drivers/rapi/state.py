"""What a board's `$GV` and `$GS` answers and its `$AT` event mean (RAPI 5.x)."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from chargepoint.domain.devices import BoardFault, Pilot
from chargepoint.errors import ChargepointError
from drivers.observed import Observed


class State(IntEnum):
    UNKNOWN = 0x00
    A = 0x01
    B = 0x02
    C = 0x03
    VENT_REQUIRED = 0x04
    DIODE_CHECK_FAILED = 0x05
    GFCI_TRIP = 0x06
    NO_GROUND = 0x07
    STUCK_RELAY = 0x08
    GFI_SELFTEST_FAILED = 0x09
    OVER_TEMPERATURE = 0x0A
    OVER_CURRENT = 0x0B
    CLOSURE_FAULT = 0x0E
    PROXIMITY_SHORTED = 0x0F  # these three since protocol 6.0
    PROXIMITY_MISSING = 0x10
    MEMORY = 0x11
    SLEEPING_TOO = 0xFD  # as an emulator has it that the makers of this board's gateway test with
    SLEEPING = 0xFE
    DISABLED = 0xFF


class Flag(IntEnum):
    """The bits of `vflags` that we or the simulated board use. Together they are a plain number: asked
    at every poll, and an `IntFlag` is slow to ask.
    """

    HARD_FAULT = 0x0002
    NO_GROUND_TRIPPED = 0x0020
    CHARGING_ON = 0x0040  # the relay is closed
    GFI_TRIPPED = 0x0080
    EV_CONNECTED = 0x0100
    SESSION_ENDED = 0x0200
    EV_CONNECTED_PREVIOUSLY = 0x0400
    LOCK_MANUAL = 0x8000


FAULTS = {
    State.VENT_REQUIRED: BoardFault.VENTILATION,
    State.DIODE_CHECK_FAILED: BoardFault.DIODE,
    State.GFCI_TRIP: BoardFault.RCD_TRIP,
    State.NO_GROUND: BoardFault.GROUND_LOST,
    State.STUCK_RELAY: BoardFault.WELD,
    State.GFI_SELFTEST_FAILED: BoardFault.RCD_SELFTEST,
    State.OVER_TEMPERATURE: BoardFault.OVERHEAT,
    State.OVER_CURRENT: BoardFault.OVERCURRENT,
    State.CLOSURE_FAULT: BoardFault.CLOSE_FAILED,
    State.PROXIMITY_SHORTED: BoardFault.PROXIMITY,
    State.PROXIMITY_MISSING: BoardFault.PROXIMITY,
    State.MEMORY: BoardFault.MEMORY,
}

PILOTS = {State.A: Pilot.A, State.B: Pilot.B, State.C: Pilot.C, State.VENT_REQUIRED: Pilot.D}

# Plain numbers: asked at every poll, and the members of an enumeration are slow to ask.
_FAULT_OF_CODE = {int(state): fault for state, fault in FAULTS.items()}
_CHARGING_ON, _EV_CONNECTED = int(Flag.CHARGING_ON), int(Flag.EV_CONNECTED)

KNOWN_CODES = frozenset(int(state) for state in State)
AWAKE = frozenset({State.A, State.B, State.C})  # states from which the relay may close
ASLEEP = frozenset({State.SLEEPING, State.SLEEPING_TOO})

NO_FAULTS = AWAKE | ASLEEP | {State.UNKNOWN}

# Digits of a state, a pilot, and the flags: what a board prints. An answer to another question, such
# as the four numbers of `$GC`, has not these.
_WIDTHS = (2, 2, 4)


class BoardLost(ChargepointError):
    """The board does not answer, or not as one we can trust."""


class UnreadableState(ChargepointError):
    """The answer is well framed and its fields are not those of this protocol."""


@dataclass(frozen=True, slots=True)
class BoardState:
    """One state report. `code` may be a number that `State` does not know."""

    code: int
    pilot_code: int
    flags: int

    @property
    def fault(self) -> BoardFault | None:
        return _FAULT_OF_CODE.get(self.code)

    @property
    def is_unknown_fault(self) -> bool:
        return self.code not in KNOWN_CODES

    @property
    def is_asleep(self) -> bool:
        return self.code in ASLEEP

    @property
    def is_awake(self) -> bool:
        return self.code in AWAKE

    @property
    def is_closed(self) -> bool:
        """A welded contactor is closed whatever its coil is told. The emulator's flags stay as they
        were when it was put to sleep; no board says that code.
        """
        if self.code == State.SLEEPING_TOO:
            return False
        return bool(self.flags & _CHARGING_ON) or self.code == State.STUCK_RELAY

    def pilot(self, before: Pilot) -> Pilot:
        """In a fault the board stops classifying and says 0: then only presence is known. Without a
        fault 0 is a voltage of no state: a pilot that is short, or torn.
        """
        if self.code == State.DISABLED:
            return Pilot.F
        if self.pilot_code == State.UNKNOWN and self.code in NO_FAULTS:
            return Pilot.E
        if self.pilot_code in PILOTS:
            return PILOTS[State(self.pilot_code)]
        if not self.flags & _EV_CONNECTED:
            return Pilot.A
        return before if before in {Pilot.B, Pilot.C, Pilot.D} else Pilot.B


def observe(state: BoardState, before: Observed | None) -> Observed:
    pilot_before = Pilot.A if before is None else before.pilot
    return Observed(state.pilot(pilot_before), state.is_closed, state.fault)


@lru_cache(64)  # a board says the same at nearly every poll
def parse_state_reply(arguments: tuple[str, ...]) -> BoardState:
    """`$GS`: state, elapsed seconds, pilot, flags."""
    if len(arguments) != 4:
        raise UnreadableState(f"state report with {len(arguments)} fields: {arguments}")
    return _state(arguments[0], arguments[2], arguments[3])


def parse_state_event(arguments: tuple[str, ...]) -> tuple[BoardState, int]:
    """`$AT`: state, pilot, offered amperes, flags."""
    if len(arguments) != 4:
        raise UnreadableState(f"state event with {len(arguments)} fields: {arguments}")
    code, pilot, amperes, flags = arguments
    if not amperes.isdecimal():
        raise UnreadableState(f"state event offers {amperes!r} amperes")
    return _state(code, pilot, flags), int(amperes)


def _state(code: str, pilot: str, flags: str) -> BoardState:
    if (len(code), len(pilot), len(flags)) != _WIDTHS:
        raise UnreadableState(f"state report {code} {pilot} {flags}")
    try:
        return BoardState(int(code, 16), int(pilot, 16), int(flags, 16))
    except ValueError as wrong:
        raise UnreadableState(f"state report {code} {pilot} {flags}") from wrong


@dataclass(frozen=True, slots=True)
class Version:
    firmware: str
    protocol: tuple[int, ...]


def version_of(arguments: tuple[str, ...]) -> Version:
    """`$GV`: firmware, protocol. Before protocol 5 the state report means something else."""
    numbers = arguments[1].split(".") if len(arguments) == 2 else []
    if not numbers or not all(each.isdecimal() for each in numbers):
        raise BoardLost(f"unreadable version {arguments}")
    protocol = tuple(int(each) for each in numbers)
    if protocol < (5,):
        raise BoardLost(f"RAPI protocol {arguments[1]} is too old, 5.0.0 is needed")
    return Version(arguments[0], protocol)
