"""Pure: security events and the progress of long tasks as OCPP 1.6 payloads.

A central system that does not know them is not asked again, and nobody is called for it.
"""

from chargepoint.domain.progress import Step, Task, TaskProgress
from chargepoint.domain.security import SecurityEvent
from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.translate import to_timestamp

Report = SecurityEvent | TaskProgress

_INFO_CHARS = 255
_ACTIONS = {
    Task.FIRMWARE: "FirmwareStatusNotification",
    Task.SIGNED_FIRMWARE: "SignedFirmwareStatusNotification",
    Task.DIAGNOSTICS: "DiagnosticsStatusNotification",
    Task.LOG: "LogStatusNotification",
}
SENT_ACTIONS = frozenset({*_ACTIONS.values(), "SecurityEventNotification"})

# What the messages of 1.6 itself have words for (§7.12, §7.25); the rest is left out.
_PLAIN_FIRMWARE = {
    Step.DOWNLOADING, Step.DOWNLOADED, Step.DOWNLOAD_FAILED,
    Step.INSTALLING, Step.INSTALLED, Step.INSTALLATION_FAILED,
}  # fmt: skip
_PLAIN_UPLOAD = {Step.UPLOADING: "Uploading", Step.UPLOADED: "Uploaded"}
_UPLOAD_FAILED = "UploadFailed"
_NOT_KNOWN = {ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED}


def message(report: Report) -> tuple[str, Payload] | None:
    """None: this version has no word for it."""
    if isinstance(report, SecurityEvent):
        payload: Payload = {"type": report.word.value, "timestamp": to_timestamp(report.at)}
        if report.info:
            payload["techInfo"] = report.info[:_INFO_CHARS]
        return "SecurityEventNotification", payload
    said = word(report.task, report.step)
    return None if said is None else (_ACTIONS[report.task], status(said, report.request))


def action(task: Task) -> str:
    return _ACTIONS[task]


def status(said: str, request: int | None) -> Payload:
    return {"status": said} if request is None else {"status": said, "requestId": request}


def word(task: Task, step: Step) -> str | None:
    match task:
        case Task.FIRMWARE:
            return step.value if step in _PLAIN_FIRMWARE else None
        case Task.DIAGNOSTICS:
            return _PLAIN_UPLOAD.get(step, _UPLOAD_FAILED)
        case _:
            return step.value


def is_unknown_there(code: str) -> bool:
    """The central system has no use for such reports."""
    return code in _NOT_KNOWN
