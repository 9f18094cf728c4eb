"""A limit from outside: it reaches the board at once, below 6 A it is a pause, and a pause ends nothing."""

from datetime import timedelta

import pytest

from chargepoint.domain.devices import BoardAnswered, ContactorMoved, Pilot, PilotChanged
from chargepoint.domain.effects import CancelTimer, OfferCurrent, StartTimer
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.units import MilliAmp, Watt
from tests.support.points import (
    EPOCH,
    ONE,
    PointUnderTest,
    a_charging_point,
    a_point,
    at,
    card_order,
    fire,
    sample,
)

NOTHING = CurrentAllowed(MilliAmp(0), EPOCH + timedelta(hours=1))
SOME = CurrentAllowed(MilliAmp(10_000))


def offers(point: PointUnderTest) -> list[int]:
    effects = [e for o in point.outcomes for e in o.effects]
    return [e.limit for e in effects if isinstance(e, OfferCurrent)]


def started_timers(point: PointUnderTest) -> set[str]:
    return {e.name for e in point.last.effects if isinstance(e, StartTimer)}


def a_paused_charge() -> PointUnderTest:
    point = a_charging_point(card_order()).charged(2000).hear(NOTHING)
    return point.hear(PilotChanged(ONE, Pilot.B)).hear(ContactorMoved(ONE, closed=False))


def test_every_change_of_the_limit_is_told_once_and_newer_than_all_before() -> None:
    point = a_charging_point(card_order()).hear(SOME).hear(SOME).hear(NOTHING)
    assert offers(point) == [10_000, 0]
    generations = [
        e.generation for o in point.outcomes for e in o.effects if hasattr(e, "generation")
    ]
    assert generations == sorted(generations)


def test_a_start_that_must_wait_for_its_current_is_no_charge_that_nobody_attended() -> None:
    settings = PointSettings(most_power=Watt(22_000))
    point = a_point(settings).hear(NOTHING).plugged().started(card_order()).locked()
    assert point.state == "session/suspended/by_station"
    assert not [i.code for o in point.outcomes for i in o.batch.incidents]


def test_a_limit_is_no_change_of_state() -> None:
    assert a_charging_point(card_order()).hear(SOME).state == "session/energised"


def test_a_pause_opens_and_is_the_stations() -> None:
    point = a_paused_charge()
    assert point.state == "session/suspended/by_station"
    assert point.machine.data.resumes_at == NOTHING.resumes_at


def test_a_pause_is_no_idle_time() -> None:
    point = a_paused_charge().hear(sample(2000), after_s=3600)
    session = point.machine.data.session
    assert session is not None
    assert session.idle_ms == 0


def test_a_pause_ends_with_the_vehicle_asking_again() -> None:
    point = a_paused_charge().hear(SOME)
    assert point.state == "session/suspended/by_station"
    assert started_timers(point) == {"t_resume"}
    assert point.machine.data.resumes_at is None
    assert point.hear(ContactorMoved(ONE, closed=True)).state == "session/energised"


def test_a_vehicle_that_does_not_ask_after_the_pause_is_the_one_that_pauses() -> None:
    point = fire(a_paused_charge().hear(SOME), "t_resume")
    assert point.state == "session/suspended/by_vehicle"
    assert point.hear(NOTHING).state == "session/suspended/by_station"


def test_a_start_under_a_pause_waits_for_ever_and_then_like_any_start() -> None:
    point = a_point().hear(NOTHING).plugged().started(card_order()).locked()
    assert point.state == "session/suspended/by_station"
    stopped = {e.name for e in point.last.effects if isinstance(e, CancelTimer)}
    assert {"t_start", "t_wake", "t_no_energy"} <= stopped
    point.hear(SOME, after_s=36_000)
    assert point.state == "session/starting/waiting"
    assert started_timers(point) == {"t_start", "t_wake", "t_no_energy"}
    assert point.energised().state == "session/energised"


def test_a_pause_while_the_vehicle_is_awaited_holds_the_start() -> None:
    point = a_point().plugged().started(card_order()).locked().hear(NOTHING)
    assert point.state == "session/suspended/by_station"


def test_a_pause_before_the_first_energy_ends_no_charge() -> None:
    point = a_charging_point(card_order()).hear(NOTHING)
    stopped = {e.name for e in point.last.effects if isinstance(e, CancelTimer)}
    assert "t_no_energy" in stopped
    assert point.state == "session/energised"
    assert started_timers(point.hear(SOME)) == {"t_start", "t_wake", "t_no_energy"}


@pytest.mark.parametrize("limit", [5_999, 0])
def test_less_than_a_pilot_can_say_is_a_pause(limit: int) -> None:
    point = a_point().hear(CurrentAllowed(MilliAmp(limit)))
    assert point.machine.data.is_paused
    assert not point.hear(CurrentAllowed(MilliAmp(6_000))).machine.data.is_paused


def test_a_session_that_meets_a_pause_at_boot_goes_on_after_it() -> None:
    before = a_paused_charge()
    (*_, record) = [p for o in before.outcomes for p in o.batch.points]
    after = PointUnderTest()
    after.machine.restore(record, at(before.seconds))
    after.seconds = before.seconds
    answer = BoardAnswered(ONE, Pilot.B, contactor_closed=False, locked=True, fault=None)
    after.hear(NOTHING).hear(answer).hear(sample(2000))
    assert after.state == "session/suspended/by_station"


def test_what_is_offered_is_told_with_the_values() -> None:
    point = a_charging_point(card_order())
    assert point.machine.data.values.details.offered == 32_000
    assert point.hear(SOME).machine.data.values.details.offered == 10_000
    assert point.hear(NOTHING).machine.data.values.details.offered == 0
    assert a_point().hear(SOME).machine.data.values.details.offered == 0
