"""Fans the station's events out to every open page, and remembers the last ones for a new page."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from simulator.bench.port import Bench, Event

REMEMBERED = 400
# About a minute of a busy station. A page that hangs for longer loses the oldest, never the newest.
MAX_BEHIND = 2_000
# State and screen events are superseded by the next one, so they are not worth remembering.
_MOMENTARY = frozenset({"state", "screen"})


class EventHub:
    def __init__(self) -> None:
        self._recent: deque[Event] = deque(maxlen=REMEMBERED)
        self._listeners: set[asyncio.Queue[Event]] = set()

    async def follow(self, bench: Bench) -> None:
        """Pass on what the station says, until cancelled."""
        async for event in bench.subscribe():
            self.publish(event)

    def publish(self, event: Event) -> None:
        if event.get("kind") not in _MOMENTARY:
            self._recent.append(event)
        for listener in self._listeners:
            if listener.full():
                listener.get_nowait()
            listener.put_nowait(event)

    async def listen(self) -> AsyncGenerator[Event, None]:
        """The remembered events, then everything as it happens."""
        queue: asyncio.Queue[Event] = asyncio.Queue(MAX_BEHIND)
        for event in self._recent:
            queue.put_nowait(event)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)
