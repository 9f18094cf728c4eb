"""What a point makes of each reading: it believes it, or ends the sale at the last believed value."""

from dataclasses import replace

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import DeviceOnline, MeterSampled, SealChecked
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.context import Point
from chargepoint.domain.record import Incident
from chargepoint.domain.session import Session
from chargepoint.domain.supply import believable
from chargepoint.domain.supply.believable import DOUBTS, Doubt, Trust

_UNKNOWN_MS = 30 * 86_400_000  # how long a station may have been away whose clock was set back


def remember(point: Point, session: Session | None) -> None:
    """After a restart: the meter goes on from where a session that was saved had seen it."""
    if session is None or session.ended:
        return
    away_ms = round((point.now.utc - point.saved_at).total_seconds() * 1000)
    at_ms = _ms(point) - (away_ms if away_ms >= 0 else _UNKNOWN_MS)
    point.data = replace(point.data, trust=Trust(register=session.register, at_ms=at_ms))


def meet(point: Point, online: DeviceOnline) -> None:
    """A meter with another serial number than before is another meter."""
    before = point.data.trust
    trust = believable.met(before, online.serial)
    if trust.serial != before.serial and before.serial:
        point.data = point.data.without_fault(*DOUBTS)
        if _is_selling(point):
            _give_up(point, Doubt.REPLACED, f"meter {before.serial} became {trust.serial}")
    point.data = replace(point.data, trust=trust)


def read(point: Point, sample: MeterSampled) -> MeterSampled:
    """The sample with the register that counts; faults are raised and cleared by the way.

    A sale that was given up ends at the value from before, whatever is believed since.
    """
    data = point.data
    found = believable.weigh(data.trust, sample, _ms(point), point.settings.most_power)
    point.data = changed(data, trust=found.trust)
    if found.doubt is None:
        point.data = point.data.without_fault(*DOUBTS)
    elif found.is_certain and found.doubt not in data.faults:
        words = f"register {data.trust.register} Wh, then {sample.register} Wh, at {sample.power} W"
        _give_up(point, found.doubt, words)
    session = point.data.session
    if session is not None and not session.ended and session.estimated:
        return replace(sample, register=session.register)
    if found.doubt is None or data.trust.register is None:
        return sample
    return replace(sample, register=data.trust.register)


def hear_of_seal(point: Point, checked: SealChecked) -> None:
    """A record that proves nothing ends the sale at the value from before, and is told once."""
    if checked.problem and faults.METER_UNSIGNED not in point.data.present:
        _give_up(point, faults.METER_UNSIGNED, checked.problem)


def demand_seal(point: Point) -> None:
    """At the end of a charge, where only signed readings are sold: one without a record of its own is
    the last. A sale that was given up before has told why.
    """
    session, connector = point.session, point.data.connector
    is_needed = connector in point.settings.sells_signed and session.energy > 0
    if is_needed and session.signed is None and not session.estimated:
        _give_up(point, faults.METER_UNSIGNED, f"no signed record of {session.id}")


def _is_selling(point: Point) -> bool:
    session = point.data.session
    return session is not None and not session.ended


def _give_up(point: Point, key: str, detail: str) -> None:
    """What is only concluded is gone by a technician's word; nobody else will say so."""
    connector, is_concluded = point.data.connector, key == faults.METER_UNSIGNED
    point.data = point.data.found(key) if is_concluded else point.data.with_fault(key)
    point.draft.incidents.append(Incident(faults.incident_of(key), detail, f"meter:{connector}"))
    if _is_selling(point):
        point.session = replace(point.session, estimated=True)
        point.draft.save = True


def _ms(point: Point) -> int:
    return round(point.now.monotonic * 1000)
