"""What a member may reserve, and that an hour has one holder."""

from datetime import UTC, date, datetime, timedelta

import pytest

from central.reservations.records import Reservation, State
from central.reservations.rules import Opening, Rules, Why
from tests.support.central import FixedClock
from tests.support.reserving import (
    NINE,
    a_place,
    ahead,
    double_booked,
    fresh,
    holder,
    kinds,
    quarters_held,
    set_status,
    told,
    try_ahead,
)


@pytest.mark.usefixtures("both_databases")
def test_an_hour_that_is_somebodys_is_taken_and_the_next_one_is_not() -> None:
    system = a_place()
    assert try_ahead(system, 1, NINE) == 1
    assert try_ahead(system, 2, NINE) is Why.TAKEN
    assert try_ahead(system, 2, NINE + timedelta(minutes=45)) is Why.TAKEN
    assert try_ahead(system, 2, NINE + timedelta(minutes=60)) == 2
    assert double_booked(system) == []


def test_a_second_connector_is_another_place() -> None:
    system = a_place(connectors=2)
    assert [try_ahead(system, who, NINE) for who in (1, 2, 3)] == [1, 2, Why.TAKEN]
    assert {each.connector for each in system.reservations.register.rows.open()} == {1, 2}


@pytest.mark.parametrize(
    ("begin", "minutes", "why"),
    [
        (NINE + timedelta(minutes=5), 60, Why.GRID),
        (NINE, 61, Why.LENGTH),
        (NINE - timedelta(minutes=45), 60, Why.TOO_SOON),
        (NINE + timedelta(days=15), 60, Why.TOO_FAR),
        (NINE + timedelta(hours=15), 60, Why.CLOSED),
        (NINE + timedelta(hours=12, minutes=30), 60, Why.CLOSED),
    ],
)
def test_the_operators_rule_says_why_not(begin: datetime, minutes: int, why: Why) -> None:
    system = a_place(rules=Rules(opening=Opening("06:00", "23:00")))
    assert try_ahead(system, 1, begin, minutes) is why
    assert quarters_held(system) == 0


def test_a_member_has_so_many_and_none_of_them_at_the_same_time() -> None:
    system = a_place(connectors=3)
    assert isinstance(try_ahead(system, 1, NINE), int)
    assert try_ahead(system, 1, NINE + timedelta(minutes=30)) is Why.TWICE
    assert isinstance(try_ahead(system, 1, NINE + timedelta(hours=1)), int)
    assert try_ahead(system, 1, NINE + timedelta(hours=3)) is Why.LIMIT


def test_making_and_cancelling_all_day_is_limited() -> None:
    system = a_place(rules=Rules(per_member_day=2))
    for _ in range(2):
        one = ahead(system)
        system.reservations.desk.cancel(1, one.id)
    assert try_ahead(system, 1, NINE) is Why.DAY_LIMIT


def test_a_blocked_card_reserves_nothing() -> None:
    system = a_place()
    system.accounts.set_state(holder(1).number, "blocked")
    assert try_ahead(system, 1, NINE) is Why.CARD


def test_now_is_only_what_is_free_at_this_moment() -> None:
    system = a_place(connectors=2)
    set_status(system, "CP-1", 1, "Charging")
    desk = system.reservations.desk
    made = desk.reserve_now(holder(1), "CP-1", "", 30)
    assert isinstance(made, Reservation)
    assert (made.connector, made.minutes, made.arrive_by) == (2, 30, made.ends_at)
    set_status(system, "CP-1", 2, "Reserved")
    assert desk.reserve_now(holder(2), "CP-1", "", 30) is Why.NOT_FREE
    assert desk.reserve_now(holder(2), "CP-1", "", 61) is Why.LENGTH


def test_now_does_not_reach_into_somebodys_hour() -> None:
    system = a_place()
    ahead(system, 2, hours=0.5)
    desk = system.reservations.desk
    assert desk.reserve_now(holder(1), "CP-1", "", 45) is Why.TAKEN
    assert isinstance(desk.reserve_now(holder(1), "CP-1", "", 30), Reservation)


def test_a_point_that_is_away_is_not_reserved_now_but_for_later() -> None:
    system = a_place()
    system.registry.point("CP-1").is_connected = False
    assert system.reservations.desk.reserve_now(holder(1), "CP-1", "", 30) is Why.NOT_FREE
    assert isinstance(try_ahead(system, 1, NINE), int)


def test_what_is_cancelled_is_free_again_and_cancelled_once() -> None:
    system = a_place()
    one = ahead(system)
    desk = system.reservations.desk
    assert desk.cancel(2, one.id) is Why.OVER  # somebody else's
    for _ in range(2):
        ended = desk.cancel(1, one.id)
        assert isinstance(ended, Reservation)
        assert ended.state is State.CANCELLED
    assert kinds(system) == ["booked", "cancelled"]
    assert quarters_held(system) == 0
    ahead(system, 2)


def test_what_the_point_refuses_at_once_was_never_reserved() -> None:
    for answer in ("Occupied", "Faulted", "Unavailable", "Rejected", ""):
        system = a_place()
        made = system.reservations.desk.reserve_now(holder(1), "CP-1", "", 30)
        assert isinstance(made, Reservation)
        assert told(system, made, answer).state is State.REFUSED
        assert quarters_held(system) == 0
        withdrawn = system.reservations.register.rows.withdrawals("CP-1", made.made_at)
        assert withdrawn == ([made.id] if answer == "" else [])


def test_a_code_has_six_digits_and_is_of_one_reservation_only() -> None:
    system = a_place(connectors=8)
    codes = [ahead(system, who).code for who in range(1, 9)]
    assert len(set(codes)) == 8
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_a_member_who_leaves_keeps_nobody_out() -> None:
    system = a_place()
    one = ahead(system)
    system.reservations.desk.let_go(1)
    left = fresh(system, one)
    assert (left.state, left.member_id) == (State.CANCELLED, None)
    assert kinds(system) == []


def test_the_night_of_25_hours_shows_half_past_two_twice() -> None:
    clock = FixedClock(datetime(2026, 10, 24, 12, tzinfo=UTC))
    system = a_place(clock=clock)
    day = system.reservations.desk.day("CP-1", "", date(2026, 10, 25), 30)
    zone = system.reservations.register.zone
    shown = [f"{each.begin.astimezone(zone):%H:%M}" for each in day]
    assert len(day) == 50
    assert shown.count("02:30") == 2
    twice = [each.begin for each in day if f"{each.begin.astimezone(zone):%H:%M}" == "02:30"]
    assert [try_ahead(system, who, at, 30) for who, at in zip((1, 2), twice, strict=True)] == [1, 2]


def test_the_night_of_23_hours_has_no_half_past_two() -> None:
    system = a_place(clock=FixedClock(datetime(2027, 3, 27, 12, tzinfo=UTC)))
    day = system.reservations.desk.day("CP-1", "", date(2027, 3, 28), 30)
    zone = system.reservations.register.zone
    shown = [f"{each.begin.astimezone(zone):%H:%M}" for each in day]
    assert len(day) == 46
    assert "02:30" not in shown
