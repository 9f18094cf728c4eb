"""One thing made wrong in a valid request, and the answers that are right for it.

Codes: OCPP-J 1.6 table 7 with the reading of docs/ocpp.md. `None` stands for a CALLRESULT, the word
SILENCE for no answer at all.
"""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.ocpp.fuzz.grammar import Payload, Schema, resolved

SILENCE = "silence"
UNREADABLE = "-1"
_DEEPER_THAN_JSON_IS_READ = 1_000

# What a schema cannot say: an address that is none, periods of a profile that are impossible.
_ALSO_WRONG_BY_ITS_MEANING = frozenset(
    {"GetDiagnostics", "RemoteStartTransaction", "SetChargingProfile", "UpdateFirmware"}
)

_WRONG_TYPE: dict[str, tuple[Any, ...]] = {
    "string": (1, True, None, [], {}, 1.5),
    "integer": ("1", 1.5, None, [], {}, True, "x" * 50),
    "number": ("1", None, [], {}, True),
    "boolean": (0, "true", None, [], {}),
    "array": ({}, "x", None, 1),
    "object": ([], "x", None, 1),
}


@dataclass(frozen=True)
class Frame:
    """`answers`: the codes that are right; `id` is what an answer must carry."""

    text: str
    id: str
    answers: frozenset[str | None]
    action: str = ""
    kind: str = "valid"


Spot = tuple[list[Any], str, Schema, Any]
"""Path to a container, member name in it, the member's schema, its value."""


def _spots(payload: Payload, schema: Schema, root: Schema, path: list[Any]) -> Iterator[Spot]:
    schema = resolved(schema, root)
    for name, value in payload.items():
        part = resolved(schema["properties"][name], root)
        yield path, name, part, value
        if isinstance(value, dict):
            yield from _spots(value, part, root, [*path, name])
        if isinstance(value, list):
            items = resolved(part["items"], root)
            for number, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _spots(item, items, root, [*path, name, number])


def _objects(payload: Payload, schema: Schema, root: Schema) -> Iterator[tuple[Payload, Schema]]:
    yield payload, resolved(schema, root)
    for path, name, part, value in _spots(payload, schema, root, []):
        if isinstance(value, dict):
            yield value, part
        elif isinstance(value, list):
            items = resolved(part["items"], root)
            yield from ((item, items) for item in value if isinstance(item, dict))
        del path, name


def _container(payload: Payload, path: list[Any]) -> Any:
    found: Any = payload
    for step in path:
        found = found[step]
    return found


class Spoiler:
    """Makes a valid payload wrong in one way; None when there is nothing to make wrong that way."""

    def __init__(self, schema: Schema, dice: Random) -> None:
        self._schema = schema
        self._dice = dice

    def missing_field(self, payload: Payload) -> str | None:
        found = [
            (holder, name)
            for holder, schema in _objects(payload, self._schema, self._schema)
            for name in schema.get("required", [])
            if name in holder
        ]
        if not found:
            return None
        holder, name = self._dice.choice(found)
        del holder[name]
        return "ProtocolError"

    def unknown_field(self, payload: Payload) -> str | None:
        closed = [
            holder
            for holder, schema in _objects(payload, self._schema, self._schema)
            if schema.get("additionalProperties") is False
        ]
        if not closed:
            return None
        self._dice.choice(closed)[self._dice.choice(("extra", "", "$ref", "é" * 300))] = 1
        return "FormationViolation"

    def wrong_type(self, payload: Payload) -> str | None:
        found = [spot for spot in self._all(payload) if "type" in spot[2] and "enum" not in spot[2]]
        if not found:
            return None
        path, name, schema, _ = self._dice.choice(found)
        _container(payload, path)[name] = self._dice.choice(_WRONG_TYPE[schema["type"]])
        return "TypeConstraintViolation"

    def outside_enum(self, payload: Payload) -> str | None:
        found = [spot for spot in self._all(payload) if "enum" in spot[2]]
        if not found:
            return None
        path, name, _, _ = self._dice.choice(found)
        _container(payload, path)[name] = self._dice.choice(
            ("", "accepted ", "Nonsense", "x" * 999)
        )
        return "PropertyConstraintViolation"

    def too_long(self, payload: Payload) -> str | None:
        found = [spot for spot in self._all(payload) if "maxLength" in spot[2]]
        if not found:
            return None
        path, name, schema, _ = self._dice.choice(found)
        excess = self._dice.choice((1, 2, 1000))
        _container(payload, path)[name] = "y" * (schema["maxLength"] + excess)
        return "PropertyConstraintViolation"

    def no_date(self, payload: Payload) -> str | None:
        found = [spot for spot in self._all(payload) if spot[2].get("format") == "date-time"]
        if not found:
            return None
        path, name, _, _ = self._dice.choice(found)
        wrong = ("", "now", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "1", "20260101")
        _container(payload, path)[name] = self._dice.choice(wrong)
        return "PropertyConstraintViolation"

    def _all(self, payload: Payload) -> list[Spot]:
        return list(_spots(payload, self._schema, self._schema, []))

    @property
    def ways(self) -> tuple[Callable[[Payload], str | None], ...]:
        return (
            self.missing_field,
            self.unknown_field,
            self.wrong_type,
            self.outside_enum,
            self.too_long,
            self.no_date,
        )


def spoiled(action: str, payload: Payload, schema: Schema, message_id: str, dice: Random) -> Frame:
    """The request with one thing wrong in its payload, or valid when nothing could be spoiled."""
    spoiler = Spoiler(schema, dice)
    ways = list(spoiler.ways)
    dice.shuffle(ways)
    for way in ways:
        payload_now = copy.deepcopy(payload)
        code = way(payload_now)
        if code is not None:
            text = json.dumps([2, message_id, action, payload_now])
            return Frame(text, message_id, frozenset({code}), action, way.__name__)
    return call(action, payload, message_id)


def call(action: str, payload: Payload, message_id: str) -> Frame:
    text = json.dumps([2, message_id, action, payload], ensure_ascii=False)
    answers: set[str | None] = {None}
    if action in _ALSO_WRONG_BY_ITS_MEANING:
        answers |= {"PropertyConstraintViolation", "OccurenceConstraintViolation"}
    return Frame(text, message_id, frozenset(answers), action)


def misshapen(action: str, payload: Payload, message_id: str, dice: Random) -> Frame:
    """A frame that is wrong as such, whatever it asks."""
    whole = json.dumps([2, message_id, action, payload])
    deep = dice.choice((400, 5_000))
    wrong = frozenset({"FormationViolation"})
    property_wrong = frozenset({"PropertyConstraintViolation"})
    nested = f'[2,"{message_id}","{action}",{{"a":{"[" * deep}{"]" * deep}}}]'
    choices: tuple[tuple[str, str, frozenset[str | None]], ...] = (
        (whole[: dice.randrange(1, len(whole))], UNREADABLE, wrong),
        ("", UNREADABLE, wrong),
        ("{}", UNREADABLE, wrong),
        ("[]", UNREADABLE, wrong),
        ("[" * deep, UNREADABLE, wrong),
        ('{"a":' * deep, UNREADABLE, wrong),
        (whole.replace("2,", "NaN,", 1), UNREADABLE, wrong),
        ('["2"' + whole[2:], UNREADABLE, wrong),
        (f'[2,"{message_id}"]', message_id, wrong),
        (f'[2,"{message_id}","{action}"]', message_id, wrong),
        (f'[2,"{message_id}","{action}",[]]', message_id, wrong),
        (f'[2,"{message_id}","{action}","x"]', message_id, wrong),
        (f'[2,"{message_id}",7,{{}}]', message_id, wrong),
        (f'[2,null,"{action}",{{}}]', UNREADABLE, wrong),
        (f'[2,"{message_id}","{action}",{{}},{{}}]', message_id, wrong),
        (f'[2,"{"i" * 37}","{action}",{{}}]', "i" * 37, property_wrong),
        (f'[2,"{message_id}","Nonsense",{{}}]', message_id, frozenset({"NotImplemented"})),
        (f'[2,"{message_id}","",{{}}]', message_id, frozenset({"NotImplemented"})),
        (f'[2,"{message_id}","{action} ",{{}}]', message_id, frozenset({"NotImplemented"})),
        (f'[2,"{message_id}","Heartbeat",{{}}]', message_id, frozenset({"NotSupported"})),
        (
            nested,
            message_id if deep < _DEEPER_THAN_JSON_IS_READ else UNREADABLE,
            frozenset({"FormationViolation", "ProtocolError"}),
        ),
        (f'[9,"{message_id}",{{}}]', "", frozenset({SILENCE})),
        (f'[5,"{message_id}","{action}",{{}}]', "", frozenset({SILENCE})),
        (f'[3,"{message_id}",{{}}]', "", frozenset({SILENCE})),
        (f'[3,"{message_id}"]', "", frozenset({SILENCE})),
        ("[3]", "", frozenset({SILENCE})),
        (f'[4,"{message_id}","InternalError","",{{}}]', "", frozenset({SILENCE})),
        (f'[4,"{message_id}"]', "", frozenset({SILENCE})),
    )
    text, expected_id, answers = dice.choice(choices)
    return Frame(text, expected_id, answers, action, "misshapen")
