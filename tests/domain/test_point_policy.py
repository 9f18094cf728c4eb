"""What the central system configures and a point obeys: each key in each of its values (OCPP 1.6 §9.1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoint.domain.delivery import MeterValuesTaken, StopReason, TransactionEnded
from chargepoint.domain.devices import ContactorMoved, LockMoved, Pilot, PilotChanged
from chargepoint.domain.effects import (
    CloseContactor,
    Invalidate,
    OpenContactor,
    ReleaseCable,
    SetLock,
    SetOperative,
    Start,
    StartTimer,
    Stop,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import PointMachine, ReadingTaken, SettingsChanged, TimerFired
from chargepoint.domain.point.point import PointData
from chargepoint.domain.session import EndCause, Means, StartOrder
from chargepoint.domain.units import SessionId, Wh
from tests.support.points import (
    EPOCH,
    ONE,
    PUBLIC,
    PointUnderTest,
    a_point,
    at,
    card_order,
    cash_order,
    finish,
    fire,
    sample,
)

TOKEN = StartOrder(SessionId("S1"), Means.TOKEN, "TAG", PUBLIC, None)


def charging(order: StartOrder = TOKEN, **settings: object) -> PointUnderTest:
    point = a_point(replace(PointSettings(), **settings))  # type: ignore[arg-type]  # names of its fields
    return point.plugged().started(order).locked().energised()


def ended(point: PointUnderTest) -> TransactionEnded:
    (found,) = (
        d for o in point.outcomes for d in o.batch.deliveries if isinstance(d, TransactionEnded)
    )
    return found


def is_released(point: PointUnderTest) -> bool:
    since_boot = [e for o in point.outcomes[2:] for e in o.effects]
    return SetLock(ONE, locked=False) in since_boot


def permissions(point: PointUnderTest) -> list[type]:
    orders = (OpenContactor, CloseContactor)
    return [type(e) for o in point.outcomes for e in o.effects if isinstance(e, orders)]


# --- StopTransactionOnInvalidId, MaxEnergyOnInvalidId (§4.8) -------------------------------------


def test_invalid_id_that_stops_without_grace_stops_at_once() -> None:
    point = charging().charged(1300).hear(Invalidate(Wh(0), stops=True))
    assert point.state == "session/stopping"
    assert ended(finish(point, 1300)).reason is StopReason.DE_AUTHORIZED


def test_invalid_id_that_stops_after_its_grace_may_still_drive_away() -> None:
    point = charging().charged(1300).hear(Invalidate(Wh(500), stops=True)).charged(1499)
    assert point.state == "session/energised"
    point.charged(1500)
    assert point.state == "session/stopping"
    assert ended(finish(point, 1500)).reason is StopReason.DE_AUTHORIZED


def test_invalid_id_that_does_not_stop_only_ends_the_energy() -> None:
    point = charging().charged(1300).hear(Invalidate(Wh(0), stops=False))
    assert permissions(point)[-1] is OpenContactor
    point.hear(ContactorMoved(ONE, closed=False))
    assert point.state == "session/suspended/by_station"
    assert point.machine.data.values.details.offered == 0
    point.hear(Stop(EndCause.REMOTE))
    assert ended(point.hear(sample(1300)).hear(ReadingTaken())).reason is StopReason.REMOTE


def test_invalid_id_that_does_not_stop_has_its_grace_too() -> None:
    point = charging().hear(Invalidate(Wh(500), stops=False)).charged(1400)
    assert point.state == "session/energised"
    point.charged(1500).hear(ContactorMoved(ONE, closed=False))
    assert point.state == "session/suspended/by_station"


@pytest.mark.parametrize("stops", [True, False])
def test_a_refusal_before_the_lock_closed_never_permits_power(stops: bool) -> None:
    point = a_point().plugged().started(TOKEN).hear(Invalidate(Wh(0), stops=stops)).locked()
    assert CloseContactor not in permissions(point)
    assert point.state == ("settling/metering" if stops else "session/suspended/by_station")


def test_a_refusal_while_the_vehicle_is_waited_for_takes_the_permission_back() -> None:
    point = a_point().plugged().started(TOKEN).locked().hear(Invalidate(Wh(0), stops=False))
    assert point.state == "session/suspended/by_station"
    assert permissions(point) == [CloseContactor, OpenContactor]


def test_a_refused_session_resumes_without_energy() -> None:
    point = charging().charged(1300).hear(Invalidate(Wh(0), stops=False))
    point.hear(ContactorMoved(ONE, closed=False))
    saved = [record for o in point.outcomes for record in o.batch.points][-1]
    again = PointUnderTest()
    again.machine.restore(saved, at(point.seconds + 5))
    again.seconds = point.seconds + 5
    again.hear(LockMoved(ONE, locked=True)).hear(PilotChanged(ONE, Pilot.C)).hear(sample(1300))
    assert again.state == "session/suspended/by_station"
    assert CloseContactor not in permissions(again)


def test_a_verdict_on_a_session_that_is_over_changes_nothing() -> None:
    point = charging().charged(1300).hear(Stop(EndCause.REMOTE)).hear(Invalidate(Wh(0), stops=True))
    assert ended(finish(point, 1300)).reason is StopReason.REMOTE


# --- StopTransactionOnEVSideDisconnect, UnlockConnectorOnEVSideDisconnect -------------------------


def test_unplugged_at_the_vehicle_ends_the_transaction_and_frees_the_cable() -> None:
    point = charging().charged(1300).hear(PilotChanged(ONE, Pilot.A))
    finish(point, 1300)
    assert ended(point).reason is StopReason.EV_DISCONNECTED
    assert ended(point).id_tag is None
    assert SetLock(ONE, locked=False) in point.last.effects


def test_unplugged_at_the_vehicle_suspends_where_that_is_wanted() -> None:
    point = charging(stop_on_ev_disconnect=False).charged(1300).hear(PilotChanged(ONE, Pilot.A))
    point.hear(ContactorMoved(ONE, closed=False))
    assert point.state == "session/suspended/by_vehicle"
    assert not is_released(point)
    point.hear(PilotChanged(ONE, Pilot.C)).hear(ContactorMoved(ONE, closed=True))
    assert point.state == "session/energised"


def cable_left(order: StartOrder = TOKEN) -> PointUnderTest:
    point = charging(order, unlock_on_ev_disconnect=False).charged(1300)
    return finish(point.hear(PilotChanged(ONE, Pilot.A)), 1300)


def test_the_cable_stays_locked_until_its_owner_comes_back() -> None:
    point = cable_left()
    assert not is_released(point)
    assert point.state == "idle/free"
    assert point.machine.data.cable_of == "TAG"
    assert not point.machine.data.may_start
    point.hear(ReleaseCable())
    assert SetLock(ONE, locked=False) in point.last.effects
    assert point.hear(LockMoved(ONE, locked=False)).machine.data.may_start
    assert point.hear(ReleaseCable()).last.effects == ()


def test_the_cable_stays_locked_across_a_restart() -> None:
    saved = [record for o in cable_left().outcomes for record in o.batch.points][-1]
    machine = PointMachine(PointData(ONE), PointSettings(), at(0))
    machine.restore(saved, at(0))
    assert machine.data.cable_of == "TAG"


@pytest.mark.parametrize("order", [cash_order(), card_order()])
def test_only_who_can_be_known_again_leaves_a_cable_locked(order: StartOrder) -> None:
    point = cable_left(order)
    kept = order.means is Means.GREENCARD
    assert bool(point.machine.data.cable_of) is kept
    assert is_released(point) is not kept


# --- ConnectionTimeOut ----------------------------------------------------------------------------


def test_nobody_who_says_who_pays_in_time_is_waited_out_and_can_still_begin() -> None:
    point = fire(a_point(PointSettings(connection_timeout_s=25)).plugged(), "t_present", 25)
    assert point.machine.data.waited_out
    assert point.state == "idle/plugged"
    assert point.started(TOKEN).state == "session/starting/locking"


def test_connection_timeout_of_a_remote_start_runs_only_while_unplugged() -> None:
    point = a_point().hear(Start(TOKEN, wait_for_plug_s=25))
    assert StartTimer in [type(e) for e in point.last.effects]
    point.plugged()
    assert point.state == "session/starting/locking"
    fire(point, "t_plug", 30)
    assert point.state == "session/starting/locking"


def test_a_connector_put_back_into_service_gives_whoever_stands_there_his_time_again() -> None:
    point = fire(a_point().plugged(), "t_present", 60).hear(SetOperative(operative=False))
    point.hear(SetOperative(operative=True))
    assert not point.machine.data.waited_out


# --- MeterValueSampleInterval, ClockAlignedDataInterval -------------------------------------------


def values(point: PointUnderTest) -> list[MeterValuesTaken]:
    found = [d for o in point.outcomes for d in o.batch.deliveries]
    return [d for d in found if isinstance(d, MeterValuesTaken)]


def test_clock_aligned_values_carry_the_boundary_itself_and_their_own_interval() -> None:
    point = charging(clock_aligned_s=900, meter_sample_s=0)
    point.charged(1100).charged(1250)
    boundary_s = 900 - point.seconds
    fire(point, "t_aligned", boundary_s + 0.3)
    (taken,) = values(point)
    assert taken.clock_aligned
    assert taken.at == EPOCH + timedelta(seconds=900)
    assert taken.details.interval == 250
    point.charged(1400)
    fire(point, "t_aligned", 1800 - point.seconds)
    assert [v.details.interval for v in values(point)] == [250, 150]


@pytest.mark.parametrize("key", ["meter_sample_s", "clock_aligned_s"])
def test_a_new_interval_counts_at_once(key: str) -> None:
    point = charging()
    changed = replace(PointSettings(), **{key: 30})  # type: ignore[arg-type]  # a field by name
    point.hear(SettingsChanged(changed))
    name = "t_sample" if key == "meter_sample_s" else "t_aligned"
    (timer,) = (e for e in point.last.effects if isinstance(e, StartTimer))
    assert timer.name == name
    assert timer.delay_s <= 30
    off = replace(changed, **{key: 0})  # type: ignore[arg-type]  # a field by name
    point.hear(SettingsChanged(off))
    point.hear(TimerFired(name, timer.generation), 30)
    assert not values(point)


def test_new_intervals_arm_nothing_while_nobody_charges() -> None:
    point = a_point().hear(SettingsChanged(PointSettings(meter_sample_s=5, clock_aligned_s=5)))
    assert point.last.effects == ()


def test_a_clock_that_was_set_moves_the_boundary() -> None:
    """The timer ran to a boundary of the wrong clock: nothing is sent, the right one is awaited."""
    point = charging(clock_aligned_s=900, meter_sample_s=0)
    timers = [e for o in point.outcomes for e in o.effects if isinstance(e, StartTimer)]
    (aligned,) = (t for t in timers if t.name == "t_aligned")
    monotonic = point.seconds + aligned.delay_s
    wrong = Now(monotonic, EPOCH + timedelta(seconds=900 + 400))
    outcome = point.machine.handle(TimerFired("t_aligned", aligned.generation), wrong)
    assert outcome.batch.deliveries == ()
    (again,) = (e for e in outcome.effects if isinstance(e, StartTimer))
    assert again.delay_s == 500


# --- Reset ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [StopReason.SOFT_RESET, StopReason.HARD_RESET])
def test_a_reset_ends_with_its_reason_and_the_token_that_began(reason: StopReason) -> None:
    point = finish(charging().charged(1300).hear(Stop(EndCause.RESTART, reason)), 1300)
    assert ended(point).reason is reason
    assert ended(point).id_tag == "TAG"
