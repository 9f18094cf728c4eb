"""Messages to a browser that asked for them: a port, and what stands in for it on the bench."""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

_KEPT_MAX = 50


class PushLost(Exception):
    """The message did not leave, or the browser takes no more."""


@dataclass(frozen=True, slots=True)
class Push:
    """`address`: what the browser gave (RFC 8030 §4), as JSON text."""

    address: str
    title: str
    text: str
    link: str


class PushPort(Protocol):
    @property
    def key(self) -> str:
        """The public key that browsers subscribe with (RFC 8292 §3.2); empty: none is needed."""
        ...

    async def push(self, message: Push) -> None:
        """Hand one message over, within a minute. Raises PushLost."""
        ...


class SimulatedPush:
    """The newest messages, to be read on a page of the bench."""

    key = ""

    def __init__(self) -> None:
        self.sent: deque[Push] = deque(maxlen=_KEPT_MAX)

    async def push(self, message: Push) -> None:
        self.sent.appendleft(message)
