"""Valid payloads, at random, from the JSON schemas of OCPP 1.6.

Values lean towards those that break software: limits, zero, signs, long and foreign text.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

Schema = dict[str, Any]
Payload = dict[str, Any]

_TEXTS = (
    "",
    "0",
    "A",
    "TAG1",
    "Ünïcødé",
    "表示",
    "\u202egnol",
    "' OR 1=1 --",
    "<b>",
    "..",
    "null",
    "1e9",
)
_INTEGERS = (0, 1, 2, 3, -1, 7, 60, 3600, 86_400, 2**31 - 1, -(2**31), 2**63 - 1, 2**63, 10**18)
_NUMBERS = (0, 0.1, 1, 6, 16, 32.5, -1, 22_000, 1e12)
_DATES = (
    "2026-01-01T00:00:00Z",
    "2026-11-01T08:00:00.000Z",
    "2026-03-29T02:30:00+01:00",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2100-02-28T12:00:00.123456Z",
)
_PLACES = ("http://127.0.0.1:9/a.bin", "https://127.0.0.1:9/a", "ftp://127.0.0.1:9/", "file:///etc")
_KEYS = ("HeartbeatInterval", "ConnectionTimeOut", "MeterValuesSampledData", "NumberOfConnectors")


def _folder() -> Path:
    spec = find_spec("ocpp")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "v16" / "schemas"


def schemas() -> dict[str, Schema]:
    """By message name; answers are called NameResponse."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8-sig"))
        for path in sorted(_folder().glob("*.json"))
    }


def resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def valid(schema: Schema, root: Schema, dice: Random, name: str = "") -> Any:
    """A value that `schema` accepts."""
    schema = resolved(schema, root)
    if "enum" in schema:
        return dice.choice(schema["enum"])
    match schema["type"]:
        case "object":
            found: Any = _object(schema, root, dice)
        case "array":
            many = dice.choice((1, 1, 2, 4))
            found = [valid(schema["items"], root, dice, name) for _ in range(many)]
        case "string":
            found = _text(schema, dice, name)
        case "integer":
            found = _integer(dice, name)
        case "number":
            found = dice.choice(_NUMBERS)
        case "boolean":
            found = dice.random() < 0.5
        case other:
            raise ValueError(f"no values for {other}")
    return found


def _object(schema: Schema, root: Schema, dice: Random) -> Payload:
    required = schema.get("required", [])
    return {
        name: valid(part, root, dice, name)
        for name, part in schema.get("properties", {}).items()
        if name in required or dice.random() < 0.6
    }


def _text(schema: Schema, dice: Random, name: str) -> str:
    if schema.get("format") == "date-time":
        return dice.choice(_DATES)
    if name in ("location", "remoteLocation") and dice.random() < 0.7:
        return dice.choice(_PLACES)
    longest = schema.get("maxLength", 500)
    if name == "key" and dice.random() < 0.5:
        return dice.choice(_KEYS)[:longest]
    text = dice.choice((*_TEXTS, "x" * longest, "é" * longest))
    return text[:longest]


def _integer(dice: Random, name: str) -> int:
    if name.endswith("Id") and dice.random() < 0.7:
        return dice.choice((0, 1, 2, 3))
    return dice.choice(_INTEGERS)
