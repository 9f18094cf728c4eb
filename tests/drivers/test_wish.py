"""Levels decided by generations: whatever the order of arrival, the newest decides."""

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.units import Generation
from drivers.wish import Level, always


@given(st.permutations(range(1, 8)), st.lists(st.booleans(), min_size=7, max_size=7))
def test_newest_generation_decides_in_any_order(order: list[int], are_on: list[bool]) -> None:
    level = Level()
    for number in order:
        if are_on[number - 1]:
            level.switch_on(Generation(number))
        else:
            level.switch_off(Generation(number))
    assert level.is_off is not are_on[-1]


@given(st.integers(0, 9), st.booleans())
def test_off_wins_within_one_generation(number: int, is_off_first: bool) -> None:
    level = Level()
    steps = [level.switch_off, level.switch_on]
    for step in steps if is_off_first else reversed(steps):
        step(Generation(number))
    assert level.is_off
    assert not level.may_be_on(Generation(number))


def test_level_is_off_until_somebody_says_on() -> None:
    level = Level()
    assert level.is_off
    assert level.switch_on(Generation(0))
    assert level.switch_on(Generation(0))
    assert not level.is_off


def test_always_is_always() -> None:
    assert always()
