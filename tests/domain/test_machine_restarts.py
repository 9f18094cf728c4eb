"""The point after the software was away: what it takes up again, what it settles."""

from typing import Any

import pytest

from chargepoint.domain.delivery import (
    StopReason,
    TransactionEnded,
)
from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultRaised,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import (
    CloseContactor,
    SetLock,
    SetOperative,
    Start,
    StartTimer,
)
from chargepoint.domain.point.machine import ReadingTaken
from chargepoint.domain.session import EndCause
from tests.support.points import (
    ONE,
    STOP,
    a_charging_point,
    a_point,
    an_occupied_point,
    card_order,
    cash_order,
    finish,
    fire,
    kinds,
    known,
    restarted,
    sample,
)


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


def _away_again(point: Any) -> Any:
    """Away, and again before the world was known; something had to be written down in between."""
    point = restarted(point, away_s=30)
    assert point.hear(SetOperative(operative=False)).state == "booting"
    point.hear(SetOperative(operative=True))
    return restarted(point, away_s=30)


def test_session_cut_twice_before_its_board_answered_resumes_as_after_one_cut() -> None:
    point = _away_again(a_charging_point(cash_order()).charged(1500))
    known(point, Pilot.C, 1510, locked=True)
    assert point.state == "session/suspended/by_station"


def test_session_cut_twice_before_its_board_answered_is_settled_when_it_may_not_resume() -> None:
    point = _away_again(a_charging_point(cash_order()).charged(1500))
    known(point, Pilot.A, 1510, locked=False)
    point.hear(ReadingTaken())
    assert point.delivered() == ["tx:S1:stop", "tx:S1:receipt"]


def test_session_cut_twice_is_away_since_the_first_cut() -> None:
    point = restarted(a_charging_point(cash_order()).charged(1500), away_s=590)
    point.hear(SetOperative(operative=False))
    point.hear(SetOperative(operative=True))
    known(restarted(point, away_s=5), Pilot.C, 1510, locked=True)
    late = known(restarted(point, away_s=30), Pilot.C, 1510, locked=True)
    assert late.state == "settling/metering"


def test_occupied_session_cut_twice_before_its_board_answered_is_billed() -> None:
    point = _away_again(an_occupied_point())
    known(point, Pilot.A, 2000, locked=False)
    assert point.delivered() == ["tx:S1:receipt"]


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


def test_first_cause_of_the_end_stands() -> None:
    point = a_charging_point(card_order()).charged(1500).hear(STOP)
    point.hear(BoardFaultRaised(ONE, BoardFault.OVERHEAT))
    finish(point, 1500)
    restart = restarted(a_charging_point(card_order()).charged(1500).hear(STOP), 5)
    known(restart, Pilot.C, 1500, locked=True).hear(ReadingTaken())
    for ended in (point, restart):
        assert ended.machine.data.session is not None
        assert ended.machine.data.session.cause is EndCause.CUSTOMER
