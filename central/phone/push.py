"""Messages to a browser that asked for them: a port, and what stands in for it on the bench."""

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

_KEPT_MAX = 50


class PushLost(Exception):
    """The message did not leave; later it may. `after`: what the push service asked for."""

    def __init__(self, reason: str, after: timedelta = timedelta()) -> None:
        super().__init__(reason)
        self.after = after


class PushRefused(Exception):
    """The push service takes this message from us never."""


class PushGone(Exception):
    """The browser's subscription is over: nothing reaches it any more."""


class WrongSubscription(Exception):
    """What a browser gave is no address that messages are sent to."""


@dataclass(frozen=True, slots=True)
class Push:
    """`address`: what the browser gave, as JSON text. `ttl_s`: how long the push service may keep it
    for a browser that is away (RFC 8030 §5.2). `is_urgent`: also for one that saves its battery.
    """

    address: str
    title: str
    text: str
    link: str
    ttl_s: int = 3600
    is_urgent: bool = False


class PushPort(Protocol):
    @property
    def key(self) -> str:
        """The public key that browsers subscribe with (RFC 8292 §3.2); empty: none is needed."""
        ...

    def accept(self, address: str) -> str:
        """What is kept of the address that a browser gave. Raises WrongSubscription."""
        ...

    async def push(self, message: Push) -> None:
        """Hand one message over, within a minute. Raises PushLost, PushRefused, PushGone."""
        ...


class SimulatedPush:
    """The newest messages, to be read on a page of the bench."""

    key = ""

    def __init__(self) -> None:
        self.sent: deque[Push] = deque(maxlen=_KEPT_MAX)

    def accept(self, address: str) -> str:
        return address

    async def push(self, message: Push) -> None:
        self.sent.appendleft(message)
