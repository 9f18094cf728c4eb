"""Vendor messages of the customer's telephone: `Session.Stop` and `Session.Watch` (docs/ocpp.md)."""

from collections.abc import Callable, Mapping
from typing import Any

from chargepoint.domain.units import SessionId
from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.profile import Handler, VendorMessageId, refused, status
from chargepoint.ocpp.rpc import Answer
from chargepoint.phone_ports import CodeVerdict, PhoneDoor

_MOST_PROOF_CHARS = 64


class PhoneProfile:
    """Implements profile.Profile. `session_of`: the charge behind a transaction id."""

    def __init__(self, door: PhoneDoor, session_of: Callable[[int], SessionId | None]) -> None:
        self._door = door
        self._session_of = session_of

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {}

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {
            (translate.VENDOR, "Session.Stop"): self._stop,
            (translate.VENDOR, "Session.Watch"): self._watch,
        }

    async def _stop(self, payload: Payload) -> Answer:
        content = _content(payload)
        session, proof = self._session(content), content.get("proof")
        if session is None:
            return _said(CodeVerdict.NOT_RUNNING)
        if not isinstance(proof, str) or len(proof) > _MOST_PROOF_CHARS:
            proof = ""
        return _said(await self._door.stop_by_code(session, proof))

    async def _watch(self, payload: Payload) -> Answer:
        session = self._session(_content(payload))
        is_watched = session is not None and self._door.watch(session)
        return status("Accepted") if is_watched else _said(CodeVerdict.NOT_RUNNING)

    def _session(self, content: dict[str, Any]) -> SessionId | None:
        number = translate.transaction_id(content)
        return None if number is None else self._session_of(number)


def _said(verdict: CodeVerdict) -> Answer:
    return status("Accepted") if verdict is CodeVerdict.STOPPED else refused(verdict)


def _content(payload: Payload) -> dict[str, Any]:
    """An unreadable one names no charge."""
    try:
        return translate.vendor_content(payload)
    except translate.AnswerUnreadable:
        return {}
