"""How a long task for the central system goes: a firmware update, a log on its way out. Pure.

Each step is a delivery of its own with a stable key, so that an end is told exactly once, whatever
reboots come between.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Task(StrEnum):
    FIRMWARE = "firmware"
    SIGNED_FIRMWARE = "signed_firmware"
    DIAGNOSTICS = "diagnostics"
    LOG = "log"


class Step(StrEnum):
    """The words of OCPP 2.x, which contain those of 1.6."""

    DOWNLOAD_SCHEDULED = "DownloadScheduled"
    DOWNLOADING = "Downloading"
    DOWNLOADED = "Downloaded"
    DOWNLOAD_FAILED = "DownloadFailed"
    SIGNATURE_VERIFIED = "SignatureVerified"
    INVALID_SIGNATURE = "InvalidSignature"
    INSTALL_SCHEDULED = "InstallScheduled"
    INSTALLING = "Installing"
    INSTALL_REBOOTING = "InstallRebooting"
    INSTALLED = "Installed"
    INSTALLATION_FAILED = "InstallationFailed"
    UPLOADING = "Uploading"
    UPLOADED = "Uploaded"
    UPLOAD_FAILED = "UploadFailure"
    BAD_MESSAGE = "BadMessage"
    NOT_SUPPORTED = "NotSupportedOperation"
    PERMISSION_DENIED = "PermissionDenied"


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """`id` names the task for ever, `request` is the central system's own number for it."""

    task: Task
    id: str
    step: Step
    at: datetime
    request: int | None = None

    @property
    def key(self) -> str:
        return f"{self.task}:{self.id}:{self.step}"
