"""Who asks from this machine itself, and is not a foreign page in a browser here."""

import ipaddress

from starlette.requests import Request

_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def is_from_here(request: Request) -> bool:
    """A local peer, speaking to a local name, not through a foreign page in a local browser."""
    host = request.headers.get("host", "").lower()
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    origin = request.headers.get("origin")
    peer = request.client.host if request.client else ""
    try:
        is_local_peer = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        is_local_peer = False
    same_origin = origin is None or origin.lower() == f"http://{host}"
    return is_local_peer and name in _LOCAL_NAMES and same_origin
