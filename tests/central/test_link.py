"""The same system over an in-memory link: no socket, no thread, no wall clock."""

import asyncio
import json
import uuid

import ocpp.charge_point
import pytest

from central.ocpp.link import LinkClosed
from tests.support.central import CARD, a_system


class MemoryLink:
    """Both ends in one object: the test plays the charge point."""

    def __init__(self) -> None:
        self.from_point: asyncio.Queue[str | None] = asyncio.Queue()
        self.to_point: asyncio.Queue[str] = asyncio.Queue()

    async def send(self, text: str) -> None:
        self.to_point.put_nowait(text)

    async def recv(self) -> str:
        text = await self.from_point.get()
        if text is None:
            raise LinkClosed("gone")
        return text

    async def close(self) -> None:
        self.from_point.put_nowait(None)


def _play() -> list[str]:
    frames = [
        [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}],
        [2, "2", "Authorize", {"idTag": CARD}],
        [2, {}, "Heartbeat", {}],
        [2, "3", "Heartbeat", {}],
    ]
    heard: list[str] = []

    async def conversation() -> None:
        system = a_system()
        system.accounts.create_card(CARD, balance_minor=100)
        link = MemoryLink()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(system.serve_link("CP-1", link))
            for frame in frames:
                link.from_point.put_nowait(json.dumps(frame))
            heard.extend([await link.to_point.get() for _ in range(3)])
            asked = tasks.create_task(system.call("CP-1", "Reset", {"type": "Soft"}))
            heard.append(await link.to_point.get())
            link.from_point.put_nowait('[3,"id-1",{"status":"Accepted"}]')
            heard.append(json.dumps(await asked))
            await link.close()
        assert not system.registry.point("CP-1").is_connected

    asyncio.run(conversation())
    return heard


def test_link_when_in_memory_then_same_input_gives_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(ocpp.charge_point, "time")
    monkeypatch.setattr(uuid, "uuid4", None)
    first = _play()
    assert first == _play()
    assert first[2:] == [
        '[3,"3",{"currentTime":"2026-11-21T08:00:00.000Z"}]',
        '[2,"id-1","Reset",{"type":"Soft"}]',
        '{"status": "Accepted"}',
    ]
