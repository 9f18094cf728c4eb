"""Who may send the next CALL: one at a time (OCPP-J 1.6 §4.1.1), a waiting customer first.

While a request of the central system is being answered only urgent calls go: what a request causes
(a status, a stop) must not overtake its own answer.
"""

import asyncio
from collections import deque


class Turns:
    """First come, first served within each of the two lanes."""

    def __init__(self) -> None:
        self._is_taken = False
        self._answers_under_way = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._normal: deque[asyncio.Future[None]] = deque()

    async def enter(self, *, urgent: bool) -> None:
        """Returns when it is the caller's turn; whoever entered must `leave`."""
        lane = self._urgent if urgent else self._normal
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.append(ticket)
        self._admit()
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.cancelled():
                lane.remove(ticket)
            else:  # admitted in the same turn of the loop in which the caller gave up
                self.leave()
            raise

    def leave(self) -> None:
        self._is_taken = False
        self._admit()

    def hold(self) -> None:
        """An answer is being made."""
        self._answers_under_way += 1

    def release(self) -> None:
        self._answers_under_way -= 1
        self._admit()

    def _admit(self) -> None:
        if self._is_taken:
            return
        for lane in (self._urgent, self._normal):
            if lane is self._normal and self._answers_under_way:
                return
            waiting = next((ticket for ticket in lane if not ticket.done()), None)
            if waiting is not None:
                lane.remove(waiting)
                self._is_taken = True
                waiting.set_result(None)
                return
