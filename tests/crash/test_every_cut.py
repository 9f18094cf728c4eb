"""Stations that are cut while customers pay: no cent and no watt-hour is lost or doubled.

Three cuts at a commit: before it is durable, when it is durable and nothing else happened, and
after its effects reached the devices. Once with all power gone, once with the core alone killed.
Here the coin scenario at every commit and a sample of all others; the whole: tests/crash/nightly.py.
"""

from pathlib import Path

import pytest

from simulator.powercut import Cut
from simulator.scenario_file import Scenario, load
from tests.crash.every_cut import Blow, survive
from tests.crash.honesty import wrongs
from tests.crash.stories import STORIES, Story, told

SCENARIOS = Path(__file__).parent.parent / "scenario"
COIN_SCENARIO = SCENARIOS / "coin_charge_to_the_limit.yaml"
PAYMENTS = (
    *("bank_card_charge", "bank_card_nothing_sold", "bank_card_refused"),
    *("change_paid_back", "coins_onto_green_card", "voucher_when_coins_run_short"),
)
BLOWS = [(mode, is_power) for mode in Cut for is_power in (True, False)]
MOST_COMMITS = 200


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(COIN_SCENARIO)


@pytest.mark.timeout(280)
@pytest.mark.parametrize("is_power", [True, False], ids=["power", "core"])
@pytest.mark.parametrize("mode", list(Cut))
def test_coin_scenario_when_cut_at_each_commit_then_nothing_is_lost_or_doubled(
    scenario: Scenario, mode: Cut, is_power: bool, tmp_path: Path
) -> None:
    found: list[str] = []
    for number in range(1, MOST_COMMITS):
        folder = tmp_path / str(number)
        folder.mkdir()
        blow = Blow(mode, number, is_power)
        after = survive(scenario, blow, folder)
        if not after.was_struck:
            break
        found += wrongs(after, blow)
    assert number > 15, "the scenario has more commits than that"
    assert found == []


def sampled(scenario: Scenario, folder: Path, first: int) -> list[str]:
    """Each commit once, every time in the next of the six ways, beginning with way `first`."""
    found: list[str] = []
    for number in range(1, MOST_COMMITS):
        mode, is_power = BLOWS[(first + number) % len(BLOWS)]
        blow = Blow(mode, number, is_power)
        place = folder / str(number)
        place.mkdir()
        after = survive(scenario, blow, place)
        if not after.was_struck:
            assert number > 1, "the scenario has commits"
            return found
        found += wrongs(after, blow)
    raise AssertionError("a scenario without an end")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", PAYMENTS)
def test_payment_scenario_when_cut_at_each_commit_then_nothing_is_lost_or_doubled(
    name: str, tmp_path: Path
) -> None:
    assert sampled(load(SCENARIOS / f"{name}.yaml"), tmp_path, PAYMENTS.index(name)) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "story", [s for s in STORIES if s.__name__ in ("bank_topup", "money_back")]
)
def test_paying_customer_when_cut_at_each_commit_then_nothing_is_lost_or_doubled(
    story: Story, tmp_path: Path
) -> None:
    assert sampled(told(story, 1), tmp_path, 0) == []
