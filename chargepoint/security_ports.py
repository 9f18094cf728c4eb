"""Ports of what keeps a station trustworthy: its security log, files over the network, installing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from chargepoint.domain.progress import Step
from chargepoint.errors import ChargepointError


class SecurityLog(Protocol):
    """What happened to the station's security (whitepaper "Improved security for OCPP 1.6-J" §8)."""

    def note(self, event: str, info: str = "") -> None:
        """Written to the log in order; a critical one is queued for the central system with it.

        Never blocks, never raises. `info` holds no secret.
        """
        ...


class TransferFailed(ChargepointError):
    """A file did not get through. `step` says why in an upload's own words; `is_final`: trying
    again is of no use."""

    def __init__(self, detail: str, step: Step = Step.UPLOAD_FAILED, *, is_final: bool = False):
        super().__init__(detail)
        self.step = step
        self.is_final = is_final


class Transfer(Protocol):
    """Files by URL: http, https, ftp, ftps. Nothing is cached, no redirect is followed."""

    async def download(self, url: str, name: str) -> Path:
        """The file, whole, in the station's own folder under `name`. Raises TransferFailed."""
        ...

    async def upload(self, url: str, name: str, content: bytes) -> None:
        """Raises TransferFailed."""
        ...

    def knows(self, url: str) -> bool:
        """Whether this kind of URL can be used."""
        ...


class InstallFailed(ChargepointError):
    """The package was not installed; what ran before still does."""


class Installed(StrEnum):
    """What is known of an installation after the restart that it asked for."""

    DONE = "done"
    FAILED = "failed"


class Installer(Protocol):
    """Puts a package where the machine starts from. Knows no protocol and no version of one."""

    async def install(self, package: Path, job: str) -> None:
        """The package is ready to be started; the station must restart now. Raises InstallFailed."""
        ...

    async def outcome(self, job: str) -> Installed:
        """After the restart. No word of it is a failure."""
        ...


class LogSource(Protocol):
    """What a technician far away may read; bounded, and without secrets."""

    def security(self, since: datetime | None, until: datetime | None) -> bytes: ...

    def diagnostics(self, since: datetime | None, until: datetime | None) -> bytes: ...


@dataclass(frozen=True, slots=True)
class UpdateOrder:
    """A firmware update as it was asked for. `retries`: tries after the first that failed.

    `certificate` (PEM) and `signature` (base64): of a signed one.
    """

    location: str
    retrieve_at: datetime
    retries: int
    retry_interval_s: int
    request: int | None = None
    install_at: datetime | None = None
    certificate: str = ""
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        return bool(self.certificate)


class Ordered(StrEnum):
    """What became of an order."""

    ACCEPTED = "Accepted"
    ACCEPTED_CANCELED = "AcceptedCanceled"
    REJECTED = "Rejected"


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """A log as it was asked for. `name` is the file's own."""

    url: str
    name: str
    is_security: bool
    retries: int
    retry_interval_s: int
    request: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class Maintenance(Protocol):
    """What the central system may ask besides charging; app/firmware.py and app/log_upload.py."""

    async def update(self, order: UpdateOrder) -> Ordered:
        """Durable when it returns."""
        ...

    async def upload(self, order: UploadOrder) -> Ordered: ...

    def transfers(self, url: str) -> bool: ...

    def firmware_step(self, *, signed: bool) -> tuple[Step | None, int | None]:
        """The step last told and its request; None when nothing is under way or it has ended well."""
        ...

    def upload_step(self) -> tuple[Step | None, int | None]: ...


Verify = Callable[[Path, str, str], Awaitable[bool]]
"""(package, certificate PEM, signature base64): whether the one signed the other."""
