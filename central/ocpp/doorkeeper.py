"""Who may connect as a charge point: right name and password; wrong ones are counted and slowed.

Only the pair of address and name is slowed: who guesses from elsewhere never locks the point out.
"""

import asyncio
import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from central.brakes import Brakes
from central.clock import Clock, utc_text
from central.feed import Feed
from central.ocpp.passwords import is_right, kept_form
from central.storage.store import Store
from central.storage.tables.points import POINT

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"
_FOUND_AT = frozenset({3, 10, 100, 1000})  # wrong passwords that a person is told of


@dataclass(frozen=True, slots=True)
class Refusal:
    """`again_after_s` 0: the password is wrong; else nothing was looked at until then."""

    again_after_s: int = 0


class Doorkeeper:
    """`salt` gives text that never comes twice. `is_strict`: nobody enters without a password."""

    def __init__(
        self, store: Store, clock: Clock, feed: Feed, brakes: Brakes, salt: Callable[[], str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._salt = salt
        self._brakes = brakes
        self._proven: dict[str, bytes] = {}
        self.refused: Counter[str] = Counter()
        self.is_strict = False

    def keep_password(self, point: str, password: str) -> None:
        """In place of the one before; a password that is known already stays as it is kept."""
        kept = self._kept(point)
        if kept is not None and is_right(kept, password):
            return
        form = kept_form(password, self._salt().replace("$", ""))
        with self._store.change(f"point:{point}"):
            self._store.database.upsert(POINT, id=point, password=form)

    async def admit(self, point: str, password: str | None, address: str) -> Refusal | None:
        """None: come in. `password`: None where none was given, or another's name with it."""
        pair = f"point {address} {point}"
        kept = await self._store.run(self._kept, point)
        if kept is None and not self.is_strict:
            return None
        # A thousand points that come back after a power cut cost a look, not a row each.
        is_proven = self._is_proven(point, kept, password)
        wait_s = await (self._brakes.wait_s(pair) if is_proven else self._brakes.tried(pair))
        if wait_s > 0:
            return Refusal(int(wait_s) + 1)
        if is_proven or await self._is_right(point, kept, password):
            await self._brakes.succeeded(pair)
            return None
        # Names that nobody has may be made up without end: they are counted together.
        counted = point if kept is not None else UNKNOWN
        self.refused[counted] += 1
        logger.warning("point refused", extra={"point": point, "address": address})
        if self.refused[counted] in _FOUND_AT:
            await self._store.run(self._find, counted, address)
        return Refusal()

    def _is_proven(self, point: str, kept: str | None, password: str | None) -> bool:
        """It was compared with what is kept before, here."""
        known, quick = self._proven.get(point), _quick(kept, password)
        return known is not None and hmac.compare_digest(known, quick)

    async def _is_right(self, point: str, kept: str | None, password: str | None) -> bool:
        if kept is None or password is None:
            return False
        right = await asyncio.to_thread(is_right, kept, password)
        if right:
            self._proven[point] = _quick(kept, password)
        return right

    def _kept(self, point: str) -> str | None:
        kept: str | None = self._store.database.value(
            select(POINT.c.password).where(POINT.c.id == point)
        )
        return kept

    def _find(self, point: str, address: str) -> None:
        detail = f"{self.refused[point]} wrong passwords, the last from {address}"
        with self._store.change():
            now = utc_text(self._clock.utc())
            finding = self._store.add_finding(now, point, "point.wrong_password", detail)
            self._feed.changed("finding", str(finding.id))


def _quick(kept: str | None, password: str | None) -> bytes:
    pair = f"{kept}\0{password}".encode(errors="surrogateescape")
    return hashlib.sha256(pair).digest()
