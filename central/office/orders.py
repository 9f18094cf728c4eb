"""What operators order a point to do: in the trail with who gave it, before the point is asked, and after."""

import json
from collections.abc import Mapping
from typing import Any

from central.clock import Clock, utc_text
from central.errors import CallRefused, CentralError, MalformedRequest, NoAnswer, PointAway
from central.fleet.calendars import ACTION as CALENDAR
from central.greencard.accounts import masked
from central.greencard.trail import Note
from central.support.agents import Agent
from central.system import SERVICE_TOKENS, CentralSystem

REFUSALS = (MalformedRequest, PointAway, NoAnswer, CallRefused)
_DETAIL_MAX = 300
_LOOKS = frozenset({"GetConfiguration", "GetLocalListVersion", "GetCompositeSchedule"})
_SECRET_KEYS = frozenset({"authorizationkey"})  # OCPP 1.6 security whitepaper, A00


class Orders:
    def __init__(self, system: CentralSystem, clock: Clock) -> None:
        self._system = system
        self._clock = clock

    async def give(
        self, operator: Agent, point: str, action: str, payload: dict[str, Any], *, why: str = ""
    ) -> dict[str, Any]:
        """The point's answer, as on the wire. Raises what is among REFUSALS.

        What only asks leaves no trace; `why`: the operator's own words.
        """
        detail = f"{_told(payload)}{f' ({why})' if why else ''}"
        await self._note(operator, point, action, detail)
        try:
            if action == CALENDAR:
                answer = await self._system.calendars.send(point, payload)
            else:
                answer = await self._system.call(point, action, payload)
        except REFUSALS as refused:
            await self._note(operator, point, action, f"not done: {_why(refused)}")
            raise
        await self._note(operator, point, action, f"answered {answer.get('status', 'nothing')}")
        return answer

    async def _note(self, operator: Agent, point: str, action: str, detail: str) -> None:
        if action not in _LOOKS:
            await self._system.store.run(self._add, operator, point, action, detail)

    def _add(self, operator: Agent, point: str, action: str, detail: str) -> None:
        told = "".join(each for each in f"{point}: {detail}" if each.isprintable())[:_DETAIL_MAX]
        event = "".join(each for each in action if each.isalnum() or each == ".")[:40]
        with self._system.store.change():
            note = Note(utc_text(self._clock.utc()), "", operator.login, f"point.{event}", told)
            self._system.store.trail.add(note)


def _told(payload: Mapping[str, Any]) -> str:
    """Neither a whole card nor a key."""
    shown = dict(payload)
    for field in ("idTag", "parentIdTag"):
        if isinstance(shown.get(field), str) and shown[field] not in SERVICE_TOKENS:
            shown[field] = masked(shown[field])
    if str(shown.get("key", "")).lower() in _SECRET_KEYS:
        shown["value"] = "…"
    if "localAuthorizationList" in shown:
        shown["localAuthorizationList"] = "…"
    return json.dumps(shown, sort_keys=True, ensure_ascii=False)


def _why(refused: CentralError) -> str:
    return {PointAway: "not connected", NoAnswer: "no answer"}.get(type(refused), str(refused))
