"""Walks of the suite: with those of tests/domain/test_stateful.py more than 20,000 steps. How many there
were, the summary of the tests says (tests/conftest.py).

Millions: `python -m tests.walk.nightly --help`.
"""

from collections.abc import Callable

import pytest

from tests.walk import machine_walk
from tests.walk.shortest import shortest
from tests.walk.station_walk import Walked, played, walked

STEPS = 1_000
STATION_STEPS = 120
Property = Callable[[str, object], None]


@pytest.mark.timeout(280)  # seconds; a busy machine is no failure
@pytest.mark.parametrize("seed", range(1, 19))
def test_machines_walked_at_random_keep_every_promise_after_every_step(
    seed: int, record_property: Property
) -> None:
    outcome = machine_walk.walked(seed, STEPS)
    record_property("steps of machines", outcome.steps)
    assert outcome.found == [], outcome.replay
    assert outcome.steps >= STEPS


@pytest.mark.timeout(280)
@pytest.mark.parametrize("seed", range(1, 7))
def test_station_walked_at_random_keeps_its_promises_and_balances_its_books(
    seed: int, record_property: Property
) -> None:
    walk = walked(seed, STATION_STEPS)
    record_property("steps of stations", len(walk.lines))
    assert walk.found == [], walk.replay()
    assert walk.looks > 0, "nothing ever happened"


def test_walk_is_cut_down_to_the_steps_that_show_what_it_found() -> None:
    def play(seed: int, lines: list[str]) -> Walked:
        found = ["broken: 7"] if {"tap: GC-1", "kill: core"} <= {*lines} else []
        return Walked(seed, lines, found)

    lines = [f"wait: {second}s" for second in range(20)]
    walk = play(1, [*lines, "tap: GC-1", *lines, "kill: core", *lines])
    assert shortest(walk, play).lines == ["tap: GC-1", "kill: core"]


UNITS = 1  # a seed whose site has them


def test_unit_that_nobody_reaches_after_a_cut_follows_its_own_defaults_and_no_promise_is_broken() -> (
    None
):
    """Its line is dead, and it is its own lease: what it gives then is nobody's debt."""
    lines = [
        "fault: {device: evse, kind: silent, connector: 2}",
        *("power: cut", "power: restore", "wait: 8s"),
        "plug: {connector: 2, ev: {soc: 20, max_a: 16, phases: 3}}",
        "wait: 8s",
        "clear: {device: evse, connector: 2}",
        "wait: 20s",
    ]
    walk = played(UNITS, lines)
    assert walk.found == []
    assert walk.looks > 0, "nothing was given"


def test_same_seed_walks_the_same_way() -> None:
    assert walked(3, 40) == walked(3, 40)
