"""AuthenticateAES (AA) and the secure channel it opens (DESFire EV1).

    host                                     card
    AA key number                       ->
                                        <-   AF || E(RndB)
    AF || E(RndA || RndB rotated)       ->
                                        <-   00 || E(RndA rotated)

The IV chains through the three cryptograms; after success it restarts at zero and then runs
through every command CMAC, reply CMAC and cipher text of the session.
"""

import hmac

from drivers.greencard import aes
from drivers.greencard.desfire import Command, IntegrityFailed, KeyMismatch, Reply

MAC_LENGTH = 8
CRC_LENGTH = 4


def session_key(rnd_a: bytes, rnd_b: bytes) -> bytes:
    return rnd_a[:4] + rnd_b[:4] + rnd_a[12:] + rnd_b[12:]


class AesAuthentication:
    """Host side of AuthenticateAES; used once. `rnd_a`: 16 fresh random bytes."""

    def __init__(self, key: bytes, key_number: int, rnd_a: bytes) -> None:
        assert len(key) == len(rnd_a) == aes.BLOCK
        self._key = key
        self._rnd_a = rnd_a
        self._rnd_b = b""
        self._iv = aes.ZERO_IV
        self.opening = bytes([Command.AUTHENTICATE_AES, key_number])

    def prove(self, challenge: bytes) -> bytes:
        if len(challenge) != aes.BLOCK:
            raise IntegrityFailed(f"challenge of {len(challenge)} bytes, not 16")
        self._rnd_b = aes.decrypt(self._key, aes.ZERO_IV, challenge)
        token = aes.encrypt(self._key, challenge, self._rnd_a + aes.rotate_left(self._rnd_b))
        self._iv = token[-aes.BLOCK :]
        return token

    def confirm(self, proof: bytes) -> "Ev1Channel":
        if len(proof) != aes.BLOCK:
            raise IntegrityFailed(f"proof of {len(proof)} bytes, not 16")
        rnd_a_rotated = aes.decrypt(self._key, self._iv, proof)
        if not hmac.compare_digest(rnd_a_rotated, aes.rotate_left(self._rnd_a)):
            raise KeyMismatch("card did not prove that it knows the key")
        return Ev1Channel(session_key(self._rnd_a, self._rnd_b))


class Ev1Channel:
    """CMAC and cipher chained over one running IV, from authentication to the next one."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._iv = aes.ZERO_IV

    def request(self, code: int, header: bytes) -> bytes:
        command = bytes([code]) + header
        self._iv = aes.cmac(self._key, command, iv=self._iv)
        return command

    def verified(self, reply: Reply) -> bytes:
        body, mac = reply.body[:-MAC_LENGTH], reply.body[-MAC_LENGTH:]
        self._iv = aes.cmac(self._key, body + bytes([reply.status]), iv=self._iv)
        if not hmac.compare_digest(mac, self._iv[:MAC_LENGTH]):
            raise IntegrityFailed("reply MAC differs")
        return body

    def deciphered(self, reply: Reply, length: int) -> bytes:
        if not reply.body or len(reply.body) % aes.BLOCK:
            raise IntegrityFailed(f"cipher text of {len(reply.body)} bytes")
        plain = aes.decrypt(self._key, self._iv, reply.body)
        self._iv = reply.body[-aes.BLOCK :]
        body = plain[:length]
        checksum = aes.jamcrc(body + bytes([reply.status]))
        if plain != aes.pad_zero(body + checksum):
            raise IntegrityFailed("checksum or padding of an enciphered reply differs")
        return body

    def enciphered(self, plain: bytes) -> bytes:
        """Cipher text of confidential command data (keys, file contents), zero-padded."""
        cipher = aes.encrypt(self._key, self._iv, aes.pad_zero(plain))
        self._iv = cipher[-aes.BLOCK :]
        return cipher
