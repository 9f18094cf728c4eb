"""AES as DESFire uses it: CBC with a running IV, CMAC that starts from one, JAMCRC.

NIST SP 800-38B for the CMAC and its sub-keys. Pure functions of bytes.
"""

import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
ZERO_IV = bytes(BLOCK)
_RB = 0x87  # SP 800-38B §5.3: the constant for 128-bit blocks


def encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def decrypt(key: bytes, iv: bytes, cipher: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(cipher) + decryptor.finalize()


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def rotate_left(block: bytes) -> bytes:
    return block[1:] + block[:1]


def cmac_subkeys(key: bytes) -> tuple[bytes, bytes]:
    """K1 and K2 of SP 800-38B §6.1."""
    first = _double(encrypt(key, ZERO_IV, ZERO_IV))
    return first, _double(first)


def _double(block: bytes) -> bytes:
    shifted = int.from_bytes(block) << 1
    if shifted >> 128:
        shifted = (shifted & ((1 << 128) - 1)) ^ _RB
    return shifted.to_bytes(BLOCK)


def cmac(key: bytes, message: bytes, *, iv: bytes = ZERO_IV) -> bytes:
    """All 16 bytes of the CMAC whose chain starts from `iv` instead of zero."""
    k1, k2 = cmac_subkeys(key)
    if message and len(message) % BLOCK == 0:
        padded, mask = message, k1
    else:
        padded, mask = pad_iso(message), k2
    return encrypt(key, iv, padded[:-BLOCK] + xor(padded[-BLOCK:], mask))[-BLOCK:]


def pad_iso(message: bytes) -> bytes:
    """80 00... to the next whole block (ISO/IEC 9797-1 method 2); always adds a byte."""
    return message + b"\x80" + bytes(-(len(message) + 1) % BLOCK)


def pad_zero(message: bytes) -> bytes:
    return message + bytes(-len(message) % BLOCK)


def jamcrc(message: bytes) -> bytes:
    """CRC-32 without the final inversion, least significant byte first."""
    return (zlib.crc32(message) ^ 0xFFFFFFFF).to_bytes(4, "little")
