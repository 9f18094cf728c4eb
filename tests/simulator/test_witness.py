"""What a story may never show is told, and what the design bounds in time is given that time."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace

from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.supply.derating import Derating
from chargepoint.domain.units import ConnectorId, MilliAmp, Wh
from simulator.belief import Belief, believed
from simulator.ev import Vehicle
from simulator.iec61851.contactor import Wear
from simulator.iec61851.control_pilot import Source
from simulator.promises import Ratings
from simulator.vtime import run_virtual
from simulator.witness import Sight, Witness
from simulator.world import World
from tests.support.points import a_charging_point, cash_order

ONE, TWO = ConnectorId(1), ConnectorId(2)
Scene = Callable[["Stage"], Coroutine[None, None, None]]


class Stage:
    """Two sockets, and a core that believes in charges that are paid."""

    def __init__(self, site: int | None = None) -> None:
        self.world = World((ONE, TWO))
        machine = a_charging_point(cash_order()).machine
        self.paid = PointSeen(machine.state, machine.data)
        self.points = {ONE: self.paid, TWO: self.paid}
        ratings = Ratings(MilliAmp(32_000), None if site is None else MilliAmp(site))
        self.witness = Witness(self.world, ratings, Sight(self.beliefs))

    def beliefs(self) -> dict[ConnectorId, Belief]:
        return {connector: believed(seen) for connector, seen in self.points.items()}

    async def charge(self, *connectors: ConnectorId, offered_ma: int = 16_000) -> None:
        for connector in connectors or (ONE,):
            self.world.plug(connector, Vehicle(max_a=32))
            self.world.set_source(connector, Source.PWM, offered_ma)
        await asyncio.sleep(1.0)  # the vehicle asks
        for connector in connectors or (ONE,):
            self.world.set_lock(connector, locked=True)
            self.world.set_lease(connector, on=True)
            self.world.set_relay(connector, on=True)


def told(scene: Scene, site: int | None = None) -> list[str]:
    async def play() -> list[str]:
        stage = Stage(site)
        await stage.charge()
        await scene(stage)
        return [each.expected for each in stage.witness.broken]

    return run_virtual(play())


def test_charge_that_is_paid_measured_and_asked_for_then_nothing_is_told() -> None:
    async def scene(stage: Stage) -> None:
        await asyncio.sleep(100)
        stage.world.set_relay(ONE, on=False)
        stage.world.set_lock(ONE, locked=False)
        await asyncio.sleep(100)

    assert told(scene) == []


def test_contactor_when_nobody_pays_then_told_after_the_lease() -> None:
    async def scene(stage: Stage) -> None:
        stage.points[ONE] = replace(stage.paid, state="idle/plugged")
        await asyncio.sleep(4)
        assert stage.witness.broken == []
        await asyncio.sleep(3)

    assert told(scene) == ["connector 1: closed only while a session pays"]


def test_contactor_when_the_money_is_used_up_then_told() -> None:
    async def scene(stage: Stage) -> None:
        session = stage.paid.session
        assert session is not None
        beyond = replace(session, register=Wh(session.register + 1_000_000))
        data: PointData = replace(stage.paid.data, session=beyond)
        stage.points[ONE] = replace(stage.paid, data=data)
        await asyncio.sleep(7)

    assert told(scene) == ["connector 1: closed only while a session pays"]


def test_contactor_when_the_meter_is_not_believed_then_told() -> None:
    async def scene(stage: Stage) -> None:
        data = replace(stage.paid.data, faults=frozenset({"meter_stuck"}))
        stage.points[ONE] = replace(stage.paid, data=data)
        await asyncio.sleep(7)

    assert told(scene) == ["connector 1: closed only while a believable meter counts"]


def test_contactor_when_no_core_lives_then_told_after_the_lease() -> None:
    async def scene(stage: Stage) -> None:
        stage.points.clear()
        await asyncio.sleep(4)
        assert stage.witness.broken == []
        await asyncio.sleep(3)

    assert told(scene) == ["connector 1: closed only while a core lives"]


def test_contactor_when_the_vehicle_does_not_ask_then_told_unless_it_is_welded() -> None:
    async def scene(stage: Stage) -> None:
        stage.world.change_vehicle(ONE, ready=False)
        await asyncio.sleep(3)

    async def welded(stage: Stage) -> None:
        stage.world.change_contactor(ONE, lambda poles: poles.worn(Wear.WELDED))
        await scene(stage)

    assert told(scene) == ["connector 1: closed only while the vehicle asks"]
    assert told(welded) == []


def test_offer_when_above_what_is_allowed_then_told_after_the_pilot_could_change() -> None:
    async def scene(stage: Stage) -> None:
        data = replace(stage.paid.data, allowed=MilliAmp(10_000))
        stage.points[ONE] = replace(stage.paid, data=data)
        await asyncio.sleep(7)
        assert stage.witness.broken == []
        await asyncio.sleep(4)

    assert told(scene) == ["connector 1: an offer within all limits"]


def test_offer_when_the_board_is_warm_then_held_to_what_that_leaves() -> None:
    async def scene(stage: Stage) -> None:
        data = replace(stage.paid.data, derating=Derating(MilliAmp(8_000)))
        stage.points[ONE] = replace(stage.paid, data=data)
        await asyncio.sleep(11)

    assert told(scene) == ["connector 1: an offer within all limits"]


def test_offer_when_above_the_cable_then_told_at_once() -> None:
    async def scene(stage: Stage) -> None:
        stage.world.plug(TWO, Vehicle(cable_a=13))
        stage.world.set_source(TWO, Source.PWM, 16_000)
        stage.world.set_lease(TWO, on=True)
        stage.world.set_relay(TWO, on=True)
        await asyncio.sleep(2.5)

    assert "connector 2: an offer that the cable carries" in told(scene)


def test_offers_when_above_the_site_together_then_told() -> None:
    async def scene(stage: Stage) -> None:
        await stage.charge(TWO)
        await asyncio.sleep(30)

    found = told(scene, site=20_000)
    assert found
    assert all("within the site's limit" in each for each in found)


def test_lock_when_it_lets_go_of_live_contacts_then_told_at_once_unless_by_hand() -> None:
    async def scene(stage: Stage) -> None:
        stage.world.set_lock(ONE, locked=False)

    async def by_hand(stage: Stage) -> None:
        stage.world.set_lock(ONE, locked=False, by_hand=True)

    assert told(scene) == ["connector 1: locked while the contacts are live"]
    assert told(by_hand) == []
