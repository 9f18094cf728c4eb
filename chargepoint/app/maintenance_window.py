"""Takes every connector out of service from one moment to another, and back by itself.

The plan and what it took out are one durable value, so a window outlives a power cut: nothing stays
out because somebody forgot it, and nothing comes in that was out before. Charges that run go on.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from chargepoint.app.point_actor import PointActor
from chargepoint.domain.effects import SetOperative
from chargepoint.domain.service.values import Fact
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock, Settings

KEY = "service.window"
_LONGEST_S = 600.0  # the clock may be set meanwhile


@dataclass(frozen=True, slots=True)
class Window:
    """`taken`: connectors that this window took out; None: it has not begun."""

    begin: str
    end: str
    taken: list[int] | None = None

    def begins(self) -> datetime:
        return datetime.fromisoformat(self.begin)

    def ends(self) -> datetime:
        return datetime.fromisoformat(self.end)


class MaintenanceWindow:
    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        points: Callable[[], Mapping[ConnectorId, PointActor]],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._points = points
        self._changed = asyncio.Event()

    def facts(self) -> tuple[Fact, ...]:
        planned = self._planned()
        if planned is None:
            return ()
        mark = "" if planned.taken is None else "warn"
        return (
            Fact("window.begins", planned.begin, "time", mark),
            Fact("window.ends", planned.end, "time", mark),
        )

    async def plan(self, subject: str) -> None:
        """`BEGIN/END`, or nothing: what is planned is dropped, what has begun ends."""
        planned = self._planned()
        if planned is not None and planned.taken is not None:
            await self._end(planned)
        begin, _, end = subject.partition("/")
        await self._save(Window(begin, end) if subject else None)
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._step()
            try:
                async with asyncio.timeout(self._wait_s()):
                    await self._changed.wait()
            except TimeoutError:
                continue
            self._changed.clear()

    async def _step(self) -> None:
        planned, now = self._planned(), self._clock.utc()
        if planned is None:
            return
        if now >= planned.ends():
            await self._end(planned)
            await self._save(None)
        elif now >= planned.begins() and planned.taken is None:
            await self._begin(planned)

    async def _begin(self, planned: Window) -> None:
        points = self._points()
        taken = [int(c) for c, point in points.items() if point.seen.data.operative]
        await self._save(replace(planned, taken=taken))
        for connector in taken:
            points[ConnectorId(connector)].post(SetOperative(operative=False))

    async def _end(self, planned: Window) -> None:
        points = self._points()
        for connector in planned.taken or ():
            if ConnectorId(connector) in points:
                points[ConnectorId(connector)].post(SetOperative(operative=True))

    def _wait_s(self) -> float | None:
        planned = self._planned()
        if planned is None:
            return None
        due = planned.ends() if planned.taken is not None else planned.begins()
        return min(_LONGEST_S, max(0.0, (due - self._clock.utc()).total_seconds()) + 0.1)

    def _planned(self) -> Window | None:
        text = self._settings.get(KEY)
        return Window(**json.loads(text)) if text else None

    async def _save(self, window: Window | None) -> None:
        await self._settings.put(KEY, "" if window is None else json.dumps(asdict(window)))
