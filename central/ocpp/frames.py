"""The first look at an OCPP-J frame: is it one, and whom does it concern? Pure.

The `ocpp` package ends its receive loop on a frame such as `[2,"1",{},{}]` and leaves unreadable
ones without an answer; here each gets the CALLERROR that OCPP-J 1.6 §4.2.3 names, where an answer
can be addressed at all.
"""

import json
from dataclasses import dataclass
from typing import Any

from central.ocpp.storable import unusable

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4
_UNIQUE_ID_MAX = 36  # OCPP-J 1.6 §4.1.4


@dataclass(frozen=True, slots=True)
class CallFrame:
    unique_id: str
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResultFrame:
    unique_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErrorFrame:
    unique_id: str
    code: str
    description: str
    details: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame that is answered with CALLERROR `code`."""

    unique_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """Not a frame, or an answer to nobody: noted, never answered."""

    reason: str


Frame = CallFrame | ResultFrame | ErrorFrame | Refusal | Unanswerable


def read_frame(text: str) -> Frame:
    """Total: any text gives exactly one of the five."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return Unanswerable("not JSON")
    if not isinstance(parts, list) or len(parts) < 3:
        return Unanswerable("not an array of at least three elements")
    kind, unique_id = parts[0], parts[1]
    if not isinstance(unique_id, str) or not 0 < len(unique_id) <= _UNIQUE_ID_MAX:
        return Unanswerable("no usable unique id")
    reader = _READERS.get(kind) if isinstance(kind, int) else None
    # OCPP-J 1.6 §4.1.3: a message type that is not known is ignored.
    return reader(unique_id, parts[2:]) if reader else Unanswerable(f"message type {kind!r}")


def _read_call(unique_id: str, rest: list[Any]) -> Frame:
    if len(rest) != 2:
        return Refusal(unique_id, "FormationViolation", "a call has four elements")
    action, payload = rest
    if not isinstance(action, str):
        return Refusal(unique_id, "FormationViolation", "the action is not a string")
    if not isinstance(payload, dict):
        return Refusal(unique_id, "FormationViolation", "the payload is not an object")
    if wrong := unusable([action, payload]):
        return Refusal(unique_id, "PropertyConstraintViolation", wrong)
    return CallFrame(unique_id, action, payload)


def _read_result(unique_id: str, rest: list[Any]) -> Frame:
    if len(rest) != 1 or not isinstance(rest[0], dict):
        return Unanswerable("a result without an object as payload")
    if wrong := unusable(rest[0]):
        return Unanswerable(wrong)
    return ResultFrame(unique_id, rest[0])


def _read_error(unique_id: str, rest: list[Any]) -> Frame:
    code = rest[0] if isinstance(rest[0], str) else "GenericError"
    description = rest[1] if len(rest) > 1 and isinstance(rest[1], str) else ""
    return ErrorFrame(unique_id, code, description, rest[2] if len(rest) > 2 else {})


_READERS = {CALL: _read_call, CALL_RESULT: _read_result, CALL_ERROR: _read_error}
