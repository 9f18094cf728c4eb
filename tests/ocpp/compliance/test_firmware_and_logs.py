"""Firmware Management, 2.18, 2.19, and signed updates and the security log of 2.24."""

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chargepoint.security_ports import Installed, InstallFailed, TransferFailed
from simulator.virtual_core import Outside
from tests.support.compliance import Payload, Site, case, moment
from tests.support.pki import Issued, a_root

GOOD, MISSING, NO_PACKAGE = (f"ftp://127.0.0.1/{name}" for name in ("good", "missing", "other"))
PACKAGE = b"software"
SIGNED = "SignedFirmwareStatusNotification"


@dataclass
class Depot:
    """The file server and the slots of the machine; both outlive the core."""

    folder: Path
    installed: set[str] = field(default_factory=set)
    uploads: dict[str, bytes] = field(default_factory=dict)
    fetched: str = ""

    def knows(self, url: str) -> bool:
        return url.startswith("ftp:")

    async def download(self, url: str, name: str) -> Path:
        if url == MISSING:
            raise TransferFailed("not there")
        self.fetched = url
        path = self.folder / name
        path.write_bytes(PACKAGE)
        return path

    async def upload(self, url: str, name: str, content: bytes) -> None:
        if url == MISSING:
            raise TransferFailed("not there")
        self.uploads[name] = content

    async def install(self, package: Path, job: str) -> None:
        await asyncio.sleep(5)
        if self.fetched == NO_PACKAGE:
            raise InstallFailed("no package of ours")
        self.installed.add(job)

    async def outcome(self, job: str) -> Installed:
        return Installed.DONE if job in self.installed else Installed.FAILED


def outside(folder: Path) -> Outside:
    depot = Depot(folder)
    return Outside(transfer=depot, installer=depot)


def takes_reports(site: Site) -> None:
    reports = ("FirmwareStatusNotification", "DiagnosticsStatusNotification", SIGNED)
    for action in (*reports, "LogStatusNotification", "SecurityEventNotification"):
        site.answers(action, {})


async def told(site: Site, action: str, *steps: str) -> None:
    """Exactly these, in this order."""
    for step in steps:
        found = await site.next(action)
        assert found["status"] == step, f"{step} expected, {found} sent"


async def is_back(site: Site, action: str, last: str) -> None:
    """After the restart, in any order: booted, everything Available again, and how it ended."""
    await site.together(
        ("BootNotification", {}),
        *[("StatusNotification", {"connectorId": n, "status": "Available"}) for n in range(3)],
        (action, {"status": last}),
        within_s=60,
    )


@case(outside=outside)
async def test_tc_044_1_downloaded_and_installed(site: Site) -> None:
    takes_reports(site)
    assert await site.call("UpdateFirmware", location=GOOD, retrieveDate=moment()) == {}
    steps = ("Downloading", "Downloaded", "Installing")
    await told(site, "FirmwareStatusNotification", *steps)
    await is_back(site, "FirmwareStatusNotification", "Installed")


@case(outside=outside)
async def test_tc_044_2_the_download_fails(site: Site) -> None:
    takes_reports(site)
    await site.call("UpdateFirmware", location=MISSING, retrieveDate=moment(), retries=0)
    await told(site, "FirmwareStatusNotification", "Downloading", "DownloadFailed")
    await site.silent("FirmwareStatusNotification", "BootNotification", for_s=60)
    await site.charging()


@case(outside=outside)
async def test_tc_044_3_the_installation_fails(site: Site) -> None:
    takes_reports(site)
    await site.call("UpdateFirmware", location=NO_PACKAGE, retrieveDate=moment())
    steps = ("Downloading", "Downloaded", "Installing", "InstallationFailed")
    await told(site, "FirmwareStatusNotification", *steps)
    await asyncio.sleep(8)
    newest = {each["connectorId"]: each["status"] for each in site.sent("StatusNotification")}
    assert newest == dict.fromkeys(range(3), "Available")
    await site.silent("BootNotification", for_s=30)
    site.catch_up()
    await site.charging()


@case(outside=outside)
async def test_tc_045_1_diagnostics_are_uploaded(site: Site) -> None:
    takes_reports(site)
    answer = await site.call("GetDiagnostics", location=GOOD)
    await told(site, "DiagnosticsStatusNotification", "Uploading", "Uploaded")
    assert depot_of(site).uploads[answer["fileName"]]


@case(outside=outside)
async def test_tc_045_2_diagnostics_cannot_be_uploaded(site: Site) -> None:
    takes_reports(site)
    await site.call("GetDiagnostics", location=MISSING, retries=0)
    await told(site, "DiagnosticsStatusNotification", "Uploading", "UploadFailed")
    await site.charging()


@case(outside=outside)
async def test_tc_079_the_security_log_is_uploaded(site: Site) -> None:
    takes_reports(site)
    answer = await site.call(
        "GetLog", logType="SecurityLog", requestId=9, log={"remoteLocation": GOOD}
    )
    assert answer["status"] == "Accepted"
    await told(site, "LogStatusNotification", "Uploading", "Uploaded")
    assert {each["requestId"] for each in site.sent("LogStatusNotification")} == {9}
    assert b"StartupOfTheDevice" in depot_of(site).uploads[answer["filename"]]


async def signed_update(site: Site, signer: Issued, signed: bytes) -> None:
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    signature = signer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    firmware: Payload = {
        "location": GOOD,
        "retrieveDateTime": moment(),
        "signingCertificate": signer.pem,
        "signature": base64.b64encode(signature).decode(),
    }
    answer = await site.ask("SignedUpdateFirmware", requestId=7, firmware=firmware)
    assert answer == "Accepted"


async def a_signer(site: Site) -> Issued:
    root = a_root("Maker")
    installed = await site.ask(
        "InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=root.pem
    )
    assert installed == "Accepted"
    return root.issue("Signer")


@case(outside=outside)
async def test_tc_080_signed_downloaded_verified_and_installed(site: Site) -> None:
    takes_reports(site)
    await signed_update(site, await a_signer(site), PACKAGE)
    steps = ("Downloading", "Downloaded", "SignatureVerified", "Installing")
    await told(site, SIGNED, *steps)
    await is_back(site, SIGNED, "Installed")
    assert {each["requestId"] for each in site.sent(SIGNED)} == {7}


@case(outside=outside)
async def test_tc_081_a_signature_of_something_else_is_refused(site: Site) -> None:
    takes_reports(site)
    await signed_update(site, await a_signer(site), b"other software")
    await told(site, SIGNED, "Downloading", "Downloaded", "InvalidSignature")
    await site.silent(SIGNED, "BootNotification", for_s=60)
    assert depot_of(site).installed == set()


def depot_of(site: Site) -> Any:
    return site.virtual.outside.transfer
