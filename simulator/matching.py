"""Partial matching of OCPP payloads, and the `$name.field` references in them."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Resolve = Callable[[str, str], Any]
"""The value behind `$name.field`; raises when there is none."""

_REFERENCE = re.compile(r"\$([A-Za-z0-9_-]+)\.([A-Za-z]+)")


def substituted(value: Any, resolve: Resolve) -> Any:
    """`value` with every reference replaced; a text that is one reference becomes its value."""
    match value:
        case dict():
            return {name: substituted(item, resolve) for name, item in value.items()}
        case list():
            return [substituted(item, resolve) for item in value]
        case str() if whole := _REFERENCE.fullmatch(value):
            return resolve(whole[1], whole[2])
        case str():
            return _REFERENCE.sub(lambda found: str(resolve(found[1], found[2])), value)
        case _:
            return value


def matches(wanted: Any, actual: Any) -> bool:
    """Whether `actual` has everything `wanted` asks for; it may have more.

    Tables match by key, lists when each wanted item matches some item, `{min, max}` a number. JSON
    inside a text (DataTransfer) is looked into. Numbers and texts are equal when they read alike.
    """
    if isinstance(wanted, dict | list) and isinstance(actual, str):
        try:
            actual = json.loads(actual)
        except ValueError:
            return False
    match wanted:
        case dict() if wanted and set(wanted) <= {"min", "max"}:
            return _is_within(wanted, actual)
        case dict():
            return isinstance(actual, dict) and all(
                name in actual and matches(item, actual[name]) for name, item in wanted.items()
            )
        case list():
            return isinstance(actual, list) and all(
                any(matches(item, found) for found in actual) for item in wanted
            )
        case _:
            return _reads_alike(wanted, actual)


def _reads_alike(wanted: Any, actual: Any) -> bool:
    if wanted is None or isinstance(wanted, bool) or isinstance(actual, bool | dict | list):
        return wanted is actual
    return bool(wanted == actual) or str(wanted) == str(actual)


def _is_within(ends: Mapping[str, Any], actual: Any) -> bool:
    try:
        value = Decimal(str(actual))
        low, high = (Decimal(str(ends[key])) if key in ends else value for key in ("min", "max"))
    except InvalidOperation:
        return False
    return low <= value <= high
