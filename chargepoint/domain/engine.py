"""Drives one synchronous `HierarchicalMachine` from a literal table, with rollback.

What `transitions` 0.9 does that we must not meet, and what we do instead: a callback that raises
leaves the state changed (handle restores it); `trigger` returns True although every guard refused
(a callback marks the row that was taken); a trigger inside a callback nests (callbacks never
trigger); an unexpected trigger raises MachineError (it is an incident unless the ignored table
expects it).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

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


_REFUSED = Fired(taken=False)


class Model(Generic[M]):
    """What the library moves: its state, whose it is, and whether a row was taken just now."""

    def __init__(self, owner: M) -> None:
        self.owner = owner
        self.state = ""
        self.taken = False


@dataclass(frozen=True, eq=False)
class Table(Generic[M]):
    """The whole of a machine as data; `ignored[state]` lists expected non-events.

    The library's machine is built of it once, as a pattern is compiled once, and moves every model:
    building it takes longer than a day of its decisions.
    """

    tree: list[Any]
    rows: tuple[Row[M], ...]
    ignored: Mapping[str, frozenset[str]]
    enter: Mapping[str, Callable[[M], None]]
    initial: str

    @cached_property
    def machine(self) -> SlashMachine:
        built = SlashMachine(
            model=None,
            states=self.tree,
            initial=self.initial,
            queued=True,
            send_event=True,
            auto_transitions=False,
            ignore_invalid_triggers=False,
        )
        for row in self.rows:
            built.add_transition(
                row.trigger,
                row.source,
                row.target,
                conditions=[_ask(row.guard)] if row.guard else None,
                before=[_mark, *([_bind(row.action)] if row.action else [])],
            )
        for path, callback in self.enter.items():
            built.get_state(path).add_callback("enter", _bind(callback))
        return built

    @cached_property
    def _guards(self) -> dict[tuple[str, str], tuple[Callable[[M], bool] | None, ...]]:
        return {}

    def refuses(self, trigger: str, state: str, owner: M) -> bool:
        """There are rows for `trigger` here, and no guard agrees: the library would try them all in
        vain, at ten times the price, for the questions that are asked at every event.
        """
        guards = self._guards.get((trigger, state))
        if guards is None:
            here = (
                row
                for row in self.rows
                if row.trigger == trigger
                and (row.source in {"*", state} or state.startswith(f"{row.source}/"))
            )
            # As the library asks: those of the leaf before those of its parents.
            inwards = sorted(here, key=lambda row: row.source.count("/"), reverse=True)
            guards = self._guards[trigger, state] = tuple(row.guard for row in inwards)
        return bool(guards) and not any(guard is None or guard(owner) for guard in guards)


class Engine(Generic[M]):
    """One machine's life on its table. `owner` is what guards and actions get."""

    def __init__(self, owner: M, table: Table[M]) -> None:
        self._table = table
        self._owner = owner
        self._ignored = table.ignored
        self._machine = table.machine
        self._model = Model(owner)
        self.restore(table.initial)

    @property
    def state(self) -> str:
        return self._model.state

    def restore(self, state: str) -> None:
        """Put the machine somewhere without callbacks: at its beginning, and for rollback."""
        self._machine.set_state(state, self._model)

    def fire(self, trigger: str) -> Fired:
        """Fire `trigger`. On an exception the caller rolls back with `restore`."""
        self._model.taken = False
        before = self.state
        if self._table.refuses(trigger, before, self._owner):
            return _REFUSED
        try:
            is_known = trigger in self._machine.events
            known = is_known and self._machine.trigger_event(self._model, trigger)
        except MachineError:
            known = False
        if known or trigger in self._ignored.get(before, frozenset()):
            return Fired(self._model.taken)
        return Fired(taken=False, surprises=(f"{trigger} in {before}",))


def _bind(action: Callable[[M], None]) -> Callable[[EventData], None]:
    def call(event: EventData) -> None:
        action(_moved(event).owner)

    return call


def _ask(guard: Callable[[M], bool]) -> Callable[[EventData], bool]:
    def call(event: EventData) -> bool:
        return guard(_moved(event).owner)

    return call


def _moved(event: EventData) -> Model[Any]:
    # True because Engine gives the library no other kind.
    return cast(Model[Any], event.model)


def _mark(event: EventData) -> None:
    _moved(event).taken = True
