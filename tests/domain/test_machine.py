"""The point's journeys, one behaviour each."""

from datetime import UTC, datetime

import pytest

from chargepoint.domain.delivery import (
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
    VendorMessage,
)
from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultRaised,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceRef,
    LockJammed,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import (
    AddCredit,
    CancelTimer,
    CloseContactor,
    OpenContactor,
    SetLock,
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
    STOP,
    a_charging_point,
    a_point,
    at,
    card_order,
    cash_order,
    finish,
    fire,
    kinds,
    sample,
)


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


def test_lock_that_jams_ends_the_start() -> None:
    point = a_point().plugged().started(card_order()).hear(LockJammed(ONE, wanted_locked=True))
    assert point.state == "settling/metering"


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


def test_budget_left_in_seconds() -> None:
    session = a_charging_point(cash_order(100)).charged(2000).machine.data.session
    assert session is not None
    assert session.seconds_left(Watt(0)) is None
    assert session.seconds_left(Watt(7000)) == 1233 * 3600 // 7000
    free = a_charging_point(cash_order(100, Tariff())).charged(2000).machine.data.session
    assert free is not None
    assert free.seconds_left(Watt(7000)) is None
