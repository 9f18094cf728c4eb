"""Who is told that something changed, and the log of frames.

A change is a name only ("point", "CP-1"): the listener reads the newest state itself, so a slow
one skips what is outdated and can never hold the system up. What changes inside a commit is told
when it is durable, and not if it is not.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

Change = tuple[str, str]
EVERYTHING: Change = ("everything", "")
_PENDING_MAX = 1000
_LOG_MAX = 500
_CARD_NUMBER = re.compile(r"(?<!\d)\d{12}(\d{4})(?!\d)")
_PROOF = re.compile(r"(proof\W{1,9})[0-9a-f]{64}")
_PASSWORD = re.compile(r'("value"\s*:\s*")(?:[^"\\]|\\.)*')


class Subscription:
    """One listener's unread changes; each at most once, oldest first. No kinds: all of them.

    Belongs to a running loop; changes may come from any thread.
    """

    def __init__(self, kinds: Collection[str] = ()) -> None:
        self._kinds = frozenset(kinds)
        self._loop = asyncio.get_running_loop()
        self._pending: dict[Change, None] = {}
        self._arrived = asyncio.Event()
        self._has_ended = False

    def put(self, change: Change) -> None:
        if self._kinds and change[0] not in self._kinds and change != EVERYTHING:
            return
        if _running_loop() is self._loop:
            self._take(change)
        else:
            self._loop.call_soon_threadsafe(self._take, change)

    def _take(self, change: Change) -> None:
        if len(self._pending) >= _PENDING_MAX:
            self._pending = {EVERYTHING: None}
        self._pending[change] = None
        self._arrived.set()

    def end(self) -> None:
        """No more changes; an empty list follows what is unread."""
        self._has_ended = True
        self._arrived.set()

    async def changes(self) -> list[Change]:
        """All unread changes; waits for the first. Empty: the feed is closed."""
        await self._arrived.wait()
        if not self._has_ended:
            self._arrived.clear()
        unread, self._pending = list(self._pending), {}
        return unread


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _at_once(act: Callable[[], None]) -> None:
    act()


class Feed:
    """`afterwards` runs what it is given when the commit under way is durable."""

    def __init__(self, afterwards: Callable[[Callable[[], None]], None] = _at_once) -> None:
        self._afterwards = afterwards
        self._subscriptions: list[Subscription] = []
        self._outgoing: list[Subscription] = []

    def changed(self, kind: str, name: str) -> None:
        """In this process; from any thread, inside a commit or not."""
        self._afterwards(partial(self._spread, (kind, name)))

    def _spread(self, change: Change) -> None:
        for subscription in (*self._subscriptions, *self._outgoing):
            subscription.put(change)

    def heard(self, change: Change) -> None:
        """From another process, which tells all others itself."""
        for subscription in tuple(self._subscriptions):
            subscription.put(change)

    def close(self) -> None:
        """Tell every listener that it was all."""
        for subscription in (*self._subscriptions, *self._outgoing):
            subscription.end()

    @contextmanager
    def subscribed(self, *kinds: str, own_only: bool = False) -> Iterator[Subscription]:
        """`own_only`: what changed in this process, to be told to others."""
        subscription = Subscription(kinds)
        listeners = self._outgoing if own_only else self._subscriptions
        listeners.append(subscription)
        try:
            yield subscription
        finally:
            listeners.remove(subscription)


@dataclass(frozen=True, slots=True)
class Frame:
    """`direction`: `in` came from the charge point, `out` left for it. Card numbers and secrets are masked."""

    at: str
    point: str
    direction: str
    text: str


@dataclass(frozen=True, slots=True)
class LoggedFrame:
    """A frame and its place in the log."""

    sequence: int
    at: str
    point: str
    direction: str
    text: str


class FrameLog:
    """The last frames of all points; a flight recorder, not an archive. `share`: takes each frame where
    several processes have one log, which numbers it and gives it back by `take`.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._frames: deque[LoggedFrame] = deque(maxlen=_LOG_MAX)
        self._sequence = 0
        self.share: Callable[[Frame], None] | None = None

    def record(self, at: str, point: str, direction: str, text: str) -> None:
        frame = Frame(at, point, direction, masked(text))
        if self.share is not None:
            self.share(frame)
        else:
            self.take(LoggedFrame(self._sequence + 1, at, point, direction, frame.text))

    def take(self, frame: LoggedFrame) -> None:
        self._sequence = frame.sequence
        self._frames.append(frame)
        self._feed.changed("frame", str(frame.sequence))

    def since(self, sequence: int, limit: int = 100) -> list[LoggedFrame]:
        """The newest `limit` frames after `sequence`, oldest first. From any thread."""
        return [frame for frame in tuple(self._frames) if frame.sequence > sequence][-limit:]


def masked(text: str) -> str:
    """Of a card the last four digits; of a password and of the proof of a stop code nothing."""
    shown = _CARD_NUMBER.sub(r"••••\1", text)
    shown = _PROOF.sub(r"\1••••", shown)
    return _PASSWORD.sub(r"\1••••", shown) if "AuthorizationKey" in shown else shown
