"""When open contacts are known to be apart: a board looks for welded ones a moment after it opened.

It tests for voltage behind the open relay and reports a stuck one. A bolt that let go before could
bare contacts that are still live: `is_closed` in its state says only what the relay was told.
"""

import asyncio

from chargepoint.domain.devices import BoardFault
from chargepoint.ports import Clock
from drivers.rapi.state import BoardState

CHECKED_AFTER_S = 1.5  # the board tests after one second, and then has something to say


class Parting:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_closed = self._is_welded = False
        self._orders = 0  # to the bolt
        self._opened_s = float("-inf")

    def note(self, state: BoardState) -> None:
        if self._is_closed and not state.is_closed:
            self._opened_s = self._clock.monotonic()
        self._is_closed, self._is_welded = state.is_closed, state.fault is BoardFault.WELD

    async def may_move(self, *, locked: bool) -> bool:
        """Waits, before a release, until the board has looked; False when there is another order by
        then, or when they are welded: whoever hears of that keeps the plug locked.
        """
        self._orders += 1
        order = self._orders
        left_s = self._opened_s + CHECKED_AFTER_S - self._clock.monotonic()
        if locked:
            return True
        if left_s > 0:
            await asyncio.sleep(left_s)
        return order == self._orders and not self._is_welded
