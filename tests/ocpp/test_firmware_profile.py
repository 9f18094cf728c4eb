"""Firmware Management and its signed successors on the wire (OCPP 1.6 §5.9, §5.19; L01, N01)."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from chargepoint.domain.progress import Step, Task, TaskProgress
from chargepoint.domain.security import SecurityEvent, SecurityWord
from chargepoint.ocpp.firmware import is_signed
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.security_ports import Ordered, UpdateOrder, UploadOrder
from simulator.vtime import START_OF_TIME, run_virtual
from tests.ocpp.test_certificates import MANUFACTURER, Noted, install
from tests.support.fakes import MemorySettings
from tests.support.ocpp_peer import Bench, CallError, ScriptedCentral, a_bench, until
from tests.support.pki import FROM, a_root

WHEN = "2026-01-01T09:00:00Z"
PAST = datetime(2021, 1, 1, tzinfo=UTC)


class ScriptedMaintenance:
    def __init__(self) -> None:
        self.orders: list[UpdateOrder | UploadOrder] = []
        self.answer = Ordered.ACCEPTED
        self.step: tuple[Step | None, int | None] = (None, None)

    async def update(self, order: UpdateOrder) -> Ordered:
        self.orders.append(order)
        return self.answer

    async def upload(self, order: UploadOrder) -> Ordered:
        self.orders.append(order)
        return self.answer

    def transfers(self, url: str) -> bool:
        return url.startswith("https:")

    def firmware_step(self, *, signed: bool) -> tuple[Step | None, int | None]:
        return self.step

    def upload_step(self) -> tuple[Step | None, int | None]:
        return self.step


@asynccontextmanager
async def a_site(**settings: str) -> AsyncIterator[tuple[Bench, ScriptedMaintenance, Noted]]:
    maintenance, noted = ScriptedMaintenance(), Noted()
    world = SecurityWorld(log=noted, maintenance=maintenance)
    central = ScriptedCentral()
    for action in (
        "FirmwareStatusNotification",
        "SignedFirmwareStatusNotification",
        "DiagnosticsStatusNotification",
        "LogStatusNotification",
        "SecurityEventNotification",
    ):
        central.answers[action] = {}
    stored = MemorySettings(**settings)
    async with a_bench(central, security_world=world, settings=stored) as bench:
        yield bench, maintenance, noted


def a_signed_request(certificate: str, location: str = "https://f.example/fw") -> dict[str, Any]:
    return {
        "requestId": 7,
        "retries": 1,
        "firmware": {
            "location": location,
            "retrieveDateTime": WHEN,
            "signingCertificate": certificate,
            "signature": "c2ln",
        },
    }


async def status(bench: Bench, action: str, payload: dict[str, Any]) -> str:
    return str((await bench.central.call(action, payload))[2]["status"])


def test_a_plain_update_is_ordered_and_refused_where_signed_ones_are_wanted() -> None:
    request = {"location": "https://f.example/fw", "retrieveDate": WHEN, "retries": 99}

    async def plain() -> None:
        async with a_site() as (bench, maintenance, _):
            assert (await bench.central.call("UpdateFirmware", request))[2] == {}
            (order,) = maintenance.orders
            assert isinstance(order, UpdateOrder)
            assert (order.retries, order.retry_interval_s, order.request) == (20, 60, None)
            assert order.retrieve_at == datetime(2026, 1, 1, 9, tzinfo=UTC)

    async def secured() -> None:
        key = {"ocpp.SecurityProfile": "1", "ocpp.AuthorizationKey": "AA" * 16}
        async with a_site(**key) as (bench, maintenance, _):
            frame = await bench.central.call("UpdateFirmware", request)
            assert frame[2] == "NotSupported"  # L01.FR.20
            assert maintenance.orders == []

    run_virtual(plain())
    run_virtual(secured())


def test_the_signer_is_judged_before_anything_is_loaded() -> None:
    async def scenario() -> None:
        root = a_root("Maker")
        good = root.issue("Signer")
        sub = root.issue("Sub", is_authority=True)
        wrong = {
            "text": "nonsense",
            "unknown root": a_root("Other").issue("Signer").pem,
            "expired": root.issue("Signer", valid=(FROM, PAST)).pem,
            "through a sub-CA": sub.issue("Signer").pem,
        }
        async with a_site() as (bench, maintenance, noted):
            request = a_signed_request(good.pem)
            assert await status(bench, "SignedUpdateFirmware", request) == "InvalidCertificate"
            assert await install(bench, root, MANUFACTURER) == "Accepted"
            for why, pem in wrong.items():
                answer = await status(bench, "SignedUpdateFirmware", a_signed_request(pem))
                assert answer == "InvalidCertificate", why
            assert noted.words.count("InvalidFirmwareSigningCertificate") == 5
            assert maintenance.orders == []
            assert await status(bench, "SignedUpdateFirmware", request) == "Accepted"
            elsewhere = a_signed_request(good.pem, "gopher://f.example")
            assert await status(bench, "SignedUpdateFirmware", elsewhere) == "Rejected"
            maintenance.answer = Ordered.ACCEPTED_CANCELED
            assert await status(bench, "SignedUpdateFirmware", request) == "AcceptedCanceled"

    run_virtual(scenario())


def test_logs_are_ordered_with_a_name_that_fits_in_a_path() -> None:
    async def scenario() -> None:
        async with a_site() as (bench, maintenance, _):
            log = {"remoteLocation": "https://u:p@l.example/in", "oldestTimestamp": WHEN}
            request = {"logType": "SecurityLog", "requestId": 3, "log": log, "retries": 0}
            answer = (await bench.central.call("GetLog", request))[2]
            assert answer["status"] == "Accepted"
            assert answer["filename"] == "CP-1-security-20260101T080001Z.txt"
            (order,) = maintenance.orders
            assert isinstance(order, UploadOrder)
            assert (order.request, order.retries, order.is_security) == (3, 0, True)
            plain = {"location": "https://l.example/in"}
            name = (await bench.central.call("GetDiagnostics", plain))[2]["fileName"]
            assert name.startswith("CP-1-diagnostics-")
            nowhere = (await bench.central.call("GetDiagnostics", {"location": "smb://x"}))[2]
            assert nowhere == {}
            request["log"] = {"remoteLocation": "smb://x"}
            assert await status(bench, "GetLog", request) == "Rejected"

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("trigger", "message", "sent"),
    [
        ("TriggerMessage", "FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("TriggerMessage", "DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
        (
            "ExtendedTriggerMessage",
            "FirmwareStatusNotification",
            "SignedFirmwareStatusNotification",
        ),
        ("ExtendedTriggerMessage", "LogStatusNotification", "LogStatusNotification"),
    ],
)
def test_a_status_is_sent_when_asked_for_and_idle_has_no_number(
    trigger: str, message: str, sent: str
) -> None:
    async def scenario() -> None:
        async with a_site() as (bench, maintenance, _):
            asked = {"requestedMessage": message}
            assert await status(bench, trigger, asked) == "Accepted"
            await until(lambda: bench.central.count(sent) == 1)
            assert bench.central.of(sent) == [{"status": "Idle"}]
            uploads = message[0] in "DL"
            maintenance.step = (Step.UPLOADING if uploads else Step.DOWNLOADING, None)
            await status(bench, trigger, asked)
            await until(lambda: bench.central.count(sent) == 2)
            word = "Uploading" if uploads else "Downloading"
            assert bench.central.of(sent)[-1]["status"] == word

    run_virtual(scenario())


def test_reports_leave_in_order_and_one_that_nobody_knows_there_holds_up_nothing() -> None:
    async def scenario() -> None:
        async with a_site() as (bench, _, _noted):
            bench.central.answers["SecurityEventNotification"] = CallError("NotImplemented")
            at = START_OF_TIME
            bench.add(
                SecurityEvent("1", SecurityWord.STARTED, at, "firmware 1"),
                TaskProgress(Task.FIRMWARE, "j", Step.DOWNLOAD_SCHEDULED, at),
                TaskProgress(Task.FIRMWARE, "j", Step.INSTALLED, at),
                TaskProgress(Task.LOG, "k", Step.PERMISSION_DENIED, at, 4),
                TaskProgress(Task.DIAGNOSTICS, "l", Step.PERMISSION_DENIED, at),
            )
            await until(lambda: not bench.outbox.queued)
            assert bench.central.of("SecurityEventNotification") == [
                {
                    "type": "StartupOfTheDevice",
                    "timestamp": "2026-01-01T08:00:00.000Z",
                    "techInfo": "firmware 1",
                }
            ]
            assert bench.central.of("FirmwareStatusNotification") == [{"status": "Installed"}]
            denied = {"status": "PermissionDenied", "requestId": 4}
            assert bench.central.of("LogStatusNotification") == [denied]
            assert bench.central.of("DiagnosticsStatusNotification") == [{"status": "UploadFailed"}]
            assert bench.outbox.dead == []
            assert bench.news.incidents == []

    run_virtual(scenario())


def test_signatures_of_both_kinds_of_keys_hold_for_their_file_alone(tmp_path: Path) -> None:
    package, other = tmp_path / "fw", tmp_path / "other"
    package.write_bytes(b"firmware" * 1000)
    other.write_bytes(b"firmware" * 1000 + b"!")
    root = a_root("Maker")
    curve = root.issue("EC")
    plain = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    assert isinstance(curve.key, ec.EllipticCurvePrivateKey)
    signed = {
        curve.pem: curve.key.sign(package.read_bytes(), ec.ECDSA(hashes.SHA256())),
        root.issue("RSA", key=plain).pem: plain.sign(package.read_bytes(), pss, hashes.SHA256()),
    }

    async def scenario() -> None:
        for certificate, raw in signed.items():
            signature = base64.b64encode(raw).decode()
            assert await is_signed(package, certificate, signature)
            assert not await is_signed(other, certificate, signature)
            assert not await is_signed(package, certificate, base64.b64encode(b"x" * 64).decode())
            assert not await is_signed(package, certificate, "not base64")

    asyncio.run(scenario())
