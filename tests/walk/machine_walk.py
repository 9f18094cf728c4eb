"""Walks of the machines alone, without devices and wires: hypothesis draws, shrinks and explains.

The promises are those of tests/domain/test_stateful.py, looked at after every step; here with any
seed and for as many steps as asked.
"""

import traceback
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.test_stateful import Promises, PromisesWithIdleFee
from tests.support.counted import Count, counted

STEPS_A_STORY = 100
ROUND = 1_000_003  # between the seeds of one walk


@dataclass(frozen=True, slots=True)
class Outcome:
    steps: int
    found: list[str]
    replay: str


def _place(error: BaseException) -> str:
    """The promise, or the function, that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/hypothesis/" not in frame.filename]
    return f"{own[-1].name}, line {own[-1].lineno}" if own else "somewhere"


def walked(number: int, steps: int, *, shrinks: bool = True) -> Outcome:
    """At least `steps` steps; every third seed in a tariff with an idle fee."""
    count, kind = Count(), PromisesWithIdleFee if number % 3 == 0 else Promises
    machine, rounds = counted(kind, count), 0
    while count.steps < steps:  # a story may end before its last step
        chosen = _settings(steps - count.steps, shrinks=shrinks)
        try:
            run_state_machine_as_test(seed(number + rounds * ROUND)(machine), settings=chosen)
        except Exception as error:  # noqa: BLE001 - whatever a promise or a machine raises is the finding
            return _outcome(count.steps, error)
        rounds += 1
    return Outcome(count.steps, [], "")


def _settings(steps: int, *, shrinks: bool) -> settings:
    return settings(
        max_examples=max(1, steps // STEPS_A_STORY),
        stateful_step_count=STEPS_A_STORY,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
    )


def _outcome(steps: int, error: Exception) -> Outcome:
    each = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
    stories = ["\n".join(getattr(one, "__notes__", ())) for one in each]
    found = [f"{_place(one)}: {type(one).__name__}: {one}" for one in each]
    return Outcome(steps, found, "\n\n".join(stories))
