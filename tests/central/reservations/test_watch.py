"""What time brings to a reservation: no-shows, blocked bays, offers, what points say of it."""

from datetime import timedelta

import pytest

from central.clock import utc_text
from central.reservations.arrivals import TRIES_MOST, ClaimRefused
from central.reservations.records import Bay, Reservation, State, Wait
from central.reservations.rules import NoShow, Rules, Why
from central.system import CentralSystem
from tests.support.central import FixedClock
from tests.support.reserving import (
    CARDS,
    a_place,
    ahead,
    fresh,
    holder,
    kinds,
    look,
    quarters_held,
    set_status,
    told,
)

FEE = Rules(no_show=NoShow.FEE, no_show_fee_minor=300, compensation_minor=250)


# --- nobody came --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both_databases")
def test_who_does_not_come_pays_the_fee_once_and_the_hour_is_free() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, rules=FEE)
    one = told(system, ahead(system))
    clock.advance(hours=2, minutes=14)
    look(system)
    assert fresh(system, one).state is State.BOOKED
    clock.advance(minutes=1)
    look(system)
    look(system)
    missed = fresh(system, one)
    assert (missed.state, missed.outcome, missed.fee_minor) == (State.MISSED, "fee", 300)
    assert system.accounts.balance(CARDS[1]) == 1700
    assert system.store.unbalanced_postings() == []
    assert quarters_held(system) == 0 or missed.over_at is not None
    assert isinstance(system.reservations.desk.reserve_now(holder(2), "CP-1", "", 30), Reservation)


def test_a_fee_takes_no_card_into_debt() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, rules=Rules(no_show=NoShow.FEE, no_show_fee_minor=5000))
    one = told(system, ahead(system))
    clock.advance(hours=3)
    look(system)
    assert fresh(system, one).fee_minor == 2000
    assert system.accounts.balance(CARDS[1]) == 0
    card = system.accounts.card(CARDS[1])
    assert card is not None
    assert card.state == "active"


def test_three_marks_and_a_member_waits_until_the_oldest_is_forgotten() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    for _ in range(3):
        told(system, ahead(system))
        clock.advance(hours=3)
        look(system)
    begin = clock.utc() + timedelta(hours=1)
    desk = system.reservations.desk
    assert desk.reserve(holder(1), "CP-1", "", begin, 60) is Why.MARKS
    clock.advance(days=30)
    begin += timedelta(days=30)
    assert isinstance(desk.reserve(holder(1), "CP-1", "", begin, 60), Reservation)


def test_nobody_pays_for_what_the_point_did_not_keep() -> None:
    for is_told, is_there in ((False, True), (True, False)):
        clock = FixedClock()
        system = a_place(clock=clock, rules=FEE)
        one = ahead(system)
        if is_told:
            told(system, one)
        system.registry.point("CP-1").is_connected = is_there
        clock.advance(hours=3)
        look(system)
        assert fresh(system, one).outcome == "excused"
        assert system.accounts.balance(CARDS[1]) == 2000


@pytest.mark.usefixtures("both_databases")
def test_who_came_while_the_point_was_away_gets_the_fee_back() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, rules=FEE)
    one = told(system, ahead(system))
    came = utc_text(clock.utc() + timedelta(hours=2, minutes=5))
    clock.advance(hours=3)
    look(system)
    assert system.accounts.balance(CARDS[1]) == 1700
    for _ in range(2):
        system.reservations.arrivals.began(one.bay, one.code, one.id, 41, came)
    used = fresh(system, one)
    assert (used.state, used.transaction_id, used.fee_minor) == (State.USED, 41, 0)
    assert system.accounts.balance(CARDS[1]) == 2000
    assert kinds(system) == ["booked", "missed", "forgiven"]


# --- a bay that is blocked ----------------------------------------------------------------------------


@pytest.mark.usefixtures("both_databases")
def test_a_bay_still_blocked_before_arrival_is_exchanged_for_one_near_by_and_told() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, points=("CP-1", "CP-2", "CP-3"))
    one = ahead(system)
    set_status(system, "CP-1", 1, "Charging")
    told(system, one, "Occupied")
    clock.advance(hours=1, minutes=49)
    look(system)
    assert fresh(system, one).point == "CP-1"
    clock.advance(minutes=1)
    look(system)
    moved = fresh(system, one)
    assert (moved.point, moved.moves, moved.told) == ("CP-2", 1, "no")
    assert clock.utc() < moved.begins
    assert kinds(system) == ["booked", "moved"]
    assert isinstance(
        system.reservations.desk.reserve(holder(2), "CP-2", "", moved.begins, 60), Why
    )


def test_another_connector_of_the_point_comes_before_another_point() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, points=("CP-1", "CP-2"), connectors=2)
    one = ahead(system)
    told(system, one)
    set_status(system, "CP-1", 1, "Faulted")
    clock.advance(hours=1, minutes=51)
    look(system)
    assert fresh(system, one).bay == Bay("CP-1", 2)


@pytest.mark.usefixtures("both_databases")
def test_with_nothing_near_by_the_holder_is_compensated_once_before_arriving() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, rules=FEE)
    one = ahead(system)
    set_status(system, "CP-1", 1, "Charging")
    clock.advance(hours=1, minutes=50)
    look(system)
    look(system)
    blocked = fresh(system, one)
    assert (blocked.state, blocked.compensated_minor) == (State.BOOKED, 250)
    assert kinds(system) == ["booked", "blocked"]
    clock.advance(minutes=30)
    look(system)
    assert fresh(system, one).outcome == "excused"
    assert system.accounts.balance(CARDS[1]) == 2250


def test_a_bay_in_use_by_the_hour_before_is_not_taken_for_blocked() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    first = told(system, ahead(system, 1, hours=1))
    second = ahead(system, 2, hours=2)
    clock.advance(hours=1)
    system.reservations.arrivals.began(first.bay, first.code, first.id, 7, utc_text(clock.utc()))
    set_status(system, "CP-1", 1, "Charging")
    clock.advance(minutes=51)
    look(system)
    assert kinds(system, 2) == ["booked"]
    clock.advance(minutes=9)
    look(system)
    assert kinds(system, 2) == ["booked", "blocked"]
    assert fresh(system, second).compensated_minor == 250


def test_a_point_out_of_reach_is_exchanged_too() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, points=("CP-1", "CP-2"))
    one = ahead(system)
    system.registry.point("CP-1").is_connected = False
    clock.advance(hours=1, minutes=50)
    look(system)
    assert fresh(system, one).point == "CP-2"


# --- the waiting list ---------------------------------------------------------------------------------


def join(system: CentralSystem, who: int, one: Reservation) -> Wait:
    made = system.reservations.offers.join(holder(who), "Place CP-1", "", one.begins, 60)
    assert isinstance(made, Wait)
    return made


def test_what_becomes_free_is_offered_to_who_came_first_and_held_for_them() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    join(system, 2, one)
    join(system, 3, one)
    system.reservations.desk.cancel(1, one.id)
    (offered,) = system.reservations.desk.mine(2)
    assert offered.state is State.OFFERED
    assert system.reservations.desk.mine(3) == []
    desk = system.reservations.desk
    assert desk.reserve(holder(4), "CP-1", "", one.begins, 60) is Why.TAKEN
    accepted = system.reservations.offers.accept(2, offered.id)
    assert isinstance(accepted, Reservation)
    assert system.reservations.offers.accept(2, offered.id) is Why.OVER
    assert kinds(system, 2) == ["offered", "booked"]


@pytest.mark.usefixtures("both_databases")
def test_an_offer_that_is_not_taken_in_time_goes_to_the_next() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system, hours=4)
    join(system, 2, one)
    join(system, 3, one)
    system.reservations.desk.cancel(1, one.id)
    (offered,) = system.reservations.desk.mine(2)
    clock.advance(minutes=15)
    assert system.reservations.offers.accept(2, offered.id) is Why.OVER
    look(system)
    assert fresh(system, offered).state is State.LAPSED
    assert [each.state for each in system.reservations.desk.mine(3)] == [State.OFFERED]
    assert system.reservations.offers.accept(3, offered.id) is Why.OVER  # of somebody else


def test_who_declines_lets_the_next_one_in() -> None:
    system = a_place()
    one = ahead(system)
    wait = join(system, 2, one)
    join(system, 3, one)
    system.reservations.desk.cancel(1, one.id)
    assert not system.reservations.offers.leave(3, wait.id)
    assert system.reservations.offers.leave(2, wait.id)
    assert [each.state for each in system.reservations.desk.mine(3)] == [State.OFFERED]


def test_whoever_waits_for_anything_gets_what_becomes_free_now() -> None:
    system = a_place()
    set_status(system, "CP-1", 1, "Charging")
    system.reservations.offers.join(holder(1), "Place CP-1", "", None, 30)
    look(system)
    assert system.reservations.desk.mine(1) == []
    set_status(system, "CP-1", 1, "Available")
    look(system)
    (offered,) = system.reservations.desk.mine(1)
    assert (offered.state, offered.kind) == (State.OFFERED, "now")
    assert kinds(system) == ["offered"]
    told(system, offered, "Occupied")  # somebody was quicker
    assert fresh(system, offered).state is State.REFUSED
    assert [each.state for each in system.reservations.register.waits.of_member(1)] == ["waiting"]


# --- what points say ----------------------------------------------------------------------------------


def test_a_claim_by_code_or_by_card_is_answered_with_the_reservation() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    claim = system.reservations.arrivals.claim
    with pytest.raises(ClaimRefused, match="early"):
        claim("CP-1", one.code, "")
    clock.advance(hours=1, minutes=50)
    assert claim("CP-1", one.code, "").id == one.id
    assert claim("CP-1", "", one.number).id == one.id
    with pytest.raises(ClaimRefused, match="unknown"):
        claim("CP-2", one.code, "")
    with pytest.raises(ClaimRefused, match="unknown"):
        claim("CP-1", "", CARDS[2])
    clock.advance(minutes=25)
    with pytest.raises(ClaimRefused, match="unknown"):
        claim("CP-1", one.code, "")


def test_codes_cannot_be_tried_out() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    clock.advance(hours=2)
    claim = system.reservations.arrivals.claim
    wrong = next(code for code in ("000000", "111111") if code != one.code)
    for _ in range(TRIES_MOST):
        with pytest.raises(ClaimRefused, match="unknown"):
            claim("CP-1", wrong, "")
    with pytest.raises(ClaimRefused, match="wait"):
        claim("CP-1", one.code, "")
    assert claim("CP-1", "", one.number).id == one.id  # the card still opens it
    clock.advance(minutes=10)
    assert claim("CP-1", one.code, "").id == one.id


def test_a_charge_uses_its_reservation_and_its_end_frees_the_rest() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = told(system, ahead(system, minutes=120))
    clock.advance(hours=2, minutes=3)
    system.reservations.arrivals.began(one.bay, CARDS[1], None, 9, utc_text(clock.utc()))
    assert fresh(system, one).state is State.USED
    look(system)
    desk = system.reservations.desk
    later = clock.utc().replace(minute=45)
    assert desk.reserve(holder(2), "CP-1", "", later, 60) is Why.TAKEN
    clock.advance(minutes=10)
    system.reservations.arrivals.ended("CP-2", 9)
    assert fresh(system, one).state is State.USED
    system.reservations.arrivals.ended("CP-1", 9)
    assert fresh(system, one).state is State.DONE
    assert isinstance(desk.reserve(holder(2), "CP-1", "", later, 60), Reservation)
