"""What carries OCPP-J text: a websocket in the field, a pair of queues in virtual time."""

from typing import Protocol


class LinkClosed(ConnectionError):
    """The other side is gone. Any other ConnectionError means the same."""


class Link(Protocol):
    async def send(self, text: str) -> None:
        """Hand one frame over; raises ConnectionError when the link is closed."""
        ...

    async def recv(self) -> str:
        """The next frame; raises ConnectionError when the link is closed."""
        ...

    async def close(self) -> None: ...
