"""The real core in virtual time: its own actors, journal and RPC; sockets that act, a scripted central."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint import compose
from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    CoinCursor,
    CoinSeen,
    ContactorMoved,
    DeviceKind,
    DeviceOnline,
    DeviceRef,
    GreenCardRead,
    LockJammed,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.dialogue.events import KioskChanged, Pressed
from chargepoint.domain.units import (
    ConnectorId,
    Generation,
    MilliAmp,
    MilliVolt,
    Minor,
    Watt,
    Wh,
)
from chargepoint.ports import CardReader, ConnectorHardware, Emit, Hardware
from chargepoint.store.journal import open_inline
from chargepoint.world import World
from config.schema import Config
from simulator.entropy import SeededEntropy
from simulator.vtime import VirtualClock
from tests.support.ocpp_peer import ScriptedCentral, until

ONE, TWO = ConnectorId(1), ConnectorId(2)
POWER = 3600  # W: one Wh a second


@dataclass
class LiveSocket:
    """Board, lease and meter of one connector, and the vehicle at it; survives a restart."""

    connector: ConnectorId
    clock: VirtualClock
    pilot: Pilot = Pilot.A
    locked: bool = False
    closed: bool = False
    wanted: bool = False
    jams: bool = False
    limit: int = 32_000
    energy_wh: float = 1000.0
    since_s: float = 0.0
    emit: Emit = field(default=lambda _event: None)

    # --- the vehicle ---

    def move(self, pilot: Pilot) -> None:
        self.pilot = pilot
        self.emit(PilotChanged(self.connector, pilot))
        self._settle()

    def fault(self, fault: BoardFault) -> None:
        self.emit(BoardFaultRaised(self.connector, fault))

    def heal(self, fault: BoardFault) -> None:
        self.emit(BoardFaultCleared(self.connector, fault))

    # --- ports.EvseBoard ---

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        del generation
        self.wanted, self.limit = True, limit
        self._settle()

    async def forbid(self, generation: Generation) -> None:
        del generation
        self.wanted = False
        self._settle()

    async def set_limit(self, limit: MilliAmp) -> None:
        self.limit = limit
        self._settle()

    async def set_lock(self, *, locked: bool) -> None:
        await asyncio.sleep(0.2)
        if self.jams:
            self.emit(LockJammed(self.connector, locked))
        elif self.locked != locked:
            self.locked = locked
            self.emit(LockMoved(self.connector, locked))

    # --- ports.ContactorLease ---

    async def renew(self, generation: Generation) -> None: ...

    async def revoke(self, generation: Generation) -> None: ...

    # --- ports.Meter ---

    def set_fast(self, *, fast: bool) -> None: ...

    async def sample(self) -> None:
        self._count()
        power = POWER if self.closed else 0
        current = MilliAmp(power * 1000 // 230)
        register = Wh(int(self.energy_wh + 1e-6))
        self.emit(MeterSampled(self.connector, register, Watt(power), current, MilliVolt(230_000)))

    def hardware(self) -> ConnectorHardware:
        return ConnectorHardware(self, _Idle(self), _Meter(self))

    async def run(self) -> None:
        self.emit(DeviceOnline(DeviceRef(DeviceKind.EVSE, self.connector)))
        self.emit(BoardAnswered(self.connector, self.pilot, self.closed, self.locked, None))
        await asyncio.Event().wait()

    def power_cut(self) -> None:
        """Nothing holds a contactor; a lock without power stays where it is."""
        self._count()
        self.wanted = self.closed = False

    def _settle(self) -> None:
        closed = self.wanted and self.pilot in (Pilot.C, Pilot.D) and self.limit >= 6000
        if closed != self.closed:
            self._count()
            self.closed = closed
            self.emit(ContactorMoved(self.connector, closed))

    def _count(self) -> None:
        now_s = self.clock.monotonic()
        if self.closed:
            self.energy_wh += POWER * (now_s - self.since_s) / 3600
        self.since_s = now_s


@dataclass
class _Idle:
    socket: LiveSocket

    async def renew(self, generation: Generation) -> None: ...

    async def revoke(self, generation: Generation) -> None: ...

    async def run(self) -> None:
        await asyncio.Event().wait()


@dataclass
class _Meter:
    socket: LiveSocket

    def set_fast(self, *, fast: bool) -> None: ...

    async def sample(self) -> None:
        await self.socket.sample()

    async def run(self) -> None:
        while True:
            await self.socket.sample()
            await asyncio.sleep(1)


class _Reader:
    def arm(self) -> None: ...

    def disarm(self) -> None: ...

    async def run(self) -> None:
        await asyncio.Event().wait()


class _Coins:
    def accept(self, generation: Generation) -> None: ...

    def inhibit(self, generation: Generation) -> None: ...

    async def run(self) -> None:
        await asyncio.Event().wait()


class _Patient:
    def ping(self) -> None: ...

    def ready(self) -> None: ...


@dataclass
class LiveStation:
    """What a test does to a station; `restart` and `power_cut` keep journal, sockets and central."""

    folder: Path
    central: ScriptedCentral
    overrides: dict[str, str]
    config: Config = field(default_factory=Config)
    clock: VirtualClock = field(default_factory=VirtualClock)
    world_clock: VirtualClock = field(default_factory=VirtualClock)  # the right one
    sockets: dict[ConnectorId, LiveSocket] = field(default_factory=dict)
    exits: list[str] = field(default_factory=list)
    core: Any = None
    coins: int = 0
    _journal: Any = None
    _lives: int = 0

    def __post_init__(self) -> None:
        self.sockets = {c: LiveSocket(c, self.clock) for c in (ONE, TWO)}

    async def boot(self) -> None:
        self._lives += 1
        self._journal = open_inline(str(self.folder / "journal.sqlite"), self.clock)
        self.core = compose.Core(self.config, self._world())
        await self.core.start()
        self.core.station.post(KioskChanged(alive=True))
        await asyncio.sleep(3)

    async def down(self) -> None:
        if self.core is None:
            return
        core, self.core = self.core, None
        await core.abandon()
        for socket in self.sockets.values():
            socket.emit = _deaf
        self._journal.close()
        with contextlib.suppress(AssertionError):
            await self.central.drop()

    async def restart(self, away_s: float = 20.0) -> None:
        """The process ends, contactors fall with their leases, and it comes back."""
        await self.down()
        for socket in self.sockets.values():
            socket.power_cut()
        await asyncio.sleep(away_s)
        await self.boot()

    # --- people ---

    async def plug(self, connector: ConnectorId = ONE, pilot: Pilot = Pilot.C) -> None:
        self.sockets[connector].move(pilot)
        await asyncio.sleep(1)

    async def unplug(self, connector: ConnectorId = ONE) -> None:
        await self.plug(connector, Pilot.A)

    async def coin(self, value: int = 200) -> None:
        self.coins += 1
        self.core.station.emit(
            CoinSeen(Minor(value), CoinCursor("C1", 1, self.coins, self.coins % 256))
        )
        await asyncio.sleep(1)

    async def card(self, number: str = "7123450000000018") -> None:
        self.core.station.emit(GreenCardRead(number, "04AA"))
        await asyncio.sleep(2)

    async def press(self, button: str) -> None:
        session = self.core.station.dialogue.data.point.session
        seq = self.core.station.dialogue.screen_seq
        self.core.station.post(Pressed(button, seq, session.id if session else ""))
        await asyncio.sleep(1)

    async def cash_charge(self, seconds: float = 60.0, connector: ConnectorId = ONE) -> None:
        """Plug, coins, Start, and some energy."""
        await self.plug(connector)
        await self.coin()
        await self.press("start")
        await asyncio.sleep(seconds)

    async def card_charge(self, seconds: float = 60.0, connector: ConnectorId = ONE) -> None:
        await self.plug(connector)
        await self.card()
        await asyncio.sleep(10)  # the account is asked for, or the offline rule decides
        await self.press("start")
        await asyncio.sleep(seconds)

    # --- the central system ---

    async def asks(self, action: str, **payload: Any) -> Any:
        frame = await self.central.call(action, payload)
        assert frame[0] == 3, frame
        return frame[2]

    async def says(self, action: str, **payload: Any) -> str:
        status: str = (await self.asks(action, **payload))["status"]
        return status

    async def sets(self, key: str, value: str) -> None:
        assert await self.says("ChangeConfiguration", key=key, value=value) == "Accepted"

    async def remote_charge(self, seconds: float = 60.0, tag: str = "TAG") -> None:
        assert await self.says("RemoteStartTransaction", idTag=tag, connectorId=1) == "Accepted"
        await self.plug()
        await asyncio.sleep(seconds)

    # --- what can be seen ---

    def state(self, connector: ConnectorId = ONE) -> str:
        return str(self.core.station.points[connector].seen.state)

    def statuses(self, connector: int = 1) -> list[str]:
        told = self.central.of("StatusNotification")
        return [each["status"] for each in told if each["connectorId"] == connector]

    def is_drained(self) -> bool:
        return self._journal.head() is None

    async def drained(self, limit_s: float = 600.0) -> None:
        await until(self.is_drained, limit_s)

    # --- inside ---

    def _world(self) -> World:
        return World(
            clock=self.clock,
            entropy=SeededEntropy(self._lives, "core"),
            journal=self._journal,
            connect=self.central.connect,
            open_hardware=self._open,
            watchdog=_Patient(),
            on_exit=self.exits.append,
            correct_clock=self._correct,
            observe_ocpp=lambda _direction, _text: None,
            overrides=self.overrides,
        )

    def _correct(self, utc: datetime) -> None:
        off = utc - self.clock.utc()
        if abs(off.total_seconds()) > 1:
            self.clock.step(off)

    def _open(self, emit: Emit, _cursor: Callable[[str], CoinCursor | None]) -> Hardware:
        for socket in self.sockets.values():
            socket.emit = emit
        reader: CardReader = _Reader()
        return Hardware({c: s.hardware() for c, s in self.sockets.items()}, _Coins(), reader)


def _deaf(_event: object) -> None:
    """Nobody hears a device whose core is gone."""


@asynccontextmanager
async def a_live_station(
    folder: Path,
    *,
    is_booted: bool = True,
    config: Config | None = None,
    **overrides: str,
) -> AsyncIterator[LiveStation]:
    """Booted, online, nobody there. `overrides`: OCPP keys given on the command line."""
    central = ScriptedCentral()
    async with asyncio.TaskGroup() as group:
        central._group = group
        station = LiveStation(folder, central, overrides, config or Config())
        for name, answer in _TIMED.items():
            central.answers[name] = _at(station.world_clock, answer)
        if is_booted:
            await station.boot()
        try:
            yield station
        finally:
            await station.down()


_TIMED: dict[str, dict[str, Any]] = {
    "BootNotification": {"status": "Accepted", "interval": 300},
    "Heartbeat": {},
}


def _at(clock: VirtualClock, answer: dict[str, Any]) -> Callable[[Any], dict[str, Any]]:
    """An answer that tells the time of the world."""

    def tell(_call: Any) -> dict[str, Any]:
        now = clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**answer, "currentTime": now}

    return tell
