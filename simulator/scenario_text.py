"""Scenario text with line numbers: YAML or JSON into nodes, scalars kept as the author wrote them.

Nothing is interpreted here: `2.00` stays the text "2.00", so money never passes through a float.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from chargepoint.errors import ChargepointError

MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a scenario file."""

    line: int
    reason: str


class Refused(ChargepointError):
    """The text is no scenario; every problem found, in the order of the lines."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"line {each.line}: {each.reason}" for each in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Scalar:
    line: int
    text: str
    quoted: bool = False  # a quoted "true" or "12" is a text


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    items: tuple["Node", ...]

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Table:
    line: int
    entries: Mapping[str, tuple[Scalar, "Node"]]  # by key text: the key itself, and its value


Node = Scalar | Sequence | Table


def from_yaml(text: str) -> Node:
    """The one document in `text`; raises Refused."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Refused(Problem(line, f"not YAML: {error.problem or error.context}")) from error
    except yaml.YAMLError as error:
        raise Refused(Problem(1, f"not YAML: {error}")) from error
    if root is None:
        raise Refused(Problem(1, "the file is empty"))
    return _located(root, 0)


def _located(node: yaml.Node, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > MAX_DEPTH:
        raise Refused(Problem(line, f"nested deeper than {MAX_DEPTH} levels"))
    if isinstance(node, yaml.ScalarNode):
        return Scalar(line, node.value, quoted=bool(node.style))
    if isinstance(node, yaml.SequenceNode):
        return Sequence(line, tuple(_located(item, depth + 1) for item in node.value))
    assert isinstance(node, yaml.MappingNode)
    entries: dict[str, tuple[Scalar, Node]] = {}
    for key, value in node.value:
        found = _located(key, depth + 1)
        if not isinstance(found, Scalar):
            raise Refused(Problem(found.line, "a key must be a plain word"))
        if found.text in entries:
            raise Refused(Problem(found.line, f"key {found.text!r} is given twice"))
        entries[found.text] = (found, _located(value, depth + 1))
    return Table(line, entries)


class _Number(str):
    """A JSON number, as written."""

    __slots__ = ()


def from_json(text: str) -> Node:
    """One JSON value as a node of line 1; raises Refused."""
    try:
        value = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except (ValueError, RecursionError) as error:
        raise Refused(Problem(1, f"not JSON: {error}")) from error
    return _plain(value, 0)


def _plain(value: object, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise Refused(Problem(1, f"nested deeper than {MAX_DEPTH} levels"))
    match value:
        case None:
            return Scalar(1, "null")
        case bool():
            return Scalar(1, "true" if value else "false")
        case str():
            # Only a value that would read as something else needs its quotes remembered.
            return Scalar(1, str(value), quoted=not isinstance(value, _Number))
        case list():
            return Sequence(1, tuple(_plain(item, depth + 1) for item in value))
        case dict():
            return Table(
                1,
                {
                    str(key): (Scalar(1, key), _plain(item, depth + 1))
                    for key, item in value.items()
                },
            )
        case _:
            raise AssertionError(f"json gave a {type(value).__name__}")
