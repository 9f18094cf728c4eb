"""Health and cash levels: on change, daily, one under way at most."""

import asyncio
import json
from collections.abc import Mapping

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.app.upkeep import CASH, HEALTH, LOOK_S, Upkeep
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch
from chargepoint.domain.units import ConnectorId
from simulator.vtime import VirtualClock, run_virtual

ONE = ConnectorId(1)


class Desk:
    """Journal, settings and cash book in one."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.sent: list[VendorMessage] = []
        self.coins = 5
        self.is_offline = False
        self.seen = PointSeen("idle/free", PointData(ONE))
        clock = VirtualClock()
        self.upkeep = Upkeep(
            self, clock, points=self.points, watch=DeviceWatch(clock), book=self, wake=self.woken
        )

    def woken(self) -> None:
        """Nobody sleeps here."""

    def points(self) -> Mapping[ConnectorId, PointSeen]:
        return {ONE: self.seen}

    def levels(self) -> list[tuple[str, int, int]]:
        return [("hopper", 10, self.coins)]

    def append(self, batch: Batch) -> "asyncio.Future[None]":
        self.kept |= dict(batch.settings)
        self.sent += [m for m in batch.deliveries if isinstance(m, VendorMessage)]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def is_queued(self, key: str) -> bool:
        return self.is_offline and key in {message.key for message in self.sent}

    def kinds(self) -> list[str]:
        return [message.message_id for message in self.sent]


def test_both_are_told_once_then_on_change_and_daily_and_never_pile_up() -> None:
    async def story() -> None:
        desk = Desk()
        running = asyncio.get_running_loop().create_task(desk.upkeep.run())
        await asyncio.sleep(LOOK_S + 1)
        assert desk.kinds() == [HEALTH, CASH]
        assert desk.sent[1].payload["totalMinor"] == 50
        desk.coins = 4
        await asyncio.sleep(3600)
        assert desk.kinds() == [HEALTH, CASH]  # the first is still under way
        for message in list(desk.sent):
            desk.upkeep.delivered(message)
        await asyncio.sleep(LOOK_S + 1)
        assert desk.kinds() == [HEALTH, CASH, CASH]
        desk.upkeep.delivered(desk.sent[-1])
        desk.coins = 3
        await asyncio.sleep(300)
        assert len(desk.sent) == 3  # ten minutes of quiet
        await asyncio.sleep(400)
        assert len(desk.sent) == 4
        await asyncio.sleep(86_400)
        assert desk.kinds()[4:] == [HEALTH, CASH]
        running.cancel()

    run_virtual(story())


def test_week_without_a_central_system_leaves_one_of_each() -> None:
    async def story() -> None:
        desk = Desk()
        desk.is_offline = True
        running = asyncio.get_running_loop().create_task(desk.upkeep.run())
        await asyncio.sleep(7 * 86_400)
        assert desk.kinds() == [HEALTH, CASH]
        for message in list(desk.sent):
            desk.upkeep.delivered(message)
        await asyncio.sleep(LOOK_S + 1)
        assert desk.kinds() == [HEALTH, CASH] * 2  # as it is now: what was told is a week old
        running.cancel()

    run_virtual(story())


def test_faults_are_told_by_their_references() -> None:
    async def story() -> None:
        desk = Desk()
        desk.seen = PointSeen("idle/free", PointData(ONE).with_fault("weld", "meter_lost"))
        found = desk.upkeep.health()["connectors"][0]["faults"]
        assert [each["reference"] for each in found] == ["F04", "F20"]
        json.dumps(desk.upkeep.health())

    run_virtual(story())
