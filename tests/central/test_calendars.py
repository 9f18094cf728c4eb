"""A connector's day on its way to the point."""

import asyncio
import json
from typing import Any

import pytest

from central.errors import MalformedRequest
from central.fleet.calendars import Calendars
from tests.support.central import FixedClock

ENTRY = {"from": "2026-11-21T14:45:00Z", "to": "2026-11-21T16:00:00Z", "kind": "reserved"}


def test_every_calendar_is_newer_than_the_one_before() -> None:
    sent: list[tuple[str, str, dict[str, Any]]] = []

    async def call(point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        sent.append((point, action, payload))
        return {"status": "Accepted"}

    async def scenario() -> None:
        calendars = Calendars(call, FixedClock())
        for entries in ([ENTRY], []):
            answer = await calendars.send("CP-1", {"connectorId": 1, "entries": entries})
            assert answer == {"status": "Accepted"}

    asyncio.run(scenario())
    contents = [json.loads(payload["data"]) for _, _, payload in sent]
    assert [content["entries"] for content in contents] == [[ENTRY], []]
    assert contents[0]["version"] < contents[1]["version"]
    assert {(point, action) for point, action, _ in sent} == {("CP-1", "DataTransfer")}


@pytest.mark.parametrize("order", [{}, {"connectorId": 1}, {"connectorId": "1", "entries": []}])
def test_an_order_without_its_parts_goes_nowhere(order: dict[str, Any]) -> None:
    async def call(*_: Any) -> dict[str, Any]:
        raise AssertionError("nothing may be sent")

    with pytest.raises(MalformedRequest):
        asyncio.run(Calendars(call, FixedClock()).send("CP-1", order))
