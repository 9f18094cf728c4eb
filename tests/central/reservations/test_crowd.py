"""Four clients at once do whatever people do: an hour has one holder, and no quarter is lost or left over."""

from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from central.clock import utc_text
from central.reservations import hours
from central.reservations.records import HOLDING
from central.storage.tables.reservations import RESERVATION_QUARTER
from central.system import CentralSystem
from tests.support.reserving import CARDS, act, double_booked
from tests.support.together import AT_ONCE, Systems, all_at_once

_ACTS = st.tuples(
    st.sampled_from(["reserve", "change", "cancel", "wait", "accept", "now", "look"]),
    st.integers(1, 3),
    st.integers(0, 5),
)
_CROWD = st.lists(st.lists(_ACTS, min_size=1, max_size=4), min_size=AT_ONCE, max_size=AT_ONCE)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(crowd=_CROWD)
def test_whatever_a_crowd_does_at_once_the_hours_add_up(
    systems: Systems, crowd: list[list[tuple[str, int, int]]]
) -> None:
    with systems() as clients:
        all_at_once([partial(play, *each) for each in zip(clients, crowd, strict=True)])
        assert double_booked(clients[0]) == []
        assert quarters(clients[0]) == wanted_quarters(clients[0])
        assert clients[0].store.unbalanced_postings() == []
        for card in CARDS:
            assert clients[0].accounts.balance(card) >= 0


def play(system: CentralSystem, acts: list[tuple[str, int, int]]) -> None:
    for what, who, number in acts:
        act(system, what, who, number)


def quarters(system: CentralSystem) -> set[tuple[int, str]]:
    """(reservation, beginning), as they are kept."""
    columns = (RESERVATION_QUARTER.c.reservation_id, RESERVATION_QUARTER.c.begins_at)
    rows = system.store.database.rows(select(*columns))
    return {(row.reservation_id, row.begins_at) for row in rows}


def wanted_quarters(system: CentralSystem) -> set[tuple[int, str]]:
    """Of everybody who is still to come; the clock stands still, so nothing has passed."""
    return {
        (each.id, utc_text(quarter))
        for each in system.reservations.register.rows.newest(1000)
        if each.state in HOLDING
        for quarter in hours.quarters(each.begins, each.ends)
    }
