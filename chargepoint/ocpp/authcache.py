"""The authorisation cache (OCPP 1.6 §3.5.1): the last tokens the central system judged.

Bounded; what must go first are tokens that are not valid, then the ones not seen for longest.
Durable as one setting, written only when a verdict changed, not when a card is merely seen again.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Container
from datetime import datetime
from typing import Any

from chargepoint.domain.money.account import TokenStatus
from chargepoint.ocpp.translate import TagInfo, from_timestamp, to_timestamp
from chargepoint.ports import Settings

MAX_TOKENS = 500
_SETTING = "auth.cache"


class AuthCache:
    """Tokens compare without regard to case (IdToken is a CiString20Type).

    `listed`: tokens of the local authorisation list, which are never added here (§3.5.3).
    """

    def __init__(self, settings: Settings, listed: Container[str] = ()) -> None:
        self._listed = listed
        self._settings = settings
        self._tokens = _read(settings.get(_SETTING))

    def find(self, id_tag: str, now: datetime) -> TagInfo | None:
        """The verdict remembered; a validity that has passed reads Expired."""
        info = self._tokens.get(id_tag.upper())
        if info is None:
            return None
        self._tokens.move_to_end(id_tag.upper())
        if info.expires is not None and info.expires <= now and _is_valid(info):
            return TagInfo(TokenStatus.EXPIRED, info.expires, info.parent)
        return info

    async def remember(self, id_tag: str, info: TagInfo) -> None:
        """Durable when it returns. ConcurrentTx says nothing of the token itself."""
        if info.status is TokenStatus.CONCURRENT_TX or id_tag in self._listed:
            return
        key = id_tag.upper()
        known = self._tokens.get(key)
        self._tokens[key] = info
        self._tokens.move_to_end(key)
        if known == info:
            return
        self._make_room(keep=key)
        await self._store()

    async def clear(self) -> None:
        self._tokens.clear()
        await self._store()

    def _make_room(self, keep: str) -> None:
        if len(self._tokens) <= MAX_TOKENS:
            return
        for key in [key for key, info in self._tokens.items() if not _is_valid(info)]:
            if key != keep:
                del self._tokens[key]
        while len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)

    def _store(self) -> Awaitable[None]:
        rows = [
            [key, info.status, info.expires and to_timestamp(info.expires), info.parent]
            for key, info in self._tokens.items()
        ]
        return self._settings.put(_SETTING, json.dumps(rows, separators=(",", ":")))


def _is_valid(info: TagInfo) -> bool:
    return info.status is TokenStatus.ACCEPTED


def _read(stored: str | None) -> OrderedDict[str, TagInfo]:
    rows: list[list[Any]] = json.loads(stored) if stored else []
    return OrderedDict(
        (key, TagInfo(TokenStatus(status), from_timestamp(expires) if expires else None, parent))
        for key, status, expires, parent in rows
    )
