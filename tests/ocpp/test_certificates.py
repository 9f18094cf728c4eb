"""Certificates and profiles by message, in virtual time (whitepaper A01-A05, M03-M05)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.ocpp.link import Link, LinkRefused, Terms
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.ocpp.security.vault import VolatileVault
from chargepoint.ports import LinkState
from simulator.vtime import run_virtual
from tests.support.fakes import MemorySettings
from tests.support.ocpp_peer import Bench, ScriptedCentral, a_bench, until
from tests.support.pki import FROM, OPERATOR, Issued, a_key, a_root

CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
KEY = "0001020304050607ffffffffffffffffffffffff"
PAST = datetime(2021, 1, 1, tzinfo=UTC)


class Noted:
    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def note(self, event: str, info: str = "") -> None:
        self.events.append((event, info))

    @property
    def words(self) -> list[str]:
        return [event for event, _ in self.events]


class Gate(ScriptedCentral):
    """Lets in by the terms of the try."""

    def __init__(self, refuse: Any = lambda _terms: "") -> None:
        super().__init__()
        self.answers["SignCertificate"] = {"status": "Accepted"}
        self.refuse = refuse
        self.terms: list[Terms] = []

    async def connect(self, terms: Terms) -> Link:
        self.terms.append(terms)
        code = self.refuse(terms)
        if code:
            raise LinkRefused(code, f"profile {terms.profile}")
        return await super().connect(terms)


@asynccontextmanager
async def a_site(
    central: Gate | None = None, *, vault: VolatileVault | None = None, **options: Any
) -> AsyncIterator[tuple[Bench, Gate, Noted]]:
    central, noted = central or Gate(), Noted()
    second = options.pop("has_second_central", False)
    world = SecurityWorld(vault=vault or VolatileVault(), log=noted, has_second_central=second)
    async with a_bench(central, security_world=world, **options) as bench:
        yield bench, central, noted


async def change(bench: Bench, key: str, value: str) -> str:
    answer = await bench.central.call("ChangeConfiguration", {"key": key, "value": value})
    return str(answer[2]["status"])


async def install(bench: Bench, root: Issued | str, use: str = CENTRAL) -> str:
    pem = root if isinstance(root, str) else root.pem
    payload = {"certificateType": use, "certificate": pem}
    return str((await bench.central.call("InstallCertificate", payload))[2]["status"])


async def ids(bench: Bench, use: str = CENTRAL) -> list[dict[str, str]]:
    answer = await bench.central.call("GetInstalledCertificateIds", {"certificateType": use})
    found: list[dict[str, str]] = answer[2].get("certificateHashData", [])
    return found


async def sign(bench: Bench, pem: str) -> str:
    answer = await bench.central.call("CertificateSigned", {"certificateChain": pem})
    return str(answer[2]["status"])


async def trigger(bench: Bench, message: str) -> str:
    payload = {"requestedMessage": message}
    return str((await bench.central.call("ExtendedTriggerMessage", payload))[2]["status"])


# --- profiles ------------------------------------------------------------------------------------


def test_the_way_up_needs_what_each_profile_needs_and_reconnects() -> None:
    async def scenario() -> None:
        root = a_root()
        async with a_site() as (bench, central, noted):
            assert await change(bench, "SecurityProfile", "1") == "Rejected"  # no key yet
            for wrong in ("", "00" * 15, "00" * 21, "zz" * 16):
                assert await change(bench, "AuthorizationKey", wrong) == "Rejected"
            assert await change(bench, "AuthorizationKey", KEY) == "Accepted"
            assert central.opened == 1  # profile 0 has no password to change
            assert await change(bench, "SecurityProfile", "1") == "Accepted"
            await until(lambda: central.opened == 2)
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert central.terms[-1].password == bytes.fromhex(KEY)
            assert await change(bench, "SecurityProfile", "2") == "Rejected"  # no root yet
            assert await install(bench, root) == "Accepted"
            assert await change(bench, "SecurityProfile", "3") == "Rejected"  # no certificate yet
            assert await change(bench, "SecurityProfile", "2") == "Accepted"
            await until(lambda: central.opened == 3)
            assert central.terms[-1].roots == (root.pem,)
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            for lower in ("0", "1", "2"):
                assert await change(bench, "SecurityProfile", lower) == "Rejected"
            assert noted.words.count("ReconfigurationOfSecurityParameters") == 4
            assert KEY.upper() not in repr(noted.events) + repr(bench.news.incidents)

    run_virtual(scenario())


def test_the_key_is_not_told_and_a_new_one_is_used_at_once() -> None:
    async def scenario() -> None:
        settings = MemorySettings(
            **{"ocpp.SecurityProfile": "1", "ocpp.AuthorizationKey": "AA" * 16}
        )
        async with a_site(settings=settings) as (bench, central, _):
            asked = await bench.central.call("GetConfiguration", {"key": ["AuthorizationKey"]})
            assert asked[2]["configurationKey"] == [{"key": "AuthorizationKey", "readonly": False}]
            assert await change(bench, "AuthorizationKey", KEY) == "Accepted"
            await until(lambda: central.opened == 2)
            assert [terms.password.hex() for terms in central.terms] == ["aa" * 16, KEY]

    run_virtual(scenario())


@pytest.mark.parametrize("reboots", [False, True])
def test_a_profile_that_does_not_connect_is_left_again_also_after_a_reboot(reboots: bool) -> None:
    settings = MemorySettings(**{"ocpp.AuthorizationKey": KEY})

    def refuse(terms: Terms) -> str:
        return "central.refused" if terms.profile == 1 else ""

    async def first() -> None:
        async with a_site(Gate(refuse), settings=settings) as (bench, central, noted):
            assert await change(bench, "SecurityProfile", "1") == "Accepted"
            if reboots:
                return
            await until(lambda: central.opened == 2)
            assert [terms.profile for terms in central.terms] == [0, 1, 1, 1, 0]
            assert "central.profile_fallback" in bench.news.incident_codes
            assert "SecurityProfile back to 0" in str(noted.events)

    async def second() -> None:
        async with a_site(Gate(refuse), settings=settings) as (_, central, _noted):
            await until(lambda: central.opened == 1)
            assert [terms.profile for terms in central.terms] == [1, 1, 1, 0]

    run_virtual(first())
    if reboots:
        run_virtual(second())


# --- roots ---------------------------------------------------------------------------------------


def test_roots_are_installed_listed_deleted_by_their_hashes() -> None:
    async def scenario() -> None:
        root, other = a_root(), a_root("Other")
        async with a_site() as (bench, _, _noted):
            assert await ids(bench) == []
            assert await install(bench, root) == await install(bench, other) == "Accepted"
            assert await install(bench, root) == "Accepted"  # once more changes nothing
            found = await ids(bench)
            assert len(found) == 2
            assert len({entry["issuerKeyHash"] for entry in found}) == 2
            assert found[0]["serialNumber"] == f"{root.certificate.serial_number:X}"
            lower = {k: v if k == "hashAlgorithm" else v.lower() for k, v in found[0].items()}
            wanted = {"certificateHashData": lower}
            assert (await bench.central.call("DeleteCertificate", wanted))[2][
                "status"
            ] == "Accepted"
            assert (await bench.central.call("DeleteCertificate", wanted))[2][
                "status"
            ] == "NotFound"
            assert await ids(bench) == found[1:]
            assert await ids(bench, MANUFACTURER) == []

    run_virtual(scenario())


def test_what_is_no_root_in_force_is_rejected() -> None:
    async def scenario() -> None:
        root = a_root()
        wrong = {
            "text": "nonsense",
            "expired": a_root(valid=(FROM, PAST)).pem,
            "no authority": root.issue("CP").pem,
            "signed by nobody here": root.issue("Sub", is_authority=True).pem,
            "two": root.pem + a_root("Other").pem,
        }
        async with a_site() as (bench, _, _noted):
            for why, pem in wrong.items():
                assert await install(bench, pem) == "Rejected", why
            assert bench.news.incident_codes == ["ocpp.certificate_invalid"] * len(wrong)

    run_virtual(scenario())


def test_no_more_roots_than_the_store_holds() -> None:
    async def scenario() -> None:
        async with a_site() as (bench, _, _noted):
            answers = [await install(bench, a_root(f"Root {n}")) for n in range(17)]
            assert answers == ["Accepted"] * 16 + ["Rejected"]

    run_virtual(scenario())


def test_the_only_root_of_the_link_cannot_be_deleted() -> None:
    async def scenario() -> None:
        root = a_root()
        settings = MemorySettings(**{"ocpp.SecurityProfile": "2", "ocpp.AuthorizationKey": KEY})
        async with a_site(settings=settings) as (bench, _, _noted):
            assert await install(bench, root) == "Accepted"
            wanted = {"certificateHashData": (await ids(bench))[0]}
            assert (await bench.central.call("DeleteCertificate", wanted))[2]["status"] == "Failed"

    run_virtual(scenario())


def test_with_the_additional_check_a_root_follows_only_the_one_that_signed_it() -> None:
    old, stranger = a_root("Old"), a_root("Stranger")
    new = old.issue("New", is_authority=True)
    settings = MemorySettings(**{"ocpp.SecurityProfile": "2", "ocpp.AuthorizationKey": KEY})
    options = {"config_keys": {"AdditionalRootCertificateCheck": "true"}, "settings": settings}

    def refuse(terms: Terms) -> str:
        return "central.certificate" if terms.roots == (new.pem,) and not is_new_used else ""

    async def scenario() -> None:
        nonlocal is_new_used
        async with a_site(Gate(refuse), **options) as (bench, central, _):
            assert await install(bench, old) == "Accepted"
            assert await install(bench, stranger) == "Rejected"
            assert await install(bench, new) == "Accepted"
            await central.drop()
            await until(lambda: central.opened == 2)
            assert [terms.roots for terms in central.terms[-2:]] == [(new.pem,), (old.pem,)]
            assert len(await ids(bench)) == 2  # the old one has just been of use
            is_new_used = True
            await central.drop()
            await until(lambda: central.opened == 3)
            assert central.terms[-1].roots == (new.pem,)
            await asyncio.sleep(1)
            assert len(await ids(bench)) == 1

    is_new_used = False
    run_virtual(scenario())


# --- the station's own certificate -----------------------------------------------------------------


def test_a_certificate_is_asked_for_signed_and_used() -> None:
    async def scenario() -> None:
        root = a_root()
        sub = root.issue("Sub", is_authority=True)
        vault = VolatileVault()
        async with a_site(vault=vault) as (bench, central, noted):
            assert await trigger(bench, "SignChargePointCertificate") == "Rejected"  # no CpoName
            assert await change(bench, "CpoName", OPERATOR) == "Accepted"
            assert await install(bench, root) == "Accepted"
            assert await trigger(bench, "SignChargePointCertificate") == "Accepted"
            await until(lambda: central.count("SignCertificate") == 1)
            chain = sub.sign(central.of("SignCertificate")[0]["csr"]) + sub.pem
            assert await sign(bench, chain) == "Accepted"
            assert vault.chain is not None
            assert await sign(bench, chain) == "Rejected"  # nothing is open any more
            assert await change(bench, "AuthorizationKey", KEY) == "Accepted"
            assert await change(bench, "SecurityProfile", "3") == "Accepted"
            await until(lambda: central.opened == 2)
            assert central.terms[-1].profile == 3
            assert noted.words.count("InvalidChargePointCertificate") == 1

    run_virtual(scenario())


def test_a_certificate_that_does_not_fit_is_discarded_with_its_event() -> None:
    async def scenario() -> None:
        root = a_root()
        vault = VolatileVault()
        async with a_site(vault=vault) as (bench, central, noted):
            await change(bench, "CpoName", OPERATOR)
            await install(bench, root)
            await trigger(bench, "SignChargePointCertificate")
            await until(lambda: central.count("SignCertificate") == 1)
            csr = central.of("SignCertificate")[0]["csr"]
            deep = [root]
            for n in range(4):
                deep.append(deep[-1].issue(f"Sub {n}", is_authority=True))
            wrong = {
                "text": "nonsense",
                "other key": root.issue("S1").pem,
                "other name": root.sign(csr, common="S2"),
                "other owner": root.sign(csr, organisation="Somebody"),
                "expired": root.sign(csr, valid=(FROM, PAST)),
                "unknown root": a_root("Other").sign(csr),
                "chain too long": deep[-1].sign(csr) + "".join(each.pem for each in deep[:0:-1]),
            }
            for why, pem in wrong.items():
                assert await sign(bench, pem) == "Rejected", why
            assert vault.chain is None
            assert noted.words.count("InvalidChargePointCertificate") == len(wrong)
            assert await sign(bench, root.sign(csr)) == "Accepted"  # the request is still open

    run_virtual(scenario())


def test_a_certificate_is_renewed_a_month_before_its_end() -> None:
    async def scenario() -> None:
        root = a_root()
        vault = VolatileVault()
        key = a_key()
        ends = datetime(2026, 2, 20, tzinfo=UTC)  # the test's time is 2026-01-01
        vault.chain = root.issue("S1", key=key, valid=(FROM, ends)).pem
        settings = MemorySettings(**{"ocpp.CpoName": OPERATOR})
        async with a_site(vault=vault, settings=settings) as (bench, central, _):
            await install(bench, root)
            await asyncio.sleep(18 * 86_400)
            assert central.count("SignCertificate") == 0
            await asyncio.sleep(4 * 86_400)
            asked = central.count("SignCertificate")
            assert asked >= 1
            csr = central.of("SignCertificate")[-1]["csr"]
            assert await sign(bench, root.sign(csr)) == "Accepted"
            await asyncio.sleep(10 * 86_400)
            assert central.count("SignCertificate") == asked

    run_virtual(scenario())


def test_frames_that_are_no_ocpp_are_an_event_once_an_hour() -> None:
    async def scenario() -> None:
        async with a_site() as (bench, central, noted):
            for _ in range(3):
                await central.send("nonsense")
            await asyncio.sleep(3700)
            await central.send("nonsense")
            await asyncio.sleep(1)
            assert bench.backend.link is LinkState.ONLINE
            assert noted.words == ["InvalidMessages"] * 2

    run_virtual(scenario())


# --- two central systems ---------------------------------------------------------------------------


def test_the_second_central_system_serves_until_the_first_is_back() -> None:
    is_first_up = True

    def refuse(terms: Terms) -> str:
        return "" if terms.server or is_first_up else "central.refused"

    async def scenario() -> None:
        nonlocal is_first_up
        async with a_site(Gate(refuse), has_second_central=True) as (bench, central, _):
            is_first_up = False
            await central.drop()
            await until(lambda: central.opened == 2)
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert [terms.server for terms in central.terms] == [0, 0, 0, 0, 1]
            assert bench.backend.link_report.is_second_central
            await asyncio.sleep(2000)
            assert bench.backend.link is LinkState.ONLINE  # tried beside, never let go
            is_first_up = True
            await until(lambda: not bench.backend.link_report.is_second_central, 1000)
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert central.terms[-1].server == 0

    run_virtual(scenario())
