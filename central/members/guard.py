"""What every answer carries, and what every form must prove.

A form proves that it comes from a page of ours by a token made from the visitor's cookie: a foreign
page can send the cookie along but cannot read it. Cookies are opaque names and nothing else.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

VISITOR_COOKIE = "visitor"
SESSION_COOKIE = "session"
LANGUAGE_COOKIE = "language"
PROOF_FIELD = "proof"
_YEAR_S = 365 * 24 * 3600
_SESSION_S = 30 * 24 * 3600
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), geolocation=(self)",
}


def protect(response: Response, request: Request, *, pays_at: str = "") -> None:
    """Headers that the answer has not yet. `pays_at`: origin of the payment provider a form may lead to."""
    response.headers.setdefault("Content-Security-Policy", f"{_POLICY} {pays_at}".rstrip())
    for header, value in _HEADERS.items():
        response.headers.setdefault(header, value)
    if is_sealed(request):
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
    response.headers.setdefault("Cache-Control", "no-store")


def is_sealed(request: Request) -> bool:
    return request.url.scheme == "https"


def _full_name(request: Request, cookie: str) -> str:
    # RFC 6265bis §4.1.3.2: with this prefix no neighbour domain can plant the cookie.
    return f"__Host-{cookie}" if is_sealed(request) else cookie


def cookie(request: Request, name: str) -> str:
    """Its value, or nothing; what no cookie of ours could be is nothing."""
    value = request.cookies.get(_full_name(request, name), "")
    return value if len(value) <= 64 and value.isascii() and value.isalnum() else ""


def set_cookie(
    response: Response, request: Request, name: str, value: str, *, for_s: int | None = None
) -> None:
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=for_s,
        path="/",
        secure=is_sealed(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, request: Request, name: str) -> None:
    set_cookie(response, request, name, "", for_s=0)


def begin_session(response: Response, request: Request, secret: str) -> None:
    set_cookie(response, request, SESSION_COOKIE, secret, for_s=_SESSION_S)
    drop_cookie(response, request, VISITOR_COOKIE)


def proof(cookie_value: str) -> str:
    """What a form carries for this cookie."""
    return hmac.new(cookie_value.encode(), b"form", hashlib.sha256).hexdigest()


def is_proved(cookie_value: str, given: str) -> bool:
    return bool(cookie_value) and hmac.compare_digest(proof(cookie_value), given)


def is_own_page(request: Request) -> bool:
    """Browsers say where a form comes from; what says nothing is judged by its token alone."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    return origin is None or urlsplit(origin.lower()).netloc == host


def way_back(asked: str) -> str:
    """A path of this site to go on to, never somebody else's address."""
    parts = urlsplit(asked)
    is_ours = asked.startswith("/") and not asked.startswith(("//", "/\\"))
    plain = asked.isascii() and asked.isprintable() and "\\" not in asked
    return asked if is_ours and plain and not parts.netloc and len(asked) < 200 else "/"
