"""`ports.CoinAcceptor` over ccTalk: no coin is lost, none is credited twice.

open line -> inhibit -> identify -> healthy -> book what happened meanwhile -> poll
    ^                                 |  ^                                     |
    |                                 |  +---- self-check clean again <- fault-+
    +--- back-off <- offline: no answer, line lost, wrong device <-------------+
"""

import asyncio
from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.devices import DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.units import Generation
from chargepoint.ports import CursorStore, Emit
from drivers.cctalk.booking import DEVICE
from drivers.cctalk.bus import Bus, EchoMode
from drivers.cctalk.codec import COIN_ACCEPTOR
from drivers.cctalk.events import Past
from drivers.cctalk.gate import CoinGate
from drivers.cctalk.identity import WrongDevice
from drivers.cctalk.session import AcceptorSession, Faulty
from drivers.exchange import Backoff, NoAnswer
from drivers.port import BytePort, OpenPort, PortLost
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
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._stored_cursor = stored_cursor
        self._fitting = AcceptorFitting() if fitting is None else fitting
        self._gate = CoinGate()
        self._backoff = Backoff()
        self._pasts: dict[str, Past] = {}
        self._is_online: bool | None = None

    def accept(self, generation: Generation) -> None:
        self._gate.want(generation, coins=True)

    def inhibit(self, generation: Generation) -> None:
        self._gate.want(generation, coins=False)

    async def run(self) -> None:
        while True:
            reason = await self._run_until_lost()
            self._went_offline(reason)
            await asyncio.sleep(self._backoff.next_s())

    async def _run_until_lost(self) -> str:
        """Why it ended."""
        try:
            port = await self._open_port()
        except PortLost as lost:
            return str(lost)
        try:
            await self._serve(port)
        except (PortLost, NoAnswer, WrongDevice) as lost:
            return str(lost)
        finally:
            port.close()

    async def _serve(self, port: BytePort) -> NoReturn:
        fitting = self._fitting
        bus = Bus(port, self._trace, address=fitting.address, echo=fitting.echo, crc=fitting.crc)
        session = AcceptorSession(
            bus, self._gate, self._emit, stored_cursor=self._stored_cursor, pasts=self._pasts
        )
        identity = await session.connect(fitting.country)
        while True:
            try:
                await session.check()
                self._went_online(identity.serial, identity.firmware)
                await session.poll_forever(identity)
            except Faulty as fault:
                self._found_faulty(fault)
                await session.until_healthy()

    def _went_online(self, serial: str, firmware: str) -> None:
        self._backoff.reset()
        if self._is_online is not True:
            self._is_online = True
            self._emit(DeviceOnline(DEVICE, serial, firmware))

    def _went_offline(self, reason: str) -> None:
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(DEVICE, reason, self._trace.tail()))

    def _found_faulty(self, fault: Faulty) -> None:
        if self._is_online is not False:
            self._emit(
                DeviceIncident(DEVICE, "coin_acceptor.fault", str(fault), self._trace.tail())
            )
        self._went_offline(str(fault))
