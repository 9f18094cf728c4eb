"""Every row of the fault table at a charging point: it stops, is told, blocks, clears or latches."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chargepoint.app import projection
from chargepoint.domain.devices import (
    LEASE_STUCK,
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    ContactorMoved,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    Hazard,
    HazardCleared,
    HazardRaised,
    LockJammed,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
    SealChecked,
)
from chargepoint.domain.effects import OpenContactor, ResetFaults
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.faults.table import ROWS, Clears, Fault
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import PointMachine, ReadingTaken
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.supply import strain
from chargepoint.domain.supply.believable import Doubt
from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from tests.support.points import (
    ONE,
    PointUnderTest,
    a_point,
    at,
    card_order,
    finish,
    sample,
)

Act = Callable[[PointUnderTest], object]


def _readings(amperes: int, volts: int) -> Act:
    reading = MeterSampled(
        ONE, Wh(1100), Watt(3000), MilliAmp(amperes * 1000), MilliVolt(volts * 1000)
    )

    def hear(point: PointUnderTest) -> None:
        for _ in range(strain.READINGS):
            point.hear(reading, after_s=1)

    return hear


def _device(kind: DeviceKind) -> tuple[Act, Act]:
    device = DeviceRef(kind, ONE)
    return (
        lambda point: point.hear(DeviceOffline(device, "silent")),
        lambda point: point.hear(DeviceOnline(device)),
    )


def _nothing(_point: PointUnderTest) -> None:
    """Its cause leaves no trace of going."""


UNPLUG: Act = lambda point: point.hear(PilotChanged(ONE, Pilot.A))  # noqa: E731
STUCK = DeviceIncident(DeviceRef(DeviceKind.LEASE_TIMER, ONE), LEASE_STUCK, "")
PILOT_BACK: Act = lambda point: point.hear(PilotChanged(ONE, Pilot.B))  # noqa: E731


def _register(point: PointUnderTest) -> int:
    return point.machine.data.register or 0


def _leap(step_wh: int) -> Act:
    def hear(point: PointUnderTest) -> None:
        wrong = _register(point) + step_wh
        point.hear(sample(wrong), after_s=1).hear(sample(wrong), after_s=1)

    return hear


def _stand_still(point: PointUnderTest) -> None:
    for _ in range(13):
        point.hear(sample(_register(point), 22_000), after_s=1)


def _exchange(point: PointUnderTest) -> None:
    meter = DeviceRef(DeviceKind.METER, ONE)
    point.hear(DeviceOnline(meter, serial="A")).hear(DeviceOnline(meter, serial="B"))


FITS: Act = lambda point: point.hear(sample(_register(point) + 1), after_s=1)  # noqa: E731

# how it comes, how its cause goes
DEEDS: dict[str, tuple[Act, Act]] = {
    **{
        fault: (
            lambda point, fault=fault: point.hear(BoardFaultRaised(ONE, fault)),  # type: ignore[misc]
            lambda point, fault=fault: point.hear(BoardFaultCleared(ONE, fault)),  # type: ignore[misc]
        )
        for fault in BoardFault
    },
    **{
        hazard: (
            lambda point, hazard=hazard: point.hear(HazardRaised(hazard)),  # type: ignore[misc]
            lambda point, hazard=hazard: point.hear(HazardCleared(hazard)),  # type: ignore[misc]
        )
        for hazard in Hazard
    },
    faults.PILOT_ERROR: (lambda p: p.hear(PilotChanged(ONE, Pilot.E)), PILOT_BACK),
    faults.BOARD_OFF: (lambda p: p.hear(PilotChanged(ONE, Pilot.F)), PILOT_BACK),
    faults.LOCK_JAM: (
        lambda p: p.hear(LockJammed(ONE, wanted_locked=True)),
        lambda p: p.hear(LockMoved(ONE, locked=True)),
    ),
    faults.LOCK_STUCK: (
        lambda p: p.hear(LockJammed(ONE, wanted_locked=False)),
        lambda p: p.hear(LockMoved(ONE, locked=False)),
    ),
    faults.LOCK_OPEN: (lambda p: p.hear(LockMoved(ONE, locked=False)), UNPLUG),
    faults.OVERDRAW: (_readings(40, 230), UNPLUG),
    faults.OVER_VOLTAGE: (_readings(10, 260), _readings(0, 230)),
    faults.UNDER_VOLTAGE: (_readings(10, 180), _readings(0, 230)),
    faults.METER_LOST: _device(DeviceKind.METER),
    faults.LEASE_LOST: _device(DeviceKind.LEASE_TIMER),
    faults.BOARD_LOST: _device(DeviceKind.EVSE),
    faults.LEASE_STUCK: (lambda p: p.hear(STUCK), _nothing),
    Doubt.WENT_BACK: (_leap(-500), FITS),
    Doubt.LEAPT: (_leap(90_000), FITS),
    Doubt.STUCK: (_stand_still, FITS),
    Doubt.REPLACED: (_exchange, FITS),
    faults.METER_UNSIGNED: (
        lambda p: p.hear(SealChecked(ONE, "not its key")),
        lambda p: p.hear(SealChecked(ONE, "")),
    ),
}


def keyed(fault: Fault) -> str:
    return f"{fault.ref}_{fault.key}"


def charging() -> PointUnderTest:
    point = an_idle_point().plugged().started(card_order()).locked().energised()
    return point.charged(1100, power=3000)


def an_idle_point() -> PointUnderTest:
    return a_point(PointSettings(most_power=Watt(24_000)))


def reported(point: PointUnderTest) -> tuple[str, str, str]:
    report = projection.status(PointSeen(point.state, point.machine.data))
    return report.status, report.error_code, report.vendor_error_code


def restarted(point: PointUnderTest) -> PointUnderTest:
    """Another life of the software, from what the journal has; every device is well."""
    saved = [record for o in point.outcomes for record in o.batch.points][-1]
    fresh = PointUnderTest()
    fresh.machine = PointMachine(PointData(ONE), PointSettings(), at(0))
    fresh.seconds = point.seconds + 3600
    now = at(fresh.seconds)
    fresh.machine.restore(saved, Now(now.monotonic, now.utc + timedelta(hours=1)))
    answer = BoardAnswered(ONE, Pilot.A, contactor_closed=False, locked=False, fault=None)
    return fresh.hear(answer).hear(sample(1100)).hear(ReadingTaken())


def test_every_row_has_a_way_to_come_and_a_number_of_its_own() -> None:
    assert set(DEEDS) == {row.key for row in ROWS}
    assert len({row.ref for row in ROWS}) == len(ROWS)
    assert faults.INOPERATIVE_REF not in {row.ref for row in ROWS}


@pytest.mark.parametrize("fault", ROWS, ids=keyed)
def test_fault_opens_the_contactor_and_ends_the_charge(fault: Fault) -> None:
    point = charging()
    DEEDS[fault.key][0](point)
    assert point.state == "session/stopping"
    assert any(isinstance(e, OpenContactor) for o in point.outcomes for e in o.effects)
    session = point.machine.data.session
    assert session is not None
    assert (session.fault, session.reason) == (fault.key, fault.reason)


@pytest.mark.parametrize("fault", ROWS, ids=keyed)
def test_fault_is_told_to_the_central_system_as_its_row_says(fault: Fault) -> None:
    point = charging()
    DEEDS[fault.key][0](point)
    if fault.clears is Clears.UNPLUGGED or fault.key == faults.LEASE_STUCK:
        finish(point, 1100)
    status, code, vendor = reported(point)
    assert (code, vendor) == (fault.ocpp_code, fault.mrec)
    assert (status == "Faulted") is not fault.of_vehicle


@pytest.mark.parametrize("fault", ROWS, ids=keyed)
def test_incident_of_a_fault_is_written_once(fault: Fault) -> None:
    point = charging()
    DEEDS[fault.key][0](point)
    codes = [i.code for o in point.outcomes for i in o.batch.incidents]
    assert codes.count(faults.incident_of(fault.key)) == (fault.key not in faults.DEVICE_FAULTS)


@pytest.mark.parametrize("fault", ROWS, ids=keyed)
def test_fault_clears_as_its_row_says(fault: Fault) -> None:
    come, go = DEEDS[fault.key]
    point = charging()
    come(point)
    point.hear(ContactorMoved(ONE, closed=False))
    assert fault.key in point.machine.data.faults
    go(point)
    assert (fault.key in point.machine.data.faults) is fault.latches


LATCHING = [row for row in ROWS if row.latches]


@pytest.mark.parametrize("fault", LATCHING, ids=keyed)
def test_latched_fault_outlives_a_restart_and_goes_by_service_only(fault: Fault) -> None:
    come, go = DEEDS[fault.key]
    point = charging()
    come(point)
    go(finish(point, 1100))
    again = restarted(point)
    assert fault.key in again.machine.data.faults
    assert reported(again)[0] == "Faulted"
    assert not again.machine.data.may_start
    again.hear(ResetFaults())
    assert again.machine.data.faults == frozenset()
    assert restarted(again).machine.data.may_start


@pytest.mark.parametrize("fault", [r for r in LATCHING if r.key != faults.LEASE_STUCK], ids=keyed)
def test_reset_is_refused_while_the_cause_is_there(fault: Fault) -> None:
    point = a_point()
    DEEDS[fault.key][0](point)
    point.hear(ResetFaults())
    assert fault.key in point.machine.data.faults


def test_weld_that_was_concluded_is_not_reset_while_the_contacts_are_live() -> None:
    point = a_point().hear(ContactorMoved(ONE, closed=True))
    assert "weld" in point.machine.data.faults
    point.hear(ResetFaults())
    assert "weld" in point.machine.data.faults
    point.hear(ContactorMoved(ONE, closed=False)).hear(ResetFaults())
    assert not point.machine.data.faults


@pytest.mark.parametrize("fault", ROWS, ids=keyed)
def test_fault_of_an_idle_point_lets_nobody_begin(fault: Fault) -> None:
    needs_a_charge = (faults.LOCK_OPEN, faults.OVERDRAW, Doubt.REPLACED)
    point = an_idle_point()
    DEEDS[fault.key][0](point)
    assert point.machine.data.may_start is (fault.key in needs_a_charge)


def test_current_that_is_too_high_for_a_moment_is_no_fault() -> None:
    point = charging()
    for _ in range(strain.READINGS - 1):
        point.hear(sample(1100, 9_000), after_s=1)
    assert point.state == "session/energised"
