"""Restarts of the board: those it tells of, and the one we order when its fault is of no one's making.

A board boots awake. When mains return before this host does, a vehicle asks, the relay closes, the
lease timer withholds the coil, and a second later the board latches a closure fault (state 0e) until
it is restarted. That fault says nothing about the contactor: nobody had permitted power. A fault that
arose under a permission is real, and stays.
"""

import asyncio

from drivers.rapi.codec import Command
from drivers.rapi.link import RapiLink
from drivers.rapi.state import BoardLost, BoardState, State
from drivers.wish import Wanted

BOOT_LIMIT_S = 5.0  # a board tests itself for about one second
MOST_ORDERED = 2


class Restarts:
    def __init__(self) -> None:
        self._boots = 0  # that the board told of
        self._greeted = -1  # the last of them that was answered with a greeting
        self._heard = asyncio.Event()
        self._is_earned = False  # the closure fault arose under a permission
        self._ordered = 0  # for the fault that stands now

    @property
    def count(self) -> int:
        return self._boots

    @property
    def is_new(self) -> bool:
        """The board has restarted since it was greeted, and forgotten everything."""
        return self._boots != self._greeted

    def heard(self) -> None:
        """`$AB`."""
        self._boots += 1
        self._heard.set()

    def greeted(self, boot: int) -> None:
        self._greeted = boot

    def note(self, state: BoardState, *, is_permitted: bool) -> None:
        if state.code != State.CLOSURE_FAULT:
            self._is_earned = False
        elif is_permitted:
            self._is_earned = True

    def would_clear(self, state: BoardState) -> bool:
        is_unearned = state.code == State.CLOSURE_FAULT and not self._is_earned
        return is_unearned and self._ordered < MOST_ORDERED

    def settled(self) -> None:
        """The greeting is over: what stands now stands."""
        self._is_earned = self._is_earned or self._ordered >= MOST_ORDERED
        self._ordered = 0

    async def order(self, link: RapiLink, wanted: Wanted) -> None:
        """`$FR`, and the board is back, awake: the caller puts it to sleep at once.

        A vehicle that never lets go keeps the relay of a sleeping board closed for three seconds, long
        enough for the same fault. Disabling (`$FD`) opens it at once, at the price of pilot state F,
        so that is left for the second time.
        """
        self._ordered += 1
        self._heard.clear()
        await link.request(Command("FR"), wanted)
        try:
            async with asyncio.timeout(BOOT_LIMIT_S):
                await self._heard.wait()
        except TimeoutError as silence:
            raise BoardLost("board did not come back from its restart") from silence
        if self._ordered == MOST_ORDERED:
            await link.request_now(Command("FD"), wanted)
