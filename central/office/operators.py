"""Who may see the operator's pages: this machine; with a password, whoever knows it, from anywhere.

HTTP Basic, so the password travels with each request: from elsewhere only by TLS, as a proxy brings
it. With a password this machine gives it too: behind a proxy everybody comes from this machine.
"""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from central.brakes import Brakes
from central.here import is_from_here

Handler = Callable[[Request], Awaitable[Response]]


class OperatorsOnly:
    """`password` empty: this machine only."""

    def __init__(self, brakes: Brakes, password: str = "") -> None:
        self._brakes = brakes
        self._password = password.encode()

    def __call__(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            refused = await self._refused(request)
            return await handler(request) if refused is None else refused

        return guarded

    async def _refused(self, request: Request) -> Response | None:
        if not self._password:
            said = {"error": "the operator's pages are for this machine only"}
            return None if is_from_here(request) else JSONResponse(said, 403)
        # A browser sends the password with a foreign page's request, too.
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return JSONResponse({"error": "asked by a foreign page"}, 403)
        given = _password_of(request)
        is_right = given is not None and hmac.compare_digest(given, self._password)
        who = f"operator {request.client.host if request.client else ''}"
        must_count = given is not None and not is_right
        wait_s = await (self._brakes.tried(who) if must_count else self._brakes.wait_s(who))
        if wait_s > 0:
            after = {"Retry-After": str(int(wait_s) + 1)}
            return JSONResponse({"error": "too many tries"}, 429, after)
        if is_right:
            await self._brakes.succeeded(who)
            return None
        realm = {"WWW-Authenticate": 'Basic realm="operator", charset="UTF-8"'}
        return JSONResponse({"error": "the operator's password is needed"}, 401, realm)


def _password_of(request: Request) -> bytes | None:
    """Of any user name: who it is says the trail's `--by`."""
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except binascii.Error:
        return None
