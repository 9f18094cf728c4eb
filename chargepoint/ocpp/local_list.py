"""Local Auth List Management (OCPP 1.6 §3.5.2, §5.10, §5.15): the operator's list of tokens.

A list is checked to its end before any of it counts. Long ones are read in slices, so that a stop
button never waits for ten thousand tokens.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoint.auth_ports import ListedToken, LocalList
from chargepoint.domain.money.account import TokenStatus
from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.key_catalogue import LOCAL_LIST_TOKENS
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.profile import Handler, VendorMessageId, status
from chargepoint.ocpp.rpc import Answer
from chargepoint.ocpp.translate import TagInfo

NO_LIST = -1
_SLICE = 250  # entries read between two looks at the loop
_LARGEST_VERSION = 2**63 - 1


class _Unusable(ValueError):
    """A list that cannot be taken as it is."""


@dataclass(frozen=True, slots=True)
class _Update:
    entries: list[ListedToken]
    removed: list[str]


class ListedTokens:
    """What the list says of a token now; nothing while LocalAuthListEnabled is false."""

    def __init__(self, local_list: LocalList, keys: Keys) -> None:
        self._list = local_list
        self._keys = keys

    def find(self, id_tag: str, now: datetime) -> TagInfo | None:
        if not self._keys.flag("LocalAuthListEnabled"):
            return None
        entry = self._list.find(id_tag)
        if entry is None:
            return None
        is_over = entry.expires is not None and entry.expires <= now
        if is_over and entry.status is TokenStatus.ACCEPTED:
            return TagInfo(TokenStatus.EXPIRED, entry.expires, entry.parent)
        return TagInfo(entry.status, entry.expires, entry.parent)

    def __contains__(self, id_tag: object) -> bool:
        """Tokens of the list are never added to the cache (§3.5.3)."""
        is_enabled = self._keys.flag("LocalAuthListEnabled")
        return is_enabled and self._list.find(str(id_tag)) is not None


class LocalListProfile:
    def __init__(self, local_list: LocalList, keys: Keys) -> None:
        self._list = local_list
        self._keys = keys

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {
            "GetLocalListVersion": self._get_version,
            "SendLocalList": self._send_list,
        }

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {}

    async def _get_version(self, _payload: Payload) -> Answer:
        """0: the list is empty, -1: there is none here (§5.10)."""
        if not self._keys.flag("LocalAuthListEnabled"):
            return Answer({"listVersion": NO_LIST})
        return Answer({"listVersion": self._list.version() if self._list.size() else 0})

    async def _send_list(self, payload: Payload) -> Answer:
        if not self._keys.flag("LocalAuthListEnabled"):
            return status("NotSupported")
        version, is_full = payload["listVersion"], payload["updateType"] == "Full"
        # 0 and -1 have a meaning of their own (errata 3.52).
        if not 0 < version <= _LARGEST_VERSION:
            return status("Failed")
        if not is_full and version <= self._list.version():
            return status("VersionMismatch")
        try:
            update = await _read(payload.get("localAuthorizationList", []), is_full=is_full)
            if is_full:
                await self._list.replace(version, update.entries)
            else:
                await self._make_sure_of_room(update)
                await self._list.change(version, update.entries, update.removed)
        except _Unusable:
            return status("Failed")
        return status("Accepted")

    async def _make_sure_of_room(self, update: _Update) -> None:
        """What a differential update leaves must fit (LocalAuthListMaxLength)."""
        size = self._list.size()
        if size + len(update.entries) <= LOCAL_LIST_TOKENS:
            return
        for number, entry in enumerate(update.entries):
            size += self._list.find(entry.id_tag) is None
            await _breathe(number)
        for number, tag in enumerate(update.removed):
            size -= self._list.find(tag) is not None
            await _breathe(number)
        if size > LOCAL_LIST_TOKENS:
            raise _Unusable("the list would be too long")


async def _read(items: list[dict[str, Any]], *, is_full: bool) -> _Update:
    """Raises _Unusable: too long, a token twice, or one without its status in a full list."""
    if len(items) > LOCAL_LIST_TOKENS:
        raise _Unusable("the list is too long")
    update = _Update([], [])
    seen: set[str] = set()
    for number, item in enumerate(items):
        tag = item["idTag"].upper()
        if tag in seen:
            raise _Unusable(f"{number}: a token is named twice")
        seen.add(tag)
        info = translate.tag_info(item)
        if info is not None:
            update.entries.append(ListedToken(tag, info.status, info.expires, info.parent))
        elif is_full:
            raise _Unusable(f"{number}: no idTagInfo in a full list")
        else:
            update.removed.append(tag)
        await _breathe(number)
    return update


async def _breathe(number: int) -> None:
    if number % _SLICE == _SLICE - 1:
        await asyncio.sleep(0)
