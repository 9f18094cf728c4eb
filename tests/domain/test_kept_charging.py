"""A board that kept charging while nobody watched: found at boot, opened, billed or written off by rule."""

import pytest

from chargepoint.domain.devices import BoardAnswered, ContactorMoved, LockMoved, Pilot, PilotChanged
from chargepoint.domain.effects import OpenContactor, SetLock
from chargepoint.domain.point.context import Billed, PointSettings
from chargepoint.domain.point.machine import ReadingTaken
from chargepoint.domain.units import Watt
from tests.support.points import (
    ONE,
    PointUnderTest,
    a_charging_point,
    a_point,
    at,
    card_order,
    cash_order,
    sample,
)

SECONDS, AN_HOUR = 5, 3600


def woken(
    before: PointUnderTest, *, away_s: float, register: int, closed: bool = True
) -> PointUnderTest:
    """The same connector after `away_s`; its contactor is closed, its meter went on."""
    saved = [record for o in before.outcomes for record in o.batch.points][-1]
    after = PointUnderTest(PointSettings(most_power=Watt(7_360)))
    after.seconds = before.seconds + away_s
    after.machine.restore(saved, at(after.seconds))
    answer = BoardAnswered(ONE, Pilot.C, contactor_closed=closed, locked=True, fault=None)
    return after.hear(answer).hear(sample(register, 7000))


def settled(point: PointUnderTest, register: int) -> PointUnderTest:
    point.hear(ContactorMoved(ONE, closed=False)).hear(sample(register)).hear(ReadingTaken())
    return point.hear(PilotChanged(ONE, Pilot.A), after_s=5)


def opens(point: PointUnderTest) -> bool:
    return any(isinstance(e, OpenContactor) for o in point.outcomes for e in o.effects)


def codes(point: PointUnderTest) -> list[str]:
    return [i.code for o in point.outcomes for i in o.batch.incidents]


def test_seconds_later_the_charge_goes_on_and_what_flowed_is_its_energy() -> None:
    point = woken(a_charging_point(cash_order(500)).charged(2000), away_s=SECONDS, register=2010)
    assert point.state == "session/energised"
    assert not opens(point)
    assert point.machine.data.session is not None
    assert point.machine.data.session.energy == 1010
    assert "evse.unattended" in codes(point)


def test_an_hour_later_it_is_opened_and_billed_at_the_meters_register() -> None:
    point = woken(a_charging_point(card_order(2000)).charged(2000), away_s=AN_HOUR, register=9000)
    assert point.state == "session/stopping"
    assert opens(point)
    assert codes(point).count("evse.unattended") == 1
    settled(point, 9001)
    (bill,) = [n.bill for o in point.outcomes for n in o.notices if isinstance(n, Billed)]
    assert bill.session.register == 9001
    assert bill.total == 360  # 8.001 kWh at 0.45


def test_what_flowed_beyond_the_money_is_written_off_and_not_billed() -> None:
    point = woken(a_charging_point(cash_order(200)).charged(2000), away_s=AN_HOUR, register=9000)
    assert opens(point)
    settled(point, 9001)
    (bill,) = [n.bill for o in point.outcomes for n in o.notices if isinstance(n, Billed)]
    assert bill.total == 200
    assert bill.absorbed == 160
    assert point.accounts()["absorbed"] != 0
    assert sum(point.accounts().values()) == 0


@pytest.mark.parametrize("away_s", [SECONDS, AN_HOUR])
def test_a_closed_contactor_that_nobody_paid_for_is_opened_and_told(away_s: float) -> None:
    """Nobody had a session there: there is nobody to bill, and a fault for the technician."""
    point = PointUnderTest()
    point.seconds = away_s
    answer = BoardAnswered(ONE, Pilot.C, contactor_closed=True, locked=True, fault=None)
    point.hear(answer).hear(sample(2000, 7000))
    assert opens(point) or "weld" in point.machine.data.faults
    assert not point.machine.data.may_start
    assert not point.accounts()


def test_an_open_contactor_is_no_news() -> None:
    before = a_charging_point(cash_order(500)).charged(2000)
    point = woken(before, away_s=SECONDS, register=2000, closed=False)
    assert "evse.unattended" not in codes(point)


def test_energy_beyond_what_a_lease_allows_is_told_though_the_driver_has_opened() -> None:
    before = a_charging_point(card_order(5000)).charged(1050)
    assert "evse.unattended" in codes(woken(before, away_s=AN_HOUR, register=9000, closed=False))
    few = woken(before, away_s=AN_HOUR, register=1100, closed=False)
    assert "evse.unattended" not in codes(few)


def test_plug_whose_contacts_are_live_unasked_stays_in() -> None:
    point = a_point().plugged().hear(ContactorMoved(ONE, closed=True))
    assert SetLock(ONE, locked=True) in point.last.effects
    before = len(point.outcomes)
    point.hear(ContactorMoved(ONE, closed=False)).hear(LockMoved(ONE, locked=True))
    assert SetLock(ONE, locked=False) not in [e for o in point.outcomes[before:] for e in o.effects]


def test_open_outlet_that_is_live_unasked_is_not_locked() -> None:
    point = a_point().hear(ContactorMoved(ONE, closed=True))
    assert SetLock(ONE, locked=True) not in point.last.effects
