"""Who we are to push services (RFC 8292): one key, whose public half browsers subscribe with.

The private half leaves this module by signatures alone: never in a `repr`, an error or a log. A new
key ends every subscription made with the old one.
"""

import json
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from typing_extensions import override

from central.cards.keys import repository_of
from central.errors import CentralError
from central.webpush.sealing import point_of, unpadded

_LASTS = timedelta(hours=12)  # at most 24 (RFC 8292 §2)
_RENEWED = timedelta(hours=6)
_COORDINATE_BYTES = 32


class KeyUnusable(CentralError):
    """The key file is missing, malformed, readable by others, or in a repository."""


class VapidKey:
    """`contact`: whom push services may write to, `mailto:` or `https:` (RFC 8292 §2.1)."""

    def __init__(self, private: ec.EllipticCurvePrivateKey, contact: str) -> None:
        if not contact.startswith(("mailto:", "https:")):
            raise KeyUnusable(f"{contact}: push services want mailto: or https:")
        self._private = private
        self._contact = contact
        self._signed: dict[str, tuple[datetime, str]] = {}
        self.public = unpadded(point_of(private))

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}(public={self.public!r})"

    def authorization(self, origin: str, now: datetime) -> str:
        """The header for a push service (RFC 8292 §3); signed anew every few hours."""
        known = self._signed.get(origin)
        if known is None or not known[0] <= now < known[0] + _RENEWED:
            self._signed = {
                each: kept for each, kept in self._signed.items() if now < kept[0] + _RENEWED
            }
            known = self._signed[origin] = (now, self._token(origin, now + _LASTS))
        return f"vapid t={known[1]}, k={self.public}"

    def _token(self, origin: str, until: datetime) -> str:
        """RFC 7515 §7.1, RFC 7518 §3.4: the signature is two numbers of 32 bytes."""
        head = {"typ": "JWT", "alg": "ES256"}
        claims = {"aud": origin, "exp": int(until.timestamp()), "sub": self._contact}
        signing = ".".join(unpadded(json.dumps(part).encode()) for part in (head, claims))
        signature = self._private.sign(signing.encode(), ec.ECDSA(hashes.SHA256()))
        octets = b"".join(
            each.to_bytes(_COORDINATE_BYTES) for each in decode_dss_signature(signature)
        )
        return f"{signing}.{unpadded(octets)}"


def make_key(path: Path) -> str:
    """A new key in a new file for its owner alone; gives its public half. Raises KeyUnusable."""
    if repository_of(path) is not None:
        raise KeyUnusable(f"{path} is in a repository; keep the key elsewhere")
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError as error:
        raise KeyUnusable(f"{path} is there already; a new key ends every subscription") from error
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    return unpadded(point_of(private))


def read_key(path: Path, contact: str) -> VapidKey:
    """Raises KeyUnusable."""
    if repository_of(path) is not None:
        raise KeyUnusable(f"{path} is in a repository; keep the key elsewhere")
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyUnusable(f"others may read {path}: chmod 600")
        pem = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without its cause: a library's error may quote what it could not read.
        raise KeyUnusable(f"{path} holds no key") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise KeyUnusable(f"{path} holds another kind of key, not P-256")
    return VapidKey(private, contact)
