"""Everything a point knows, as one immutable value, and how device facts change it. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import (
    LEASE_STUCK,
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    BoardTemperature,
    ContactorMoved,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    HazardCleared,
    HazardRaised,
    LockJammed,
    LockMoved,
    MeterSampled,
    MeterSigned,
    Pilot,
    PilotChanged,
    PointFact,
    SealChecked,
)
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.money.settlement import Bill
from chargepoint.domain.reservations.reservation import NOT_KEPT, Kept
from chargepoint.domain.session import Session, StartOrder
from chargepoint.domain.supply.believable import Trust
from chargepoint.domain.supply.derating import Derating
from chargepoint.domain.supply.fair_shares import SMALLEST_OFFER
from chargepoint.domain.supply.metering import NO_DETAILS, Details, SignedValue, Values
from chargepoint.domain.supply.strain import Strain
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Watt, Wh

_CLOCKS_APART = timedelta(minutes=5)  # of the meter and of the station
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
    faults: frozenset[str] = frozenset()  # in force
    present: frozenset[str] = frozenset()  # as far as whoever found them says now
    strain: Strain = field(default_factory=Strain)  # how long the meter shows what must not be
    register: Wh | None = None  # None until the meter has answered once in this life
    power: Watt = Watt(0)
    current: MilliAmp = MilliAmp(0)
    voltage: MilliVolt = MilliVolt(0)
    details: Details = NO_DETAILS  # what more the meter said with that
    trust: Trust = field(default_factory=Trust)  # in the meter
    temperature_milli: int | None = None  # m°C inside the board, where it measures one
    derating: Derating = field(default_factory=Derating)  # by that
    offered: MilliAmp = MilliAmp(0)  # by the newest permission; 0: there is none
    operative: bool = True
    updating: bool = False  # new software is about to be installed
    kept: Kept = NOT_KEPT
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
    def is_welded(self) -> bool:
        """Its contacts may be live whatever they are told."""
        return "weld" in self.faults

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
        ceiling = self.ceiling
        return self.offered if ceiling is None else min(self.offered, ceiling)

    @property
    def ceiling(self) -> MilliAmp | None:
        """The lowest of the limits that change while a charge runs; None: there is none."""
        limits = [each for each in (self.allowed, self.derating.limit) if each is not None]
        return min(limits, default=None)

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
        details = changed(
            self.details, offered=self.offered_now, temperature_milli=self.temperature_milli
        )
        return Values(self.power, self.current, self.voltage, details)

    def with_fault(self, *keys: str) -> "PointData":
        return replace(self, faults=self.faults | {*keys}, present=self.present | {*keys})

    def found(self, key: str) -> "PointData":
        """Concluded here, not reported: nobody will say that it is gone."""
        return replace(self, faults=self.faults | {key})

    def without_fault(self, *keys: str) -> "PointData":
        """Its cause is gone. What latches is in force until a technician resets it."""
        gone = self.present & {*keys}
        if not gone:
            return self
        return replace(
            self, faults=self.faults - (gone - faults.latched(gone)), present=self.present - gone
        )

    def reset(self) -> "PointData":
        """By a technician: whatever latched and is not there any more. The meter that he has seen to
        is believed from its next reading on.
        """
        kept = self.faults - (faults.latched(self.faults) - self.present)
        return replace(self, faults=kept, trust=Trust(serial=self.trust.serial))


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
            return _with_lock(point, locked=locked)
        case LockJammed(wanted_locked=wanted):
            return point.with_fault(faults.LOCK_JAM if wanted else faults.LOCK_STUCK)
        case BoardFaultRaised(fault=fault):
            return point.with_fault(fault)
        case BoardFaultCleared(fault=fault):
            return point.without_fault(fault)
        case HazardRaised(hazard=hazard):
            return point.with_fault(hazard)
        case HazardCleared(hazard=hazard):
            return point.without_fault(hazard)
        case BoardAnswered():
            return _with_board(point, fact)
        case BoardTemperature(temperature_milli=temperature_milli):
            return replace(point, temperature_milli=temperature_milli)
        case MeterSampled():
            return _with_sample(point, fact)
        case MeterSigned():
            return _with_signed(point, fact)
        case SealChecked(problem=problem):
            key = faults.METER_UNSIGNED
            return point.with_fault(key) if problem else point.without_fault(key)
        case DeviceOffline(device=device):
            return point.with_fault(_LOST[device.kind])
        case DeviceOnline(device=device):
            return point.without_fault(_LOST[device.kind])
        case DeviceIncident(code=code):
            return _with_incident(point, code)


def _with_lock(point: PointData, *, locked: bool) -> PointData:
    """A lock that opens under a charge was opened by hand: no plug is pulled from live contacts."""
    fresh = point.without_fault(faults.LOCK_JAM, faults.LOCK_STUCK)
    session = point.session
    if point.locked and not locked and session is not None and session.cause is None:
        fresh = fresh.with_fault(faults.LOCK_OPEN)
    return replace(fresh, locked=locked)


def _with_incident(point: PointData, code: str) -> PointData:
    """A relay of the lease that does not fall: whoever would die now would leave a socket live."""
    if code != LEASE_STUCK:
        return point
    return point.with_fault(faults.LEASE_STUCK).without_fault(faults.LEASE_STUCK)


def _with_pilot(point: PointData, pilot: Pilot) -> PointData:
    """E and F say nothing about the plug, and are faults until they pass: of the line, of the board."""
    passed = point.without_fault(faults.PILOT_ERROR, faults.BOARD_OFF)
    if pilot in (Pilot.E, Pilot.F):
        return passed.with_fault(faults.PILOT_ERROR if pilot is Pilot.E else faults.BOARD_OFF)
    if pilot is Pilot.A:
        passed = passed.without_fault(faults.LOCK_OPEN, faults.OVERDRAW)
    return replace(passed, pilot=pilot)


_OF_THE_BOARD = (*BoardFault, faults.PILOT_ERROR, faults.BOARD_OFF, faults.BOARD_LOST)


def _with_board(point: PointData, answer: BoardAnswered) -> PointData:
    fresh = point.without_fault(*_OF_THE_BOARD)
    if answer.fault is not None:
        fresh = fresh.with_fault(answer.fault)
    fresh = replace(fresh, contactor_closed=answer.contactor_closed, locked=answer.locked)
    return _with_pilot(fresh, answer.pilot)


def _with_signed(point: PointData, signed: MeterSigned) -> PointData:
    """A record from before this session is that of another one."""
    session = point.session
    if session is None or session.ended or signed.taken_at < session.started_at - _CLOCKS_APART:
        return point
    return replace(point, session=replace(session, signed=SignedValue(signed.text, signed.key)))


def _with_sample(point: PointData, sample: MeterSampled) -> PointData:
    session = point.session
    if session is not None and not session.ended and sample.register > session.register:
        session = changed(session, register=sample.register)
    return changed(
        point.without_fault(faults.METER_LOST),
        register=sample.register,
        power=sample.power,
        current=sample.current,
        voltage=sample.voltage,
        details=sample.details,
        session=session,
    )
