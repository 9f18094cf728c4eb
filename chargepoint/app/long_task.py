"""What long tasks of the central system have in common: a newer order ends one, a transfer is tried again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from chargepoint.security_ports import TransferFailed

log = logging.getLogger(__name__)

T = TypeVar("T")


class Tries(Protocol):
    """Of an order. `retries`: tries after the first that failed."""

    @property
    def retries(self) -> int: ...

    @property
    def retry_interval_s(self) -> int: ...


async def until_replaced(work: Coroutine[Any, Any, None], ordered: asyncio.Event) -> None:
    """Carry `work` out; a newer order, which sets `ordered`, cancels it wherever it is."""
    async with asyncio.TaskGroup() as group:
        doing = group.create_task(work)
        newer = group.create_task(ordered.wait())
        await asyncio.wait({doing, newer}, return_when=asyncio.FIRST_COMPLETED)
        doing.cancel()
        newer.cancel()


async def transferred(attempt: Callable[[], Awaitable[T]], order: Tries) -> T:
    """Raises TransferFailed: the last try's, or one that trying again cannot cure."""
    tries_left = order.retries
    while True:
        try:
            return await attempt()
        except TransferFailed as failed:
            log.warning("file not transferred", extra={"why": str(failed)})
            if failed.is_final or not tries_left:
                raise
        tries_left -= 1
        await asyncio.sleep(order.retry_interval_s)
