"""A station goes from no security to mutual TLS, by messages alone, on real sockets (A01, A02, A05)."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from central.clock import SystemClock
from central.fleet.registry import Site
from central.greencard.tariffs import Tariff
from central.ocpp import wsserver
from central.storage.store import Store
from central.system import CentralSystem
from chargepoint.ocpp.backend16 import BackendLimits, Ocpp16Backend
from chargepoint.ocpp.connection import BackOff, Patience
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ocpp.websocket import Access, websocket_connect
from chargepoint.ports import LinkState
from simulator.entropy import SeededEntropy
from tests.ocpp.test_certificates import KEY, Noted
from tests.support.fakes import (
    MemoryLocalList,
    MemoryOutbox,
    MemorySettings,
    RecordedNews,
    ScriptedDoor,
    ScriptedReservations,
)
from tests.support.ocpp_peer import IDENTITY, DeskUnderTest
from tests.support.on_sockets import LoopClock
from tests.support.pki import OPERATOR, Issued, a_root


class Journey:
    """Our central system behind a plain and a mutual-TLS door, and one station."""

    def __init__(self, folder: Path, root: Issued) -> None:
        numbers = itertools.count()
        self.central = CentralSystem(
            Store(), SystemClock(), tariff=Tariff(), id_generator=lambda: f"c-{next(numbers)}"
        )
        self.root = root
        self.news, self.noted = RecordedNews(), Noted()
        self.vault = FolderVault(folder / "security")
        self.settings = MemorySettings()
        root.issue("localhost").write(folder / "server.pem")
        (folder / "root.pem").write_text(root.pem)
        self.secure = wsserver.tls_context(folder / "server.pem", folder / "root.pem")
        self.backend: Ocpp16Backend

    def station(self, url: str, secure_url: str) -> Ocpp16Backend:
        return Ocpp16Backend(
            identity=IDENTITY,
            connect=websocket_connect(Access(url, IDENTITY.id, secure_url=secure_url)),
            door=ScriptedDoor(),
            news=self.news,
            outbox=MemoryOutbox(),
            settings=self.settings,
            local_list=MemoryLocalList(),
            reservations=ScriptedReservations(),
            charging=DeskUnderTest(clock=LoopClock()).desk,
            clock=LoopClock(),
            entropy=SeededEntropy(3),
            connectors=2,
            limits=BackendLimits(Patience(back_off=BackOff(0.01, 0.01))),
            security_world=SecurityWorld(vault=self.vault, log=self.noted),
        )

    async def call(self, action: str, **payload: Any) -> str:
        answer = await self.central.call(IDENTITY.id, action, payload)
        return str(answer["status"])

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - real sockets, no event to wait for
                await asyncio.sleep(0.002)


@asynccontextmanager
async def a_journey(folder: Path, *, trusted: bool = True) -> AsyncIterator[Journey]:
    root = a_root()
    journey = Journey(folder, root)
    if not trusted:  # the server is somebody else's
        a_root("Other").issue("localhost").write(folder / "server.pem")
        journey.secure = wsserver.tls_context(folder / "server.pem", folder / "root.pem")
    host = "127.0.0.1"
    async with (
        journey.central.serve_websocket(host, 0) as plain,
        journey.central.serve_websocket(host, 0, journey.secure) as secured,
        asyncio.TaskGroup() as group,
    ):
        journey.backend = journey.station(
            f"ws://localhost:{plain}/ocpp", f"wss://localhost:{secured}/ocpp/"
        )
        running = group.create_task(journey.backend.run())
        await journey.until(lambda: journey.backend.link is LinkState.ONLINE)
        yield journey
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def prepare(journey: Journey) -> None:
    """Everything that profile 3 needs."""
    root = journey.root
    for key, value in (("CpoName", OPERATOR), ("AuthorizationKey", KEY)):
        assert await journey.call("ChangeConfiguration", key=key, value=value) == "Accepted"
    installed = await journey.call(
        "InstallCertificate", certificateType="CentralSystemRootCertificate", certificate=root.pem
    )
    assert installed == "Accepted"
    wanted = "SignChargePointCertificate"
    assert await journey.call("ExtendedTriggerMessage", requestedMessage=wanted) == "Accepted"
    await journey.until(lambda: journey.vault.pending_key is not None)
    assert journey.vault.pending_key is not None
    csr = x509.signing_request(
        journey.vault.pending_key, organisation=OPERATOR, serial=IDENTITY.serial
    )
    chain = root.sign(csr)
    assert await journey.call("CertificateSigned", certificateChain=chain) == "Accepted"


def test_from_profile_0_to_3_by_messages_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_journey(tmp_path) as journey:
            await prepare(journey)
            before = len(journey.news.links)
            raised = await journey.call("ChangeConfiguration", key="SecurityProfile", value="3")
            assert raised == "Accepted"
            await journey.until(lambda: LinkState.ONLINE in journey.news.links[before:])
            assert journey.backend.link_report.security_profile == 3
            assert journey.backend.peer_certificate is not None
            assert journey.news.incidents == []
            assert journey.settings.values["security.profile_before"] == ""

    asyncio.run(scenario())


def test_a_server_that_is_not_trusted_sends_the_station_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_journey(tmp_path, trusted=False) as journey:
            await prepare(journey)
            before = len(journey.news.links)
            await journey.call("ChangeConfiguration", key="SecurityProfile", value="3")
            await journey.until(lambda: LinkState.ONLINE in journey.news.links[before:])
            assert journey.backend.link_report.security_profile == 0
            assert journey.news.incident_codes == [
                "central.certificate",
                "central.profile_fallback",
            ]
            assert "InvalidCentralSystemCertificate" in journey.noted.words

    asyncio.run(scenario())


def test_an_authorization_key_of_any_bytes_opens_our_central_system() -> None:
    central = CentralSystem(Store(), SystemClock(), tariff=Tariff(), id_generator=lambda: "c")
    central.registry.provision("CP-1", Site("Harbour"), KEY)
    raw = bytes.fromhex(KEY).decode(errors="surrogateescape")

    async def enters(password: str | None) -> bool:
        return await central.admit("CP-1", password, "192.0.2.1") is None

    async def door() -> None:
        assert [await enters(each) for each in (raw, KEY, "00", None)] == [True, True, False, False]

    asyncio.run(door())
