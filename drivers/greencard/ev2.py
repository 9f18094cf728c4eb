"""AuthenticateEV2First (71) and the secure channel it opens (DESFire EV2 and later).

Two keys derived from both challenges, a transaction identifier and a command counter replace the
running IV of EV1, so neither a reply nor a command can be replayed, dropped or reordered.
Key derivation is NIST SP 800-108 in counter mode with CMAC.
"""

import hmac

from drivers.greencard import aes
from drivers.greencard.desfire import Command, IntegrityFailed, KeyMismatch, Reply

MAC_LENGTH = 8
TRANSACTION_ID_LENGTH = 4
_CAPABILITIES_LENGTH = 12  # PDcap2 and PCDcap2, six bytes each
_ENC_LABEL = bytes.fromhex("A55A00010080")
_MAC_LABEL = bytes.fromhex("5AA500010080")
_REPLY_IV_LABEL = bytes.fromhex("5AA5")


def session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """The session's encryption key and its MAC key."""
    context = rnd_a[:2] + aes.xor(rnd_a[2:8], rnd_b[:6]) + rnd_b[6:] + rnd_a[8:]
    return aes.cmac(key, _ENC_LABEL + context), aes.cmac(key, _MAC_LABEL + context)


class Ev2Authentication:
    """Host side of AuthenticateEV2First without capabilities; used once."""

    def __init__(self, key: bytes, key_number: int, rnd_a: bytes) -> None:
        assert len(key) == len(rnd_a) == aes.BLOCK
        self._key = key
        self._rnd_a = rnd_a
        self._rnd_b = b""
        self.opening = bytes([Command.AUTHENTICATE_EV2_FIRST, key_number, 0])

    def prove(self, challenge: bytes) -> bytes:
        if len(challenge) != aes.BLOCK:
            raise IntegrityFailed(f"challenge of {len(challenge)} bytes, not 16")
        self._rnd_b = aes.decrypt(self._key, aes.ZERO_IV, challenge)
        return aes.encrypt(self._key, aes.ZERO_IV, self._rnd_a + aes.rotate_left(self._rnd_b))

    def confirm(self, proof: bytes) -> "Ev2Channel":
        if len(proof) != TRANSACTION_ID_LENGTH + aes.BLOCK + _CAPABILITIES_LENGTH:
            raise IntegrityFailed(f"proof of {len(proof)} bytes, not 32")
        plain = aes.decrypt(self._key, aes.ZERO_IV, proof)
        rnd_a_rotated = plain[TRANSACTION_ID_LENGTH : TRANSACTION_ID_LENGTH + aes.BLOCK]
        if not hmac.compare_digest(rnd_a_rotated, aes.rotate_left(self._rnd_a)):
            raise KeyMismatch("card did not prove that it knows the key")
        keys = session_keys(self._key, self._rnd_a, self._rnd_b)
        return Ev2Channel(*keys, transaction_id=plain[:TRANSACTION_ID_LENGTH])


class Ev2Channel:
    """Commands and replies bound to the transaction identifier and a 16-bit command counter."""

    def __init__(self, enc_key: bytes, mac_key: bytes, *, transaction_id: bytes) -> None:
        self._enc_key = enc_key
        self._mac_key = mac_key
        self._transaction_id = transaction_id
        self._counter = 0

    def mac(self, code: int, rest: bytes) -> bytes:
        """MAC of a command (its code) or of a reply (its status) at the present counter."""
        counter = self._counter.to_bytes(2, "little")
        return truncated(
            aes.cmac(self._mac_key, bytes([code]) + counter + self._transaction_id + rest)
        )

    def request(self, code: int, header: bytes) -> bytes:
        return bytes([code]) + header + self.mac(code, header)

    def verified(self, reply: Reply) -> bytes:
        body, mac = reply.body[:-MAC_LENGTH], reply.body[-MAC_LENGTH:]
        self._counter += 1
        if not hmac.compare_digest(mac, self.mac(reply.status, body)):
            raise IntegrityFailed("reply MAC differs")
        return body

    def deciphered(self, reply: Reply, length: int) -> bytes:
        cipher = self.verified(reply)
        if not cipher or len(cipher) % aes.BLOCK:
            raise IntegrityFailed(f"cipher text of {len(cipher)} bytes")
        plain = aes.decrypt(self._enc_key, self._reply_iv(), cipher)
        if plain != aes.pad_iso(plain[:length]):
            raise IntegrityFailed("padding of an enciphered reply differs")
        return plain[:length]

    def _reply_iv(self) -> bytes:
        counter = self._counter.to_bytes(2, "little")
        block = (_REPLY_IV_LABEL + self._transaction_id + counter).ljust(aes.BLOCK, b"\x00")
        return aes.encrypt(self._enc_key, aes.ZERO_IV, block)


def truncated(mac: bytes) -> bytes:
    """Every second byte, starting with the second."""
    return mac[1::2]
