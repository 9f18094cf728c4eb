"""The point's journeys, one behaviour each."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.domain.delivery import (
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    VendorMessage,
)
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
    LockJammed,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import (
    AddCredit,
    CancelTimer,
    CloseContactor,
    OpenContactor,
    SetLock,
    SetOperative,
    Start,
    StartTimer,
    Stop,
    TakeReading,
)
from chargepoint.domain.point.actions import idle_fee_starts_in_s
from chargepoint.domain.point.context import Billed, CreditReturned, PointSettings, StartRefused
from chargepoint.domain.point.machine import PointMachine, ReadingTaken, SettingsChanged, TimerFired
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.sampling import seconds_to_boundary
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import MilliAmp, Minor, Watt
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

STOP = Stop(EndCause.CUSTOMER)


def kinds(point: PointUnderTest) -> list[type]:
    return [type(effect) for effect in point.last.effects]


def fire(point: PointUnderTest, name: str, after_s: float) -> PointUnderTest:
    timers = [e for o in point.outcomes for e in o.effects if isinstance(e, StartTimer)]
    newest = [t for t in timers if t.name == name][-1]
    return point.hear(TimerFired(name, newest.generation), after_s)


def finish(point: PointUnderTest, register: int) -> PointUnderTest:
    point.hear(ContactorMoved(ONE, closed=False))
    return point.hear(sample(register)).hear(ReadingTaken())


def test_power_is_permitted_only_after_the_lock() -> None:
    point = a_point().plugged().started(cash_order())
    assert CloseContactor not in kinds(point)
    assert SetLock(ONE, locked=True) in point.last.effects
    assert CloseContactor in kinds(point.locked())


def test_start_holds_the_credit_and_queues_the_transaction_in_one_commit() -> None:
    point = a_point().plugged().started(cash_order(500))
    assert point.last.batch.deliveries
    assert point.last.batch.points
    assert point.accounts() == {"credit:1": 500, "held:1": -500}


def test_start_without_plug_is_refused_with_the_reason() -> None:
    point = a_point().started(cash_order())
    assert point.last.notices == (StartRefused(cash_order(), "not_plugged"),)
    assert not point.last.batch


def test_start_while_faulted_is_refused() -> None:
    point = a_point().plugged().hear(BoardFaultRaised(ONE, BoardFault.RCD_TRIP))
    point.started(cash_order())
    assert isinstance(point.last.notices[0], StartRefused)


def test_start_while_another_session_runs_is_refused() -> None:
    point = a_charging_point(card_order()).started(cash_order())
    assert isinstance(point.last.notices[0], StartRefused)
    assert point.state == "session/energised"


def test_stop_opens_reads_ends_and_bills() -> None:
    point = a_charging_point(cash_order(500)).charged(2000).hear(STOP)
    assert OpenContactor in kinds(point)
    point.hear(ContactorMoved(ONE, closed=False))
    assert TakeReading(ONE) in point.last.effects
    point.hear(sample(2000)).hear(ReadingTaken())
    assert point.state == "settling/billed"
    accounts = point.accounts()
    assert accounts["held:1"] == 0
    assert accounts["owed:S1"] == -460  # 0.45 asked as 0.40 in whole change units
    assert accounts["cash_rounding"] == 5
    assert accounts["sales"] + accounts["vat"] == -45


def test_lock_is_released_after_the_opening_not_before() -> None:
    point = a_charging_point(cash_order()).charged(2000).hear(STOP)
    assert SetLock(ONE, locked=False) not in point.last.effects
    finish(point, 2000)
    assert SetLock(ONE, locked=False) in point.last.effects


def test_each_message_is_queued_once() -> None:
    point = finish(a_charging_point(cash_order()).charged(2000).hear(STOP), 2000)
    point.hear(ReadingTaken()).hear(PilotChanged(ONE, Pilot.A))
    assert point.delivered() == ["tx:S1:start", "tx:S1:stop", "tx:S1:receipt"]


def test_budget_stops_before_it_is_passed() -> None:
    point = a_charging_point(cash_order(100))
    point.hear(sample(1000 + 2100, 7000))
    assert point.state == "session/energised"
    point.hear(sample(1000 + 2220, 7000))
    assert point.state == "session/stopping"


def test_overshoot_is_absorbed_and_never_billed() -> None:
    point = finish(a_charging_point(cash_order(100)).charged(4000), 4000)
    accounts = point.accounts()
    assert accounts["absorbed"] == 35
    assert accounts.get("owed", 0) == 0


def test_no_energy_costs_nothing_and_gives_the_credit_back() -> None:
    point = fire(a_charging_point(cash_order(500)), "t_no_energy", 180)
    finish(point, 1000)
    assert point.accounts() == {"credit:1": 0, "held:1": 0}
    assert CreditReturned(Minor(500)) in point.last.notices


def test_no_energy_timer_means_nothing_once_energy_has_flowed() -> None:
    point = a_charging_point(cash_order()).charged(1500)
    fire(point, "t_no_energy", 1)
    assert point.state == "session/energised"


def test_vehicle_that_never_asks_ends_the_start() -> None:
    point = fire(a_point().plugged().started(card_order()).locked(), "t_start", 150)
    assert point.state == "settling/metering"
    point.hear(sample(1000)).hear(ReadingTaken())
    billed = next(n for n in point.last.notices if isinstance(n, Billed))
    assert billed.bill.total == 0
    assert billed.bill.session.cause is EndCause.NOT_STARTED


def test_sleeping_vehicle_is_woken_by_a_pilot_that_is_away_for_four_seconds() -> None:
    point = fire(a_point().plugged().started(card_order()).locked(), "t_wake", 90)
    assert kinds(point) == [OpenContactor, StartTimer]
    opened, timer = point.last.effects
    assert isinstance(timer, StartTimer)
    assert (timer.name, timer.delay_s) == ("t_woken", 4)
    fire(point, "t_woken", 4)
    assert kinds(point) == [CloseContactor]
    assert opened.generation < point.last.effects[0].generation  # type: ignore[union-attr]


def test_wake_up_that_a_pause_or_a_stop_overtakes_gives_back_what_it_took_or_nothing() -> None:
    paused = fire(a_point().plugged().started(card_order()).locked(), "t_wake", 90)
    paused.hear(CurrentAllowed(MilliAmp(0)))
    assert paused.state == "session/suspended/by_station"
    fire(paused, "t_woken", 4)
    assert kinds(paused) == [CloseContactor]
    stopped = fire(a_point().plugged().started(card_order()).locked(), "t_wake", 90)
    stopped.hear(PilotChanged(ONE, Pilot.A))
    assert CancelTimer("t_woken") in stopped.last.effects


def test_vehicle_that_pauses_and_returns_stays_in_the_session() -> None:
    point = a_charging_point(card_order()).charged(1500)
    point.hear(PilotChanged(ONE, Pilot.B)).hear(ContactorMoved(ONE, closed=False))
    assert point.state == "session/suspended/by_vehicle"
    assert point.energised().state == "session/energised"


def test_unplugging_at_the_car_ends_and_frees() -> None:
    point = a_charging_point(card_order()).charged(1500)
    point.hear(ContactorMoved(ONE, closed=False)).hear(PilotChanged(ONE, Pilot.A))
    point.hear(sample(1500)).hear(ReadingTaken())
    assert point.state == "idle/free"
    ended = [
        d for o in point.outcomes for d in o.batch.deliveries if isinstance(d, TransactionEnded)
    ]
    assert ended[0].reason is StopReason.EV_DISCONNECTED
    assert ended[0].id_tag is None


@pytest.mark.parametrize("fault", list(BoardFault))
def test_every_board_fault_stops_the_session(fault: BoardFault) -> None:
    point = a_charging_point(card_order()).charged(1500).hear(BoardFaultRaised(ONE, fault))
    assert point.state == "session/stopping"
    assert OpenContactor in kinds(point)
    assert point.last.batch.incidents[0].code.startswith("evse.")


@pytest.mark.parametrize("kind", [DeviceKind.EVSE, DeviceKind.METER, DeviceKind.LEASE_TIMER])
def test_losing_a_device_stops_the_session(kind: DeviceKind) -> None:
    point = a_charging_point(card_order()).charged(1500)
    point.hear(DeviceOffline(DeviceRef(kind, ONE), "silent"))
    assert point.state == "session/stopping"


def test_silent_meter_ends_at_the_last_believed_register() -> None:
    point = a_charging_point(card_order()).charged(1500).hear(STOP)
    point.hear(ContactorMoved(ONE, closed=False))
    fire(point, "t_meter", 3)
    receipt = next(d for d in point.last.batch.deliveries if isinstance(d, VendorMessage))
    assert receipt.payload["registerEstimated"] is True
    assert receipt.payload["energyWh"] == 500


def test_board_that_never_confirms_the_opening_is_taken_as_welded() -> None:
    point = fire(a_charging_point(card_order()).charged(1500).hear(STOP), "t_open", 5)
    assert "weld" in point.machine.data.faults
    point.hear(sample(1500)).hear(ReadingTaken())
    assert SetLock(ONE, locked=False) not in point.last.effects


def test_lock_that_jams_ends_the_start() -> None:
    point = a_point().plugged().started(card_order()).hear(LockJammed(ONE, wanted_locked=True))
    assert point.state == "settling/metering"


def test_contactor_closed_by_nobody_is_opened_and_reported() -> None:
    point = a_point().hear(ContactorMoved(ONE, closed=True))
    assert OpenContactor in kinds(point)
    assert "weld" in point.machine.data.faults


def test_credit_added_while_charging_raises_the_limit() -> None:
    point = a_charging_point(cash_order(100)).hear(AddCredit(Minor(200), "coin:1"))
    assert point.machine.data.session is not None
    assert point.machine.data.session.limit == 300
    assert point.accounts()["held:1"] == -300


def test_credit_that_no_session_takes_is_given_back() -> None:
    point = a_point().hear(AddCredit(Minor(200), "coin:1"))
    assert point.last.notices == (CreditReturned(Minor(200)),)
    assert not point.last.batch.postings


def test_remote_start_waits_for_the_plug() -> None:
    point = a_point().hear(Start(card_order(), wait_for_plug_s=60))
    assert point.state == "idle/awaiting_plug"
    assert point.last.batch.points
    assert point.plugged().state == "session/starting/locking"


def test_remote_start_expires() -> None:
    point = fire(a_point().hear(Start(card_order(), wait_for_plug_s=60)), "t_plug", 60)
    assert point.state == "idle/free"


def test_stale_timer_is_ignored() -> None:
    point = a_point().plugged().started(card_order())
    point.hear(TimerFired("t_start", -1))
    assert point.state == "session/starting/locking"


def test_meter_values_are_numbered_and_repeat() -> None:
    point = a_charging_point(card_order()).charged(1500)
    fire(fire(point, "t_sample", 60), "t_sample", 60)
    assert point.delivered()[1:] == ["tx:S1:meter:1", "tx:S1:meter:2"]


def test_idle_fee_is_final_at_unplug() -> None:
    tariff = cash_order().tariff.__class__(
        energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000, idle_grace_minutes=1
    )
    point = finish(a_charging_point(card_order(2000, tariff)).charged(2000).hear(STOP), 2000)
    assert point.state == "settling/occupied"
    point.hear(PilotChanged(ONE, Pilot.A), after_s=180)
    bill = next(n for n in point.last.notices if isinstance(n, Billed)).bill
    assert bill.total == 45 + 20


def restarted(before: PointUnderTest, away_s: float) -> PointUnderTest:
    saved = [p for o in before.outcomes for p in o.batch.points][-1]
    after = PointUnderTest()
    after.seconds = before.seconds + away_s
    after.machine = PointMachine(PointData(ONE), PointSettings(), at(after.seconds))
    after.machine.restore(saved, at(after.seconds))
    return after


def known(point: PointUnderTest, pilot: Pilot, register: int, *, locked: bool) -> PointUnderTest:
    point.hear(BoardAnswered(ONE, pilot, contactor_closed=False, locked=locked, fault=None))
    return point.hear(sample(register))


def test_session_resumes_when_the_lock_never_opened() -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), away_s=30)
    known(point, Pilot.C, 1510, locked=True)
    assert point.state == "session/suspended/by_station"
    assert CloseContactor in kinds(point)
    assert point.delivered() == []
    assert point.energised().state == "session/energised"


def test_resumed_session_that_had_energy_is_no_start_that_can_fail() -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), away_s=30)
    known(point, Pilot.B, 1510, locked=True)
    started = {e.name for e in point.last.effects if isinstance(e, StartTimer)}
    assert started == {"t_sample"}


def test_session_without_energy_resumes_as_a_start() -> None:
    point = restarted(a_point().plugged().started(cash_order()).locked(), away_s=30)
    known(point, Pilot.B, 1000, locked=True)
    assert point.state == "session/starting/waiting"
    assert fire(point, "t_start", 150).state == "settling/metering"


def test_session_resumes_energised_when_the_contactor_never_opened() -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), away_s=2)
    point.hear(BoardAnswered(ONE, Pilot.C, contactor_closed=True, locked=True, fault=None))
    assert point.hear(sample(1510)).state == "session/energised"
    assert CloseContactor in kinds(point)


@pytest.mark.parametrize(
    ("pilot", "locked", "away_s"),
    [(Pilot.C, False, 30), (Pilot.A, True, 30), (Pilot.C, True, 100_000)],
)
def test_session_is_settled_at_the_register_when_it_may_not_resume(
    pilot: Pilot, locked: bool, away_s: float
) -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), away_s)
    known(point, pilot, 1510, locked=locked)
    point.hear(ReadingTaken())
    ended = next(d for d in point.last.batch.deliveries if isinstance(d, TransactionEnded))
    assert ended.reason is StopReason.POWER_LOSS
    assert ended.register == 1510
    assert ended.id_tag is None


def test_boot_without_meter_still_settles() -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), 30)
    point.hear(BoardAnswered(ONE, Pilot.A, contactor_closed=False, locked=False, fault=None))
    fire(fire(point, "t_boot", 60), "t_meter", 3)
    assert point.delivered() == ["tx:S1:stop", "tx:S1:receipt"]


def test_pending_remote_start_survives_a_restart_until_its_time() -> None:
    before = a_point().hear(Start(card_order(), wait_for_plug_s=60))
    point = known(restarted(before, 10), Pilot.A, 1000, locked=False)
    assert point.state == "idle/awaiting_plug"
    late = known(restarted(before, 100), Pilot.A, 1000, locked=False)
    assert late.state == "idle/free"


def test_billed_session_is_not_billed_again_after_a_restart() -> None:
    before = finish(a_charging_point(cash_order()).charged(2000).hear(STOP), 2000)
    point = known(restarted(before, 10), Pilot.B, 2000, locked=False)
    assert point.state == "settling/billed"
    point.hear(PilotChanged(ONE, Pilot.A))
    assert point.delivered() == []
    assert point.state == "idle/free"


def an_occupied_point() -> PointUnderTest:
    tariff = Tariff(energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000)
    return finish(a_charging_point(card_order(2000, tariff)).charged(2000).hear(STOP), 2000)


def test_occupied_session_is_final_some_time_after_a_restart_too() -> None:
    point = known(restarted(an_occupied_point(), 10), Pilot.B, 2000, locked=False)
    assert point.state == "settling/occupied"
    assert fire(point, "t_settle", 43_200).state == "settling/billed"


def test_occupied_session_unplugged_while_away_is_billed_and_the_point_free() -> None:
    point = known(restarted(an_occupied_point(), 10), Pilot.A, 2000, locked=False)
    assert point.state == "idle/free"
    assert point.delivered() == ["tx:S1:receipt"]


@pytest.mark.parametrize(
    ("before", "pilot"),
    [(a_point, Pilot.A), (a_point, Pilot.B), (an_occupied_point, Pilot.B)],
)
def test_lock_found_closed_while_nobody_charges_is_released(before: Any, pilot: Pilot) -> None:
    saved = before().hear(SetOperative(operative=True))
    point = known(restarted(saved, 10), pilot, 2000, locked=True)
    assert SetLock(ONE, locked=False) in point.last.effects


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


def test_event_that_breaks_the_machine_changes_nothing_not_even_time() -> None:
    point = a_charging_point(card_order()).charged(1500)
    before = point.machine.data
    with pytest.raises(TypeError):
        point.hear("nonsense", after_s=100)  # type: ignore[arg-type]
    assert point.machine.data == before
    point.hear(sample(1600, 7000), after_s=1)
    assert point.machine.data.session is not None
    assert point.machine.data.session.charging_ms == 161_000  # 60 s, then 101 s


def test_order_after_a_mint_is_newer_than_every_order_before() -> None:
    point = a_charging_point(card_order())
    given = [e.generation for o in point.outcomes for e in o.effects if hasattr(e, "generation")]
    assert point.machine.mint() > max(given)
    next_life = PointMachine(PointData(ONE), PointSettings(), at(0), point.machine.mint())
    assert next_life.mint() > point.machine.mint() - 1


def test_stop_with_nobody_charging_does_nothing() -> None:
    point = a_point().hear(Stop(EndCause.CUSTOMER))
    assert point.last.batch.incidents == ()


def test_idle_fee_that_uses_up_the_limit_makes_the_price_final() -> None:
    tariff = Tariff(energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000)
    point = finish(a_charging_point(card_order(60, tariff)).charged(2000).hear(STOP), 2000)
    assert point.state == "settling/occupied"
    assert point.hear(sample(2000), after_s=50).state == "settling/occupied"
    assert point.hear(sample(2000), after_s=50).state == "settling/billed"
    bill = next(n for n in point.last.notices if isinstance(n, Billed)).bill
    assert (bill.total, bill.absorbed) == (60, 2)  # 45 and 17; never more than the limit


def test_idle_fee_is_announced_and_counts_down() -> None:
    tariff = Tariff(energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000, idle_grace_minutes=2)
    point = finish(a_charging_point(card_order(2000, tariff)).charged(2000).hear(STOP), 2000)
    point.hear(sample(2000), after_s=30)
    assert point.machine.data.session is not None
    assert 89 <= idle_fee_starts_in_s(point.machine.data.session) <= 91
    without = a_charging_point(card_order()).charged(2000).machine.data.session
    assert without is not None
    assert idle_fee_starts_in_s(without) == -1


def test_meter_values_at_the_clock_and_none_between() -> None:
    settings = PointSettings(meter_sample_s=0, clock_aligned_s=900)
    point = a_point(settings).plugged().started(card_order()).locked().energised()
    started = {
        e.name: e.delay_s for o in point.outcomes for e in o.effects if isinstance(e, StartTimer)
    }
    assert "t_sample" not in started
    assert 899 <= started["t_aligned"] <= 900
    fire(point, "t_aligned", 900)
    taken = next(d for d in point.last.batch.deliveries if isinstance(d, MeterValuesTaken))
    assert taken.clock_aligned
    point.hear(SettingsChanged(PointSettings(meter_sample_s=0, clock_aligned_s=0)))
    assert fire(point, "t_aligned", 900).last.effects == ()


@pytest.mark.parametrize(
    ("hour", "interval_s", "wait_s"), [(0, 900, 900), (23, 7200, 3600), (23, 50_000, 3600)]
)
def test_clock_aligned_means_since_midnight(hour: int, interval_s: int, wait_s: float) -> None:
    utc = datetime(2026, 11, 21, hour, tzinfo=UTC)
    assert seconds_to_boundary(utc, interval_s) == wait_s


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


def test_first_cause_of_the_end_stands() -> None:
    point = a_charging_point(card_order()).charged(1500).hear(STOP)
    point.hear(BoardFaultRaised(ONE, BoardFault.OVERHEAT))
    finish(point, 1500)
    restart = restarted(a_charging_point(card_order()).charged(1500).hear(STOP), 5)
    known(restart, Pilot.C, 1500, locked=True).hear(ReadingTaken())
    for ended in (point, restart):
        assert ended.machine.data.session is not None
        assert ended.machine.data.session.cause is EndCause.CUSTOMER


def test_budget_left_in_seconds() -> None:
    session = a_charging_point(cash_order(100)).charged(2000).machine.data.session
    assert session is not None
    assert session.seconds_left(Watt(0)) is None
    assert session.seconds_left(Watt(7000)) == 1233 * 3600 // 7000
    free = a_charging_point(cash_order(100, Tariff())).charged(2000).machine.data.session
    assert free is not None
    assert free.seconds_left(Watt(7000)) is None
