"""Slow, salted hashes of what people choose: passwords, answers, codes of letters.

A hash takes a processor some hundredths of a second, so it is worked out beside the event loop, a few
at a time; who asks about nobody is kept waiting just as long.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_AT_ONCE = 2  # hashes, of 19 MiB each: a crowd at the door takes turns, the charges go on


def field_hasher() -> PasswordHasher:
    """OWASP's second choice for argon2id: 19 MiB, two rounds, one lane."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or field_hasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hashed(self, secret: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, secret)

    def hashed_now(self, secret: str) -> str:
        """For programs that provision; never inside a request."""
        return self._hasher.hash(secret)

    async def is_right(self, kept: str | None, secret: str) -> bool:
        """`kept` None: there is nobody; the answer is no and takes as long."""
        async with self._turn:
            return await asyncio.to_thread(self._is_right, kept, secret)

    def _is_right(self, kept: str | None, secret: str) -> bool:
        try:
            self._hasher.verify(kept or self._nobody, secret)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return kept is not None
