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

from central.clock import Clock, utc_text
from central.feed import Feed
from central.limits import AccountBrake
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

    def __init__(self, store: Store, clock: Clock, feed: Feed, salt: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._salt = salt
        self._brake = AccountBrake()
        self._proven: dict[str, tuple[str, bytes]] = {}
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
        pair, now_s = f"{address} {point}", self._clock.monotonic()
        wait_s = self._brake.wait_s(pair, now_s)
        if wait_s > 0:
            return Refusal(int(wait_s) + 1)
        kept = await self._store.run(self._kept, point)
        if kept is None and not self.is_strict:
            return None
        if (
            kept is not None
            and password is not None
            and await self._is_right(point, kept, password)
        ):
            self._brake.succeeded(pair)
            return None
        self._brake.failed(pair, now_s)
        # Names that nobody has may be made up without end: they are counted together.
        counted = point if kept is not None else UNKNOWN
        self.refused[counted] += 1
        logger.warning("point refused", extra={"point": point, "address": address})
        if self.refused[counted] in _FOUND_AT:
            await self._store.run(self._find, counted, address)
        return Refusal()

    async def _is_right(self, point: str, kept: str, password: str) -> bool:
        """A thousand points that come back after a power cut were all proven before."""
        quick = hashlib.sha256((kept + password).encode(errors="surrogateescape")).digest()
        proven = self._proven.get(point)
        if proven is not None and proven[0] == kept and hmac.compare_digest(proven[1], quick):
            return True
        right = await asyncio.to_thread(is_right, kept, password)
        if right:
            self._proven[point] = (kept, quick)
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
