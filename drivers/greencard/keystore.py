"""Where the key of a card comes from. Keys leave this module by `card_key` alone: never in a
`repr`, an error, a log or a trace.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from chargepoint.errors import ChargepointError
from drivers.greencard import aes
from drivers.greencard.diversification import diversify

KEY_LENGTH = aes.BLOCK
MAX_SYSTEM_ID_LENGTH = 20  # AN10922: 31 bytes in all, after a 7-byte UID and the application id


class KeyUnusable(ChargepointError):
    """The master key is missing, malformed, or readable by others."""


class KeyStore(Protocol):
    """Knows the master key, or has it in a secure element that computes for us."""

    async def card_key(self, uid: bytes, application_id: bytes) -> bytes:
        """The AES key of this card alone; within 50 ms. The master key stays inside."""
        ...


class SoftwareKeyStore:
    """A master key in memory: for the bench and for pilots, where no secure element is fitted."""

    def __init__(self, master: bytes, *, system_id: bytes = b"") -> None:
        if len(master) != KEY_LENGTH:
            raise KeyUnusable(f"master key of {len(master)} bytes, not {KEY_LENGTH}")
        if len(system_id) > MAX_SYSTEM_ID_LENGTH:
            raise KeyUnusable(f"system id of {len(system_id)} bytes, not 0..{MAX_SYSTEM_ID_LENGTH}")
        self._master = master
        self._system_id = system_id

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}(system_id={self._system_id!r})"

    async def card_key(self, uid: bytes, application_id: bytes) -> bytes:
        return diversify(self._master, uid + application_id + self._system_id)


def key_from_file(path: Path) -> bytes:
    """32 hex digits in a file that only its owner may read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise KeyUnusable(f"key file {path}: {reason}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnusable(f"key file {path} is open to others: chmod 600")
    return _key(text, f"key file {path}")


def key_from_environment(name: str) -> bytes:
    """32 hex digits in an environment variable."""
    if name not in os.environ:
        raise KeyUnusable(f"environment variable {name} is not set")
    return _key(os.environ[name], f"environment variable {name}")


def _key(text: str, origin: str) -> bytes:
    # `from None`, and nothing of the text in the message: it may be the key but for one digit.
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise KeyUnusable(f"{origin} does not hold hex digits") from None
    if len(key) != KEY_LENGTH:
        raise KeyUnusable(f"{origin} holds {len(key)} bytes, not {KEY_LENGTH}")
    return key
