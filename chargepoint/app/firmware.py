"""A firmware update from order to end (OCPP 1.6 §5.19, whitepaper L01), in no version's words.

    scheduled ─► downloading ─► downloaded ─► [verified] ─► scheduled ─► waiting ─► installing ─► restart
                     └► download failed    └► invalid signature              └► failed        └► after it:
                                                                                                installed or failed

Where it stands is durable with the message that tells it. An end is told once: the message's key is
the update's own. While it waits and installs nobody new may start; whatever the end, they may again.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from chargepoint.app.gate import Gate
from chargepoint.app.long_task import transferred, until_replaced
from chargepoint.app.ports import JournalWriter
from chargepoint.domain.progress import Step, Task, TaskProgress
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.security import SecurityWord
from chargepoint.ports import Clock, Entropy, Settings
from chargepoint.security_ports import (
    Installed,
    Installer,
    InstallFailed,
    Ordered,
    SecurityLog,
    Transfer,
    TransferFailed,
    UpdateOrder,
    Verify,
)

_SETTING = "update.job"
_LOOK_S = 1.0
# A wait in slices, so that a corrected clock is noticed.
_LONGEST_SLEEP_S = 60.0
_ENDS = frozenset(
    {Step.DOWNLOAD_FAILED, Step.INVALID_SIGNATURE, Step.INSTALLED, Step.INSTALLATION_FAILED}
)
_INSTALLING = frozenset({Step.INSTALLING, Step.INSTALL_REBOOTING})


class Station(Protocol):
    """What the update needs of the charging side."""

    def is_charging(self) -> bool:
        """A transaction runs, or a customer is being served."""
        ...

    def set_updating(self, *, updating: bool) -> None:
        """Nobody new starts while it is set; what is free says Unavailable, connector 0 included."""
        ...

    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """`told`: the step that the newest message tells; None while nothing was."""

    id: str
    order: UpdateOrder
    told: Step | None = None

    def to_text(self) -> str:
        fields = asdict(self.order)
        for name in ("retrieve_at", "install_at"):
            moment = fields[name]
            fields[name] = None if moment is None else moment.isoformat()
        return json.dumps({"id": self.id, "order": fields, "told": self.told})


def job_from(text: str) -> Job:
    body: dict[str, Any] = json.loads(text)
    fields = body["order"]
    for name in ("retrieve_at", "install_at"):
        moment = fields[name]
        fields[name] = None if moment is None else datetime.fromisoformat(moment)
    told = body["told"]
    return Job(body["id"], UpdateOrder(**fields), None if told is None else Step(told))


class FirmwareUpdates:
    """`run` carries out one update after the other; `update` orders one."""

    def __init__(  # noqa: PLR0913 - an actor's whole surroundings, by name
        self,
        journal: JournalWriter,
        settings: Settings,
        clock: Clock,
        entropy: Entropy,
        *,
        transfer: Transfer,
        installer: Installer,
        verify: Verify,
        station: Station,
        security: SecurityLog,
        queued: Callable[[], None],
    ) -> None:
        self._gate = Gate(journal)
        self._clock = clock
        self._entropy = entropy
        self._transfer = transfer
        self._installer = installer
        self._verify = verify
        self._station = station
        self._security = security
        self._queued = queued
        self._ordered = asyncio.Event()
        stored = settings.get(_SETTING)
        self._job = job_from(stored) if stored else None

    # --- orders ---

    async def update(self, order: UpdateOrder) -> Ordered:
        """L01.FR.26-27: a newer order replaces one that is not being installed yet."""
        before = self._job
        is_busy = before is not None and before.told not in _ENDS
        if is_busy and before is not None and before.told in _INSTALLING:
            return Ordered.REJECTED
        self._job = Job(self._entropy.identifier(), order)
        await self._save(self._job)
        self._ordered.set()
        return Ordered.ACCEPTED_CANCELED if is_busy else Ordered.ACCEPTED

    def step(self, *, signed: bool) -> tuple[Step | None, int | None]:
        """L01.FR.28-29: after Installed there is nothing to tell."""
        job = self._job
        if job is None or job.order.is_signed != signed or job.told is Step.INSTALLED:
            return None, None
        return job.told, job.order.request

    # --- the work ---

    async def run(self) -> None:
        """Never returns by itself."""
        if self._job is not None and self._job.told in _INSTALLING:
            await self._after_restart(self._job)
        while True:
            job = self._job
            self._ordered.clear()
            if job is None or job.told in _ENDS:
                await self._ordered.wait()
                continue
            await until_replaced(self._carry_out(job), self._ordered)
            if self._job is None or self._job.told not in _INSTALLING:
                self._station.set_updating(updating=False)

    async def _carry_out(self, job: Job) -> None:
        order = job.order
        if self._clock.utc() < order.retrieve_at:
            await self._tell(Step.DOWNLOAD_SCHEDULED)
            await self._until(order.retrieve_at)
        await self._tell(Step.DOWNLOADING)
        package = await self._download(job)
        if package is None:
            await self._tell(Step.DOWNLOAD_FAILED)
            return
        await self._tell(Step.DOWNLOADED)
        if order.is_signed and not await self._is_signed(package, order):
            return
        if order.install_at is not None and self._clock.utc() < order.install_at:
            await self._tell(Step.INSTALL_SCHEDULED)
            await self._until(order.install_at)
        await self._install(job, package)

    async def _download(self, job: Job) -> Path | None:
        order, name = job.order, f"firmware-{job.id}"
        try:
            return await transferred(lambda: self._transfer.download(order.location, name), order)
        except TransferFailed as failed:
            self._incident("firmware.download_failed", str(failed))
            return None

    async def _is_signed(self, package: Path, order: UpdateOrder) -> bool:
        if await self._verify(package, order.certificate, order.signature):
            await self._tell(Step.SIGNATURE_VERIFIED)
            return True
        self._security.note(SecurityWord.FIRMWARE_SIGNATURE, order.location.partition("?")[0])
        self._incident("firmware.signature", "the package is not what was signed")
        await self._tell(Step.INVALID_SIGNATURE)
        return False

    async def _install(self, job: Job, package: Path) -> None:
        """L01.FR.06-07: running transactions end first, and no new one begins."""
        self._station.set_updating(updating=True)
        while self._station.is_charging():  # noqa: ASYNC110 - any part may be the last to end
            await asyncio.sleep(_LOOK_S)
        await self._tell(Step.INSTALLING)
        try:
            await self._installer.install(package, job.id)
        except InstallFailed as failed:
            await self._failed(str(failed))
            return
        if job.order.is_signed:
            await self._tell(Step.INSTALL_REBOOTING)
        self._station.restart()
        await asyncio.Event().wait()  # until the restart takes this process away

    async def _after_restart(self, job: Job) -> None:
        if await self._installer.outcome(job.id) is Installed.DONE:
            self._security.note(SecurityWord.FIRMWARE_UPDATED, job.id)
            await self._tell(Step.INSTALLED)
        else:
            await self._failed("it did not start, or nobody installed it")

    async def _failed(self, why: str) -> None:
        """What could be used before can be used again, the station as a whole included."""
        self._incident("firmware.install_failed", why)
        await self._tell(Step.INSTALLATION_FAILED)
        self._station.set_updating(updating=False)

    # --- small things ---

    async def _until(self, moment: datetime) -> None:
        while (left_s := (moment - self._clock.utc()).total_seconds()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left_s, _LONGEST_SLEEP_S))

    async def _tell(self, step: Step) -> None:
        """The step and the message that tells it become durable together."""
        assert self._job is not None
        job = self._job = replace(self._job, told=step)
        task = Task.SIGNED_FIRMWARE if job.order.is_signed else Task.FIRMWARE
        told = TaskProgress(task, job.id, step, self._clock.utc(), job.order.request)
        await self._gate.commit_and_wait(
            Batch(deliveries=(told,), settings=((_SETTING, job.to_text()),))
        )
        self._queued()

    async def _save(self, job: Job) -> None:
        await self._gate.commit_and_wait(Batch(settings=((_SETTING, job.to_text()),)))

    def _incident(self, code: str, detail: str) -> None:
        self._gate.commit(Batch(incidents=(Incident(code, detail),)))
