"""Walks of the machines alone, without devices and wires: hypothesis draws, shrinks and explains.

The promises are those of tests/domain/test_stateful.py, looked at after every step; here with any
seed and for as many steps as asked.
"""

from dataclasses import dataclass

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.domain.test_stateful import Promises, PromisesWithIdleFee

STEPS_A_STORY = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    steps: int
    found: list[str]
    replay: str


class _Count:
    def __init__(self) -> None:
        self.steps = 0


def walked(number: int, steps: int) -> Outcome:
    """About `steps` steps; every third seed in a tariff with an idle fee."""
    count, kind = _Count(), PromisesWithIdleFee if number % 3 == 0 else Promises

    class Counted(kind):  # type: ignore[misc, valid-type]  # one of two, by the seed
        @invariant()
        def one_more(self) -> None:
            count.steps += 1

    chosen = settings(
        max_examples=max(1, steps // STEPS_A_STORY) + 1,  # a story may end before its last step
        stateful_step_count=STEPS_A_STORY,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=chosen)
    except Exception as error:  # noqa: BLE001 - whatever a promise or a machine raises is the finding
        story = "\n".join(getattr(error, "__notes__", ()))
        return Outcome(count.steps, [f"{type(error).__name__}: {error}"], story)
    return Outcome(count.steps, [], "")
