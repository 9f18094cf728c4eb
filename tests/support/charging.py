"""A charging desk with points that only listen."""

from collections.abc import Awaitable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepoint.app.charging_desk import ChargingDesk, Wiring
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.supply.charging_profile import Capabilities, Profile
from chargepoint.domain.supply.composite_schedule import Supply
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId, Wh
from chargepoint.ports import Clock
from simulator.vtime import VirtualClock


async def _at_once() -> None:
    pass


class MemoryProfiles:
    """`charging_ports.ProfileStore`. Hand the same one to a second desk to play a restart."""

    def __init__(self) -> None:
        self.kept: dict[int, Profile] = {}

    def all(self) -> list[Profile]:
        return list(self.kept.values())

    def change(self, removed: Collection[int], added: Collection[Profile]) -> Awaitable[None]:
        for number in removed:
            self.kept.pop(number, None)
        self.kept |= {profile.id: profile for profile in added}
        return _at_once()


@dataclass
class ListeningPoint:
    connector: ConnectorId
    told: list[CurrentAllowed] = field(default_factory=list)
    seen: PointSeen = field(init=False)

    def __post_init__(self) -> None:
        self.seen = PointSeen("idle/free", PointData(self.connector))

    def post(self, event: CurrentAllowed) -> None:
        self.told.append(event)

    @property
    def limits(self) -> list[int]:
        """In whole amperes, as they were told."""
        return [each.limit // 1000 for each in self.told]


class DeskUnderTest:
    """Two connectors of 32 A and three phases; the points do what the test says."""

    def __init__(
        self,
        store: MemoryProfiles | None = None,
        clock: Clock | None = None,
        phases: int = 3,
        wiring: Wiring | None = None,
    ) -> None:
        self.store = store or MemoryProfiles()
        self.clock = clock or VirtualClock()
        self.points = {ConnectorId(n): ListeningPoint(ConnectorId(n)) for n in (1, 2)}
        self.desk = ChargingDesk(
            self.store,
            self.clock,
            wiring or Wiring(MilliAmp(32_000), Supply(230, phases)),
            Capabilities(),
            lambda: self.points,
            spawn=self._finish,
        )

    def begin(self, connector: int, session: str, at: datetime | None = None) -> None:
        tariff, tag = Tariff(), "TAG"
        order = StartOrder(SessionId(session), Means.TOKEN, tag, tariff, None)
        running = Session(order, at or self.clock.utc(), Wh(0), Wh(0), None)
        data = PointData(ConnectorId(connector), session=running)
        self._becomes(connector, PointSeen("session/energised", data))

    def end(self, connector: int) -> None:
        self._becomes(connector, PointSeen("idle/free", PointData(ConnectorId(connector))))

    def changes(self, connector: int, data: PointData) -> None:
        """Of a running session: what is measured, a fault, a temperature."""
        self._becomes(connector, PointSeen("session/energised", data))

    def limits(self, connector: int) -> list[int]:
        return self.points[ConnectorId(connector)].limits

    def _becomes(self, connector: int, seen: PointSeen) -> None:
        self.points[ConnectorId(connector)].seen = seen
        self.desk.heard(ConnectorId(connector), seen)

    @staticmethod
    def _finish(work: Coroutine[Any, Any, Any], name: str) -> None:
        del name
        with suppress(StopIteration):
            work.send(None)
