"""The flight recorder of one bus: its last frames, kept for the incident that needs them.

What is secret is masked on the way in, so neither the ring nor a subscriber ever holds it.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from typing_extensions import override

CAPACITY = 500  # frames per bus
TAIL = 20  # frames that go with a fault

Monotonic = Callable[[], float]
Frame = TypeVar("Frame")


class Direction(StrEnum):
    """Seen from the charge point."""

    SENT = "sent"
    RECEIVED = "received"


class TracedFrame(NamedTuple):
    """One frame, or one run of bytes that was none. `octets` is upper-case hex, masked."""

    bus: str
    at_s: float
    direction: Direction
    octets: str
    meaning: str = ""

    @override
    def __str__(self) -> str:
        arrow = ">" if self.direction is Direction.SENT else "<"
        text = f"{self.at_s:.3f} {self.bus} {arrow} {self.octets}"
        return f"{text}  {self.meaning}" if self.meaning else text


Mask = Callable[[Direction, bytes], str]
"""Bytes to printable text, with everything secret made unreadable."""

OnFrame = Callable[[TracedFrame], None]


def plain_hex(_direction: Direction, octets: bytes) -> str:
    """The mask of a bus that carries no secrets."""
    return octets.hex(" ").upper()


_Plain = tuple[float, Direction, Any, Callable[[Any], tuple[bytes, str]]]
"""A frame without secrets, not yet in words: when, from whom, what, and how to spell it."""


class Trace:
    """Records frames and hands each to the subscribers, who must not block and must not raise."""

    def __init__(
        self,
        bus: str,
        monotonic: Monotonic,
        *,
        mask: Mask = plain_hex,
        capacity: int = CAPACITY,
        on_frame: OnFrame | None = None,
    ) -> None:
        self.bus = bus
        self._monotonic = monotonic
        self._mask = mask
        self._is_plain = mask is plain_hex
        self._frames: deque[TracedFrame | _Plain] = deque(maxlen=capacity)
        self._subscribers: tuple[OnFrame, ...] = () if on_frame is None else (on_frame,)

    def sent(self, octets: bytes, meaning: str = "") -> None:
        self.record(Direction.SENT, (octets, meaning), _as_it_is)

    def received(self, octets: bytes, meaning: str = "") -> None:
        self.record(Direction.RECEIVED, (octets, meaning), _as_it_is)

    def record(
        self,
        direction: Direction,
        frame: Frame,
        spell: Callable[[Frame], tuple[bytes, str]],
    ) -> None:
        """Of a value that never changes; `spell` gives its octets and its meaning."""
        if self._is_plain and not self._subscribers:
            # In words only when somebody looks: nearly nobody ever does.
            self._frames.append((self._monotonic(), direction, frame, spell))
            return
        octets, meaning = spell(frame)
        spelled = TracedFrame(
            self.bus, self._monotonic(), direction, self._mask(direction, octets), meaning
        )
        self._frames.append(spelled)
        for on_frame in self._subscribers:
            on_frame(spelled)

    def subscribe(self, on_frame: OnFrame) -> Callable[[], None]:
        """Every frame from now on; call the result to end it."""
        self._subscribers = (*self._subscribers, on_frame)

        def unsubscribe() -> None:
            self._subscribers = tuple(one for one in self._subscribers if one is not on_frame)

        return unsubscribe

    def frames(self) -> tuple[TracedFrame, ...]:
        """Oldest first."""
        return tuple(self._in_words(frame) for frame in self._frames)

    def tail(self, count: int = TAIL) -> tuple[str, ...]:
        """The last frames as text, newest last: what goes into `DeviceOffline.trace`."""
        newest = tuple(self._frames)[-count:]
        return tuple(str(self._in_words(frame)) for frame in newest)

    def _in_words(self, frame: TracedFrame | _Plain) -> TracedFrame:
        if isinstance(frame, TracedFrame):
            return frame
        at_s, direction, what, spell = frame
        octets, meaning = spell(what)
        return TracedFrame(self.bus, at_s, direction, self._mask(direction, octets), meaning)


def _as_it_is(recorded: tuple[bytes, str]) -> tuple[bytes, str]:
    return recorded
