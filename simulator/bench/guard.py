"""Only this machine's own pages and programs may drive the bench.

Binding to the loopback address keeps other machines out. It does not keep out a web page from
elsewhere that runs in this machine's browser: such a page is known by its `Origin`, and a name that
was made to point at the loopback address (DNS rebinding) by its `Host`.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1

_PAGE_POLICY = (
    b"default-src 'self'; img-src 'self' blob: data:; "
    b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", _PAGE_POLICY),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def _name(authority: str) -> str | None:
    """The host name of `name:port`; None when it is no such thing."""
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None


def _is_page_of(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def why_refused(headers: Headers) -> str | None:
    """What is wrong with where this request comes from; None when nothing is."""
    host = headers.get("host", "")
    if _name(host) not in OWN_NAMES:
        return f"the bench answers on the loopback address only, not as {host!r}"
    origin = headers.get("origin")
    if origin is not None and not _is_page_of(origin, host):
        return f"a page of {origin!r} may not drive the bench"
    return None


class LoopbackGuard:
    """Answers 403 (or closes the websocket) unless host and origin are our own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        reason = why_refused(Headers(scope=scope))
        if reason is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await JSONResponse({"error": reason}, status_code=403)(scope, receive, send)
        else:
            await WebSocketClose(POLICY_VIOLATION, reason)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = message.setdefault("headers", [])
            assert isinstance(present, list)  # ASGI: an iterable that Starlette makes a list
            names = {name for name, _ in present}
            present.extend(pair for pair in SECURITY_HEADERS if pair[0] not in names)
        await send(message)

    return send_with_headers
