"""Scenario files: parse, check everything, report every problem at once with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.errors import ChargepointError
from simulator import scenario_text
from simulator.cards import CardSpec
from simulator.expectations import expectation
from simulator.scenario_text import Node, Problem, Refused, Scalar, Sequence, Table
from simulator.shapes import (
    Shape,
    fields,
    list_of,
    moment,
    one_of,
    positive_minor,
    table_of,
    text,
    whole,
)
from simulator.steps import ACTS, CENTRAL_STATES, GIVEN_CARD


class ScenarioWrong(ChargepointError):
    """A scenario file cannot be played; one `file:line: reason` per problem."""

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: each.line))
        lines = [f"{path}:{each.line}: {each.reason}" for each in self.problems]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `number` counts steps from 1 in the order they are written."""

    kind: str
    arguments: Mapping[str, Any]
    line: int = 1
    number: int = 1
    tracks: tuple[tuple["Step", ...], ...] = ()  # of `parallel`; `repeat` has one
    shown: str = ""  # as it is written


@dataclass(frozen=True, slots=True)
class Given:
    time: datetime | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    config_lines: Mapping[str, int] = field(default_factory=dict)
    hopper: Mapping[str, int] = field(default_factory=dict)
    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    central: str = "up"
    service: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # pin, role; by name


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    steps: tuple[Step, ...]
    given: Given = field(default_factory=Given)
    seed: int = 1
    path: str = ""


def _raw(node: Node) -> Node:
    return node


def _config_value(node: Node) -> str:
    """Kept as text; the configuration's own schema judges it."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return "[" + ", ".join(_config_value(item) for item in node) + "]"
    raise Refused(Problem(node.line, "a dotted key and a plain value are needed"))


def _coin(key: Scalar) -> str:
    """The value of a hopper's coins, in major units."""
    positive_minor(key)
    return key.text


_GIVEN = fields(
    optional={
        "time": moment,
        "config": table_of(lambda key: key.text, _config_value),
        "hopper": table_of(_coin, whole()),
        "cards": table_of(lambda key: key.text, GIVEN_CARD),
        "central": one_of(*CENTRAL_STATES),
        "service": table_of(
            lambda key: key.text,
            fields({"pin": text, "role": one_of("technician", "collector", "admin")}),
        ),
    }
)
_FILE = fields({"title": text, "steps": _raw}, {"given": _raw, "seed": whole()})


def load(path: Path) -> Scenario:
    """Read one file; raises ScenarioWrong with everything that is wrong with it."""
    try:
        written = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioWrong(str(path), (Problem(1, error.strerror or str(error)),)) from error
    except UnicodeDecodeError as error:
        raise ScenarioWrong(str(path), (Problem(1, f"not UTF-8: {error.reason}"),)) from error
    return parse(written, str(path))


def parse(written: str, path: str = "scenario") -> Scenario:
    try:
        return _scenario(scenario_text.from_yaml(written), _Steps(written), path)
    except Refused as refused:
        raise ScenarioWrong(path, refused.problems) from refused


def step_from_json(written: str) -> Step:
    """One step, as the bench's interface takes it; raises Refused."""
    return _Steps(written).read(scenario_text.from_json(written))


def _scenario(root: Node, reader: "_Steps", path: str) -> Scenario:
    problems: list[Problem] = []
    top = _kept(problems, _FILE, root)
    parts = _partial(root)
    given = _kept(problems, _given, parts["given"]) if "given" in parts else Given()
    steps = _kept(problems, reader.track, parts["steps"]) if "steps" in parts else ()
    if problems:
        raise Refused(*problems)
    return Scenario(top["title"], steps, given, top.get("seed", 1), path)


def _kept(problems: list[Problem], read: Shape, node: Node) -> Any:
    """What `read` makes of the node; None, and its problems kept, where it refuses."""
    try:
        return read(node)
    except Refused as refused:
        problems += refused.problems
        return None


def _partial(root: Node) -> dict[str, Node]:
    """The parts to be checked by themselves, even of a file whose top level is wrong."""
    if not isinstance(root, Table):
        return {}
    return {name: value for name, (_, value) in root.entries.items() if name in {"given", "steps"}}


def _given(node: Node) -> Given:
    values = _GIVEN(node)
    assert isinstance(node, Table)
    for name, card in values.get("cards", {}).items():
        try:
            CardSpec.from_scenario(name, card)
        except ValueError as error:
            raise Refused(Problem(node.entries["cards"][0].line, str(error))) from error
    return Given(**values, config_lines=_lines_of(node.entries.get("config")))


def _lines_of(config: tuple[Scalar, Node] | None) -> dict[str, int]:
    """Where each key stands: a wrong one is found only when the station is built."""
    if config is None or not isinstance(config[1], Table):
        return {}
    return {name: key.line for name, (key, _) in config[1].entries.items()}


class _Steps:
    """Reads steps and numbers them in the order of the file."""

    def __init__(self, written: str) -> None:
        self._lines = written.splitlines()
        self._count = 0

    def track(self, node: Node) -> tuple[Step, ...]:
        steps: list[Step] = list_of(self.read)(node)
        return tuple(steps)

    def read(self, node: Node) -> Step:
        self._count += 1
        number = self._count
        if not isinstance(node, Table) or len(node.entries) != 1:
            raise Refused(
                Problem(node.line, "a step is one key and its argument, such as 'wait: 10m'")
            )
        ((key, argument),) = node.entries.values()
        arguments, tracks = self._argument(key, argument)
        return Step(key.text, arguments, key.line, number, tracks, self._shown(key.line))

    def _shown(self, line: int) -> str:
        return self._lines[line - 1].split(" #")[0].strip().removeprefix("- ")

    def _argument(self, key: Scalar, node: Node) -> tuple[Any, tuple[tuple[Step, ...], ...]]:
        match key.text:
            case "parallel":
                return {}, tuple(list_of(self.track)(node))
            case "repeat":
                values = fields({"times": whole(1), "steps": self.track})(node)
                return {"times": values["times"]}, (values["steps"],)
            case "expect" | "never":
                return self._expected(key.text, node), ()
            case kind if kind in ACTS:
                return ACTS[kind](node), ()
            case _:
                pass
        known = ", ".join([*ACTS, "expect", "never", "parallel", "repeat"])
        raise Refused(Problem(key.line, f"unknown step {key.text!r}; known: {known}"))

    @staticmethod
    def _expected(kind: str, node: Node) -> dict[str, Any]:
        found = expectation(node)
        if kind == "never" and ("within" in found or "times" in found):
            raise Refused(Problem(node.line, "never holds to the end: within and times do not fit"))
        return found


def flat(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, nested ones after the step that holds them."""
    for step in steps:
        yield step
        for track in step.tracks:
            yield from flat(track)
