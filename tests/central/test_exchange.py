"""Points become packs: in their days, once for each order, never more than there are."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.greencard.accounts import Programme
from central.greencard.exchange import CANCELLED, SENT, Pack
from central.greencard.points import Lot
from central.greencard.window import Window
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, START, a_system
from tests.support.together import AT_ONCE, at_once

both = pytest.mark.usefixtures("both_databases")
OPEN = Programme(exchange_from=1101, exchange_until=1130)  # the tests' clock says 21 November
OTHERS = [f"603444000000{n:04}" for n in range(1, AT_ONCE + 1)]
SPA = Pack("Spa", "Two hours of warm water", 100, 2)
SOON, LATE = "2027-01-01T00:00:00.000Z", "2028-01-01T00:00:00.000Z"


def with_points(system: CentralSystem, number: str, points: int) -> None:
    system.accounts.create_card(number, points=points)


def an_exchange(
    programme: Programme = OPEN, *, points: int = 250, pack: Pack = SPA
) -> CentralSystem:
    system = a_system(programme=programme)
    with_points(system, CARD, points)
    assert system.exchange.save(pack, by="maria")
    return system


def take(system: CentralSystem, reference: str, number: str = CARD, pack_id: int = 1) -> str:
    return system.exchange.take(number, pack_id, reference, member_id=None)


def left(system: CentralSystem) -> int:
    pack = system.exchange.pack(1)
    assert pack is not None
    return pack.left


def points_of(system: CentralSystem, number: str = CARD) -> int:
    return system.store.points.on_card(number, START)


@both
def test_pack_when_taken_then_points_go_and_one_is_less_and_the_book_sums_to_zero() -> None:
    system = an_exchange()
    assert take(system, "a") == ""
    assert (points_of(system), left(system)) == (150, 1)
    assert take(system, "a") == ""  # the button pressed twice
    assert (points_of(system), left(system)) == (150, 1)
    book = system.store.points.balances()
    assert book["pack:1"] == 100
    assert sum(book.values()) == 0
    assert take(system, "b") == ""
    assert take(system, "c") == "exchange.gone"
    assert [order.pack for order in system.exchange.orders(number=CARD)] == ["Spa", "Spa"]


@both
def test_pack_when_it_cannot_be_had_then_said_and_nothing_moves() -> None:
    system = an_exchange(points=99)
    assert take(system, "a") == "exchange.too_few"
    assert take(system, "a", pack_id=7) == "exchange.gone"
    assert take(system, "a", OTHERS[0]) == "exchange.card"
    system.accounts.set_state(CARD, "blocked", "lost")
    assert take(system, "a") == "exchange.card"
    closed = an_exchange(Programme(exchange_from=1201, exchange_until=106))
    assert take(closed, "a") == "exchange.closed"
    assert closed.exchange.window() == (date(2026, 12, 1), date(2027, 1, 6))
    ended = an_exchange(pack=Pack("Spa", "", 100, 2, is_ended=True))
    assert take(ended, "a") == "exchange.gone"
    assert points_of(ended) == 250


@both
def test_points_that_end_first_go_first_and_come_back_with_their_end() -> None:
    system = an_exchange(points=80)
    with system.store.change():
        system.store.points.add(Lot("late", CARD, 50, LATE), START)
        system.store.points.add(Lot("soon", CARD, 30, SOON), START)
    before = system.store.points.groups(CARD, START)
    assert take(system, "a") == ""
    assert system.store.points.groups(CARD, START) == [(None, 60)]
    assert system.exchange.close("a", CANCELLED, by="maria")
    assert system.store.points.groups(CARD, START) == before
    assert left(system) == 2
    assert not system.exchange.close("a", SENT, by="maria")
    assert not system.exchange.close("nothing", SENT, by="maria")
    assert sum(system.store.points.balances().values()) == 0


@both
def test_stock_when_lowered_below_what_is_taken_then_refused() -> None:
    system = an_exchange()
    take(system, "a")
    assert not system.exchange.save(Pack("Spa", "", 100, 0, id=1), by="maria")
    assert system.exchange.save(Pack("Spa", "", 120, 1, id=1), by="maria")
    assert take(system, "b") == "exchange.gone"


def test_packs_when_many_want_them_at_once_then_never_more_than_there_are(
    shared: Callable[[], Store],
) -> None:
    made = [a_system(shared(), programme=OPEN) for _ in range(AT_ONCE)]
    for number in OTHERS:
        with_points(made[0], number, 150)
    made[0].exchange.save(SPA, by="maria")
    done = at_once(lambda n: take(made[n], f"order{n}", OTHERS[n]))
    assert Counter(done) == {"": 2, "exchange.gone": 2}
    assert sum(points_of(made[0], number) for number in OTHERS) == 4 * 150 - 200
    assert sum(made[0].store.points.balances().values()) == 0


def test_order_when_sent_several_times_at_once_then_one(shared: Callable[[], Store]) -> None:
    made = [a_system(shared(), programme=OPEN) for _ in range(AT_ONCE)]
    with_points(made[0], CARD, 1000)
    made[0].exchange.save(SPA, by="maria")
    assert at_once(lambda n: take(made[n], "same")) == [""] * AT_ONCE
    assert (points_of(made[0]), left(made[0])) == (900, 1)
    closed = at_once(lambda n: made[n].exchange.close("same", (SENT, CANCELLED)[n % 2], by="maria"))
    assert sum(closed) == 1
    assert points_of(made[0]) in (900, 1000)


def test_points_when_spent_in_several_orders_at_once_then_never_below_zero(
    shared: Callable[[], Store],
) -> None:
    made = [a_system(shared(), programme=OPEN) for _ in range(AT_ONCE)]
    with_points(made[0], CARD, 250)
    made[0].exchange.save(Pack("Spa", "", 100, 50), by="maria")
    done = at_once(lambda n: take(made[n], f"order{n}"))
    assert Counter(done) == {"": 2, "exchange.too_few": 2}
    assert points_of(made[0]) == 50


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([None, SOON, LATE]), st.integers(1, 90)), max_size=8),
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["take", SENT, CANCELLED]))),
)
def test_whatever_is_ordered_and_closed_then_points_and_stock_agree(
    lots: list[tuple[str | None, int]], acts: list[tuple[str, str]]
) -> None:
    system = an_exchange(points=0, pack=Pack("Spa", "", 60, 3))
    with system.store.change():
        for place, (ends, points) in enumerate(lots):
            system.store.points.add(Lot(f"l{place}", CARD, points, ends), START)
    given_points = sum(points for _, points in lots)
    for reference, act in acts:
        if act == "take":
            take(system, reference)
        else:
            system.exchange.close(reference, act, by="maria")
        live = [each for each in system.exchange.orders() if each.state != CANCELLED]
        assert len(live) <= 3
        assert left(system) == 3 - len(live)
        assert points_of(system) == given_points - 60 * len(live) >= 0
        assert sum(system.store.points.balances().values()) == 0
        assert all(points > 0 for _, points in system.store.points.groups(CARD, START))
    system.store.close()


days = st.dates(date(2023, 1, 1), date(2023, 12, 31)).map(lambda day: day.month * 100 + day.day)


@given(days, days, st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_window_is_open_on_its_days_and_no_others(first: int, last: int, today: date) -> None:
    window = Window(first, last)
    opens, closes = window.nearest(today)
    assert opens <= closes
    assert closes >= today
    assert window.is_open(today) == (opens <= today)
    number = today.month * 100 + today.day
    within = first <= number <= last if first <= last else number >= first or number <= last
    assert window.is_open(today) == within
    if not within:
        day_before = opens - timedelta(days=1)
        joins = (day_before.month * 100 + day_before.day) == last
        assert joins or not window.is_open(day_before)
