"""One life of the core process in virtual time, and how it ends: sealed first, cancelled after.

Killed, nothing of it may reach the world or the disk any more, as after SIGKILL: so the ports, the
journal and the link are sealed before any of its code gets the chance to clean up.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chargepoint import compose
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.ocpp.link import Terms
from chargepoint.ocpp.security import signing
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.payment_ports import NoteCursorStore, PaymentHardware, Persist
from chargepoint.ports import Emit, Entropy, Hardware
from chargepoint.security_ports import Installer, Transfer
from chargepoint.store import schema
from chargepoint.store.journal import Journal
from chargepoint.store.writer import InlineWriter
from chargepoint.world import NoInstaller, NoTransfer, World
from config.devices import Device
from config.schema import Config
from drivers.factory import Surroundings, build_hardware, build_payment_hardware
from drivers.lines import sharing
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import OnFrame
from simulator.disk import Disk, StallingWriter
from simulator.pipes import MemoryLine
from simulator.powercut import CuttingWriter
from simulator.relay_links import Link, MemoryLink
from simulator.sealed import SealableLink, SealablePort
from simulator.site_view import SimulatedSite
from simulator.vtime import VirtualClock

Connect = Callable[[], Awaitable[MemoryLink]]
CLOCK_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Outside:
    """What most stations in virtual time have none of: keys on disk, file servers, packages.

    `admit` sees by which terms the link is dialled, and may raise LinkRefused.
    """

    security: SecurityWorld = field(default_factory=SecurityWorld)
    transfer: Transfer = field(default_factory=NoTransfer)
    installer: Installer = field(default_factory=NoInstaller)
    admit: Callable[[Terms], None] = lambda _terms: None


@dataclass(frozen=True, slots=True)
class CoreSurroundings:
    """What outlives the core: lines, clock, disk, network."""

    config: Config
    lines: Mapping[str, MemoryLine]  # by the port of the configuration
    clock: VirtualClock
    entropy: Entropy
    journal: Path
    connect: Connect
    on_exit: Callable[[str], None]
    disk: Disk
    on_frame: OnFrame | None = None
    ocpp_overrides: Mapping[str, str] | None = None
    outside: Outside = field(default_factory=Outside)
    moved: Callable[[str, str, str], None] = lambda _machine, _before, _after: None


class VirtualCore:
    """Implements virtual_kiosk.CoreDoor."""

    def __init__(self, around: CoreSurroundings) -> None:
        self._around = around
        self.watchdog = PatientWatchdog()
        self._is_sealed = False
        self._ports: list[SealablePort] = []
        self._links: list[SealableLink] = []
        self._profiles: list[Profile] = []
        self._read_at = -1  # rows that had been written
        self._connection = connection = schema.connect(str(around.journal), check=True)
        # The host does not lose its power: a cut is simulated by sealing the writer.
        connection.execute("PRAGMA synchronous = OFF")
        schema.migrate(connection)
        self.writer = CuttingWriter(StallingWriter(InlineWriter(connection), around.disk))
        self._journal = Journal(str(around.journal), around.clock, connection, self.writer)
        self._knows_time = self._never_before(self._journal.newest_moment())
        self.core = compose.Core(around.config, self._world())
        self.core.station.observe = around.moved
        self.subscribe = self.core.subscribe
        self.intent = self.core.intent
        self.listen = self.core.listen
        self.told = self.core.told
        self.shown = self.core.shown
        self.presence = self.core.presence

    def profiles(self) -> list[Profile]:
        """The charging profiles that are durable now; read again when anything was written."""
        written = self._connection.total_changes
        if written != self._read_at:
            self._read_at, self._profiles = written, self._journal.profiles.all()
        return self._profiles

    async def start(self) -> None:
        await self.core.start()

    def seal(self) -> None:
        """From now on this core changes nothing, whatever it still does."""
        self._is_sealed = True
        self.writer.seal()
        self._around.disk.lose()
        for port in self._ports:
            port.seal()
        for link in self._links:
            link.seal()

    async def end(self) -> None:
        """Sealed before, cancelled now."""
        assert self._is_sealed
        await self.core.abandon()
        self._journal.close()

    # --- what the core reaches the world through ----------------------------------------------------

    def _world(self) -> World:
        around = self._around
        return World(
            clock=around.clock,
            entropy=around.entropy,
            journal=self._journal,
            connect=self._connect,
            open_hardware=self._open_hardware,
            open_payment=self._open_payment,
            watchdog=self.watchdog,
            on_exit=around.on_exit,
            correct_clock=self._correct_clock,
            observe_ocpp=lambda _direction, _text: None,
            overrides=around.ocpp_overrides or {},
            security=around.outside.security,
            transfer=around.outside.transfer,
            installer=around.outside.installer,
            verify=_is_signed,
            site=SimulatedSite(),
            knows_time=self._knows_time,
        )

    def _open_hardware(
        self, emit: Emit, stored_cursor: Callable[[str], CoinCursor | None]
    ) -> Hardware:
        around = self._around
        self._sharing = sharing(around.config, self._open_line)
        return build_hardware(
            around.config,
            Surroundings(
                emit,
                around.clock,
                around.entropy,
                stored_cursor,
                self._sharing,
                around.on_frame,
            ),
        )

    def _open_payment(
        self, emit: Emit, persist: Persist, stored_cursor: NoteCursorStore
    ) -> PaymentHardware:
        around = self._around
        surroundings = Surroundings(
            emit,
            around.clock,
            around.entropy,
            lambda _serial: None,
            self._sharing,
            around.on_frame,
            stored_note_cursor=stored_cursor,
        )
        return build_payment_hardware(around.config, surroundings, persist)

    def _open_line(self, _bus: str, device: Device) -> OpenPort:
        line = self._around.lines[device.port]

        async def open_port() -> BytePort:
            if self._is_sealed:
                raise PortLost(f"{device.port}: sealed")
            port = SealablePort(await line.open_port())
            self._ports.append(port)
            return port

        return open_port

    async def _connect(self, terms: Terms) -> Link:
        if self._is_sealed:
            raise ConnectionRefusedError("sealed")
        self._around.outside.admit(terms)
        link = SealableLink(await self._around.connect())
        self._links.append(link)
        return link

    def _never_before(self, moment: datetime | None) -> bool:
        """As the product's clock does at its start (app/clock.py)."""
        behind = timedelta(0) if moment is None else moment - self._around.clock.utc()
        if behind > timedelta(0):
            self._around.clock.step(behind)
        return behind <= timedelta(0)

    def _correct_clock(self, utc: datetime) -> None:
        off = utc - self._around.clock.utc()
        if abs(off) > CLOCK_TOLERANCE and not self._is_sealed:
            self._around.clock.step(off)


async def _is_signed(package: Path, certificate: str, signature: str) -> bool:
    """At once: there are no threads in virtual time."""
    return signing.is_signed(package, certificate, signature)


class PatientWatchdog:
    """Nobody is reset in virtual time: a loop that hangs there hangs the test. It counts."""

    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        """Well."""
        self.pings += 1

    def ready(self) -> None:
        """Up."""
