"""The last frames of the link as a technician may read them: when, which way, which action.

Payloads are never kept: they hold tokens and passwords.
"""

import re
from collections import OrderedDict, deque
from datetime import datetime

from chargepoint.ports import Clock

KEPT_FRAMES = 200
_OPEN_CALLS = 64
# The head of a frame: type, unique id, and of a CALL its action, of a CALLERROR its code.
_HEAD = re.compile(r'\s*\[\s*([234])\s*,\s*"([^"]{0,64})"\s*(?:,\s*"(\w{1,50})")?')
_CALL, _RESULT = "2", "3"
_ARROWS = {"sent": ">", "received": "<"}


class WireTrace:
    """`observe` sees every frame (link.Observe)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: deque[tuple[datetime, str]] = deque(maxlen=KEPT_FRAMES)
        self._actions: OrderedDict[tuple[str, str], str] = OrderedDict()

    def observe(self, direction: str, text: str) -> None:
        head = _HEAD.match(text)
        words = "?" if head is None else self._words(direction, head)
        self._lines.append((self._clock.utc(), f"{_ARROWS[direction]} {words}"))

    def _words(self, direction: str, head: re.Match[str]) -> str:
        kind, message_id, word = head.groups(default="")
        if kind == _CALL:
            self._remember((direction, message_id), word)
            return word or "?"
        asked = "received" if direction == "sent" else "sent"
        action = self._actions.pop((asked, message_id), "?")
        return f"{action} ok" if kind == _RESULT else f"{action} {word or '?'}"

    def _remember(self, key: tuple[str, str], action: str) -> None:
        self._actions[key] = action
        if len(self._actions) > _OPEN_CALLS:
            self._actions.popitem(last=False)

    def newest_first(self) -> tuple[tuple[datetime, str], ...]:
        return tuple(reversed(self._lines))
