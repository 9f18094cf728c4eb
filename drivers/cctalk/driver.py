"""`ports.CoinAcceptor` over ccTalk: no coin is lost, none is credited twice.

open line -> inhibit -> identify -> healthy -> book what happened meanwhile -> poll
    ^                                 |  ^                                     |
    |                                 |  +---- self-check clean again <- fault-+
    +--- back-off <- offline: no answer, line lost, wrong device <-------------+
"""

from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.service.passport import Passport
from chargepoint.domain.units import Generation
from chargepoint.ports import CursorStore, Emit
from drivers.cctalk.booking import DEVICE
from drivers.cctalk.bus import Bus, EchoMode
from drivers.cctalk.codec import COIN_ACCEPTOR
from drivers.cctalk.draining import until_checked, until_drained
from drivers.cctalk.events import Past
from drivers.cctalk.gate import CoinGate
from drivers.cctalk.identity import Identity
from drivers.cctalk.session import AcceptorSession
from drivers.cctalk.standing import Standing
from drivers.cctalk.watched import Faulty
from drivers.port import BytePort, OpenPort
from drivers.trace import Trace


@dataclass(frozen=True, slots=True)
class AcceptorFitting:
    """How this acceptor is connected; `country` is that of the coins it is to take (ISO 3166)."""

    address: int = COIN_ACCEPTOR
    echo: EchoMode = EchoMode.AUTO
    country: str = "EU"
    crc: bool = False


class CoinAcceptorDriver:
    """One coin acceptor on one line."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        stored_cursor: CursorStore,
        fitting: AcceptorFitting | None = None,
    ) -> None:
        self._standing = Standing(DEVICE, open_port, emit, trace)
        self._emit = emit
        self._trace = trace
        self._stored_cursor = stored_cursor
        self._fitting = AcceptorFitting() if fitting is None else fitting
        self._gate = CoinGate()
        self._pasts: dict[str, Past] = {}
        self._session: AcceptorSession | None = None
        self._identity: Identity | None = None

    def accept(self, generation: Generation) -> None:
        self._gate.want(generation, coins=True)

    def inhibit(self, generation: Generation) -> None:
        self._gate.want(generation, coins=False)

    def passport(self) -> Passport:
        return self._standing.passport(self._fitting.address, self._identity)

    async def self_check(self) -> None:
        await until_checked(self._session, "coin acceptor", lambda: self._standing.is_well)

    async def drain(self) -> None:
        await until_drained(self._session, "coin acceptor")

    async def run(self) -> NoReturn:
        await self._standing.run(self._serve_until_lost)

    async def _serve_until_lost(self, port: BytePort) -> NoReturn:
        try:
            await self._serve(port)
        finally:
            self._session = self._identity = None

    async def _serve(self, port: BytePort) -> NoReturn:
        fitting = self._fitting
        bus = Bus(port, self._trace, address=fitting.address, echo=fitting.echo, crc=fitting.crc)
        session = AcceptorSession(
            bus, self._gate, self._emit, stored_cursor=self._stored_cursor, pasts=self._pasts
        )
        identity = await session.connect(fitting.country)
        self._session, self._identity = session, identity
        while True:
            try:
                await session.check()
                self._standing.went_online(identity.serial, identity.firmware)
                await session.poll_forever(identity)
            except Faulty as fault:
                self._standing.found_faulty("coin_acceptor.fault", str(fault))
                await session.until_healthy()
