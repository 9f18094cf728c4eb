"""What carries OCPP-J text, and how it fails. The rest of the package knows no websocket."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from chargepoint.errors import ChargepointError


class LinkLost(ChargepointError, ConnectionError):
    """The central system cannot be reached, or is gone."""


class LinkRefused(LinkLost):
    """The other side answered, and will not do: somebody must look. `code` names the incident."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Link(Protocol):
    """One connection. After `close`, or when the peer is gone, send and recv raise ConnectionError."""

    async def send(self, text: str) -> None: ...

    async def recv(self) -> str: ...

    async def close(self) -> None: ...


Connect = Callable[[], Awaitable[Link]]
"""Opens a new link, or raises ConnectionError (`LinkRefused` when a person should know)."""

Observe = Callable[[str, str], None]
"""Sees every frame: direction (`sent`, `received`) and the raw text."""
