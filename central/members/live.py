"""What changes at the points, on every open page within a second.

    feed ──► one task: looks what changed ──► one event in each language ──► a queue per listener

An event names its moment; a browser that comes back says the last one it saw and gets what it missed.
After the first change at once, listeners are told at most every `_GAP_S`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

from central import server_events
from central.clock import Clock
from central.feed import EVERYTHING, Feed
from central.fleet.availability import Place, counts, place_of
from central.fleet.registry import Registry
from central.greencard.tariffs import Tariff
from central.members.language import LANGUAGES
from central.members.pages import Pages

_GAP_S = 0.3
_BEHIND_MAX = 20
_LISTENERS_MAX = 5000  # of one process: beyond it a page shows what was when it was opened
_RETRY_MS = 2000

Told = tuple[int, dict[str, str]]  # moment, event in each language


class Live:
    def __init__(
        self, feed: Feed, registry: Registry, clock: Clock, pages: Pages, tariff: Tariff
    ) -> None:
        self._feed = feed
        self._registry = registry
        self._clock = clock
        self._pages = pages
        self._tariff = tariff
        self._places: dict[str, Place] = {}
        self._changed: dict[str, int] = {}
        self._listeners: set[asyncio.Queue[Told | None]] = set()
        self._began = self.moment = self._now_ms()

    async def run(self) -> None:
        """Until the feed is closed; then every stream ends."""
        with self._feed.subscribed("point") as subscription:
            self._look(point.id for point in self._registry.points())
            while changes := await subscription.changes():
                if EVERYTHING in changes:
                    self._tell(self._look(point.id for point in self._registry.points()))
                else:
                    self._tell(self._look(name for _, name in changes))
                await asyncio.sleep(_GAP_S)
        for queue in self._listeners:
            _put(queue, None)

    def _look(self, names: Iterable[str]) -> list[Place]:
        """Those of which a driver would see that they changed."""
        found = []
        for name in names:
            point = self._registry.known(name)
            place = None if point is None else place_of(point)
            if place is not None and place != self._places.get(name):
                self._places[name] = place
                found.append(place)
        if found:
            self.moment = max(self.moment + 1, self._now_ms())
            self._changed.update((place.id, self.moment) for place in found)
        return found

    def _tell(self, changed: list[Place]) -> None:
        if not changed or not self._listeners:
            return
        told = (self.moment, {code: self._event(changed, code) for code in LANGUAGES})
        for queue in self._listeners:
            _put(queue, told)

    @property
    def is_full(self) -> bool:
        return len(self._listeners) >= _LISTENERS_MAX

    # --- one listener -------------------------------------------------------------------------------

    async def stream(self, code: str, seen: int) -> AsyncIterator[str]:
        """Server-sent events, from what came after `seen`."""
        with self._listening() as queue:
            yield server_events.come_back(_RETRY_MS)
            if missed := self._since(seen):
                yield self._event(missed, code)
            while True:
                told = await server_events.or_still_here(queue.get())
                if isinstance(told, str):
                    yield told
                    continue
                if told is None:
                    return
                yield told[1][code]

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Queue[Told | None]]:
        queue: asyncio.Queue[Told | None] = asyncio.Queue(_BEHIND_MAX)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def _since(self, seen: int) -> list[Place]:
        if seen < self._began:
            return list(self._places.values())
        return [place for name, place in self._places.items() if self._changed[name] > seen]

    def _event(self, changed: list[Place], code: str) -> str:
        spoken = self._pages.speak(code)
        everywhere = counts(list(self._places.values()))
        shown = {
            "places": [
                {
                    "id": place.id,
                    "state": place.state,
                    "word": spoken.t(f"state.{place.state}"),
                    "html": self._pages.part(
                        "_place.html", spoken, place=place, tariff=self._tariff
                    ),
                }
                for place in changed
            ],
            "counts": spoken.t("home.counts", free=everywhere.free, outlets=everywhere.outlets),
        }
        return server_events.event(shown, number=self.moment)

    def _now_ms(self) -> int:
        return int(self._clock.utc().timestamp() * 1000)


def _put(queue: asyncio.Queue[Told | None], told: Told | None) -> None:
    """Who is too far behind is let go: the browser comes back and says what it saw."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        told = None
    queue.put_nowait(told)
