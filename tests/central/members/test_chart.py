"""The schematic map: true directions, everything inside, nothing on top of another."""

from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from central.fleet.availability import Place
from central.members.chart import HEIGHT, WIDTH, chart


def a_place(name: str, latitude: float | None, longitude: float | None) -> Place:
    return Place(name, name, "", latitude, longitude, ())


def test_chart_when_nobody_says_where_then_none() -> None:
    assert chart([a_place("a", None, None)]) is None


def test_chart_when_drawn_then_north_is_up_and_east_is_right() -> None:
    drawn = chart([a_place("south-west", 43.30, -2.00), a_place("north-east", 43.32, -1.95)])
    assert drawn is not None
    first, second = drawn.pins
    assert first.x < second.x
    assert first.y > second.y
    assert drawn.rings


def test_chart_when_two_stand_together_then_both_can_be_touched() -> None:
    drawn = chart([a_place("a", 43.3, -2.0), a_place("b", 43.3, -2.0), a_place("c", 43.4, -2.1)])
    assert drawn is not None
    a, b, _ = drawn.pins
    assert hypot(a.x - b.x, a.y - b.y) >= 50
    assert (a.at_x, a.at_y) == (b.at_x, b.at_y)


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), min_size=1, max_size=12))
def test_chart_keeps_every_pin_inside(where: list[tuple[float, float]]) -> None:
    drawn = chart([a_place(str(n), *each) for n, each in enumerate(where)])
    assert drawn is not None
    for pin in drawn.pins:
        assert 0 < pin.x < WIDTH
        assert 0 < pin.y < HEIGHT
