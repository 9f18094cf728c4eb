"""Security whitepaper, 2.24: passwords, certificates, events and profiles, by message.

What happens within TLS itself is played on real sockets (tests/ocpp/test_security_links.py).
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from chargepoint.ocpp.link import Terms
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.ocpp.security.vault import VolatileVault
from simulator.virtual_core import Outside
from tests.support.compliance import Site, case
from tests.support.pki import FROM, OPERATOR, Issued, a_root

KEY = "4F43415F4F4354545F61646D696E5F74657374"  # as in the case
FIRST_KEY = "00" * 16
CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
PAST = datetime(2021, 1, 1, tzinfo=UTC)


@dataclass
class Gate:
    """By which terms the link was dialled."""

    terms: list[Terms] = field(default_factory=list)

    def __call__(self, terms: Terms) -> None:
        self.terms.append(terms)


def outside(_folder: Path) -> Outside:
    return Outside(security=SecurityWorld(vault=VolatileVault()), admit=Gate())


def gate(site: Site) -> Gate:
    found: Any = site.virtual.outside.admit
    assert isinstance(found, Gate)
    return found


async def dialled_again(site: Site, before: int) -> Terms:
    async with asyncio.timeout(60):
        while len(gate(site).terms) == before:
            await site.station.changes.wait(0.2)
    await asyncio.sleep(1)
    return gate(site).terms[-1]


async def install(site: Site, root: Issued, use: str = CENTRAL) -> str:
    return await site.ask("InstallCertificate", certificateType=use, certificate=root.pem)


async def installed(site: Site, use: str) -> list[dict[str, str]]:
    answer = await site.call("GetInstalledCertificateIds", certificateType=use)
    found: list[dict[str, str]] = answer.get("certificateHashData", [])
    assert answer["status"] == ("Accepted" if found else "NotFound")
    return found


def serials(found: list[dict[str, str]]) -> list[int]:
    return [int(each["serialNumber"], 16) for each in found]


async def signing_request(site: Site) -> str:
    wanted = "SignChargePointCertificate"
    assert await site.ask("ExtendedTriggerMessage", requestedMessage=wanted) == "Accepted"
    return str((await site.next("SignCertificate"))["csr"])


async def has_certificate(site: Site, root: Issued) -> str:
    chain = root.sign(await signing_request(site))
    assert await site.ask("CertificateSigned", certificateChain=chain) == "Accepted"
    return chain


async def raised(site: Site, profile: int) -> Terms:
    before = len(gate(site).terms)
    answer = await site.ask("ChangeConfiguration", key="SecurityProfile", value=str(profile))
    assert answer == "Accepted"
    return await dialled_again(site, before)


async def at_profile(site: Site, profile: int) -> Issued:
    """The root that vouches for both sides."""
    root = a_root()
    site.answers("SignCertificate", {"status": "Accepted"})
    site.answers("SecurityEventNotification", {})
    await site.configure(CpoName=OPERATOR, AuthorizationKey=FIRST_KEY)
    assert await install(site, root) == "Accepted"
    if profile == 3:
        await has_certificate(site, root)
    await raised(site, profile)
    return root


@case(outside=outside)
async def test_tc_073_a_new_password_is_used_at_once(site: Site) -> None:
    await at_profile(site, 1)
    assert gate(site).terms[-1].password == bytes.fromhex(FIRST_KEY)
    before = len(gate(site).terms)
    await site.configure(AuthorizationKey=KEY)
    assert (await dialled_again(site, before)).password == b"OCA_OCTT_admin_test"
    assert await site.value_of("SecurityProfile") == "1"


@case(outside=outside)
async def test_tc_074_the_certificate_is_renewed_when_asked_for(site: Site) -> None:
    root = await at_profile(site, 3)
    before, first = len(gate(site).terms), site.virtual.outside.security.vault.chain
    csr = await signing_request(site)
    subject = x509.load_pem_x509_csr(csr.encode()).subject
    (common,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (organisation,) = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (common.value, organisation.value) == ("SN-0001", OPERATOR)
    chain = root.sign(csr)
    assert await site.ask("CertificateSigned", certificateChain=chain) == "Accepted"
    assert (await dialled_again(site, before)).profile == 3
    assert site.virtual.outside.security.vault.chain not in (None, first)


@case(outside=outside)
async def test_tc_075_1_a_manufacturers_root_is_installed(site: Site) -> None:
    root = a_root("Maker")
    assert await install(site, root, MANUFACTURER) == "Accepted"
    found = await installed(site, MANUFACTURER)
    assert serials(found) == [root.certificate.serial_number]


@case(outside=outside)
async def test_tc_075_2_a_central_systems_root_is_installed(site: Site) -> None:
    root = a_root()
    assert await install(site, root) == "Accepted"
    assert serials(await installed(site, CENTRAL)) == [root.certificate.serial_number]


@case(outside=outside)
async def test_tc_076_a_root_is_deleted(site: Site) -> None:
    root, other = a_root(), a_root("Other")
    assert await install(site, root) == "Accepted"
    assert await install(site, other) == "Accepted"
    found = await installed(site, CENTRAL)
    its = next(e for e in found if serials([e]) == [root.certificate.serial_number])
    assert await site.ask("DeleteCertificate", certificateHashData=its) == "Accepted"
    assert serials(await installed(site, CENTRAL)) == [other.certificate.serial_number]
    assert await site.ask("DeleteCertificate", certificateHashData=its) == "NotFound"


@case(outside=outside)
async def test_tc_077_an_invalid_certificate_of_its_own_is_refused_and_told(site: Site) -> None:
    await at_profile(site, 3)
    before = site.virtual.outside.security.vault.chain
    chain = a_root("Stranger").sign(await signing_request(site))
    assert await site.ask("CertificateSigned", certificateChain=chain) == "Rejected"
    await site.next("SecurityEventNotification", type="InvalidChargePointCertificate")
    assert site.virtual.outside.security.vault.chain == before


@case(outside=outside)
async def test_tc_078_an_expired_root_is_refused_and_told(site: Site) -> None:
    site.answers("SecurityEventNotification", {})
    assert await install(site, a_root(valid=(FROM, PAST))) == "Rejected"
    await site.next("SecurityEventNotification", type="InvalidCentralSystemCertificate")
    assert await installed(site, CENTRAL) == []


@case(outside=outside)
async def test_tc_083_profile_1_to_2(site: Site) -> None:
    root = await at_profile(site, 1)
    terms = await raised(site, 2)
    assert (terms.profile, terms.roots) == (2, (root.pem,))
    assert await site.value_of("SecurityProfile") == "2"


@case(outside=outside)
async def test_tc_083_profile_2_to_3(site: Site) -> None:
    root = await at_profile(site, 2)
    await has_certificate(site, root)
    assert (await raised(site, 3)).profile == 3
    await site.power_cycle()
    await site.next("BootNotification", within_s=60)
    await site.statuses("Available", "Available", "Available")
    assert gate(site).terms[-1].profile == 3


@case(outside=outside)
async def test_tc_084_a_lower_profile_is_rejected(site: Site) -> None:
    await at_profile(site, 2)
    before = len(gate(site).terms)
    answer = await site.ask("ChangeConfiguration", key="SecurityProfile", value="1")
    assert answer == "Rejected"
    await asyncio.sleep(10)
    assert len(gate(site).terms) == before
    assert await site.value_of("SecurityProfile") == "2"
