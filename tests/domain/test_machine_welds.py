"""A lock or a contactor that moves by itself, or does not move when told."""

from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import (
    OpenContactor,
    SetLock,
    TakeReading,
)
from chargepoint.domain.point.machine import ReadingTaken
from tests.support.points import (
    ONE,
    STOP,
    a_charging_point,
    a_point,
    card_order,
    cash_order,
    finish,
    fire,
    kinds,
    sample,
)


def test_contactor_closed_by_nobody_is_opened_and_reported() -> None:
    point = a_point().hear(ContactorMoved(ONE, closed=True))
    assert OpenContactor in kinds(point)
    assert "weld" in point.machine.data.faults


def test_board_that_never_confirms_the_opening_is_taken_as_welded() -> None:
    point = fire(a_charging_point(card_order()).charged(1500).hear(STOP), "t_open", 5)
    assert "weld" in point.machine.data.faults
    point.hear(sample(1500)).hear(ReadingTaken())
    assert SetLock(ONE, locked=False) not in point.last.effects


def test_lock_that_closes_while_nobody_charges_is_released() -> None:
    point = a_point().plugged().hear(LockMoved(ONE, locked=True))
    assert point.last.effects == (SetLock(ONE, locked=False),)
    assert point.hear(LockMoved(ONE, locked=False)).last.effects == ()


def test_lock_stays_while_the_contacts_are_welded() -> None:
    point = fire(a_charging_point(card_order()).charged(1500).hear(STOP), "t_open", 5)
    finish(point, 1500).hear(LockMoved(ONE, locked=False)).hear(LockMoved(ONE, locked=True))
    assert SetLock(ONE, locked=False) not in point.last.effects


def test_contactor_that_closes_after_the_end_is_ordered_open_and_then_taken_as_welded() -> None:
    point = finish(a_charging_point(cash_order()).charged(2000).hear(STOP), 2000)
    point.hear(ContactorMoved(ONE, closed=True))
    assert OpenContactor in kinds(point)
    assert "weld" not in point.machine.data.faults
    assert "weld" in fire(point, "t_open", 5).machine.data.faults


def test_contactor_that_closes_late_and_opens_is_forgiven() -> None:
    point = finish(a_charging_point(cash_order()).charged(2000).hear(STOP), 2000)
    point.hear(ContactorMoved(ONE, closed=True)).hear(ContactorMoved(ONE, closed=False))
    assert "weld" not in fire(point, "t_open", 5).machine.data.faults


def test_weld_behind_a_lost_board_is_found_when_it_returns() -> None:
    point = a_charging_point(card_order()).charged(1500)
    point.hear(DeviceOffline(DeviceRef(DeviceKind.EVSE, ONE), "silent"))
    fire(point, "t_open", 5).hear(sample(1500)).hear(ReadingTaken())
    assert "weld" not in point.machine.data.faults
    point.hear(BoardAnswered(ONE, Pilot.C, contactor_closed=True, locked=True, fault=None))
    assert "weld" in fire(point, "t_open", 5).machine.data.faults


def test_welded_contactor_that_still_feeds_keeps_the_plug_locked() -> None:
    point = a_charging_point(card_order()).charged(1500).hear(STOP)
    point.hear(ContactorMoved(ONE, closed=False)).hear(sample(1600, 7000)).hear(ReadingTaken())
    assert point.state == "settling/metering"
    assert TakeReading(ONE) in point.last.effects
    fire(point, "t_meter", 3)
    assert point.state == "settling/billed"
    assert "weld" in point.machine.data.faults
    assert SetLock(ONE, locked=False) not in point.last.effects
    assert "evse.weld" in [i.code for i in point.last.batch.incidents]


def test_weld_found_after_the_release_locks_again() -> None:
    point = finish(a_charging_point(card_order()).charged(1500).hear(STOP), 1500)
    point.hear(BoardFaultRaised(ONE, BoardFault.WELD))
    assert point.last.effects == (SetLock(ONE, locked=True),)


def test_contactor_still_closed_as_the_plug_goes_is_taken_as_welded() -> None:
    point = finish(a_charging_point(card_order()).charged(1500).hear(STOP), 1500)
    point.hear(ContactorMoved(ONE, closed=True)).hear(PilotChanged(ONE, Pilot.A))
    assert "weld" in point.machine.data.faults


def test_faults_clear_by_themselves_except_a_weld() -> None:
    point = a_point().plugged()
    for fault in (BoardFault.WELD, BoardFault.OVERHEAT):
        point.hear(BoardFaultRaised(ONE, fault)).hear(BoardFaultCleared(ONE, fault))
    meter = DeviceRef(DeviceKind.METER, ONE)
    point.hear(DeviceOffline(meter, "silent")).hear(DeviceOnline(meter))
    assert point.machine.data.faults == {"weld"}
