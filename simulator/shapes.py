"""Shapes: small readers that turn a node into a value or refuse it with line and reason.

A shape is a function; containers collect every problem of their parts before they refuse.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from typing_extensions import override

from simulator.scenario_text import Node, Problem, Refused, Scalar, Sequence, Table

Shape = Callable[[Node], Any]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {
    unit: Decimal(seconds)
    for unit, seconds in {"ms": "0.001", "s": "1", "m": "60", "h": "3600", "d": "86400"}.items()
}
MINOR_PER_MAJOR = 100


@dataclass(frozen=True, slots=True)
class Span:
    """`{min, max}`, both included; an exact number has both equal."""

    lowest: Decimal | None = None
    highest: Decimal | None = None

    def __contains__(self, value: Decimal | float) -> bool:
        exact = Decimal(str(value))
        return (self.lowest is None or exact >= self.lowest) and (
            self.highest is None or exact <= self.highest
        )

    @override
    def __str__(self) -> str:
        if self.lowest == self.highest:
            return str(self.lowest)
        low = "" if self.lowest is None else f"at least {self.lowest}"
        high = "" if self.highest is None else f"at most {self.highest}"
        return " and ".join(part for part in (low, high) if part)


def refuse(node: Node, reason: str) -> Refused:
    return Refused(Problem(node.line, reason))


def _shown(node: Node) -> str:
    return repr(node.text) if isinstance(node, Scalar) else type(node).__name__.lower()


def text(node: Node) -> str:
    if not isinstance(node, Scalar) or not node.text:
        raise refuse(node, f"a text is needed, not {_shown(node)}")
    return node.text


def decimal(node: Node) -> Decimal:
    """A finite number, exactly as written."""
    try:
        value = Decimal(text(node))
    except InvalidOperation:
        raise refuse(node, f"a number is needed, not {_shown(node)}") from None
    if not value.is_finite():
        raise refuse(node, f"a finite number is needed, not {_shown(node)}")
    return value


def whole(least: int = 0) -> Shape:
    def read(node: Node) -> int:
        value = decimal(node)
        if value != value.to_integral_value() or value < least:
            raise refuse(node, f"a whole number from {least} is needed, not {_shown(node)}")
        return int(value)

    return read


def minor(node: Node) -> int:
    """Money in major units, as whole minor units."""
    value = decimal(node) * MINOR_PER_MAJOR
    if value != value.to_integral_value():
        raise refuse(node, f"money has two decimals at most, not {_shown(node)}")
    return int(value)


def positive_minor(node: Node) -> int:
    value = minor(node)
    if value <= 0:
        raise refuse(node, f"money must be more than nothing, not {_shown(node)}")
    return value


def duration_s(node: Node) -> float:
    found = _DURATION.fullmatch(text(node))
    if found is None:
        raise refuse(
            node, f"a duration such as 250ms, 30s, 10m, 2h, 3d is needed, not {_shown(node)}"
        )
    return float(Decimal(found[1]) * _SECONDS[found[2]])


def flag(node: Node) -> bool:
    word = text(node)
    if word not in {"true", "false"}:
        raise refuse(node, f"true or false is needed, not {_shown(node)}")
    return word == "true"


def yes(node: Node) -> bool:
    """A step that has no argument is written `name: true`."""
    if not flag(node):
        raise refuse(node, "only true makes sense here")
    return True


def moment(node: Node) -> datetime:
    try:
        value = datetime.fromisoformat(text(node))
    except ValueError:
        raise refuse(
            node, f"a time such as 2026-11-21T08:00:00+01:00 is needed, not {_shown(node)}"
        ) from None
    if value.tzinfo is None:
        raise refuse(node, f"the time needs a zone, such as +01:00: {_shown(node)}")
    return value.astimezone(UTC)


def one_of(*words: str) -> Shape:
    def read(node: Node) -> str:
        if not isinstance(node, Scalar) or node.text not in words:
            raise refuse(node, f"one of {', '.join(words)} is needed, not {_shown(node)}")
        return node.text

    return read


def span(quantity: Shape = decimal) -> Shape:
    """A number, or `{min, max}`; `quantity` reads each of them."""

    def read(node: Node) -> Span:
        if isinstance(node, Table):
            ends = fields(optional={"min": quantity, "max": quantity})(node)
            if not ends:
                raise refuse(node, "min, max or both are needed")
            low, high = ends.get("min"), ends.get("max")
            return Span(
                None if low is None else Decimal(low), None if high is None else Decimal(high)
            )
        exact = Decimal(quantity(node))
        return Span(exact, exact)

    return read


def fields(
    required: Mapping[str, Shape] | None = None, optional: Mapping[str, Shape] | None = None
) -> Shape:
    """A table with these keys and no others."""
    known = {**(required or {}), **(optional or {})}

    def read(node: Node) -> dict[str, Any]:
        if not isinstance(node, Table):
            raise refuse(node, f"a table with {', '.join(known)} is needed, not {_shown(node)}")
        problems: list[Problem] = []
        values: dict[str, Any] = {}
        for name, (key, child) in node.entries.items():
            if name not in known:
                problems.append(
                    Problem(key.line, f"unknown key {name!r}; known: {', '.join(known)}")
                )
                continue
            _collect(values, name, known[name], child, problems)
        problems += [
            Problem(node.line, f"key {name!r} is missing")
            for name in required or {}
            if name not in node.entries
        ]
        if problems:
            raise Refused(*problems)
        return values

    return read


def table_of(key: Callable[[Scalar], Any], value: Shape) -> Shape:
    """A table whose keys are free; `key` and `value` read each entry."""

    def read(node: Node) -> dict[Any, Any]:
        if not isinstance(node, Table):
            raise refuse(node, f"a table is needed, not {_shown(node)}")
        problems: list[Problem] = []
        values: dict[Any, Any] = {}
        for written, child in node.entries.values():
            try:
                name = key(written)
            except Refused as refused:
                problems += refused.problems
                continue
            _collect(values, name, value, child, problems)
        if problems:
            raise Refused(*problems)
        return values

    return read


def list_of(item: Shape) -> Shape:
    def read(node: Node) -> list[Any]:
        if not isinstance(node, Sequence):
            raise refuse(node, f"a list is needed, not {_shown(node)}")
        problems: list[Problem] = []
        values: dict[int, Any] = {}
        for index, child in enumerate(node):
            _collect(values, index, item, child, problems)
        if problems:
            raise Refused(*problems)
        return list(values.values())

    return read


def _collect(
    values: dict[Any, Any], name: Any, shape: Shape, child: Node, problems: list[Problem]
) -> None:
    try:
        values[name] = shape(child)
    except Refused as refused:
        problems += refused.problems


def by_form(*, scalar: Shape | None = None, table: Shape | None = None) -> Shape:
    """Two ways to write the same thing: short as a word, long as a table."""

    def read(node: Node) -> Any:
        shape = table if isinstance(node, Table) else scalar
        if shape is None or isinstance(node, Sequence):
            wanted = "a table" if scalar is None else "a plain value"
            raise refuse(node, f"{wanted} is needed, not {_shown(node)}")
        return shape(node)

    return read


def named(name: str, shape: Shape) -> Shape:
    """The short form: the value under its argument's name."""
    return lambda node: {name: shape(node)}


def by_key(alternatives: Mapping[str, Shape]) -> Shape:
    """A table told apart by which of these keys it has; the first listed wins."""

    def read(node: Node) -> Any:
        if isinstance(node, Table):
            for name, shape in alternatives.items():
                if name in node.entries:
                    return shape(node)
        raise refuse(node, f"a table with one of {', '.join(alternatives)} is needed")

    return read


def json_value(node: Node) -> Any:
    """Any JSON: what goes onto the OCPP wire. Plain words are texts, plain numbers numbers."""
    match node:
        case Sequence():
            return list_of(json_value)(node)
        case Table():
            return table_of(lambda key: key.text, json_value)(node)
        case Scalar(text=word, quoted=False):
            return _json_scalar(word)
        case Scalar(text=word):
            return word


def _json_scalar(word: str) -> Any:
    words: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
    if word in words:
        return words[word]
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    if re.fullmatch(r"-?\d+\.\d+", word):
        return float(word)
    return word
