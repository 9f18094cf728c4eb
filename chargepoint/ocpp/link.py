"""What carries OCPP-J text, and how it fails. The rest of the package knows no websocket."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chargepoint.errors import ChargepointError

PRIMARY, FALLBACK = 0, 1


class LinkLost(ChargepointError, ConnectionError):
    """The central system cannot be reached, or is gone."""


class LinkRefused(LinkLost):
    """The other side answered, and will not do: somebody must look.

    `code` names the incident, `event` the security event, if it is one.
    """

    def __init__(self, code: str, detail: str, event: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.event = event


@dataclass(frozen=True, slots=True)
class Terms:
    """What one try to connect goes by (whitepaper "Improved security for OCPP 1.6-J", §2.1).

    `profile`: 0 as configured, 1 Basic, 2 TLS and Basic, 3 mutual TLS. `password`: AuthorizationKey;
    empty takes the site's. `roots`: PEM certificates that may vouch for the server. `identity`: the
    file with the station's own key and certificates. `server`: PRIMARY or FALLBACK.
    """

    profile: int = 0
    password: bytes = field(default=b"", repr=False)
    roots: tuple[str, ...] = field(default=(), repr=False)
    identity: Path | None = None
    ping_interval_s: float = 30
    server: int = PRIMARY


class Link(Protocol):
    """One connection. After `close`, or when the peer is gone, send and recv raise ConnectionError."""

    async def send(self, text: str) -> None: ...

    async def recv(self) -> str: ...

    async def close(self) -> None: ...


Connect = Callable[[Terms], Awaitable[Link]]
"""Opens a new link, or raises ConnectionError (`LinkRefused` when a person should know)."""

Observe = Callable[[str, str], None]
"""Sees every frame: direction (`sent`, `received`) and the raw text."""


def peer_certificate(link: Link) -> bytes | None:
    """The server's certificate (DER) of a link that has one."""
    found = getattr(link, "peer_certificate", None)
    return found if isinstance(found, bytes) else None
