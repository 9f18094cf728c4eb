"""A state machine of hypothesis that counts its steps: a walk says how far it really went."""

from hypothesis.stateful import RuleBasedStateMachine, invariant


class Count:
    def __init__(self) -> None:
        self.steps = 0


def counted(kind: type[RuleBasedStateMachine], count: Count) -> type[RuleBasedStateMachine]:
    """`kind`, with each of its steps added to `count`."""

    class Counted(kind):  # type: ignore[misc, valid-type]  # chosen while it runs
        @invariant()
        def one_more(self) -> None:
            count.steps += 1

    return Counted
