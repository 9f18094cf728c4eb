"""Hands messages to push services (RFC 8030 §5); a connection for each, because they are few."""

import asyncio
import email.utils
import json
import ssl
from datetime import UTC, timedelta

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec

from central.clock import Clock
from central.entropy import Entropy
from central.phone.push import Push, PushGone, PushLost, PushRefused, WrongSubscription
from central.webpush.reach import Endpoint, Reach, endpoint, public_address
from central.webpush.sealing import SALT_BYTES, Subscription, sealed, subscription
from central.webpush.vapid import VapidKey

_LIMIT_S = 20.0
_STEP_LIMIT_S = 10.0
_GONE = frozenset({404, 410})  # RFC 8030 §7.3
_BUSY = frozenset({408, 425, 429})
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PushServices:
    """Implements phone.push.PushPort. `reach`, `context`: whom we can call, and whom we believe."""

    def __init__(
        self,
        key: VapidKey,
        clock: Clock,
        entropy: Entropy,
        *,
        reach: Reach = public_address,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._vapid = key
        self._clock = clock
        self._entropy = entropy
        self._reach = reach
        self._context = context or ssl.create_default_context()

    @property
    def key(self) -> str:
        return self._vapid.public

    def accept(self, address: str) -> str:
        found = subscription(address)
        endpoint(found.endpoint)
        return found.text()

    async def push(self, message: Push) -> None:
        try:
            to = subscription(message.address)
            there = endpoint(to.endpoint)
        except WrongSubscription as error:  # kept by another port, a simulated one
            raise PushGone(str(error)) from error
        try:
            async with asyncio.timeout(_LIMIT_S):
                address, port = await self._reach(there.host)
                answer = await self._post(there, (address, port), message, self._body(message, to))
        except (TimeoutError, OSError, httpx2.HTTPError) as error:
            raise PushLost(f"{there.host}: {type(error).__name__}") from error
        self._judge(there, answer)

    def _body(self, message: Push, to: Subscription) -> bytes:
        told = {"title": message.title, "text": message.text, "link": message.link}
        drawn = int.from_bytes(self._entropy.token(48)) % (_ORDER_OF_P256 - 1) + 1
        own = ec.derive_private_key(drawn, ec.SECP256R1())
        salt = self._entropy.token(SALT_BYTES)
        return sealed(json.dumps(told, ensure_ascii=False).encode(), to, own=own, salt=salt)

    async def _post(
        self, there: Endpoint, at: tuple[str, int], message: Push, body: bytes
    ) -> httpx2.Response:
        """To the address that was looked at, by its name's certificate; no redirect is followed."""
        host = f"[{at[0]}]" if ":" in at[0] else at[0]
        request = httpx2.Request(
            "POST",
            f"https://{host}:{at[1]}{there.target}",
            headers={
                "Host": there.host,
                "Authorization": self._vapid.authorization(there.origin, self._clock.utc()),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(message.ttl_s),
                "Urgency": "high" if message.is_urgent else "normal",
            },
            content=body,
            extensions={
                "sni_hostname": there.host,
                "timeout": httpx2.Timeout(_STEP_LIMIT_S).as_dict(),
            },
        )
        async with httpx2.AsyncHTTPTransport(
            verify=self._context, limits=httpx2.Limits(max_keepalive_connections=0)
        ) as transport:
            answer = await transport.handle_async_request(request)
            try:
                return httpx2.Response(answer.status_code, headers=answer.headers)
            finally:
                await answer.aclose()

    def _judge(self, there: Endpoint, answer: httpx2.Response) -> None:
        status, said = answer.status_code, f"{there.host}: {answer.status_code}"
        if 200 <= status < 300:
            return
        if status in _GONE:
            raise PushGone(said)
        if status in _BUSY or status >= 500:
            raise PushLost(said, self._asked_for(answer.headers.get("retry-after", "")))
        raise PushRefused(said)

    def _asked_for(self, text: str) -> timedelta:
        """`Retry-After`: seconds or a date (RFC 9110 §10.2.3); nonsense is no wish."""
        if text.isascii() and text.isdigit() and len(text) < 9:
            return timedelta(seconds=int(text))
        try:
            until = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return timedelta()
        aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return max(timedelta(), aware - self._clock.utc())
