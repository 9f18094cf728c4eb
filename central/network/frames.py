"""One log of messages with points for all processes: each writes its own in handfuls, and reads all.

frame ──► pending here ──► rows, numbered by the database + NOTIFY ──► every process's log ──► its pages
"""

import asyncio
import json
import logging
from collections import deque
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from central.feed import Frame, FrameLog, LoggedFrame
from central.network.rows import NetworkRows
from central.storage.store import Store
from central.storage.tables.points import FRAME

logger = logging.getLogger(__name__)

_GAP_S = 0.2  # five handfuls a second are enough for eyes
_PENDING_MAX = 2000  # while the database is away; the oldest are dropped, it is no archive
_KEPT_MAX = 5000
_CHARS_MAX = 20_000  # of a frame; a longer one is a list that nobody reads
_LEARNED_AT_ONCE = 500
_AGAIN_AFTER_S = 1.0


class SharedFrames:
    def __init__(self, store: Store, log: FrameLog, channel: str) -> None:
        self._store = store
        self._rows = store.database
        self._telling = NetworkRows(store.database)
        self._log = log
        self._channel = channel
        self._pending: deque[Frame] = deque(maxlen=_PENDING_MAX)
        self._came = asyncio.Event()
        self._turn = asyncio.Lock()
        self._known = 0
        log.share = self._share

    def _share(self, frame: Frame) -> None:
        self._pending.append(frame)
        self._came.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            handful = list(self._pending)
            try:
                await self._store.run(self._keep, handful)
            except SQLAlchemyError as error:
                logger.warning("frames not kept", extra={"reason": str(error)})
                self._came.set()
                await asyncio.sleep(_AGAIN_AFTER_S)
                continue
            # Nothing but what was there: more may have come, and pushed the oldest out meanwhile.
            kept = set(map(id, handful))
            self._pending = deque((f for f in self._pending if id(f) not in kept), _PENDING_MAX)
            await asyncio.sleep(_GAP_S)

    async def learn(self) -> None:
        """What all processes wrote since we looked; of a long silence the newest."""
        async with self._turn:  # each frame once, in its order
            for frame in await self._store.run(self._since, self._known):
                self._known = frame.sequence
                self._log.take(frame)

    # --- inside the database ------------------------------------------------------------------------

    def _keep(self, frames: list[Frame]) -> None:
        """One process at a time: whoever sees a number has seen all smaller ones."""
        with self._store.change("frames"):
            values = [asdict(each) | {"text": each.text[:_CHARS_MAX]} for each in frames]
            self._rows.write(insert(FRAME), *values)
            newest = int(self._rows.value(select(func.max(FRAME.c.id))))
            self._rows.write(delete(FRAME).where(FRAME.c.id <= newest - _KEPT_MAX))
            self._telling.tell_inside(self._channel, json.dumps({"frames": newest}))

    def _since(self, number: int) -> list[LoggedFrame]:
        newest = select(FRAME).where(FRAME.c.id > number).order_by(FRAME.c.id.desc())
        rows = self._rows.rows(newest.limit(_LEARNED_AT_ONCE))
        return [
            LoggedFrame(row.id, row.at, row.point, row.direction, row.text)
            for row in reversed(rows)
        ]
