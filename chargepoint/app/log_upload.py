"""A log on its way to the central system (OCPP 1.6 §5.9, whitepaper N01), in no version's words.

One at a time: a newer request cancels the one under way. What is told is durable and in order.
"""

import asyncio
from collections.abc import Callable

from chargepoint.app.gate import Gate
from chargepoint.app.long_task import transferred, until_replaced
from chargepoint.app.ports import JournalWriter
from chargepoint.domain.progress import Step, Task, TaskProgress
from chargepoint.domain.record import Batch
from chargepoint.ports import Clock, Entropy
from chargepoint.security_ports import (
    LogSource,
    Ordered,
    Transfer,
    TransferFailed,
    UploadOrder,
)


class LogUploads:
    def __init__(
        self,
        journal: JournalWriter,
        clock: Clock,
        entropy: Entropy,
        *,
        transfer: Transfer,
        source: LogSource,
        queued: Callable[[], None],
    ) -> None:
        self._gate = Gate(journal)
        self._clock = clock
        self._entropy = entropy
        self._transfer = transfer
        self._source = source
        self._queued = queued
        self._ordered = asyncio.Event()
        self._order: UploadOrder | None = None
        self._told: Step | None = None

    async def upload(self, order: UploadOrder) -> Ordered:
        is_busy = self._order is not None
        self._order = order
        self._ordered.set()
        return Ordered.ACCEPTED_CANCELED if is_busy else Ordered.ACCEPTED

    def step(self) -> tuple[Step | None, int | None]:
        if self._order is None:
            return None, None
        return self._told, self._order.request

    async def run(self) -> None:
        """Never returns by itself."""
        while True:
            await self._ordered.wait()
            self._ordered.clear()
            order = self._order
            if order is None:
                continue
            await until_replaced(self._carry_out(order), self._ordered)
            if self._order is order:
                self._order = self._told = None

    async def _carry_out(self, order: UploadOrder) -> None:
        job = self._entropy.identifier()
        await self._tell(order, job, Step.UPLOADING)
        await self._tell(order, job, await self._send(order))

    async def _send(self, order: UploadOrder) -> Step:
        make = self._source.security if order.is_security else self._source.diagnostics
        content = make(order.since, order.until)
        try:
            await transferred(lambda: self._transfer.upload(order.url, order.name, content), order)
        except TransferFailed as failed:
            return failed.step
        return Step.UPLOADED

    async def _tell(self, order: UploadOrder, job: str, step: Step) -> None:
        self._told = step
        task = Task.DIAGNOSTICS if order.request is None else Task.LOG
        told = TaskProgress(task, job, step, self._clock.utc(), order.request)
        await self._gate.commit_and_wait(Batch(deliveries=(told,)))
        self._queued()
