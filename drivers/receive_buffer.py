"""Bytes that came in and were not read yet: bounded, one reader, knows when the line is lost."""

import asyncio

from drivers.port import PortLost

RECEIVE_LIMIT = 65_536  # several seconds of the fastest line; a babbling device fills no memory


class ReceiveBuffer:
    """When full the oldest bytes go: an unread answer that old is of no use to anybody."""

    def __init__(self, limit: int = RECEIVE_LIMIT) -> None:
        self._limit = limit
        self._octets = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._lost: str | None = None

    def __len__(self) -> int:
        return len(self._octets)

    def put(self, chunk: bytes) -> None:
        self._octets += chunk
        if len(self._octets) > self._limit:
            del self._octets[: -self._limit]
        self._wake()

    async def get(self) -> bytes:
        """Everything received, as soon as that is at least one byte; PortLost once lost."""
        assert self._waiter is None, "a line has one reader"
        while True:
            if self._lost is not None:
                raise PortLost(self._lost)
            if self._octets:
                return self.take()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def take(self) -> bytes:
        """Everything received, without waiting."""
        chunk = bytes(self._octets)
        self._octets.clear()
        return chunk

    def check(self) -> None:
        if self._lost is not None:
            raise PortLost(self._lost)

    def lose(self, reason: str) -> None:
        """The line is gone; the first reason stands."""
        if self._lost is None:
            self._lost = reason
        self._octets.clear()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
