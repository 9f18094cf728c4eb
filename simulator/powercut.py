"""Cuts all power at a chosen commit: a journal writer that stops the world before, at or after it.

    before commit N   nothing of it is on disk
    at commit N       it is durable, none of its effects happened
    after effect N    it is durable, and its effects reached the devices

Sealed, the writer takes nothing any more and leaves every waiting commit undone for ever: what a
process would have done after the cut does not happen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chargepoint.store.writer import Work, Writer

# What an effect needs to reach its device: one frame on the slowest line, and the reply.
EFFECT_S = 0.1


class Cut(StrEnum):
    BEFORE = "cut_before_commit"
    AT = "cut_at_commit"
    AFTER = "cut_after_effect"


@dataclass(frozen=True, slots=True)
class Order:
    """Cut at commit `number`, counted from 1 since the order was given.

    `cut` must seal the writer and end, in that instant, whatever is to end with it.
    """

    mode: Cut
    number: int
    cut: Callable[[], None]


class CuttingWriter:
    """A `Writer` around another."""

    def __init__(self, inner: Writer) -> None:
        self._inner = inner
        self._order: Order | None = None
        self._is_sealed = False
        self.commits = 0  # since the order, or since the start

    def arm(self, order: Order) -> None:
        self._order = order
        self.commits = 0

    def disarm(self) -> None:
        """The order is taken back, if it is still open."""
        self._order = None

    def seal(self) -> None:
        """From now on nothing is written; the file stays as it is."""
        self._is_sealed = True

    def submit(self, work: Work) -> asyncio.Future[None]:
        if self._is_sealed:
            return self._never()
        self.commits += 1
        order = self._due_order()
        if order is not None and order.mode is Cut.BEFORE:
            order.cut()
            return self._never()
        done = self._inner.submit(work)
        if order is not None and order.mode is Cut.AT:
            order.cut()
            return self._never()
        if order is not None:
            asyncio.get_running_loop().call_later(EFFECT_S, order.cut)
        return done

    def oldest_wait_s(self, now: float) -> float:
        return self._inner.oldest_wait_s(now)

    def close(self) -> None:
        self._inner.close()

    def _due_order(self) -> Order | None:
        order = self._order
        if order is None or self.commits != order.number:
            return None
        self._order = None
        return order

    @staticmethod
    def _never() -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()
