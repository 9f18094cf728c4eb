"""PINs as the journal keeps them: salted scrypt (RFC 7914), checked away from the loop.

Six digits are few: what protects them is the lock after five errors, and a hash that is slow enough
to make a stolen journal a matter of days and not of seconds.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from chargepoint.domain.service.people import Person

COST = 14  # log2 of scrypt's N: 16 MiB and about a tenth of a second on the controller
SALT_BYTES = 16
_BLOCK = 8
_MOST_MEMORY = 1 << 27


@dataclass(frozen=True, slots=True)
class StoredPin:
    person: Person
    salt: bytes
    hash: bytes
    cost: int = COST


def hashed(pin: str, salt: bytes, cost: int = COST) -> bytes:
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=1 << cost, r=_BLOCK, p=1, maxmem=_MOST_MEMORY, dklen=32
    )


def person_of(pin: str, stored: Sequence[StoredPin]) -> Person | None:
    """Whose PIN it is; every one is tried, so that the time tells nothing."""
    found = None
    for each in stored:
        if hmac.compare_digest(hashed(pin, each.salt, each.cost), each.hash):
            found = each.person
    return found


CheckPins = Callable[[str, Sequence[StoredPin]], Awaitable[Person | None]]
"""`person_of` without stopping the loop."""


async def check_in_thread(pin: str, stored: Sequence[StoredPin]) -> Person | None:
    return await asyncio.to_thread(person_of, pin, stored)


async def check_at_once(pin: str, stored: Sequence[StoredPin]) -> Person | None:
    """For virtual time, where nothing is late."""
    return person_of(pin, stored)
