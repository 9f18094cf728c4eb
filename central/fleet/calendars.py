"""The day of a connector, sent to its point: when it is needed for somebody (docs/ocpp.md)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from central.clock import Clock
from central.errors import MalformedRequest

ACTION = "Connector.Calendar"
VENDOR = "es.citere"

Call = Callable[[str, str, dict[str, Any]], Awaitable[dict[str, Any]]]


class Calendars:
    """Versions follow the clock, so a newer one wins also after a restart of this system."""

    def __init__(self, call: Call, clock: Clock) -> None:
        self._call = call
        self._clock = clock
        self._last = 0

    async def send(self, point: str, order: dict[str, Any]) -> dict[str, Any]:
        """`order`: `{"connectorId": 1, "entries": [{"from": …, "to": …, "kind": "reserved"}]}`.

        The point's answer; raises MalformedRequest and what a call raises.
        """
        connector, entries = order.get("connectorId"), order.get("entries")
        if type(connector) is not int or not isinstance(entries, list):
            raise MalformedRequest(f"{ACTION} needs connectorId and entries")
        now_ms = int(self._clock.utc().timestamp() * 1000)
        self._last = max(self._last + 1, now_ms)
        content = {"connectorId": connector, "version": self._last, "entries": entries}
        request = {"vendorId": VENDOR, "messageId": ACTION, "data": json.dumps(content)}
        return await self._call(point, "DataTransfer", request)
