"""`ports.Entropy` from a seed: the same seed gives the same ids, nonces, codes and jitter.

Not for production; there it is `secrets`.
"""

import hashlib
import uuid

_WORD = 8
_WORD_RANGE = 1 << (8 * _WORD)


class SeededEntropy:
    """SHA-256 over (seed, stream, counter).

    Streams of one seed are independent, so that one part asking once more does not change what
    every other part gets.
    """

    def __init__(self, seed: int, stream: str = "") -> None:
        self._root = f"{seed}/{stream}/"
        self._blocks = 0
        self._spare = b""

    def token(self, length: int) -> bytes:
        while len(self._spare) < length:
            self._spare += hashlib.sha256(f"{self._root}{self._blocks}".encode()).digest()
            self._blocks += 1
        taken, self._spare = self._spare[:length], self._spare[length:]
        return taken

    def below(self, limit: int) -> int:
        if not 0 < limit <= _WORD_RANGE:
            raise ValueError(f"no integer in 0..{limit - 1}")
        fair = _WORD_RANGE - _WORD_RANGE % limit
        while True:  # rejection keeps every result equally likely
            word = int.from_bytes(self.token(_WORD), "big")
            if word < fair:
                return word % limit

    def identifier(self) -> str:
        return str(uuid.UUID(bytes=self.token(16), version=4))
