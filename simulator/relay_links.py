"""Carries the relay's frames: over links in memory, or over real websockets.

A link is what the charge point and the central system speak over: `send`, `recv`, `close`, each
raising ConnectionError once the link is closed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.relay import CentralState, NoLink, Pass, Relay, Side

MAX_UNDER_WAY = 10_000  # frames held for one side; beyond it the play is broken, and says so


class LinkGone(ConnectionError):
    """The link is closed, from either side."""


class Link(Protocol):
    async def send(self, text: str) -> None: ...

    async def recv(self) -> str: ...

    async def close(self) -> None: ...


class _Way:
    """One direction between two ends; what was sent before the close still arrives."""

    def __init__(self) -> None:
        self._under_way: deque[str] = deque()
        self._news = asyncio.Event()
        self._is_open = True

    def put(self, text: str) -> None:
        if not self._is_open:
            raise LinkGone("link is closed")
        self._under_way.append(text)
        self._news.set()

    async def get(self) -> str:
        while not self._under_way:
            if not self._is_open:
                raise LinkGone("link is closed")
            self._news.clear()
            await self._news.wait()
        return self._under_way.popleft()

    def close(self) -> None:
        self._is_open = False
        self._news.set()


class MemoryLink:
    """One end of a pair."""

    def __init__(self, inward: _Way, outward: _Way) -> None:
        self._inward = inward
        self._outward = outward

    @classmethod
    def pair(cls) -> tuple["MemoryLink", "MemoryLink"]:
        there, back = _Way(), _Way()
        return cls(back, there), cls(there, back)

    async def send(self, text: str) -> None:
        self._outward.put(text)

    async def recv(self) -> str:
        return await self._inward.get()

    async def close(self) -> None:
        self.cut()

    def cut(self) -> None:
        """Close both ends at once."""
        self._inward.close()
        self._outward.close()


@dataclass(frozen=True, slots=True)
class _Due:
    at_s: float
    text: str


class Junction:
    """One charge point's way through the relay to one central system, for links of any kind."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._ends: dict[Side, Link] = {}
        self._queues: dict[Side, asyncio.Queue[_Due]] = {}

    @property
    def is_linked(self) -> bool:
        return bool(self._ends)

    def require_link(self) -> None:
        if not self._ends:
            raise NoLink("the charge point is not connected to the central system")

    def inject(self, order: Pass) -> None:
        """Send what the relay says by itself; raises NoLink."""
        self.require_link()
        self._put(order)

    async def attach(self, point: Link, central: Link) -> None:
        """From now on this is the link, an older one is cut; `carry` moves its frames."""
        await self.drop()
        self._ends = {Side.POINT: point, Side.CENTRAL: central}
        self._queues = {side: asyncio.Queue[_Due](MAX_UNDER_WAY) for side in self._ends}

    async def carry(self) -> None:
        """Carry frames until either side closes; then both are closed."""
        ends, queues = self._ends, self._queues
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(ends[Side.POINT], self._relay.from_point))
                tasks.create_task(self._read(ends[Side.CENTRAL], self._relay.from_central))
                for side, queue in queues.items():
                    tasks.create_task(self._write(ends[side], queue))
        except* ConnectionError:
            pass
        finally:
            if self._ends is ends:
                self._ends, self._queues = {}, {}
                self._relay.link_lost()
            for end in ends.values():
                await end.close()

    async def drop(self) -> None:
        """Cut the link that is there, if any."""
        for end in tuple(self._ends.values()):
            await end.close()

    def _put(self, order: Pass) -> None:
        due = _Due(asyncio.get_running_loop().time() + order.after_s, order.text)
        self._queues[order.to].put_nowait(due)

    async def _read(self, end: Link, judge: Callable[[str], list[Pass]]) -> None:
        while True:
            for order in judge(await end.recv()):
                if order.to in self._queues:
                    self._put(order)

    @staticmethod
    async def _write(end: Link, queue: asyncio.Queue[_Due]) -> None:
        # A late frame holds up those behind it: a websocket keeps its order.
        loop = asyncio.get_running_loop()
        while True:
            due = await queue.get()
            if due.at_s > loop.time():
                await asyncio.sleep(due.at_s - loop.time())
            await end.send(due.text)


Dial = Callable[[], Awaitable[Link]]
"""Connects to the central system; raises ConnectionError."""


class MemoryRelay:
    """The relay in virtual time. `connect` is what the charge point dials."""

    def __init__(self, relay: Relay, dial_central: Dial, tasks: asyncio.TaskGroup) -> None:
        self.relay = relay
        self.junction = Junction(relay)
        self._dial_central = dial_central
        self._tasks = tasks

    async def connect(self) -> MemoryLink:
        if not self.relay.is_reachable:
            raise ConnectionRefusedError("the central system cannot be reached")
        central = await self._dial_central()
        point, ours = MemoryLink.pair()
        await self.junction.attach(ours, central)
        self._tasks.create_task(self.junction.carry(), name="relay")
        return point

    async def set_state(self, state: CentralState) -> None:
        self.relay.state = state
        await self.apply()

    async def apply(self) -> None:
        """Make the links follow what the relay's state says."""
        if not self.relay.is_reachable:
            await self.junction.drop()
