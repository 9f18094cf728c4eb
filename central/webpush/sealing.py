"""One message, readable by one browser alone (RFC 8291), in one record (RFC 8188 §2). Pure."""

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from central.phone.push import WrongSubscription

SALT_BYTES = 16
MESSAGE_BYTES_MAX = 3993  # RFC 8291 §4: what every push service takes
_AUTH_BYTES = 16
_POINT_BYTES = 65  # uncompressed, RFC 8291 §3.1
_RECORD_BYTES = 4096
_LAST_RECORD = b"\x02"  # RFC 8188 §2
_ENDPOINT_CHARS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gives (Push API §8): where to send, its key, and what it shares with us alone."""

    endpoint: str
    key: bytes
    auth: bytes

    def text(self) -> str:
        keys = {"p256dh": unpadded(self.key), "auth": unpadded(self.auth)}
        return json.dumps({"endpoint": self.endpoint, "keys": keys}, sort_keys=True)


def subscription(text: str) -> Subscription:
    """Raises WrongSubscription; what is not needed of the text is left out."""
    try:
        told = json.loads(text)
        endpoint, keys = told["endpoint"], told["keys"]
        key, auth = _octets(keys["p256dh"]), _octets(keys["auth"])
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WrongSubscription("not a subscription") from error
    if not isinstance(endpoint, str) or len(endpoint) > _ENDPOINT_CHARS_MAX:
        raise WrongSubscription("no endpoint")
    if len(key) != _POINT_BYTES or len(auth) != _AUTH_BYTES:
        raise WrongSubscription("keys of another length")
    return Subscription(endpoint, key, auth)


def sealed(
    message: bytes, to: Subscription, *, own: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """The body of the request. `own` and `salt` are for this message alone."""
    assert len(message) <= MESSAGE_BYTES_MAX, "our own texts are short"
    assert len(salt) == SALT_BYTES, "RFC 8188 §2.1"
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to.key)
    ours = point_of(own)
    # RFC 8291 §3.4
    shared = own.exchange(ec.ECDH(), theirs)
    secret = _derived(shared, to.auth, b"WebPush: info\0" + to.key + ours, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    record = AESGCM(key).encrypt(nonce, message + _LAST_RECORD, None)
    head = salt + _RECORD_BYTES.to_bytes(4) + len(ours).to_bytes(1) + ours
    return head + record


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def unpadded(octets: bytes) -> str:
    """As the web writes them (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: object) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise WrongSubscription("not base64url")
    plain = text.rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise WrongSubscription("not base64url") from error


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
