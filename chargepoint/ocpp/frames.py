"""OCPP-J frames, sans I/O (OCPP-J 1.6 §4.2): text to frame, frame to text. No clock, no asyncio.

[2, id, action, {payload}]                CALL
[3, id, {payload}]                        CALLRESULT
[4, id, code, description, {details}]     CALLERROR
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CALL, CALLRESULT, CALLERROR = 2, 3, 4
MAX_ID_CHARS = 36  # OCPP-J 1.6 §4.1.4
UNREADABLE_ID = "-1"  # named by OCPP-J 2.0.1 §4.2.3 for frames without a readable id
_ECHO_CHARS = 255
_MAX_DESCRIPTION_CHARS = 255
_HEAD = re.compile(r'\s*\[\s*2\s*,\s*"([^"\\]{1,36})"')
_SURROGATE = re.compile(r"[\ud800-\udfff]")

Payload = dict[str, Any]


class ErrorCode(StrEnum):
    """OCPP-J 1.6 table 7, by its own spelling: the errata keep the two misspelt words (§5)."""

    NOT_IMPLEMENTED = "NotImplemented"  # action unknown
    NOT_SUPPORTED = "NotSupported"  # action known, not offered here
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"  # payload incomplete
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


_LATER_SPELLINGS = {
    "FormatViolation": ErrorCode.FORMATION_VIOLATION,
    "OccurrenceConstraintViolation": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
}


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Result:
    id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Error:
    id: str
    code: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that asks for the CALLERROR in `error`."""

    error: Error


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A frame that must not be answered: a broken answer, or an unknown message type (§4.1.3).

    `id` is set when it can be read, so that whoever waits for that answer need not wait longer.
    """

    reason: str
    id: str | None = None


Frame = Call | Result | Error | Malformed | Unanswerable


def parse(text: str, max_chars: int) -> Frame:
    """The frame in `text`, whatever `text` is. Never raises."""
    if len(text) > max_chars:
        head = _HEAD.match(text)
        message_id = head[1] if head else UNREADABLE_ID
        return _malformed(message_id, f"frame of {len(text)} characters is too long")
    try:
        items = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _malformed(UNREADABLE_ID, "not JSON")
    if not isinstance(items, list) or not items or type(items[0]) is not int:
        return _malformed(UNREADABLE_ID, "not an array that begins with a message type")
    return _frame(items, has_escapes="\\u" in text)


def _frame(items: list[Any], *, has_escapes: bool) -> Frame:
    if items[0] not in {CALL, CALLRESULT, CALLERROR}:
        return Unanswerable(f"message type {items[0]}")
    if has_escapes and not _is_text(items):
        items = [*items[:2]]  # what follows is no text anybody could store; the shape is refused
    return _call(items) if items[0] == CALL else _answer(items)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _is_text(items: list[Any]) -> bool:
    """False for half a surrogate pair: JSON may spell it, UTF-8 cannot."""
    try:
        return not _SURROGATE.search(json.dumps(items, ensure_ascii=False))
    except RecursionError:
        return False


def _malformed(message_id: str, why: str) -> Malformed:
    return Malformed(Error(message_id, ErrorCode.FORMATION_VIOLATION, why))


def _readable_id(items: list[Any]) -> str:
    match items[1:2]:
        case [str(text)] if len(text) <= _ECHO_CHARS and not _SURROGATE.search(text):
            return text
        case [int(number)] if not isinstance(number, bool) and abs(number) < 10**MAX_ID_CHARS:
            return str(number)
        case _:
            return UNREADABLE_ID


def _call(items: list[Any]) -> Frame:
    match items:
        case [_, str(message_id), str(action), dict() | None as payload]:
            if len(message_id) <= MAX_ID_CHARS:
                return Call(message_id, action, payload or {})
            # §4.2.3 names "unique identifier too long" as a reason for a CALLERROR.
            why = f"unique id of {len(message_id)} characters"
            error = Error(_readable_id(items), ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, why)
            return Malformed(error)
        case _:
            return _malformed(_readable_id(items), "a CALL is [2, id, action, {payload}]")


def _answer(items: list[Any]) -> Frame:
    match items:
        case [3, str(message_id), dict() | None as payload]:
            return Result(message_id, payload or {})
        case [4, str(message_id), str(code), *rest]:
            description = rest[0] if rest and isinstance(rest[0], str) else ""
            return Error(message_id, _LATER_SPELLINGS.get(code, code), description)
        case [_, str(message_id), *_]:
            return Unanswerable("malformed answer", message_id)
        case _:
            return Unanswerable("answer without an id")


def _encode(items: list[Any]) -> str:
    return json.dumps(items, separators=(",", ":"), allow_nan=False)


def encode_call(call: Call) -> str:
    return _encode([CALL, call.id, call.action, call.payload])


def encode_result(result: Result) -> str:
    return _encode([CALLRESULT, result.id, result.payload])


def encode_error(error: Error) -> str:
    description = error.description[:_MAX_DESCRIPTION_CHARS]
    return _encode([CALLERROR, error.id, error.code, description, {}])
