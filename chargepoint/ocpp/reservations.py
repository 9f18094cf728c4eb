"""The Reservation profile (OCPP 1.6 §3.11, §5.1, §5.13), and a connector's day by DataTransfer.

    Connector.Calendar   {"connectorId": 1, "version": 7, "entries": [
                            {"from": "2026-11-21T14:45:00Z", "to": "…", "kind": "reserved"}]}

answered Accepted, or Rejected with {"reason": …}. A newer version replaces all of an older one.
"""

from collections.abc import Mapping
from typing import Any

from chargepoint.domain.reservations.reservation import Calendar, Verdict, Window, WindowKind
from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.profile import Handler, VendorMessageId, refused, status
from chargepoint.ocpp.rpc import Answer, Refusal
from chargepoint.reservation_ports import ReservationDoor, ReservationWanted

CALENDAR = "Connector.Calendar"
_MOST_WINDOWS = 96  # a day in quarters of an hour
_LARGEST = 2**63 - 1
_WORDS = {
    Verdict.ACCEPTED: "Accepted",
    Verdict.FAULTED: "Faulted",
    Verdict.OCCUPIED: "Occupied",
    Verdict.REJECTED: "Rejected",
    Verdict.UNAVAILABLE: "Unavailable",
}


class ReservationProfile:
    def __init__(self, door: ReservationDoor, connectors: int) -> None:
        self._door = door
        self._connectors = connectors

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {
            "CancelReservation": self._cancel,
            "ReserveNow": self._reserve,
        }

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {(translate.VENDOR, CALENDAR): self._set_calendar}

    async def _reserve(self, payload: Payload) -> Answer:
        """A reservation that has expired already, or of no connector of ours, is Rejected."""
        number, connector = payload["reservationId"], payload["connectorId"]
        expires = translate.from_timestamp(payload["expiryDate"])
        if expires is None:
            raise Refusal(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "expiryDate: no such time")
        if not 0 <= connector <= self._connectors or abs(number) > _LARGEST:
            return status("Rejected")
        wanted = ReservationWanted(
            number,
            ConnectorId(connector),
            payload["idTag"],
            expires,
            payload.get("parentIdTag"),
        )
        return status(_WORDS[await self._door.reserve(wanted)])

    async def _cancel(self, payload: Payload) -> Answer:
        number = payload["reservationId"]
        known = abs(number) <= _LARGEST and await self._door.cancel(number)
        return status("Accepted" if known else "Rejected")

    async def _set_calendar(self, payload: Payload) -> Answer:
        try:
            connector, calendar = self._read(translate.vendor_content(payload))
        except (translate.AnswerUnreadable, KeyError, TypeError, ValueError) as error:
            return refused(str(error) or repr(error))
        if await self._door.set_calendar(connector, calendar):
            return status("Accepted")
        return refused(f"version {calendar.version} is not newer")

    def _read(self, content: dict[str, Any]) -> tuple[ConnectorId, Calendar]:
        connector, version, entries = content["connectorId"], content["version"], content["entries"]
        if type(connector) is not int or not 1 <= connector <= self._connectors:
            raise ValueError(f"connectorId {connector!r} is none of ours")
        if type(version) is not int or not 0 < version <= _LARGEST:
            raise ValueError(f"version {version!r} is no positive number")
        if not isinstance(entries, list) or len(entries) > _MOST_WINDOWS:
            raise ValueError(f"entries is no list of at most {_MOST_WINDOWS}")
        windows = sorted((_window(each) for each in entries), key=lambda window: window.begin)
        return ConnectorId(connector), Calendar(version, tuple(windows))


def _window(entry: dict[str, Any]) -> Window:
    begin, end = (translate.from_timestamp(str(entry[name])) for name in ("from", "to"))
    if begin is None or end is None:
        raise ValueError(f"{entry['from']!r} to {entry['to']!r}: no such time")
    return Window(begin, end, WindowKind(entry.get("kind", WindowKind.RESERVED)))
