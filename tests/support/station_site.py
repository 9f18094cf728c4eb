"""A station and its door over fake devices, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chargepoint.app.door import StationGate
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.point_actor import PointActor
from chargepoint.app.projection import Panel
from chargepoint.app.station_actor import StationActor
from chargepoint.contract import Station
from chargepoint.domain.devices import (
    BoardAnswered,
    ContactorMoved,
    DeviceEvent,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import KioskChanged, Pressed
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Minor, Watt, Wh
from chargepoint.ports import Hardware, LinkState
from simulator.vtime import VirtualClock, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.points import PUBLIC
from tests.support.surroundings import (
    Acceptor,
    Board,
    CountingEntropy,
    MemoryJournal,
    QuietBackend,
    Tasks,
)

ONE, TWO = ConnectorId(1), ConnectorId(2)
CARD = "7123450000000012"


class NoMoneyDesk:
    """No payment devices: money orders go nowhere."""

    def make_safe(self, effect: object) -> None: ...

    def execute(self, effect: object) -> None: ...

    def device_changed(self, device: object, *, online: bool) -> None: ...


class Site:
    """Two connectors, a coin acceptor, a central system that says what it is told to say."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.tasks, self.journal = Tasks(), MemoryJournal()
        self.backend, self.acceptor = QuietBackend(), Acceptor()
        self.boards = {ONE: Board(), TWO: Board()}
        self.restarts: list[bool] = []
        self.registers = {ONE: 1000, TWO: 1000}
        connectors = {c: board.hardware() for c, board in self.boards.items()}
        hardware = Hardware(connectors, self.acceptor)
        seen = {c: PointSeen(data=PointData(c)) for c in self.boards}
        now = Now(self.clock.monotonic(), self.clock.utc())
        settings = DialogueSettings(tariff=PUBLIC, minimum=Minor(100))
        dialogue = DialogueMachine(opening_data(seen, {}, "es"), settings, now)
        entropy = CountingEntropy()
        self.station = StationActor(
            dialogue,
            hardware,
            self.journal,
            self.clock,
            entropy,
            panel=Panel(Station()),
            spawn=self.tasks.spawn,
        )
        self.points = {c: self._point(c, board) for c, board in self.boards.items()}
        self.door = StationGate(
            self.station,
            hardware,
            self.clock,
            entropy,
            point_settings=PointSettings(),
            spawn=self.tasks.spawn,
            restart=self.restarts.append,
            correct_clock=lambda _utc: None,
            profiles=DeskUnderTest().desk,
            delivered=lambda _message, _content: None,
        )
        self.door.connect(self.backend)
        self.station.connect(self.points, self.backend, NoMoneyDesk())

    def _point(self, connector: ConnectorId, board: Board) -> PointActor:
        keeper = LeaseKeeper(board, board, self.tasks.spawn, f"lease:{connector}")
        self.tasks.spawn(keeper.run(), f"lease:{connector}")
        return PointActor(
            connector,
            board.hardware(),
            keeper,
            self.journal,
            self.clock,
            settings=PointSettings(),
            spawn=self.tasks.spawn,
            heard=self.station.heard,
        )

    async def started(self) -> None:
        for connector, point in self.points.items():
            self.tasks.spawn(point.run(), f"point:{connector}")
        self.tasks.spawn(self.station.run(), "station")
        self.station.post(KioskChanged(alive=True))
        self.door.link_changed(LinkState.ONLINE)
        for connector in self.points:
            await self.emit(
                BoardAnswered(connector, Pilot.A, contactor_closed=False, locked=False, fault=None),
                self.sampled(connector, 0),
            )

    def sampled(self, connector: ConnectorId, energy: int) -> MeterSampled:
        self.registers[connector] += energy
        register = Wh(self.registers[connector])
        return MeterSampled(connector, register, Watt(0), MilliAmp(0), MilliVolt(230_000))

    async def emit(self, *events: DeviceEvent) -> None:
        for event in events:
            self.station.emit(event)
        await asyncio.sleep(0.01)

    async def press(self, button: str) -> None:
        self.station.post(Pressed(button, self.station.dialogue.screen_seq))
        await asyncio.sleep(0.01)

    async def plug(self, connector: ConnectorId = ONE) -> None:
        await self.emit(PilotChanged(connector, Pilot.B))

    async def energise(self, connector: ConnectorId = ONE) -> None:
        await self.emit(LockMoved(connector, locked=True), PilotChanged(connector, Pilot.C))
        await self.emit(ContactorMoved(connector, closed=True), self.sampled(connector, 500))

    def state(self, connector: ConnectorId = ONE) -> str:
        return self.points[connector].seen.state

    def session(self, connector: ConnectorId = ONE) -> Any:
        return self.points[connector].seen.session

    @property
    def screen(self) -> str:
        newest = self.station.feed.newest
        assert newest is not None
        return newest.screen


def at_the_site(story: Callable[[Site], Awaitable[None]]) -> None:
    async def play() -> None:
        site = Site()
        await site.started()
        await story(site)
        await site.tasks.stop()
        assert site.tasks.crashes == []

    run_virtual(play())
