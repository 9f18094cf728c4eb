"""Tells the operator's people how the point is and what its cash devices hold: on change, and once a day.

`Point.Health` and `Cash.Levels` go through the outbox. It is bounded by itself: of each kind one message at
most is under way, and a change waits ten minutes since the last; what came between is told as it is then.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.app.ports import JournalWriter
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock

HEALTH, CASH = "Point.Health", "Cash.Levels"
LOOK_S = 30.0
QUIET = timedelta(minutes=10)
DAY = timedelta(days=1)
Content = dict[str, Any]


class Kept(JournalWriter, Protocol):
    def get(self, key: str) -> str | None: ...

    def is_queued(self, key: str) -> bool:
        """Still on its way to the central system."""
        ...


class Book(Protocol):
    def levels(self) -> list[tuple[str, int, int]]:
        """Where, value of one in minor units, how many: by the books."""
        ...


class Upkeep:
    def __init__(
        self,
        journal: Kept,
        clock: Clock,
        *,
        points: Callable[[], Mapping[ConnectorId, PointSeen]],
        watch: DeviceWatch,
        book: Book,
        wake: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._points = points
        self._watch = watch
        self._book = book
        self._wake = wake

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for kind, content in ((HEALTH, self.health()), (CASH, self.cash())):
                if self._is_due(kind, content):
                    await self._queue(kind, content)

    def delivered(self, message: VendorMessage) -> None:
        """Also when the central system does not know this kind: then nobody reads it."""
        last = self._last(message.message_id) if message.message_id in (HEALTH, CASH) else {}
        if last.get("key") == message.key:
            note = json.dumps({**last, "told": True})
            _ = self._journal.append(Batch(settings=((_setting(message.message_id), note),)))

    def health(self) -> Content:
        found = [
            {
                "connectorId": connector,
                "operative": seen.data.operative,
                "faults": [
                    {"reference": faults.FAULTS[key].ref, "fault": key}
                    for key in sorted(seen.data.faults, key=lambda key: faults.FAULTS[key].ref)
                ],
            }
            for connector, seen in sorted(self._points().items())
        ]
        devices = {
            name: {None: "unknown", True: "online", False: "offline"}[seen.is_online]
            for name, seen in self._watch.devices.items()
        }
        return {"connectors": found, "devices": devices}

    def cash(self) -> Content:
        levels = self._book.levels()
        return {
            "levels": [{"place": p, "valueMinor": value, "count": n} for p, value, n in levels],
            "totalMinor": sum(value * count for _, value, count in levels),
        }

    def _is_due(self, kind: str, content: Content) -> bool:
        last, now = self._last(kind), self._clock.utc()
        if not last:
            return True
        since = now - datetime.fromisoformat(last["at"])
        if since >= DAY or since < timedelta(0):
            # Also when the clock was set back, or the last one became a dead letter.
            return bool(last["told"]) or not self._journal.is_queued(last["key"])
        return bool(last["told"]) and since >= QUIET and last["content"] != content

    async def _queue(self, kind: str, content: Content) -> None:
        at = self._clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        key = f"upkeep:{kind}:{at}"
        note = json.dumps({"key": key, "at": at, "content": content, "told": False})
        message = VendorMessage(key, kind, {"at": at, **content})
        await self._journal.append(Batch(deliveries=(message,), settings=((_setting(kind), note),)))
        self._wake()

    def _last(self, kind: str) -> Content:
        found: Content = json.loads(self._journal.get(_setting(kind)) or "{}")
        return found


def _setting(kind: str) -> str:
    return f"upkeep.{kind}"
