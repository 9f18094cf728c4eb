"""The JSON schemas that the `ocpp` package ships, compiled with jsonschema-rs.

Only the files are used: importing `ocpp.v16` would load its charge-point loop and a second schema
library (0.1 s and 4 MiB) for nothing. Everything is read before the loop runs.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from chargepoint.errors import ChargepointError
from chargepoint.ocpp.frames import ErrorCode, Payload


class SchemasMissing(ChargepointError):
    """The `ocpp` package, or its schemas of this version, are not installed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a payload, and the CALLERROR code that says so."""

    code: ErrorCode
    description: str


# JSON-schema keyword to OCPP-J 1.6 table 7, most telling first: a missing field before an unknown
# one, because a misspelt name is both.
_CODE_OF_KEYWORD = {
    "required": ErrorCode.PROTOCOL_ERROR,
    "additionalProperties": ErrorCode.FORMATION_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "maxItems": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "uniqueItems": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "enum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "maxLength": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "format": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "multipleOf": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
}
_RANK = {keyword: rank for rank, keyword in enumerate(_CODE_OF_KEYWORD)}


class Schemas:
    """Validators of one OCPP version, for the actions this side sends and those it answers.

    Strict with what we write and with what we are asked. Answers we get may hold more than they
    should: unknown fields, null for absent. Refusing those would only punish the customer.
    """

    def __init__(
        self, *, sent: Iterable[str], answered: Iterable[str], folder: str = "v16"
    ) -> None:
        directory = _directory(folder)
        names = {path.stem for path in directory.glob("*.json")}
        self.known_actions = frozenset(name for name in names if f"{name}Response" in names)
        """Every action the version knows, in use or not."""
        requests, ours = set(sent), set(answered)
        self._requests = {
            name: _strict(_read(directory / f"{name}.json")) for name in requests | ours
        }
        self._own_answers = {
            name: _strict(_read(directory / f"{name}Response.json")) for name in ours
        }
        self._answers = {
            name: _lenient(_read(directory / f"{name}Response.json")) for name in requests
        }

    def fault_of_request(self, action: str, payload: Payload) -> Fault | None:
        return _first_fault(self._requests[action], payload)

    def fault_of_own_answer(self, action: str, payload: Payload) -> Fault | None:
        return _first_fault(self._own_answers[action], payload)

    def fault_of_answer(self, action: str, payload: Payload) -> Fault | None:
        """Of an answer we got; nulls in it should be gone (`without_nulls`)."""
        return _first_fault(self._answers[action], payload)


def _directory(folder: str) -> Path:
    spec = find_spec("ocpp")
    for location in (spec and spec.submodule_search_locations) or ():
        directory = Path(location) / folder / "schemas"
        if directory.is_dir():
            return directory
    raise SchemasMissing(f"no schemas of OCPP {folder}: is the package `ocpp` installed?")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))


def _strict(schema: Any) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(schema, validate_formats=True)


def _lenient(schema: Any) -> jsonschema_rs.Draft4Validator:
    """Dates are read by translate.py: some systems leave out the zone."""
    return jsonschema_rs.Draft4Validator(_open(schema), validate_formats=False)


def _open(schema: Any) -> Any:
    """The schema without its bans on additional properties."""
    if isinstance(schema, dict):
        return {key: _open(part) for key, part in schema.items() if key != "additionalProperties"}
    return schema


def without_nulls(payload: Payload) -> Payload:
    """The same without members that are null, two levels deep as in every answer of OCPP 1.6."""
    return {
        key: {name: part for name, part in value.items() if part is not None}
        if isinstance(value, dict)
        else value
        for key, value in payload.items()
        if value is not None
    }


def _first_fault(validator: jsonschema_rs.Draft4Validator, payload: Payload) -> Fault | None:
    try:
        if validator.is_valid(payload):
            return None
        errors = list(validator.iter_errors(payload))
    except ValueError:  # nested deeper than the validator follows
        return Fault(ErrorCode.FORMATION_VIOLATION, "payload is nested too deeply")
    first = min(errors, key=lambda error: (_RANK.get(error.kind.name, len(_RANK)), error.message))
    code = _CODE_OF_KEYWORD.get(first.kind.name, ErrorCode.GENERIC_ERROR)
    where = "/".join(str(step) for step in first.instance_path) or "payload"
    return Fault(code, f"{where}: {first.kind.name}")
