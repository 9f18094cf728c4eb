"""Firmware Management (OCPP 1.6 §5.9, §5.19) and its signed successors (whitepaper L01, N01).

Words to orders and back; the work is done behind `Maintenance`.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.domain.progress import Step, Task
from chargepoint.ocpp import reports, translate
from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.profile import (
    Handler,
    Send,
    Trigger,
    TriggerId,
    VendorMessageId,
    status,
)
from chargepoint.ocpp.rpc import Answer, Caller, Refusal
from chargepoint.ocpp.security import signing
from chargepoint.ocpp.security.trust import MANUFACTURER, TrustStore
from chargepoint.ocpp.security.x509 import CertificateWrong
from chargepoint.ports import Clock
from chargepoint.security_ports import Maintenance, Ordered, SecurityLog, UpdateOrder, UploadOrder

logger = logging.getLogger(__name__)

_RETRIES, _MOST_RETRIES = 3, 20
_RETRY_INTERVAL_S, _LONGEST_INTERVAL_S = 60, 86_400
_INVALID_CERTIFICATE = "InvalidFirmwareSigningCertificate"


class FirmwareProfile:
    """Implements profile.Profile."""

    def __init__(  # noqa: PLR0913 - the profile's whole surroundings, by name
        self,
        maintenance: Maintenance,
        trust: TrustStore,
        keys: Keys,
        clock: Clock,
        *,
        station_id: str,
        log: SecurityLog,
        incident: Callable[[str, str], None],
    ) -> None:
        self._maintenance = maintenance
        self._trust = trust
        self._keys = keys
        self._clock = clock
        self._station_id = station_id
        self._log = log
        self._incident = incident
        self.answers: Mapping[str, Handler] = {
            "GetDiagnostics": self._get_diagnostics,
            "GetLog": self._get_log,
            "SignedUpdateFirmware": self._signed_update,
            "UpdateFirmware": self._update,
        }
        self.vendor_answers: Mapping[VendorMessageId, Handler] = {}
        signed = self._firmware_trigger(signed=True)
        self.triggers: Mapping[TriggerId, Trigger] = {
            ("TriggerMessage", "DiagnosticsStatusNotification"): self._diagnostics_trigger,
            ("TriggerMessage", "FirmwareStatusNotification"): self._firmware_trigger(signed=False),
            ("ExtendedTriggerMessage", "FirmwareStatusNotification"): signed,
            ("ExtendedTriggerMessage", "LogStatusNotification"): self._log_trigger,
        }

    # --- firmware ---

    async def _update(self, payload: Payload) -> Answer:
        """§6.55 has no status: what cannot be done is told by FirmwareStatusNotification.

        With a security profile only signed firmware is taken (L01.FR.20).
        """
        if self._keys.number("SecurityProfile"):
            why = "SignedUpdateFirmware is wanted with this SecurityProfile"
            raise Refusal(ErrorCode.NOT_SUPPORTED, why)
        order = UpdateOrder(
            location=payload["location"],
            retrieve_at=self._moment(payload["retrieveDate"]),
            retries=_retries(payload),
            retry_interval_s=_interval_s(payload),
        )
        if await self._maintenance.update(order) is Ordered.REJECTED:
            raise Refusal(ErrorCode.GENERIC_ERROR, "a firmware is being installed")
        return Answer({})

    async def _signed_update(self, payload: Payload) -> Answer:
        """L01.FR.23-27: the certificate is judged before anything is loaded."""
        firmware = payload["firmware"]
        certificate = firmware["signingCertificate"]
        try:
            signing.check_signer(
                certificate, self._trust.certificates(MANUFACTURER), self._clock.utc()
            )
        except CertificateWrong as wrong:
            self._log.note(_INVALID_CERTIFICATE, str(wrong))
            self._incident("ocpp.certificate_invalid", f"firmware signer: {wrong}")
            return status("InvalidCertificate")
        if not self._maintenance.transfers(firmware["location"]):
            return status("Rejected")
        install = firmware.get("installDateTime")
        order = UpdateOrder(
            location=firmware["location"],
            retrieve_at=self._moment(firmware["retrieveDateTime"]),
            retries=_retries(payload),
            retry_interval_s=_interval_s(payload),
            request=payload["requestId"],
            install_at=None if install is None else self._moment(install),
            certificate=certificate,
            signature=firmware["signature"],
        )
        return status(await self._maintenance.update(order))

    # --- logs ---

    async def _get_diagnostics(self, payload: Payload) -> Answer:
        """§6.25: without a file name there is nothing to be had."""
        order = self._upload_order(payload, payload["location"], "diagnostics")
        if not self._maintenance.transfers(order.url):
            return Answer({})
        await self._maintenance.upload(order)
        return Answer({"fileName": order.name})

    async def _get_log(self, payload: Payload) -> Answer:
        wanted = payload["log"]
        is_security = payload["logType"] == "SecurityLog"
        fields = {
            **payload,
            "startTime": wanted.get("oldestTimestamp"),
            "stopTime": wanted.get("latestTimestamp"),
        }
        kind = "security" if is_security else "diagnostics"
        order = self._upload_order(fields, wanted["remoteLocation"], kind)
        if not self._maintenance.transfers(order.url):
            return status("Rejected")
        return Answer({"status": await self._maintenance.upload(order), "filename": order.name})

    def _upload_order(self, payload: Payload, url: str, kind: str) -> UploadOrder:
        taken_at = self._clock.utc().strftime("%Y%m%dT%H%M%SZ")
        safe_id = "".join(c if c.isalnum() or c in "-_." else "_" for c in self._station_id)
        since, until = payload.get("startTime"), payload.get("stopTime")
        return UploadOrder(
            url=url,
            name=f"{safe_id}-{kind}-{taken_at}.txt",
            is_security=kind == "security",
            retries=_retries(payload),
            retry_interval_s=_interval_s(payload),
            request=payload.get("requestId"),
            since=None if since is None else self._moment(since),
            until=None if until is None else self._moment(until),
        )

    def _moment(self, text: str) -> datetime:
        return translate.from_timestamp(text) or self._clock.utc()

    # --- triggered ---

    def _firmware_trigger(self, *, signed: bool) -> Trigger:
        task = Task.SIGNED_FIRMWARE if signed else Task.FIRMWARE
        return lambda: _sending(task, *self._maintenance.firmware_step(signed=signed))

    def _log_trigger(self) -> Send:
        return _sending(Task.LOG, *self._maintenance.upload_step())

    def _diagnostics_trigger(self) -> Send:
        step, _request = self._maintenance.upload_step()
        return _sending(Task.DIAGNOSTICS, step, None)


def _sending(task: Task, step: Step | None, request: int | None) -> Send:
    word = (reports.word(task, step) if step else None) or "Idle"

    async def send(caller: Caller) -> None:
        payload = reports.status(word, None if word == "Idle" else request)
        await caller.call(reports.action(task), payload)

    return send


def _retries(payload: Mapping[str, Any]) -> int:
    """Tries after the first; absent leaves the choice to us."""
    wanted: int = payload.get("retries", _RETRIES)
    return min(max(wanted, 0), _MOST_RETRIES)


def _interval_s(payload: Mapping[str, Any]) -> int:
    wanted: int = payload.get("retryInterval", _RETRY_INTERVAL_S)
    return min(max(wanted, 0), _LONGEST_INTERVAL_S)


async def is_signed(package: Path, certificate: str, signature: str) -> bool:
    """security_ports.Verify: off the loop, a package is large."""
    return await asyncio.to_thread(signing.is_signed, package, certificate, signature)
