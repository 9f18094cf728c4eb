"""The charge that runs at a point, and the telephone of whoever has no account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from central.errors import PointAway
from central.greencard.records import StartKey
from tests.support.browser import Browser
from tests.support.central import CARD, START, a_cost, a_receipt, euros
from tests.support.members import World, a_world

PAGE = "abcdefghijklmnopqrstuvwxyz"
POINT = "CP-1"


@dataclass
class Points:
    """In place of the network: what points were asked, and what they answer."""

    answer: dict[str, Any] | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def claim(self, point: str) -> None: ...

    async def release(self, point: str) -> bool:
        return False

    async def call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert (point, action) == (POINT, "DataTransfer")
        self.asked.append((payload["messageId"], json.loads(payload["data"])))
        if self.answer is None:
            raise PointAway(point)
        return self.answer


def rejected(reason: str) -> dict[str, Any]:
    return {"status": "Rejected", "data": json.dumps({"reason": reason})}


def news(**changes: Any) -> dict[str, Any]:
    """`Session.Cost` of a charge that runs, and may be stopped with its code."""
    return a_cost(page=PAGE, hasCode=True, most=euros(1000)) | changes


def tell(world: World, **changes: Any) -> Any:
    return say(world, "Session.Cost", news(**changes))


def say(world: World, message_id: str, content: dict[str, Any], point: str = POINT) -> Any:
    desk = world.system._office.desk
    return desk.answer(point, "es.citere", message_id, json.dumps(content))


@contextmanager
def a_charge(**changes: Any) -> Iterator[tuple[World, Browser, Points]]:
    world = a_world()
    points = Points({"status": "Accepted"})
    world.system.network = points
    world.system.charges.start(StartKey(POINT, 1, CARD, START, 1000))
    assert tell(world, **changes)[0] == "Accepted"
    with world.browser() as browser:
        yield world, browser, points


def settle(world: World, **changes: Any) -> None:
    world.system.charges.stop(POINT, 1, 11_000, START, "Local")
    assert say(world, "Session.Receipt", a_receipt(page=PAGE, **changes))[0] == "Accepted"
