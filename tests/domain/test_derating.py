"""A warm board gives less, in a straight line, and more again only when it has cooled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import BoardTemperature
from chargepoint.domain.effects import OfferCurrent
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.supply.derating import HYSTERESIS_MILLI, Derating, Slope
from chargepoint.domain.units import MilliAmp
from tests.support.points import ONE, PointUnderTest, a_charging_point, card_order

AT_60 = Slope(60_000, MilliAmp(32_000))
degrees = st.integers(-20_000, 90_000)


@pytest.mark.parametrize(
    ("celsius", "amperes"), [(25, 32), (60, 32), (61, 29), (65, 19), (69, 8), (70, 6), (85, 6)]
)
def test_current_falls_in_a_straight_line_to_the_least_there_is(celsius: int, amperes: int) -> None:
    found = Derating().after(celsius * 1000, AT_60).limit
    assert found == (None if amperes == 32 else amperes * 1000)


@given(st.lists(degrees, min_size=1, max_size=30))
def test_limit_is_never_above_what_the_present_temperature_allows(story: list[int]) -> None:
    state = Derating()
    for warm in story:
        state = state.after(warm, AT_60)
        limit = AT_60.rating if state.limit is None else state.limit
        assert 6_000 <= limit <= AT_60.at(warm)
        assert limit % 1_000 == 0


@given(degrees, st.lists(st.integers(0, HYSTERESIS_MILLI - 1), max_size=20))
def test_temperature_that_wavers_changes_nothing_after_its_highest(
    highest: int, below: list[int]
) -> None:
    settled = Derating().after(highest, AT_60)
    state = settled
    for less in below:
        state = state.after(highest - less, AT_60)
        assert state == settled


def test_all_of_it_is_back_when_three_degrees_have_gone() -> None:
    hot = Derating().after(61_000, AT_60)
    assert hot.after(57_001, AT_60).limit == 31_000
    assert hot.after(57_000, AT_60) == Derating()
    assert hot.after(20_000, AT_60) == Derating()


def test_thermometer_that_falls_silent_leaves_half_and_a_station_may_never_give_less() -> None:
    assert Derating().after(None, AT_60).limit == 16_000
    assert Derating().after(70_000, AT_60).after(None, AT_60).limit == 6_000
    assert Derating().after(None, AT_60).after(25_000, AT_60) == Derating()
    assert Derating().after(90_000, Slope(0, MilliAmp(32_000))) == Derating()
    assert Derating().after(90_000, Slope(60_000, MilliAmp(6_000))) == Derating()


def warm(celsius: int | None) -> BoardTemperature:
    return BoardTemperature(ONE, None if celsius is None else celsius * 1000)


def a_warm_charge() -> PointUnderTest:
    settings = PointSettings(derate_from_milli=60_000)
    return a_charging_point(card_order(), settings).charged(2000).hear(warm(65))


def offers(point: PointUnderTest) -> list[int]:
    return [e.limit for o in point.outcomes for e in o.effects if isinstance(e, OfferCurrent)]


def test_board_is_told_and_the_charge_goes_on() -> None:
    point = a_warm_charge()
    assert offers(point) == [19_000]
    assert point.state == "session/energised"
    assert point.machine.data.offered_now == 19_000
    (incident,) = point.last.batch.incidents
    assert (incident.code, incident.detail) == ("evse.derated", "65.0 °C: 19 A of 32 A")


def test_lowest_of_profile_and_heat_is_told_and_each_is_free_again_for_itself() -> None:
    point = a_warm_charge()
    point.hear(CurrentAllowed(MilliAmp(25_000))).hear(CurrentAllowed(MilliAmp(10_000)))
    point.hear(warm(66)).hear(warm(25))
    point.hear(CurrentAllowed(MilliAmp(32_000)))
    assert offers(point) == [19_000, 19_000, 10_000, 10_000, 10_000, 32_000]
    assert not [i for o in point.outcomes[-3:] for i in o.batch.incidents]


def test_more_heat_is_no_second_incident() -> None:
    point = a_warm_charge().hear(warm(68))
    assert point.last.batch.incidents == ()
