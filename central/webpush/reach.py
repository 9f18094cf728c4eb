"""Which address a message goes to. Any stranger gives us an endpoint: none may lead into our own network."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from central.phone.push import PushLost, PushRefused, WrongSubscription

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Reach = Callable[[str], Awaitable[tuple[str, int]]]
"""Where a push service's name leads: address and port. Raises PushLost, PushRefused."""

_PORT = 443
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOUSE_NAMES = frozenset({"local", "localhost", "internal", "lan", "home", "arpa", "onion"})
# An IPv4 address in the clothes of another kind: whoever translates them leads anywhere.
_TRANSLATED = tuple(
    ipaddress.ip_network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`target`: path and query."""

    host: str
    target: str

    @property
    def origin(self) -> str:
        return f"https://{self.host}"


def endpoint(address: str) -> Endpoint:
    """Raises WrongSubscription: push services have a name, and speak https at its own port."""
    if not address.isascii() or not address.isprintable() or any(c in address for c in " \\#"):
        raise WrongSubscription("not an address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise WrongSubscription("not an address") from error
    host = (parts.hostname or "").rstrip(".")
    is_plain = parts.scheme == "https" and "@" not in parts.netloc and port in (None, _PORT)
    if not is_plain or not _is_name(host):
        raise WrongSubscription("not the https address of a push service")
    query = f"?{parts.query}" if parts.query else ""
    return Endpoint(host, f"{parts.path or '/'}{query}")


def _is_name(host: str) -> bool:
    """Of the public net: with a dot, and at its end neither a number nor a house's own word."""
    labels = host.split(".")
    are_right = all(_LABEL.fullmatch(label) for label in labels)
    last = labels[-1]
    return are_right and len(labels) > 1 and not last.isdigit() and last not in _HOUSE_NAMES


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


async def public_address(host: str) -> tuple[str, int]:
    """Asked for each message, and dialled as it was answered: a name that leads elsewhere a moment later
    changes nothing.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PushLost(f"{host}: {error}") from error
    addresses = [ipaddress.ip_address(each[4][0]) for each in found]
    if not addresses or not all(is_public(each) for each in addresses):
        raise PushRefused(f"{host} is in no public network")
    return str(addresses[0]), _PORT
