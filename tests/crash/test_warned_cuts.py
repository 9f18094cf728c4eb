"""A supply that fails with warning and one without: at each commit of a charge the same honest end."""

from pathlib import Path

import pytest

from simulator.powercut import Cut
from simulator.scenario_file import Scenario, parse
from tests.crash.every_cut import Blow, survive
from tests.crash.honesty import wrongs

CHARGE = """
title: A charge that is stopped by its customer, of a station whose supply can warn
given:
  config: {tariff.energy: 45.00, tariff.session: 0.10, devices.cabinet.kind: modbus_inputs}
steps:
  - plug: {connector: 1, ev: {soc: 20, max_a: 16}}
  - coin: 2.00
  - expect: {screen: cash_in, credit: 2.00, within: 10s}
  - touch: start
  - expect: {contactor: {1: closed}, within: 20s}
  - wait: 6s
  - touch: stop
  - enter_code: own
  - expect: {contactor: {1: open}, within: 5s}
  - unplug: {connector: 1}
  - wait: 20s
"""
MOST_COMMITS = 100


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse(CHARGE, "warned")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_warned", [True, False], ids=["warned", "unwarned"])
def test_charge_when_the_supply_fails_at_each_commit_then_nothing_is_lost_or_doubled(
    scenario: Scenario, is_warned: bool, tmp_path: Path
) -> None:
    found: list[str] = []
    under_load = 0
    for number in range(1, MOST_COMMITS):
        folder = tmp_path / str(number)
        folder.mkdir()
        blow = Blow(Cut.AFTER, number, is_power=True, is_warned=is_warned)
        after = survive(scenario, blow, folder)
        if not after.was_struck:
            break
        under_load += after.dark_under_load
        found += wrongs(after, blow)
    assert found == []
    assert number > 12, "the charge has more commits than that"
    assert (under_load > 0) is not is_warned  # some of its commits fall while it charges
