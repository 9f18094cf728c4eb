"""A point at the telephone desk: what stands on its screen, and what may be done for who stands there.

A caller without a card reads the point's number or the reference from the screen. Every look and every
order is in the audit, an order with its reason and before the point is asked: who stopped a stranger's
charge is never nobody.
"""

import asyncio
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from central.errors import CallRefused, NoAnswer, PointAway
from central.fleet.registry import PointState
from central.greencard.records import Transaction
from central.reservations.records import Bay
from central.support.agents import Agent
from central.support.audit import Audit, Look
from central.support.holds import Hold, Holds
from central.system import CentralSystem

_VENDOR = "es.citere"
_ANSWER_LIMIT_S = 6.0  # somebody is on the telephone
_HOLD_TAG = "SUPPORT"
_HOLD_ID = 2_000_000_000  # beside every number that the reservations count
_STAY_S = 300
_TEXT_MAX = 300
_LINES_MAX = 40


class Order(StrEnum):
    UNLOCK = "unlock"
    STOP = "stop"
    HOLD = "hold"
    RELEASE = "release"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Screen:
    """As the point told it; whatever it sent is bounded text here."""

    screen: str
    language: str
    is_kiosk_alive: bool
    title: str
    texts: list[str]
    buttons: list[tuple[str, bool]]
    reference: str


@dataclass(frozen=True, slots=True)
class Looked:
    """`why` no screen: away, silent, unknown (another make of station)."""

    point: PointState
    running: dict[int, Transaction]
    screen: Screen | None
    why: str = ""


class PointDesk:
    def __init__(self, system: CentralSystem, holds: Holds, audit: Audit) -> None:
        self._system = system
        self._run = system.store.run
        self._holds = holds
        self._audit = audit

    def find(self, said: str) -> list[str]:
        """Points that this number, name or reference may mean: `CP-07`, `07`, `07-1A2B`."""
        wanted = said.strip().casefold()
        number = wanted.partition("-")[0]
        points = self._system.registry.points()
        exact = [point.id for point in points if point.id.casefold() == wanted]
        if exact or not wanted:
            return exact
        called = [point.id for point in points if _number_of(point) in (wanted, number)]
        part = [point.id for point in points if wanted in point.site.name.casefold()]
        return called or part[:20]

    def name_of(self, point_id: str) -> str:
        known = self._system.registry.known(point_id)
        return point_id if known is None else known.site.name

    async def look(self, agent: Agent, point_id: str) -> Looked | None:
        point = self._system.registry.known(point_id)
        if point is None:
            return None
        running = await self._run(self._system.store.charges.running_at, point_id)
        screen, why = await self._screen(point_id)
        outcome = "shown" if screen is not None else why
        await self._run(self._audit.add, Look(agent.login, "point.look", point_id, outcome))
        return Looked(point, {each.key.connector: each for each in running}, screen, why)

    async def _screen(self, point_id: str) -> tuple[Screen | None, str]:
        try:
            answer = await self._transfer(point_id, "Point.Screen", {})
            if answer.get("status") != "Accepted":
                return None, "unknown"
            return _screen_of(json.loads(str(answer.get("data", "")))), ""
        except PointAway:
            return None, "away"
        except (NoAnswer, CallRefused, TimeoutError):
            return None, "silent"
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None, "unknown"

    async def order(
        self, agent: Agent, point_id: str, connector: int, order: Order, reason: str
    ) -> str:
        """The point's word: Accepted, Rejected, Unlocked, …; or away, silent, nothing."""
        subject = f"{point_id}/{connector}"
        look = Look(agent.login, f"point.{order}", subject, "asked", reason)
        await self._run(self._audit.add, look)
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                if order is Order.HOLD:
                    outcome = await self._hold(agent, Bay(point_id, connector), reason)
                else:
                    outcome = await self._give(point_id, connector, order)
        except PointAway:
            outcome = "away"
        except (NoAnswer, CallRefused, TimeoutError):
            outcome = "silent"
        done = Look(agent.login, f"point.{order}", subject, outcome, reason)
        await self._run(self._audit.add, done)
        return outcome

    async def _give(self, point_id: str, connector: int, order: Order) -> str:
        match order:
            case Order.UNLOCK:
                action, payload = "UnlockConnector", {"connectorId": connector}
            case Order.STOP:
                running = await self._run(self._system.store.charges.running_at, point_id)
                number = next((x.id for x in running if x.key.connector == connector), None)
                if number is None:
                    return "nothing"
                action, payload = "RemoteStopTransaction", {"transactionId": number}
            case Order.RELEASE:
                return await self._release(Bay(point_id, connector))
            case Order.STAY:
                answer = await self._transfer(point_id, "Screen.Stay", {"seconds": _STAY_S})
                return str(answer.get("status", ""))[:40]
            case Order.HOLD:
                raise AssertionError("held with a name and a reason")
            case _:
                assert_never(order)
        answer = await self._system.call(point_id, action, payload)
        return str(answer.get("status", ""))[:40]

    async def _hold(self, agent: Agent, bay: Bay, reason: str) -> str:
        """Nobody new takes the bay for a while; the desk lets go of it when the caller is there."""
        hold = await self._run(self._holds.take, agent, bay, reason)
        if hold is None:
            return "reserved"
        try:
            answer = await self._system.call(bay.point, "ReserveNow", _reservation(hold))
        except (PointAway, CallRefused):
            await self._run(self._holds.let_go, bay)
            raise
        if answer.get("status") != "Accepted":
            await self._run(self._holds.let_go, bay)
        return str(answer.get("status", ""))[:40]

    async def _release(self, bay: Bay) -> str:
        """One that the point does not know is not held any more either."""
        number = {"reservationId": _HOLD_ID + bay.connector}
        answer = await self._system.call(bay.point, "CancelReservation", number)
        await self._run(self._holds.let_go, bay)
        return str(answer.get("status", ""))[:40]

    async def _transfer(
        self, point_id: str, message: str, content: dict[str, Any]
    ) -> dict[str, Any]:
        payload = {"vendorId": _VENDOR, "messageId": message, "data": json.dumps(content)}
        async with asyncio.timeout(_ANSWER_LIMIT_S):
            return await self._system.call(point_id, "DataTransfer", payload)


def _reservation(hold: Hold) -> dict[str, Any]:
    return {
        "connectorId": hold.connector,
        "expiryDate": hold.until,
        "idTag": _HOLD_TAG,
        "reservationId": _HOLD_ID + hold.connector,
    }


def _number_of(point: PointState) -> str:
    """What stands on the point's screen: the last word of its name."""
    words = point.site.name.casefold().split()
    return words[-1] if words else ""


def _screen_of(content: Any) -> Screen:
    buttons = [each for each in content["buttons"] if isinstance(each, dict)]
    return Screen(
        _text(content["screen"]),
        _text(content.get("language", "")),
        content.get("kiosk") is True,
        _text(content.get("title", "")),
        [_text(each) for each in content.get("texts", [])[:_LINES_MAX]],
        [
            (_text(each.get("label") or each.get("id", "")), each.get("enabled") is True)
            for each in buttons[:_LINES_MAX]
        ],
        _text(content.get("reference", "")),
    )


def _text(value: object) -> str:
    return "".join(each for each in str(value) if each.isprintable())[:_TEXT_MAX]
