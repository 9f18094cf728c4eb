"""The newest snapshot for every subscriber: the first change at once, then ten a second at most."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, replace
from operator import attrgetter

from chargepoint.contract import Key, Snapshot
from chargepoint.domain.changed import changed

_INTERVAL_S = 0.1

Subscriber = Callable[[Snapshot], None]
KeyListener = Callable[[Key], None]


class Feed:
    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        self._newest: Snapshot | None = None
        self._sent: Snapshot | None = None
        self._sent_at = float("-inf")
        self._waiting: asyncio.TimerHandle | None = None
        self._sequence = 0
        self._is_answer_due = False
        self._listeners: list[KeyListener] = []

    @property
    def newest(self) -> Snapshot | None:
        """The last snapshot that went out."""
        return self._sent

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Gets the last snapshot at once, then every one that follows. Returns the way out."""
        self._subscribers.append(subscriber)
        if self._sent is not None:
            subscriber(replace(self._sent, earcon=""))
        return lambda: self._subscribers.remove(subscriber)

    def listen(self, listener: KeyListener) -> Callable[[], None]:
        """Every tactile key from now on, at once: a key is an event, the newest replaces none."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def key(self, key: Key) -> None:
        for listener in tuple(self._listeners):
            listener(key)

    def owe_answer(self) -> None:
        """Somebody has pressed: the next snapshot is sent even if it is the same, or the kiosk would
        say for seconds that it waits, and take no touch.
        """
        self._is_answer_due = True

    def publish(self, snapshot: Snapshot) -> None:
        """`snapshot.sequence` is set here; an unchanged one is not sent. A sound is never skipped."""
        skipped = self._newest if self._waiting is not None else None
        if skipped is not None and not snapshot.earcon:
            snapshot = replace(snapshot, earcon=skipped.earcon)
        self._newest = snapshot
        if self._waiting is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._sent_at + _INTERVAL_S - loop.time()
        if wait_s <= 0:
            self._send()
        else:
            self._waiting = loop.call_later(wait_s, self._send)

    def _send(self) -> None:
        self._waiting = None
        newest, sent = self._newest, self._sent
        assert newest is not None  # published before it is sent
        is_wanted = self._is_answer_due or newest.earcon
        if sent is not None and not is_wanted and _shows_the_same(newest, sent):
            return
        self._is_answer_due = False
        self._sequence += 1
        self._sent = changed(newest, sequence=self._sequence)
        self._sent_at = asyncio.get_running_loop().time()
        for subscriber in tuple(self._subscribers):
            subscriber(self._sent)


_SHOWN = attrgetter(*(f.name for f in fields(Snapshot) if f.name not in {"sequence", "earcon"}))


def _shows_the_same(one: Snapshot, other: Snapshot) -> bool:
    return bool(_SHOWN(one) == _SHOWN(other))
