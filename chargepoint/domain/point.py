"""Everything a point knows, as one immutable value, and how device facts change it. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from chargepoint.domain import faults
from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    BoardTemperature,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    LockJammed,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.metering import NO_DETAILS, Details, Values
from chargepoint.domain.reservation import Kept
from chargepoint.domain.session import Session, StartOrder
from chargepoint.domain.settlement import Bill
from chargepoint.domain.sharing import SMALLEST_OFFER
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Watt, Wh

PointFact = (
    PilotChanged
    | ContactorMoved
    | LockMoved
    | LockJammed
    | BoardFaultRaised
    | BoardFaultCleared
    | BoardAnswered
    | BoardTemperature
    | MeterSampled
    | DeviceOnline
    | DeviceOffline
)

_LOST = {
    DeviceKind.EVSE: faults.BOARD_LOST,
    DeviceKind.METER: faults.METER_LOST,
    DeviceKind.LEASE_TIMER: faults.LEASE_LOST,
}


@dataclass(frozen=True, slots=True)
class PointData:
    connector: ConnectorId
    pilot: Pilot | None = None  # None until the board has answered once in this life
    contactor_closed: bool = False
    locked: bool = False
    faults: frozenset[str] = frozenset()
    register: Wh | None = None  # None until the meter has answered once in this life
    power: Watt = Watt(0)
    current: MilliAmp = MilliAmp(0)
    voltage: MilliVolt = MilliVolt(0)
    details: Details = NO_DETAILS  # what more the meter said with that
    temperature_milli: int | None = None  # m°C inside the board, where it measures one
    offered: MilliAmp = MilliAmp(0)  # by the newest permission; 0: there is none
    operative: bool = True
    updating: bool = False  # new software is about to be installed
    kept: Kept = field(default_factory=Kept)
    claimed: int | None = None  # the reservation that whoever stands here has proved
    claimed_until: datetime | None = None
    allowed: MilliAmp | None = None  # from outside, by charging profiles; None: nothing is said
    resumes_at: datetime | None = None  # when a pause by `allowed` is expected to end
    session: Session | None = None
    pending: StartOrder | None = None  # an accepted remote start that waits for the plug
    pending_until: datetime | None = None
    bill: Bill | None = None  # of the session that just ended, until the plug is out
    receipts: int = 0
    cable_of: str = ""  # the token whose cable stays locked in the socket until it comes back
    expected: bool = False  # somebody has shown who pays, and has not plugged in yet
    waited_out: bool = False  # plugged in, and nobody said who pays within ConnectionTimeOut

    @property
    def is_plugged(self) -> bool:
        return self.pilot in (Pilot.B, Pilot.C, Pilot.D)

    @property
    def is_known(self) -> bool:
        """Board and meter have answered: the truth of the world is known."""
        return self.pilot is not None and self.register is not None

    @property
    def is_paused(self) -> bool:
        """What is allowed is less than a vehicle can be told to take, or it is refused any."""
        if self.session is not None and self.session.is_denied:
            return True
        return self.allowed is not None and self.allowed < SMALLEST_OFFER

    @property
    def offered_now(self) -> MilliAmp:
        """What the vehicle is told."""
        if self.is_paused:
            return MilliAmp(0)
        return self.offered if self.allowed is None else min(self.offered, self.allowed)

    @property
    def is_claimed(self) -> bool:
        return self.claimed is not None

    @property
    def is_available(self) -> bool:
        """In service, as far as people decide it."""
        return self.operative and not self.updating

    @property
    def may_start(self) -> bool:
        return self.is_available and self.is_sound and not self.cable_of

    @property
    def is_sound(self) -> bool:
        """Nothing is broken: what runs may go on, also where nobody new may begin."""
        return self.is_known and not self.faults

    @property
    def values(self) -> Values:
        """What is measured just now, besides the register."""
        details = replace(
            self.details, offered=self.offered_now, temperature_milli=self.temperature_milli
        )
        return Values(self.power, self.current, self.voltage, details)

    def with_fault(self, key: str) -> "PointData":
        return replace(self, faults=self.faults | {key})

    def without_fault(self, key: str) -> "PointData":
        fault = faults.FAULTS.get(key)
        if fault is None or fault.latches or key not in self.faults:
            return self
        return replace(self, faults=self.faults - {key})


def absorb(point: PointData, fact: PointFact) -> PointData:  # noqa: C901, PLR0911, PLR0912 - one flat case per fact
    """The point after a fact about its devices; no decision is taken here."""
    match fact:
        case PilotChanged(pilot=pilot):
            return _with_pilot(point, pilot)
        case ContactorMoved(closed=closed):
            # What the meter said before the opening says nothing about the time after it.
            power = point.power if closed else Watt(0)
            return replace(point, contactor_closed=closed, power=power, details=NO_DETAILS)
        case LockMoved(locked=locked):
            return replace(point.without_fault(faults.LOCK_JAM), locked=locked)
        case LockJammed():
            return point.with_fault(faults.LOCK_JAM)
        case BoardFaultRaised(fault=fault):
            return point.with_fault(fault)
        case BoardFaultCleared(fault=fault):
            return point.without_fault(fault)
        case BoardAnswered():
            return _with_board(point, fact)
        case BoardTemperature(temperature_milli=temperature_milli):
            return replace(point, temperature_milli=temperature_milli)
        case MeterSampled():
            return _with_sample(point, fact)
        case DeviceOffline(device=device):
            return point.with_fault(_LOST[device.kind])
        case DeviceOnline(device=device):
            return point.without_fault(_LOST[device.kind])


def _with_pilot(point: PointData, pilot: Pilot) -> PointData:
    """E and F say nothing about the plug, and are a fault of the pilot line until they pass."""
    if pilot in (Pilot.E, Pilot.F):
        return point.with_fault(faults.PILOT_ERROR)
    return replace(point.without_fault(faults.PILOT_ERROR), pilot=pilot)


def _with_board(point: PointData, answer: BoardAnswered) -> PointData:
    board_faults = {*BoardFault, faults.PILOT_ERROR, faults.BOARD_LOST}
    kept = frozenset(k for k in point.faults if k not in board_faults or faults.FAULTS[k].latches)
    fresh = replace(
        point,
        faults=kept if answer.fault is None else kept | {answer.fault},
        contactor_closed=answer.contactor_closed,
        locked=answer.locked,
    )
    return _with_pilot(fresh, answer.pilot)


def _with_sample(point: PointData, sample: MeterSampled) -> PointData:
    fresh = replace(
        point.without_fault(faults.METER_LOST),
        register=sample.register,
        power=sample.power,
        current=sample.current,
        voltage=sample.voltage,
        details=sample.details,
    )
    session = point.session
    if session is None or session.ended:
        return fresh
    return replace(fresh, session=replace(session, register=max(session.register, sample.register)))
