"""What a point answered to an order, or why it did not, as text and back. Pure."""

import json
from typing import Any

from central.errors import CallRefused, CentralError, NoAnswer, PointAway

_REASONS: dict[str, type[CentralError]] = {"away": PointAway, "silent": NoAnswer}


def answered_text(content: dict[str, Any]) -> str:
    return json.dumps({"content": content}, ensure_ascii=False)


def refused_text(error: CallRefused | PointAway | NoAnswer) -> str:
    if isinstance(error, CallRefused):
        return json.dumps({"code": error.code, "why": error.description})
    kind = next(kind for kind, known in _REASONS.items() if isinstance(error, known))
    return json.dumps({"kind": kind, "why": str(error)})


def content_of(text: str) -> dict[str, Any]:
    """Raises PointAway, NoAnswer or CallRefused, as the call itself did elsewhere."""
    told = json.loads(text)
    if "code" in told:
        raise CallRefused(told["code"], told["why"])
    if "kind" in told:
        raise _REASONS[told["kind"]](told["why"])
    content: dict[str, Any] = told["content"]
    return content
