"""A point that is kept for somebody: who may begin, and what a start uses up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoint.domain.delivery import TransactionStarted
from chargepoint.domain.effects import Claim, Keep, Start, StartTimer
from chargepoint.domain.point.context import ReservationUsed, StartRefused
from chargepoint.domain.point.machine import TimerFired
from chargepoint.domain.reservations.reservation import Kept, Reservation
from chargepoint.domain.session import StartOrder, dump_session, load_session
from chargepoint.domain.units import ConnectorId
from tests.support.points import PointUnderTest, a_point, at, card_order

NOW = at(0).utc
MADE = Reservation(
    41, ConnectorId(1), "BOSS", NOW - timedelta(minutes=10), NOW + timedelta(hours=1), "FLEET"
)
KEPT = Kept((MADE,), True, True, MADE.expires)


def _kept_point() -> PointUnderTest:
    return a_point().booted().plugged().hear(Keep(KEPT))


def _order(**change: object) -> StartOrder:
    return replace(card_order(), **change)  # type: ignore[arg-type]  # fields of StartOrder


@pytest.mark.parametrize("change", [{"id_tag": "boss"}, {"id_tag": "X", "parent_tag": "fleet"}])
def test_whom_it_is_for_begins_and_uses_it_up_in_the_same_commit(change: dict[str, str]) -> None:
    point = _kept_point().hear(Start(_order(**change)))
    batch = point.last.batch
    assert batch.reservations_ended == (41,)
    (started,) = (each for each in batch.deliveries if isinstance(each, TransactionStarted))
    assert started.reservation == 41
    assert ReservationUsed(41) in point.last.notices
    session = point.machine.data.session
    assert session is not None
    assert session.reserved_until == MADE.expires
    assert session.order.reserved_s >= 600
    assert point.machine.data.kept == Kept()
    assert load_session(dump_session(session)) == session


def test_a_stranger_is_refused_and_told_why() -> None:
    point = _kept_point().hear(Start(_order(id_tag="STRANGER")))
    (refused,) = point.last.notices
    assert isinstance(refused, StartRefused)
    assert refused.reason == "reserved"
    assert not point.last.batch.reservations_ended


def test_whoever_proved_it_may_pay_with_anything() -> None:
    point = _kept_point().hear(Claim(41)).hear(Start(_order(id_tag="CASH")))
    assert point.last.batch.reservations_ended == (41,)


def test_a_claim_of_something_else_or_of_what_is_gone_is_none() -> None:
    assert not _kept_point().hear(Claim(7)).machine.data.is_claimed
    point = _kept_point().hear(Claim(41))
    assert point.machine.data.is_claimed
    assert not point.hear(Keep(Kept())).machine.data.is_claimed
    assert not _kept_point().hear(Claim(41)).hear(Claim(None)).machine.data.is_claimed


def test_a_reservation_of_all_is_used_up_anywhere_and_refuses_nobody() -> None:
    anywhere = replace(MADE, connector=ConnectorId(0))
    kept = Kept((anywhere,))
    stranger = a_point().booted().plugged().hear(Keep(kept)).hear(Start(_order(id_tag="X")))
    assert not stranger.last.batch.reservations_ended
    assert stranger.state == "session/starting/locking"
    holder = a_point().booted().plugged().hear(Keep(kept)).hear(Start(_order(id_tag="BOSS")))
    assert holder.last.batch.reservations_ended == (41,)


def test_a_plug_that_waited_too_long_is_preparing_again_when_its_turn_comes() -> None:
    for event in (Claim(41), Keep(Kept())):
        point = a_point().booted().hear(Keep(KEPT)).plugged()
        timers = [effect for effect in point.last.effects if isinstance(effect, StartTimer)]
        (waits,) = (timer for timer in timers if timer.name == "t_present")
        point.hear(TimerFired("t_present", waits.generation))
        assert point.machine.data.waited_out
        assert not point.hear(event).machine.data.waited_out
