"""How far the journal may be behind the meter: what a cut takes when the meter never comes back."""

import pytest

from chargepoint.domain.point.machine import SAVE_EVERY_WH
from tests.support.points import PointUnderTest, a_charging_point, card_order, sample


def saved_register(point: PointUnderTest) -> int:
    saved = [record for outcome in point.outcomes for record in outcome.batch.points]
    register = saved[-1].body["session"]["register"]
    assert isinstance(register, int)
    return register


@pytest.mark.parametrize(("power_w", "step_wh"), [(22_000, 6), (7_360, 2), (3_000, 1)])
def test_register_is_saved_when_energy_flows(power_w: int, step_wh: int) -> None:
    point = a_charging_point(card_order(None)).charged(1000)
    for register in range(1000, 1600, step_wh):
        point.hear(sample(register, power_w), after_s=step_wh * 3600 / power_w)
        assert register - saved_register(point) < SAVE_EVERY_WH


def test_register_that_hardly_moves_is_saved_by_the_minute() -> None:
    point = a_charging_point(card_order(None)).charged(1100)
    before = len(point.outcomes)
    for _ in range(300):
        point.hear(sample(1100, 0), after_s=1)
    saves = [outcome for outcome in point.outcomes[before:] if outcome.batch.points]
    assert 4 <= len(saves) <= 6
