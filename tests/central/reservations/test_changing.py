"""A reservation is given up only with the one its holder gets for it; its point learns both, in order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.reservations.changing import Wanted
from central.reservations.records import Reservation, State, Told
from central.reservations.rules import Opening, Rules, Why
from central.system import CentralSystem
from tests.support.central import FixedClock
from tests.support.reserving import (
    CARDS,
    NINE,
    a_place,
    act,
    ahead,
    double_booked,
    fresh,
    holder,
    kinds,
    look,
    quarters_held,
    set_status,
    told,
)
from tests.support.together import Systems, all_at_once

TWO_POINTS = ("CP-1", "CP-2")


def changed(
    system: CentralSystem,
    one: Reservation,
    begin: datetime | None = None,
    minutes: int = 60,
    point: str = "CP-1",
    who: int = 1,
) -> Reservation | Why:
    wanted = Wanted(point, "", begin or one.begins, minutes)
    return system.reservations.changing.change(who, one.id, wanted)


@pytest.mark.usefixtures("both_databases")
def test_time_length_and_point_change_in_one_step_and_the_old_hour_is_free() -> None:
    system = a_place(points=TWO_POINTS)
    one = ahead(system)
    new = changed(system, one, NINE + timedelta(hours=3), 90, "CP-2")
    assert isinstance(new, Reservation)
    assert (new.id, new.code, new.point, new.minutes) == (one.id, one.code, "CP-2", 90)
    assert (new.begins, new.arrives_by) == (
        NINE + timedelta(hours=3),
        NINE + timedelta(hours=3, minutes=15),
    )
    assert quarters_held(system) == 6
    assert ahead(system, 2).begins == one.begins
    assert kinds(system) == ["booked", "changed"]


def test_hour_that_is_somebody_elses_leaves_the_old_one_as_it_was() -> None:
    system = a_place()
    one, other = ahead(system), ahead(system, 2, hours=4)
    before = fresh(system, one)
    assert changed(system, one, other.begins + timedelta(minutes=45)) is Why.TAKEN
    assert fresh(system, one) == before
    assert quarters_held(system) == 8
    assert kinds(system) == ["booked"]


def test_own_time_is_no_hindrance() -> None:
    system = a_place()
    one = ahead(system)
    later = changed(system, one, one.begins + timedelta(minutes=15))
    assert isinstance(later, Reservation)
    longer = changed(system, one, later.begins, 120)
    assert isinstance(longer, Reservation)
    assert quarters_held(system) == 8


@pytest.mark.parametrize(
    ("begin", "minutes", "why"),
    [
        (NINE + timedelta(minutes=5), 60, Why.GRID),
        (NINE + timedelta(hours=2), 61, Why.LENGTH),
        (NINE - timedelta(minutes=45), 60, Why.TOO_SOON),
        (NINE + timedelta(days=15), 60, Why.TOO_FAR),
        (NINE + timedelta(hours=15), 60, Why.CLOSED),
    ],
)
def test_the_operators_rule_holds_for_changes_too(begin: datetime, minutes: int, why: Why) -> None:
    system = a_place(rules=Rules(opening=Opening("06:00", "23:00")))
    one = ahead(system)
    assert changed(system, one, begin, minutes) is why
    assert fresh(system, one) == one


def test_nobody_changes_what_is_not_theirs_or_over_or_begun() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    later = one.begins + timedelta(hours=4)
    assert changed(system, one, later, who=2) is Why.OVER
    assert system.reservations.changing.change(1, 99, Wanted("CP-1", "", later, 60)) is Why.OVER
    clock.advance(hours=2)
    assert changed(system, one, later) is Why.OVER  # expected from now on: the rule of no-shows
    clock.advance(minutes=16)
    look(system)
    assert changed(system, one, later) is Why.OVER


def test_blocked_card_and_another_reservation_at_that_time_are_refused() -> None:
    system = a_place(points=TWO_POINTS)
    one, two = ahead(system), ahead(system, hours=5, point="CP-2")
    assert changed(system, one, two.begins) is Why.TWICE
    system.accounts.set_state(CARDS[1], "blocked")
    assert changed(system, one, NINE + timedelta(hours=8)) is Why.CARD


def test_changes_are_limited_and_the_button_pressed_twice_is_one() -> None:
    system = a_place(rules=Rules(changes_most=2))
    one = ahead(system)
    for hour in (4, 4, 5):
        assert isinstance(changed(system, one, NINE + timedelta(hours=hour)), Reservation)
    assert fresh(system, one).moves == 2
    assert changed(system, one, NINE + timedelta(hours=6)) is Why.MOVES


def test_waiting_list_gets_what_was_given_up() -> None:
    system = a_place()
    one = ahead(system)
    system.reservations.offers.join(holder(2), "Place CP-1", "", one.begins, 60)
    assert isinstance(changed(system, one, one.begins + timedelta(hours=3)), Reservation)
    (offered,) = system.reservations.desk.mine(2)
    assert (offered.state, offered.begins) == (State.OFFERED, one.begins)


def test_offer_that_nobody_accepted_is_not_changed() -> None:
    system = a_place()
    one = ahead(system)
    system.reservations.offers.join(holder(2), "Place CP-1", "", one.begins, 60)
    system.reservations.desk.cancel(1, one.id)
    (offered,) = system.reservations.desk.mine(2)
    assert changed(system, offered, offered.begins + timedelta(hours=2), who=2) is Why.OVER


def test_once_points_are_being_told_another_one_must_be_free_by_now() -> None:
    clock = FixedClock()
    system = a_place(clock=clock, points=TWO_POINTS)
    one = ahead(system)
    clock.advance(hours=1, minutes=50)
    set_status(system, "CP-2", 1, "Charging")
    assert changed(system, one, point="CP-2") is Why.TAKEN
    set_status(system, "CP-2", 1, "Available")
    assert isinstance(changed(system, one, point="CP-2"), Reservation)


# --- the point ------------------------------------------------------------------------------------


def orders(system: CentralSystem, point: str) -> list[tuple[str, Any]]:
    return [
        (type(each).__name__, getattr(each, "expires", None))
        for each in system.reservations.teller._orders.of(point)
        if type(each).__name__ != "Day"
    ]


def test_point_that_keeps_it_forgets_it_first_and_is_told_the_new_hour_in_time() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    clock.advance(hours=1, minutes=50)
    one = told(system, one)
    new = changed(system, one, one.begins + timedelta(hours=1))
    assert isinstance(new, Reservation)
    assert new.told is Told.NO
    assert orders(system, "CP-1") == [("Withdraw", None)]
    clock.advance(minutes=5)  # it is still away: the old one has not expired there
    assert orders(system, "CP-1") == [("Withdraw", None)]
    clock.advance(minutes=50)
    assert orders(system, "CP-1") == [("Keep", new.arrive_by)]


def test_longer_stay_at_the_same_hour_needs_no_word_to_a_point_that_keeps_it() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    clock.advance(hours=1, minutes=50)
    one = told(system, one)
    longer = changed(system, one, minutes=120)
    assert isinstance(longer, Reservation)
    assert (longer.told, longer.code) == (Told.YES, one.code)
    assert orders(system, "CP-1") == []


@pytest.mark.parametrize("answer", ["Accepted", ""])
def test_answer_to_what_was_asked_before_the_change_is_taken_back(answer: str) -> None:
    """ReserveNow was on the wire when its holder chose another hour."""
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    clock.advance(hours=1, minutes=50)
    new = changed(system, one, one.begins + timedelta(hours=1))
    assert isinstance(new, Reservation)
    system.reservations.watch.answered(one.id, "CP-1", answer, one.moves)
    assert fresh(system, one).told is Told.NO
    assert orders(system, "CP-1") == [("Withdraw", None)]


def test_missed_after_a_change_counts_at_the_new_hour_only() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    new = changed(system, one, one.begins + timedelta(hours=2))
    assert isinstance(new, Reservation)
    clock.advance(hours=3)
    look(system)
    assert fresh(system, one).state is State.BOOKED
    clock.advance(hours=1, minutes=16)
    look(system)
    assert fresh(system, one).state is State.MISSED


# --- clocks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        # Europe/Madrid: 03:00 becomes 02:00 on 25 October, 02:00 becomes 03:00 on 28 March.
        ("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("2027-03-27T12:00:00Z", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z"),
    ],
)
def test_change_over_the_night_of_the_clocks_keeps_its_minutes(
    now: str, before: str, after: str
) -> None:
    clock = FixedClock(datetime.fromisoformat(now))
    system = a_place(clock=clock)
    begin = datetime.fromisoformat(before)
    made = system.reservations.desk.reserve(holder(1), "CP-1", "", begin, 60)
    assert isinstance(made, Reservation)
    new = changed(system, made, datetime.fromisoformat(after), 120)
    assert isinstance(new, Reservation)
    assert (new.ends - new.begins, quarters_held(system)) == (timedelta(minutes=120), 8)
    taken = system.reservations.desk.reserve(holder(2), "CP-1", "", begin, 60)
    assert isinstance(taken, Reservation)  # the first 02:30 of two is another hour than the second
    assert double_booked(system) == []


# --- at the same time -------------------------------------------------------------------------------


def test_of_four_who_change_to_one_hour_one_gets_it_and_the_others_keep_theirs(
    systems: Systems,
) -> None:
    with systems() as clients:
        mine = [ahead(each, who, hours=1 + who) for who, each in enumerate(clients, start=1)]
        aim = NINE + timedelta(hours=8)
        answers = all_at_once(
            [
                partial(changed, each, one, aim, who=who)
                for who, (each, one) in enumerate(zip(clients, mine, strict=True), start=1)
            ]
        )
        assert sum(isinstance(each, Reservation) for each in answers) == 1
        assert answers.count(Why.TAKEN) == 3
        assert double_booked(clients[0]) == []
        assert quarters_held(clients[0]) == 16


def test_two_who_exchange_their_hours_at_once_lose_none(systems: Systems) -> None:
    with systems() as clients:
        first, second = clients[0], clients[1]
        one, two = ahead(first), ahead(first, 2, hours=5)
        jobs: list[Callable[[], object]] = [
            partial(changed, first, one, two.begins),
            partial(changed, second, two, one.begins, who=2),
        ]
        all_at_once(jobs)
        assert quarters_held(first) == 8
        assert {fresh(first, each).state for each in (one, two)} == {State.BOOKED}
        assert double_booked(first) == []


def test_change_and_cancel_of_one_at_once_have_one_outcome(systems: Systems) -> None:
    with systems() as clients:
        one = ahead(clients[0])
        later = one.begins + timedelta(hours=3)
        all_at_once(
            [
                partial(changed, clients[0], one, later),
                partial(clients[1].reservations.desk.cancel, 1, one.id),
                partial(changed, clients[2], one, later + timedelta(hours=1)),
            ]
        )
        assert fresh(clients[0], one).state is State.CANCELLED
        assert quarters_held(clients[0]) == 0


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "change", "cancel", "wait", "told", "pass"]),
        st.integers(1, 4),
        st.integers(0, 11),
    ),
    max_size=30,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps=_STEPS)
def test_whatever_is_changed_an_hour_has_one_holder(steps: list[tuple[str, int, int]]) -> None:
    system = a_place(connectors=2)
    for what, who, number in steps:
        act(system, what, who, number)
        assert double_booked(system) == []
        open_now = system.reservations.register.rows.open()
        assert quarters_held(system) >= len(open_now)
    assert system.store.unbalanced_postings() == []
