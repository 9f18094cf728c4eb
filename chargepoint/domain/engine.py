"""Drives one synchronous `HierarchicalMachine` from a literal table, with rollback.

What `transitions` 0.9 does that we must not meet, and what we do instead: a callback that raises
leaves the state changed (handle restores it); `trigger` returns True although every guard refused
(a callback marks the row that was taken); a trigger inside a callback nests (callbacks never
trigger); an unexpected trigger raises MachineError (it is an incident unless the ignored table
expects it).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from transitions import EventData, MachineError
from transitions.extensions.nesting import HierarchicalMachine, NestedState

M = TypeVar("M")


class SlashState(NestedState):
    """Paths read session/starting; underscores stay free for names."""

    separator = "/"


class SlashMachine(HierarchicalMachine):
    state_cls = SlashState


@dataclass(frozen=True, slots=True)
class Row(Generic[M]):
    """`target` None is an internal transition: no exit, no enter."""

    trigger: str
    source: str
    target: str | None
    guard: Callable[[M], bool] | None = None
    action: Callable[[M], None] | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """`taken`: a row was found whose guard agreed. `surprises`: triggers nobody expected there."""

    taken: bool
    surprises: tuple[str, ...] = ()


class Model:
    """What the library needs of a model; `trigger` and `state` are its own."""

    def __init__(self) -> None:
        self.state = ""


class Engine(Generic[M]):
    """One machine. `owner` is what guards and actions get; `ignored[state]` lists expected non-events."""

    def __init__(
        self,
        owner: M,
        *,
        tree: list[Any],
        rows: Iterable[Row[M]],
        ignored: Mapping[str, frozenset[str]],
        enter: Mapping[str, Callable[[M], None]],
        initial: str,
    ) -> None:
        self._owner = owner
        self._ignored = ignored
        self._taken = False
        self._model = Model()
        self._machine = SlashMachine(
            model=self._model,
            states=tree,
            initial=initial,
            queued=True,
            send_event=True,
            auto_transitions=False,
            ignore_invalid_triggers=False,
        )
        for row in rows:
            self._add(row)
        for path, callback in enter.items():
            self._machine.get_state(path).add_callback("enter", self._bind(callback))

    @property
    def state(self) -> str:
        return self._model.state

    def restore(self, state: str) -> None:
        """Put the machine somewhere without callbacks: rollback only."""
        self._machine.set_state(state, self._model)

    def fire(self, trigger: str) -> Fired:
        """Fire `trigger`. On an exception the caller rolls back with `restore`."""
        self._taken = False
        before = self.state
        try:
            known = trigger in self._machine.events and self._model.trigger(trigger)  # type: ignore[attr-defined]  # added by the library
        except MachineError:
            known = False
        if known or trigger in self._ignored.get(before, frozenset()):
            return Fired(self._taken)
        return Fired(taken=False, surprises=(f"{trigger} in {before}",))

    def _add(self, row: Row[M]) -> None:
        action = [self._bind(row.action)] if row.action else []
        self._machine.add_transition(
            row.trigger,
            row.source,
            row.target,
            conditions=[self._ask(row.guard)] if row.guard else None,
            before=[self._mark, *action],
        )

    def _bind(self, action: Callable[[M], None]) -> Callable[[EventData], None]:
        def call(_event: EventData) -> None:
            action(self._owner)

        return call

    def _ask(self, guard: Callable[[M], bool]) -> Callable[[EventData], bool]:
        def call(_event: EventData) -> bool:
            return guard(self._owner)

        return call

    def _mark(self, _event: EventData) -> None:
        self._taken = True
