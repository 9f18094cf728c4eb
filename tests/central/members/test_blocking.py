"""A blocked card charges nowhere, and what runs on it is stopped or told to a person."""

import asyncio
from typing import Any

import pytest

from central.errors import NoAnswer, PointAway
from central.members.blocking import Blocking
from central.members.pages import Member
from tests.support.central import CARD, connected
from tests.support.members import World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")
Order = tuple[str, str, dict[str, Any]]


def a_charging_member(world: World) -> Member:
    with world.browser() as browser:
        world.member_with_card(browser)

    async def start() -> None:
        async with connected(world.system) as point:
            await point.start()

    asyncio.run(start())
    found = world.web.services.people.password_of("ane@example.eus")
    assert found is not None
    return found[0]


def block(world: World, member: Member, answer: dict[str, Any] | Exception) -> list[Order]:
    orders: list[Order] = []

    async def call(point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        orders.append((point, action, payload))
        if isinstance(answer, Exception):
            raise answer
        return answer

    services = world.web.services
    blocking = Blocking(world.system.store, services.wallet, world.clock, call)
    assert asyncio.run(blocking.block(member, CARD))
    return orders


def test_running_charge_when_its_card_is_blocked_then_the_point_is_asked_to_stop() -> None:
    world = a_world()
    member = a_charging_member(world)
    orders = block(world, member, {"status": "Accepted"})
    assert orders == [("CP-1", "RemoteStopTransaction", {"transactionId": 1})]
    assert world.system.charges.authorise(CARD) == "Blocked"
    assert world.system.store.findings() == []


@pytest.mark.parametrize(
    "answer", [{"status": "Rejected"}, PointAway("away"), NoAnswer("silent"), TimeoutError()]
)
def test_running_charge_when_the_point_does_not_stop_then_a_person_is_told(
    answer: dict[str, Any] | Exception,
) -> None:
    world = a_world()
    block(world, a_charging_member(world), answer)
    assert world.system.charges.authorise(CARD) == "Blocked"
    assert [each.code for each in world.system.store.findings()] == ["block.still_running"]


def test_card_of_nobody_here_then_nothing_happens() -> None:
    world = a_world()
    stranger = Member(77, "X", "x@example.eus")
    assert not asyncio.run(world.web.services.blocking.block(stranger, CARD))
    assert world.system.charges.authorise(CARD) == "Accepted"
