"""What the actors need of their surroundings besides devices; kept small so that tests can fake it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from chargepoint.domain.record import Batch

Spawn = Callable[[Coroutine[Any, Any, Any], str], None]


class JournalWriter(Protocol):
    def append(self, batch: Batch) -> "asyncio.Future[None]":
        """A future that is done when the batch is durable; strictly in order."""
        ...
