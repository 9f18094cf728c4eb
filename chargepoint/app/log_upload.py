"""A log on its way to the central system (OCPP 1.6 §5.9, whitepaper N01), in no version's words.

One at a time: a newer request cancels the one under way. What is told is durable and in order.
"""

import asyncio
import logging
from collections.abc import Callable

from chargepoint.app.gate import Gate
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

log = logging.getLogger(__name__)


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
            async with asyncio.TaskGroup() as group:
                work = group.create_task(self._carry_out(order))
                newer = group.create_task(self._ordered.wait())
                await asyncio.wait({work, newer}, return_when=asyncio.FIRST_COMPLETED)
                work.cancel()
                newer.cancel()
            if self._order is order:
                self._order = self._told = None

    async def _carry_out(self, order: UploadOrder) -> None:
        job = self._entropy.identifier()
        await self._tell(order, job, Step.UPLOADING)
        await self._tell(order, job, await self._send(order))

    async def _send(self, order: UploadOrder) -> Step:
        make = self._source.security if order.is_security else self._source.diagnostics
        content = make(order.since, order.until)
        for tries_left in range(order.retries, -1, -1):
            try:
                await self._transfer.upload(order.url, order.name, content)
            except TransferFailed as failed:
                log.warning("log not uploaded", extra={"why": str(failed)})
                if failed.is_final or not tries_left:
                    return failed.step
            else:
                return Step.UPLOADED
            await asyncio.sleep(order.retry_interval_s)
        return Step.UPLOAD_FAILED

    async def _tell(self, order: UploadOrder, job: str, step: Step) -> None:
        self._told = step
        task = Task.DIAGNOSTICS if order.request is None else Task.LOG
        told = TaskProgress(task, job, step, self._clock.utc(), order.request)
        await self._gate.commit_and_wait(Batch(deliveries=(told,)))
        self._queued()
