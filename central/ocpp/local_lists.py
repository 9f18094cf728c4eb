"""Keeps the local authorization lists of the points in step with the cards (OCPP 1.6 §5.15, §5.16).

    card changes ──► numbered entry ──► every connected point: entries after the version it has
    point boots  ──► GetLocalListVersion ──► 0, or one we never gave: Full; else Differential

A long list goes in parts. Each part's version is that of its last entry, so a point that is cut off
half way goes on from there. A point that says it keeps no list (LocalAuthListEnabled) is left alone; one
whose list is too short for all cards keeps those that may not charge.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from central.errors import CallRefused, NoAnswer, PointAway
from central.feed import EVERYTHING, Change, Feed
from central.fleet.registry import Registry
from central.ocpp.list_rows import Entry, ListRows
from central.storage.store import Store

logger = logging.getLogger(__name__)

Call = Callable[[str, str, dict[str, Any]], Awaitable[dict[str, Any]]]

UNSUPPORTED = -1  # OCPP 1.6 §5.15: what a point without local lists answers
_PART_ENTRIES = 50  # where the point does not say SendLocalListMaxLength
_AT_ONCE = 20
_ENABLED, _PART, _WHOLE = "LocalAuthListEnabled", "SendLocalListMaxLength", "LocalAuthListMaxLength"


@dataclass(frozen=True, slots=True)
class Room:
    """What a point takes: entries in one part, and in all (None: it does not say)."""

    part: int
    whole: int | None


class LocalLists:
    """`held`: points whose link is ours; `call` reaches them."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        registry: Registry,
        rows: ListRows,
        *,
        held: Callable[[], list[str]],
        call: Call,
    ) -> None:
        self._store = store
        self._feed = feed
        self._registry = registry
        self._rows = rows
        self._held = held
        self._call = call
        self._versions: dict[str, int] = {}
        self._rooms: dict[str, Room] = {}
        self._busy: set[str] = set()
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Until the feed is closed."""
        with self._feed.subscribed("card", "point") as subscription:
            changes = [EVERYTHING]  # points may have booted before we listened
            async with asyncio.TaskGroup() as tasks:
                while changes:
                    try:
                        for point in await self._due(changes):
                            tasks.create_task(self._keep_in_step(point))
                    except SQLAlchemyError as error:
                        logger.warning("database away", extra={"reason": str(error)})
                    changes = await subscription.changes()

    async def _due(self, changes: list[Change]) -> list[str]:
        """Points that may be behind now, and are not being told already."""
        present = {point for point in self._held() if self._has_booted(point)}
        for gone in self._versions.keys() - present:
            del self._versions[gone]
        names = {name for kind, name in changes if kind == "point"}
        cards = {name for kind, name in changes if kind == "card"}
        if EVERYTHING in changes or cards:
            whose = None if EVERYTHING in changes else cards
            await self._store.run(self._rows.bring_up_to_date, whose)
            names = present
        newest = await self._store.run(self._rows.newest)
        return [
            point
            for point in sorted(present & names - self._busy)
            if self._versions.get(point) not in (newest, UNSUPPORTED)
        ]

    def _has_booted(self, point: str) -> bool:
        return self._registry.point(point).boot_status == "Accepted"

    async def _keep_in_step(self, point: str) -> None:
        if point in self._busy:
            return
        self._busy.add(point)
        try:
            async with self._few:
                while await self._step(point):
                    pass
        except CallRefused as refused:
            self._refused(point, refused)
        except (PointAway, NoAnswer, SQLAlchemyError) as error:
            # Asked again when it boots, or when the next card changes.
            self._versions.pop(point, None)
            logger.warning("local list not sent", extra={"point": point, "reason": str(error)})
        finally:
            self._busy.discard(point)

    def _refused(self, point: str, refused: CallRefused) -> None:
        """A point that does not know the question has no list; another may know better later."""
        if refused.code in ("NotImplemented", "NotSupported"):
            self._versions[point] = UNSUPPORTED
            return
        self._versions.pop(point, None)
        logger.warning("local list not sent", extra={"point": point, "reason": str(refused)})

    async def _step(self, point: str) -> bool:
        """One question or one part; False when there is nothing left to do."""
        if point not in self._versions:
            await self._ask(point)
        version = self._versions[point]
        newest = await self._store.run(self._rows.newest)
        if version in (newest, UNSUPPORTED) or newest == 0:
            return False
        is_full = version == 0 or version > newest
        room = self._rooms[point]
        entries = await self._store.run(self._rows.after, 0 if is_full else version)
        if not await self._store.run(self._has_room, room.whole):
            entries = only_refused(entries)
        part = next_part(entries, room.part, newest, is_full=is_full)
        answer = await self._call(point, "SendLocalList", part)
        match answer.get("status"):
            case "Accepted":
                self._versions[point] = part["listVersion"]
                await self._store.run(self._rows.confirm, point, self._versions[point])
            case "VersionMismatch" | "Failed" if not is_full:
                self._versions[point] = 0
            case "NotSupported":
                self._versions[point] = UNSUPPORTED
            case status:
                raise CallRefused("LocalList", f"a full list was answered {status}")
        return True

    async def _ask(self, point: str) -> None:
        asked = {"key": [_ENABLED, _PART, _WHOLE]}
        known = await self._call(point, "GetConfiguration", asked)
        keys = {
            str(each.get("key")): str(each.get("value", ""))
            for each in known.get("configurationKey") or []
        }
        if keys.get(_ENABLED, "").lower() != "true":
            self._versions[point] = UNSUPPORTED
            return
        part = _number(keys, _PART) or _PART_ENTRIES
        self._rooms[point] = Room(min(_PART_ENTRIES, part), _number(keys, _WHOLE))
        told = await self._call(point, "GetLocalListVersion", {})
        self._versions[point] = int(told["listVersion"])
        newest = await self._store.run(self._rows.newest)
        ours = self._versions[point] if self._versions[point] <= newest else 0
        await self._store.run(self._rows.confirm, point, ours)

    def _has_room(self, whole: int | None) -> bool:
        return whole is None or self._rows.listed() <= whole


def _number(keys: Mapping[str, str], key: str) -> int | None:
    """At least one; None where the point says nothing that is a number."""
    text = keys.get(key, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() else None


def only_refused(entries: Sequence[Entry]) -> list[Entry]:
    """Without those that may charge: as if they had left the list. Pure."""
    return [replace(each, status=None) if each.status == "Accepted" else each for each in entries]


def next_part(
    entries: Sequence[Entry], length: int, newest: int, *, is_full: bool
) -> dict[str, Any]:
    """SendLocalList with the first of `entries`; a full list has no tags to take away. Pure."""
    listed = [each for each in entries if each.status is not None] if is_full else list(entries)
    part = listed[:length]
    version = newest if len(listed) <= length else part[-1].version
    told = [
        {"idTag": each.id_tag}
        if each.status is None
        else {"idTag": each.id_tag, "idTagInfo": {"status": each.status}}
        for each in part
    ]
    kind = "Full" if is_full else "Differential"
    return {"listVersion": version, "localAuthorizationList": told, "updateType": kind}
