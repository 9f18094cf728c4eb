"""Where the key of a card comes from (NXP AN10922 §2.2, AES-128).

Keys leave this module by `card_key` alone: never in a `repr`, an error, a log or on a screen.
"""

import stat
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from typing_extensions import override

from central.errors import CentralError

KEY_BYTES = 16
UID_BYTES = 7
APPLICATION_BYTES = 3
SYSTEM_BYTES_MAX = 20  # 31 bytes in all, after the UID and the application id
_AES_128 = b"\x01"
_TWO_BLOCKS = 32
_REDUCE = 0x87  # NIST SP 800-38B §5.3


class KeyUnusable(CentralError):
    """The master key is missing, malformed, readable by others, or in a repository."""


class KeyStore(Protocol):
    """Knows the master key, or has it in a secure element that computes for us."""

    def card_key(self, uid: bytes, application_id: bytes) -> bytes:
        """The AES key of this card alone. The master key stays inside. Raises KeyUnusable."""
        ...


class SoftwareKeyStore:
    """A master key in memory: for the bench and for pilots, where there is no secure element."""

    def __init__(self, master: bytes, *, system_id: bytes = b"") -> None:
        if len(master) != KEY_BYTES:
            raise KeyUnusable(f"master key of {len(master)} bytes, not {KEY_BYTES}")
        if len(system_id) > SYSTEM_BYTES_MAX:
            raise KeyUnusable(f"system id of {len(system_id)} bytes, not 0..{SYSTEM_BYTES_MAX}")
        self._master = master
        self._system_id = system_id

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}(system_id={self._system_id!r})"

    def card_key(self, uid: bytes, application_id: bytes) -> bytes:
        return diversify(self._master, uid + application_id + self._system_id)


def diversify(master: bytes, diversification_input: bytes) -> bytes:
    """Always over two blocks, even where one would hold the input."""
    message = _AES_128 + diversification_input
    assert len(message) <= _TWO_BLOCKS, "31 bytes at most"
    doubled = _double(_encrypt(master, bytes(16), bytes(16)))
    mask = doubled if len(message) == _TWO_BLOCKS else _double(doubled)
    if len(message) < _TWO_BLOCKS:
        message = (message + b"\x80").ljust(_TWO_BLOCKS, b"\x00")
    last = bytes(a ^ b for a, b in zip(message[16:], mask, strict=True))
    return _encrypt(master, bytes(16), message[:16] + last)[-16:]


def _encrypt(key: bytes, initial: bytes, text: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(initial)).encryptor()
    return encryptor.update(text) + encryptor.finalize()


def _double(block: bytes) -> bytes:
    """In GF(2^128): the sub-keys K1 and K2 of CMAC."""
    number = int.from_bytes(block) << 1
    overflow = number >> 128
    return ((number ^ (_REDUCE if overflow else 0)) & (2**128 - 1)).to_bytes(16)


def key_from_file(path: Path) -> bytes:
    """32 hex digits in a file that only its owner may read, outside any repository."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise KeyUnusable(f"key file {path}: {reason}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnusable(f"key file {path} is open to others: chmod 600")
    if repository_of(path) is not None:
        raise KeyUnusable(f"key file {path} is in a repository; keep it elsewhere")
    return _key(text, path)


def _key(text: str, path: Path) -> bytes:
    # `from None`, and nothing of the text in the message: it may be the key but for one digit.
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise KeyUnusable(f"key file {path} does not hold hex digits") from None
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"key file {path} holds {len(key)} bytes, not {KEY_BYTES}")
    return key


def repository_of(path: Path) -> Path | None:
    """The folder under version control that a file or folder is in, if it is in one."""
    inside = path.resolve()
    return next((each for each in (inside, *inside.parents) if (each / ".git").exists()), None)
