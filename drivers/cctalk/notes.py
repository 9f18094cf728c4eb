"""`payment_ports.NoteValidator` over ccTalk: no note is lost, none is credited twice.

open line -> inhibit -> identify -> healthy -> book what happened meanwhile -> poll
    ^                                 |  ^                                     |
    |                                 |  +---- self-check clean again <- fault-+
    +--- back-off <- offline: no answer, line lost, wrong device <-------------+
"""

import asyncio
from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.devices import DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.units import Generation, Minor
from chargepoint.payment_ports import NoteCursorStore
from chargepoint.ports import DeviceUnavailable, Emit
from drivers.cctalk.bus import Bus, EchoMode
from drivers.cctalk.codec import BILL_VALIDATOR
from drivers.cctalk.escrow import Escrow, Route
from drivers.cctalk.events import Past
from drivers.cctalk.identity import WrongDevice
from drivers.cctalk.note_booking import DEVICE
from drivers.cctalk.note_gate import NOTHING, NoteGate
from drivers.cctalk.note_session import NoteSession, NotesFaulty
from drivers.exchange import Backoff, NoAnswer
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import Trace


@dataclass(frozen=True, slots=True)
class NoteFitting:
    """How this validator is connected; `country` is that of the notes it is to take.

    `crc`: which of the two frame formats it speaks (part 3); None finds out.
    """

    address: int = BILL_VALIDATOR
    echo: EchoMode = EchoMode.AUTO
    country: str = "EU"
    crc: bool | None = None


class NoteValidatorDriver:
    """One note validator on one line."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        stored_cursor: NoteCursorStore,
        fitting: NoteFitting | None = None,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._stored_cursor = stored_cursor
        self._fitting = NoteFitting() if fitting is None else fitting
        self._is_crc = self._fitting.crc is not False
        self._gate = NoteGate()
        self._escrow = Escrow()
        self._backoff = Backoff()
        self._pasts: dict[str, Past] = {}
        self._serial = ""
        self._is_online: bool | None = None

    def accept(self, generation: Generation, values: frozenset[Minor]) -> None:
        self._gate.want(generation, values)

    def inhibit(self, generation: Generation) -> None:
        self._gate.want(generation, NOTHING)

    async def stack(self) -> None:
        self._decide(Route.STACK)

    async def give_back(self) -> None:
        self._decide(Route.RETURN)

    async def run(self) -> None:
        while True:
            reason = await self._run_until_lost()
            self._went_offline(reason)
            await asyncio.sleep(self._backoff.next_s())

    def _decide(self, route: Route) -> None:
        if not self._escrow.decide(route):
            raise DeviceUnavailable(f"no note in escrow that could be told to {route.name.lower()}")
        self._gate.wake()

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
        bus = Bus(port, self._trace, address=fitting.address, echo=fitting.echo, crc=self._is_crc)
        session = NoteSession(
            bus,
            self._gate,
            self._escrow,
            self._emit,
            stored_cursor=self._stored_cursor,
            pasts=self._pasts,
        )
        try:
            identity = await session.connect(fitting.country)
        except NoAnswer:
            if fitting.crc is None and not self._serial:
                self._is_crc = not self._is_crc
            raise
        if identity.serial != self._serial:
            self._escrow.left()
            self._serial = identity.serial
        while True:
            try:
                await session.check()
                self._went_online(identity.serial, identity.firmware)
                await session.poll_forever(identity)
            except NotesFaulty as fault:
                self._found_faulty(fault)
                await session.until_healthy(identity)

    def _went_online(self, serial: str, firmware: str) -> None:
        self._backoff.reset()
        if self._is_online is not True:
            self._is_online = True
            self._emit(DeviceOnline(DEVICE, serial, firmware))

    def _went_offline(self, reason: str) -> None:
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(DEVICE, reason, self._trace.tail()))

    def _found_faulty(self, fault: NotesFaulty) -> None:
        if self._is_online is not False:
            self._emit(
                DeviceIncident(DEVICE, "note_validator.fault", str(fault), self._trace.tail())
            )
        self._went_offline(str(fault))
