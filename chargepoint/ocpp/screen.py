"""Vendor messages of support: what stands on the screen, and more time for whoever stands there.

    Point.Screen   {}                → screen, title, texts, buttons, tabs; nothing private
    Screen.Stay    {"seconds": 300}  → Accepted; at most a quarter of an hour at a time

A station that knows neither answers UnknownMessageId (OCPP 1.6 §4.3).
"""

from collections.abc import Mapping
from typing import Any

from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.profile import Handler, VendorMessageId, status
from chargepoint.ocpp.rpc import Answer
from chargepoint.screen_ports import ScreenDoor, SeenScreen

_LONGEST_STAY_S = 900


class ScreenProfile:
    """Implements profile.Profile."""

    def __init__(self, door: ScreenDoor) -> None:
        self._door = door

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {}

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {
            (translate.VENDOR, "Point.Screen"): self._screen,
            (translate.VENDOR, "Screen.Stay"): self._stay,
        }

    async def _screen(self, _payload: Payload) -> Answer:
        """Whatever the request carries: there is one screen."""
        seen = self._door.screen()
        if seen is None:
            return status("Rejected")
        return Answer({"status": "Accepted", **translate.vendor_data(_content(seen))})

    async def _stay(self, payload: Payload) -> Answer:
        try:
            seconds = translate.vendor_content(payload)["seconds"]
        except (translate.AnswerUnreadable, KeyError):
            return status("Rejected")
        if type(seconds) is not int or not 0 < seconds <= _LONGEST_STAY_S:
            return status("Rejected")
        self._door.stay(seconds)
        return status("Accepted")


def _content(seen: SeenScreen) -> dict[str, Any]:
    return {
        "screen": seen.screen,
        "connectorId": seen.connector,
        "language": seen.language,
        "kiosk": seen.is_kiosk_alive,
        "title": seen.title,
        "texts": list(seen.texts),
        "buttons": [
            {"id": each.id, "label": each.label, "enabled": each.is_enabled}
            for each in seen.buttons
        ],
        "connectors": [
            {"connectorId": each.connector, "state": each.state, "label": each.label}
            for each in seen.tabs
        ],
        "reference": seen.reference,
    }
