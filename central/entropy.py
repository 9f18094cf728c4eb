"""Where names that nobody can guess come from."""

import base64
import hashlib
import secrets
from typing import Protocol


class Entropy(Protocol):
    def token(self, size: int) -> bytes:
        """`size` bytes that nobody can foresee."""
        ...


class SystemEntropy:
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


_NAME_BYTES = 20  # 160 bits: no search finds one


def name(entropy: Entropy) -> str:
    """32 letters and digits, safe in an address."""
    return base64.b32encode(entropy.token(_NAME_BYTES)).decode().lower()


def fingerprint(secret: str) -> str:
    """What is kept of a name with full entropy: whoever reads the table cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
