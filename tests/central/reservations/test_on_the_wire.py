"""Reservations as a point meets them: ReserveNow, Reservation.Claim, Authorize, StartTransaction."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from central.reservations.records import Reservation, State, Told
from central.system import CentralSystem
from tests.support.central import FixedClock, Point, connected
from tests.support.reserving import CARDS, a_place, ahead, fresh, holder, told

pytestmark = pytest.mark.usefixtures("both_databases")

Story = Callable[[Point], Awaitable[None]]


def talk(system: CentralSystem, story: Story) -> None:
    async def conversation() -> None:
        async with connected(system) as point:
            await story(point)

    asyncio.run(conversation())


async def claim(point: Point, **content: Any) -> tuple[str, dict[str, Any]]:
    answer = await point.result(
        "DataTransfer",
        {
            "vendorId": "es.citere",
            "messageId": "Reservation.Claim",
            "data": json.dumps({"connectorId": 1, **content}),
        },
    )
    return answer["status"], json.loads(answer["data"])


def test_claim_is_answered_with_reservation_token_and_end_or_with_the_reason() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = ahead(system)
    clock.advance(hours=1, minutes=50)

    async def story(point: Point) -> None:
        right = {
            "reservationId": one.id,
            "connectorId": 1,
            "idTag": one.code,
            "until": one.arrive_by,
        }
        assert await claim(point, code=one.code) == ("Accepted", right)
        assert await claim(point, cardNumber=CARDS[1]) == ("Accepted", right)
        wrong = "000000" if one.code != "000000" else "111111"
        for reason in [*["unknown"] * 5, "wait"]:
            assert await claim(point, code=wrong) == (
                "Rejected",
                {"status": "Rejected", "reason": reason},
            )
        assert (await claim(point, code=7))[0] == "Rejected"
        assert (await claim(point))[0] == "Rejected"

    talk(system, story)


def test_a_card_is_of_its_reservations_group_where_it_reserved_and_only_there() -> None:
    system = a_place()
    ahead(system)

    async def story(point: Point) -> None:
        mine = await point.result("Authorize", {"idTag": CARDS[1]})
        assert mine["idTagInfo"] == {"status": "Accepted", "parentIdTag": CARDS[1]}
        other = await point.result("Authorize", {"idTag": CARDS[2]})
        assert other["idTagInfo"] == {"status": "Accepted"}

    talk(system, story)


def test_a_start_names_its_reservation_and_the_stop_ends_it() -> None:
    clock = FixedClock()
    system = a_place(clock=clock)
    one = told(system, ahead(system))
    clock.advance(hours=2)

    async def story(point: Point) -> None:
        started = await point.start(one.code, reservationId=one.id)
        assert fresh(system, one).state is State.USED
        assert await point.start(one.code, reservationId=one.id) == started  # repeated
        for _ in range(2):
            await point.stop(started["transactionId"], 2000)
            assert fresh(system, one).state is State.DONE

    talk(system, story)


def test_reserve_now_asks_the_point_and_believes_its_answer() -> None:
    for answer, state in (("Accepted", State.BOOKED), ("Occupied", State.REFUSED)):
        system = a_place()
        made = system.reservations.desk.reserve_now(holder(1), "CP-1", "", 30)
        assert isinstance(made, Reservation)
        talk(system, lambda point, s=system, a=answer: _answered(point, s, a))  # type: ignore[misc]
        assert fresh(system, made).state is state
        assert fresh(system, made).told is (Told.YES if answer == "Accepted" else Told.NO)


async def _answered(point: Point, system: CentralSystem, answer: str) -> None:
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(system.reservations.teller.tell("CP-1"))
        kind, number, action, payload = await point.next()
        assert (kind, action, payload["connectorId"]) == (2, "ReserveNow", 1)
        assert payload["parentIdTag"] == CARDS[1]
        await point.socket.send(json.dumps([3, number, {"status": answer}]))
        await telling
