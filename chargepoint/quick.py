"""`@quickly_made` above `@dataclass(frozen=True, slots=True)`: the same class, made faster.

A frozen dataclass sets each of its fields through `object.__setattr__`, and that was a twelfth of all
processor time of a station whose vehicles charge. Here `__init__` fills the value while it is of a
*twin*, a class with the same slots that is not frozen, and makes it one of its own class when it is
whole: half the time for five fields, a quarter for the 18 of a snapshot. It is for what is made every
second.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def twin_of(kind: type) -> type:
    """Raises TypeError for a class that checks its values, or has no slots."""
    names = tuple(field.name for field in fields(kind))
    if hasattr(kind, "__post_init__") or kind.__dict__.get("__slots__") != names:
        raise TypeError(f"{kind.__name__} checks its values, or has no slots")
    return type(f"{kind.__name__}Twin", kind.__bases__, {"__slots__": names})


def quickly_made(kind: type[T]) -> type[T]:
    made = {
        "_kind_": kind,
        "_twin_": twin_of(kind),
        "_become_": object.__setattr__,
        "_missing_": MISSING,
        **_defaults(kind),
    }
    every = fields(kind)  # type: ignore[arg-type]  # a dataclass: twin_of has looked
    lines = [
        f"def __init__(self, {', '.join(map(_parameter, every))}):",
        "    _become_(self, '__class__', _twin_)",
        *(line for field in every for line in _filled(field)),
        "    self.__class__ = _kind_",
    ]
    exec("\n".join(lines), made)  # noqa: S102 - names of our own fields, as dataclasses does it
    kind.__init__ = made["__init__"]  # type: ignore[method-assign]  # it takes what that one took
    return kind


def _defaults(kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(kind):
        if field.default is not MISSING:
            found[f"_default_{field.name}_"] = field.default
        if field.default_factory is not MISSING:
            found[f"_make_{field.name}_"] = field.default_factory
    return found


def _parameter(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"{field.name}=_default_{field.name}_"
    return field.name if field.default_factory is MISSING else f"{field.name}=_missing_"


def _filled(field: Field[Any]) -> Iterator[str]:
    name = field.name
    if field.default_factory is MISSING:
        yield f"    self.{name} = {name}"
    else:
        yield f"    self.{name} = _make_{name}_() if {name} is _missing_ else {name}"
