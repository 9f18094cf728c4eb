"""A push service of a browser's maker, and browsers that read what was sealed for them.

Nothing here is ours but the requests it gets: keys are derived by the standard library's HMAC step by
step as RFC 8291 §3.4 and RFC 5869 write them, and the sender's token is checked with his public key.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support import pki

HOST = "push.example.org"


def unpadded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _expanded(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with one block (RFC 5869 §2)."""
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:length]


@dataclass
class UserAgent:
    """A browser."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.derive_private_key(20261121, ec.SECP256R1())
    )
    auth: bytes = b"sixteen octets.."
    path: str = "/send/one"

    @property
    def point(self) -> bytes:
        form = (Encoding.X962, PublicFormat.UncompressedPoint)
        return self.private.public_key().public_bytes(*form)

    def given(self, **changes: Any) -> str:
        """What its page hands to the server: PushSubscription as JSON."""
        keys = {"p256dh": unpadded(self.point), "auth": unpadded(self.auth)}
        endpoint = f"https://{HOST}{self.path}"
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys} | changes)

    def opened(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), public)
        info = b"WebPush: info\x00" + self.point + sender
        secret = _expanded(shared, self.auth, info, 32)
        key = _expanded(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _expanded(secret, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02"), "RFC 8188 §2: the last record"
        return plain[:-1]


def claims(authorization: str) -> tuple[dict[str, Any], str]:
    """Of a sender whose signature is right (RFC 8292 §3), and his public key."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    head, body, signature = parts["t"].split(".")
    raw = octets(signature)
    assert len(raw) == 64
    assert json.loads(octets(head)) == {"typ": "JWT", "alg": "ES256"}
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(parts["k"]))
    numbers = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(numbers, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(octets(body)), parts["k"]


@dataclass
class Service:
    """`answers`: status and headers, in their order; then 201 to everything."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    is_deaf: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(h11.Connection(h11.SERVER), reader, writer)
        finally:
            writer.close()

    async def _serve(
        self, talk: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        body = b""
        while not isinstance(event := talk.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
            if event is h11.NEED_DATA:
                talk.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                self.paths.append(event.target.decode())
                self.headers.append({k.decode(): v.decode() for k, v in event.headers})
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
        if isinstance(event, h11.ConnectionClosed):
            return
        self.bodies.append(body)
        if self.is_deaf:
            await reader.read()
            return
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        answer = h11.Response(
            status_code=status, headers=[("Content-Length", "0"), *headers.items()]
        )
        writer.write(talk.send(answer) or b"")
        writer.write(talk.send(h11.EndOfMessage()) or b"")
        await writer.drain()


@dataclass
class Reachable:
    """Its certificate, who trusts it, and where its name leads while it is `serving`."""

    server: ssl.SSLContext
    trusting: ssl.SSLContext
    port: int = 1

    async def reach(self, host: str) -> tuple[str, int]:
        assert host == HOST
        return "127.0.0.1", self.port


def reachable(folder: Path, name: str = HOST) -> Reachable:
    """`name`: that its certificate is for."""
    authority = pki.a_root("Push root")
    issued = authority.issue("push", names=[x509.DNSName(name)])
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(issued.write(folder / "push.pem"))
    trusting = ssl.create_default_context(cadata=authority.pem)
    # Made for a test, without the key identifiers that strict checks look for.
    trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return Reachable(server, trusting)


@asynccontextmanager
async def serving(service: Service, at: Reachable) -> AsyncIterator[None]:
    listening = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=at.server)
    async with listening:
        at.port = listening.sockets[0].getsockname()[1]
        yield
