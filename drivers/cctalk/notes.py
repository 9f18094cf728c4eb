"""`payment_ports.NoteValidator` over ccTalk: no note is lost, none is credited twice.

open line -> inhibit -> identify -> healthy -> book what happened meanwhile -> poll
    ^                                 |  ^                                     |
    |                                 |  +---- self-check clean again <- fault-+
    +--- back-off <- offline: no answer, line lost, wrong device <-------------+
"""

from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.service.passport import Passport
from chargepoint.domain.units import Generation, Minor
from chargepoint.payment_ports import NoteCursorStore
from chargepoint.ports import DeviceUnavailable, Emit
from drivers.cctalk.bus import Bus, EchoMode
from drivers.cctalk.codec import BILL_VALIDATOR
from drivers.cctalk.draining import until_checked, until_drained
from drivers.cctalk.escrow import Escrow, Route
from drivers.cctalk.events import Past
from drivers.cctalk.note_booking import DEVICE
from drivers.cctalk.note_gate import NOTHING, NoteGate
from drivers.cctalk.note_identity import NoteIdentity
from drivers.cctalk.note_session import NoteSession
from drivers.cctalk.standing import Standing
from drivers.cctalk.watched import Faulty
from drivers.exchange import NoAnswer
from drivers.port import BytePort, OpenPort
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
        self._standing = Standing(DEVICE, open_port, emit, trace)
        self._emit = emit
        self._trace = trace
        self._stored_cursor = stored_cursor
        self._fitting = NoteFitting() if fitting is None else fitting
        self._is_crc = self._fitting.crc is not False
        self._gate = NoteGate()
        self._escrow = Escrow()
        self._pasts: dict[str, Past] = {}
        self._serial = ""
        self._session: NoteSession | None = None
        self._identity: NoteIdentity | None = None

    def accept(self, generation: Generation, values: frozenset[Minor]) -> None:
        self._gate.want(generation, values)

    def inhibit(self, generation: Generation) -> None:
        self._gate.want(generation, NOTHING)

    async def stack(self) -> None:
        self._decide(Route.STACK)

    async def give_back(self) -> None:
        self._decide(Route.RETURN)

    def passport(self) -> Passport:
        return self._standing.passport(self._fitting.address, self._identity)

    async def self_check(self) -> None:
        await until_checked(self._session, "note validator", lambda: self._standing.is_well)

    async def drain(self) -> None:
        await until_drained(self._session, "note validator")

    async def run(self) -> NoReturn:
        await self._standing.run(self._serve_until_lost)

    async def _serve_until_lost(self, port: BytePort) -> NoReturn:
        try:
            await self._serve(port)
        finally:
            self._session = self._identity = None

    def _decide(self, route: Route) -> None:
        if not self._escrow.decide(route):
            raise DeviceUnavailable(f"no note in escrow that could be told to {route.name.lower()}")
        self._gate.wake()

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
        self._session, self._identity = session, identity
        if identity.serial != self._serial:
            self._escrow.left()
            self._serial = identity.serial
        while True:
            try:
                await session.check()
                self._standing.went_online(identity.serial, identity.firmware)
                await session.poll_forever(identity)
            except Faulty as fault:
                self._standing.found_faulty("note_validator.fault", str(fault))
                await session.until_healthy(identity)
