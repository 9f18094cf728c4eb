"""Passwords of charge points, as they are kept. Pure.

An AuthorizationKey (OCPP 1.6 security whitepaper §2.4: 16 to 20 random bytes, written in hexadecimal)
cannot be guessed, so one salted SHA-256 keeps it. Anything else may have been made up by a person:
scrypt (RFC 7914) makes each guess cost 4 MiB and some milliseconds.
"""

import base64
import hashlib
import hmac
import re

_KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){16,20}")
_SCRYPT_N, _SCRYPT_R = 2**12, 8


def kept_form(password: str, salt: str) -> str:
    """`salt`: text without `$`, another one each time."""
    if _KEY.fullmatch(password):
        return _form("sha256", salt, bytes.fromhex(password))
    return _form("scrypt", salt, password.encode(errors="surrogateescape"))


def is_right(kept: str, given: str) -> bool:
    """A key may be given as its digits, or as its bytes (OCPP-J 1.6 §6.2)."""
    kind, salt, _ = kept.split("$")
    candidates = [given.encode(errors="surrogateescape")]
    if kind == "sha256" and _KEY.fullmatch(given):
        candidates.append(bytes.fromhex(given))
    return any(hmac.compare_digest(_form(kind, salt, each), kept) for each in candidates)


def _form(kind: str, salt: str, secret: bytes) -> str:
    if kind == "sha256":
        digest = hashlib.sha256(salt.encode() + secret).digest()
    else:
        digest = hashlib.scrypt(secret, salt=salt.encode(), n=_SCRYPT_N, r=_SCRYPT_R, p=1)
    return f"{kind}${salt}${base64.b64encode(digest).decode()}"
