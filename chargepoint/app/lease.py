"""Keeps one contactor where the machine wants it. The board's only writer (design: §2, levels).

The contactor is a level, not a command: `close` and `open` set what is wanted, at once and without
waiting; the keeper carries it out, newest first, and renews the lease once a second while closed is
wanted. When the keeper dies the lease runs out and the contactor opens by itself.
"""

import asyncio
import logging

from chargepoint.app.ports import Spawn
from chargepoint.deadline import deadline
from chargepoint.domain.units import Generation, MilliAmp
from chargepoint.pause import until_set
from chargepoint.ports import ContactorLease, DeviceUnavailable, EvseBoard

log = logging.getLogger(__name__)

RENEW_EVERY_S = 1.0
_CALL_LIMIT_S = 2.5


class LeaseKeeper:
    def __init__(self, board: EvseBoard, lease: ContactorLease, spawn: Spawn, name: str) -> None:
        self._board = board
        self._lease = lease
        self._spawn = spawn
        self._name = name
        self._wanted_limit: MilliAmp | None = None  # None: open
        self._generation = Generation(0)
        self._ceiling: MilliAmp | None = None  # None: no limit but that of the closing
        self._ceiling_generation = Generation(0)
        self._offered: MilliAmp | None = None  # what the board was last told
        self._done = True  # the board has confirmed the command of this generation
        self._is_retired = False
        self._changed = asyncio.Event()
        self.last_beat = 0.0  # monotonic loop time of the last completed round

    @property
    def wants_closed(self) -> bool:
        return self._wanted_limit is not None

    @property
    def newest(self) -> Generation:
        """The generation of the level wanted now."""
        return self._generation

    def close(self, generation: Generation, limit: MilliAmp) -> None:
        """Allow power. Ignored when a newer level was set."""
        if generation < self._generation or self._is_retired:
            return
        self._generation, self._wanted_limit, self._done = generation, limit, False
        self._changed.set()

    def offer(self, generation: Generation, ceiling: MilliAmp) -> None:
        """Never more than this, closed or not; a level of its own beside that of the contactor."""
        if generation < self._ceiling_generation:
            return
        self._ceiling_generation, self._ceiling = generation, ceiling
        self._changed.set()

    def open(self, generation: Generation) -> None:
        """Take power away now; waits for nothing (decisions §2)."""
        if generation < self._generation:
            return
        self._generation, self._wanted_limit, self._done = generation, None, False
        self._spawn(self._forbid_now(generation), f"{self._name}:forbid")
        self._spawn(self._revoke(generation), f"{self._name}:revoke")

    async def retire(self) -> None:
        """Open for good: returns when board and lease know it, or could not be told in time."""
        self._is_retired = True
        self._wanted_limit, self._done = None, False
        await asyncio.gather(self._forbid(self._generation), self._revoke(self._generation))

    async def run(self) -> None:
        """Once a second, or at once when closing is wanted."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            await self._round()
            self.last_beat = loop.time()
            if self._wanted_limit is None and self._done:
                await self._changed.wait()
                self.last_beat = loop.time()  # a rest is no lateness
            else:
                await self._pause()

    async def _pause(self) -> None:
        await until_set(self._changed, RENEW_EVERY_S)

    async def _round(self) -> None:
        generation, limit = self._generation, self._wanted_limit
        if limit is None:
            if not self._done:
                await self._forbid(generation)
            return
        try:
            with deadline(_CALL_LIMIT_S):
                await self._lease.renew(generation)
                await self._tell_board(generation, limit)
        except (DeviceUnavailable, TimeoutError) as error:
            log.warning("lease not renewed", extra={"keeper": self._name, "why": str(error)})

    async def _tell_board(self, generation: Generation, limit: MilliAmp) -> None:
        offer = limit if self._ceiling is None else min(limit, self._ceiling)
        if not self._done:
            await self._board.permit(generation, offer)
            self._done = generation == self._generation
        elif offer != self._offered:
            await self._board.set_limit(offer)
        self._offered = offer

    async def _forbid_now(self, generation: Generation) -> None:
        """The first try; `run` makes the next ones, at its own pace."""
        await self._forbid(generation)
        if not self._done:
            self._changed.set()

    async def _forbid(self, generation: Generation) -> None:
        try:
            with deadline(_CALL_LIMIT_S):
                await self._board.forbid(generation)
        except (DeviceUnavailable, TimeoutError) as error:
            log.warning(
                "board did not take the opening", extra={"keeper": self._name, "why": str(error)}
            )
            return
        if generation == self._generation:
            self._done = True

    async def _revoke(self, generation: Generation) -> None:
        try:
            with deadline(_CALL_LIMIT_S):
                await self._lease.revoke(generation)
        except (DeviceUnavailable, TimeoutError) as error:
            log.warning(
                "lease not revoked, it runs out", extra={"keeper": self._name, "why": str(error)}
            )
