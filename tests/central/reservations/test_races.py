"""Whoever comes at the same time: never two holders of one hour."""

from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.reservations.records import Reservation, State
from central.reservations.rules import NoShow, Rules, Why
from tests.support.central import FixedClock
from tests.support.reserving import (
    CARDS,
    NINE,
    a_place,
    act,
    ahead,
    clock_of,
    double_booked,
    fresh,
    holder,
    kinds,
    look,
    quarters_held,
    told,
    try_ahead,
)
from tests.support.together import Systems, all_at_once


def test_of_four_who_want_one_hour_one_has_it(systems: Systems) -> None:
    with systems() as clients:
        answers = all_at_once(
            [partial(try_ahead, each, who, NINE) for who, each in enumerate(clients, start=1)]
        )
        assert sorted(map(str, answers)) == ["1", *[str(Why.TAKEN)] * 3]
        assert double_booked(clients[0]) == []


def test_a_member_on_four_devices_has_no_more_than_one_at_a_time(systems: Systems) -> None:
    with systems() as clients:
        for each in clients:
            each.registry.point("CP-2").site = each.registry.point("CP-1").site
        answers = all_at_once([partial(try_ahead, each, 1, NINE) for each in clients])
        assert sum(isinstance(each, int) for each in answers) == 1


def test_an_offer_is_accepted_once(systems: Systems) -> None:
    with systems() as clients:
        first = clients[0]
        one = ahead(first)
        first.reservations.offers.join(holder(2), "Place CP-1", "", one.begins, 60)
        first.reservations.desk.cancel(1, one.id)
        (offered,) = first.reservations.desk.mine(2)
        accept = [partial(each.reservations.offers.accept, 2, offered.id) for each in clients]
        answers = all_at_once(accept)
        assert sum(isinstance(each, Reservation) for each in answers) == 1
        assert fresh(first, offered).state is State.BOOKED


def test_whoever_looks_first_the_fee_is_taken_and_told_once(systems: Systems) -> None:
    with systems() as clients:
        one = told(clients[0], ahead(clients[0]))
        for each in clients:
            each.reservations.register.rules = Rules(no_show=NoShow.FEE, no_show_fee_minor=300)
            clock_of(each).advance(hours=3)
        all_at_once([partial(look, each) for each in clients])
        assert fresh(clients[0], one).state is State.MISSED
        assert clients[0].accounts.balance(CARDS[1]) == 1700
        assert kinds(clients[0]).count("missed") == 1


def test_accepting_in_the_moment_in_which_an_offer_lapses_has_one_outcome(systems: Systems) -> None:
    with systems() as clients:
        first = clients[0]
        one = ahead(first, hours=4)
        for who in (2, 3):
            first.reservations.offers.join(holder(who), "Place CP-1", "", one.begins, 60)
        first.reservations.desk.cancel(1, one.id)
        (offered,) = first.reservations.desk.mine(2)
        for late in clients[1:]:
            clock_of(late).advance(minutes=16)
        answers = all_at_once(
            [
                partial(first.reservations.offers.accept, 2, offered.id),
                *(partial(look, late) for late in clients[1:]),
            ]
        )
        is_booked = isinstance(answers[0], Reservation)
        assert fresh(first, offered).state is (State.BOOKED if is_booked else State.LAPSED)
        assert len(first.reservations.desk.mine(3)) == (0 if is_booked else 1)
        assert double_booked(first) == []


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "now", "cancel", "wait", "accept", "pass", "leave"]),
        st.integers(1, 4),
        st.integers(0, 11),
    ),
    max_size=30,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps=_STEPS)
def test_whatever_people_do_an_hour_has_one_holder(steps: list[tuple[str, int, int]]) -> None:
    clock = FixedClock()
    system = a_place(clock=clock, connectors=2)
    for what, who, number in steps:
        act(system, what, who, number)
        assert double_booked(system) == []
        assert system.store.unbalanced_postings() == []
    clock.advance(days=2)
    look(system)
    assert not system.reservations.register.rows.open()
    assert quarters_held(system) >= 0
