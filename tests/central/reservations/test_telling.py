"""What a point is told: whatever happens to the link and to the people, it catches up."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from central.clock import utc_text
from central.errors import CallRefused, NoAnswer, PointAway
from central.fleet.calendars import Calendars
from central.reservations import hours
from central.reservations.changing import Wanted
from central.reservations.records import Reservation, State, Told
from central.reservations.telling import Teller
from central.system import CentralSystem
from simulator.vtime import VirtualClock, run_virtual
from tests.support.central import FixedClock
from tests.support.reserving import a_place, ahead, fresh, holder, look, set_status

_ANSWERS = ("Accepted", "Occupied", "Faulted", "Unavailable", "Rejected", "lost", "silent")


@dataclass
class SimulatedPoint:
    """Keeps what the charge point keeps: one reservation a connector, and its days."""

    clock: FixedClock
    is_away: bool = False
    answers: list[str] = field(default_factory=list)
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)
    days: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None  # what people do before an answer is heard

    async def call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        if self.is_away:
            raise PointAway(point)
        self.heard.append(action)
        match action:
            case "ReserveNow":
                return {"status": self._reserve(payload)}
            case "CancelReservation":
                gone = self.kept.pop(payload["reservationId"], None)
                return {"status": "Rejected" if gone is None else "Accepted"}
            case _:
                day = json.loads(payload["data"])
                assert day["version"] > self.days.get(day["connectorId"], {}).get("version", 0)
                self.days[day["connectorId"]] = day
                return {"status": "Accepted"}

    def _reserve(self, wanted: dict[str, Any]) -> str:
        if self.meanwhile is not None:
            self.meanwhile()
        answer = self.answers.pop(0) if self.answers else "Accepted"
        if answer == "silent":
            raise NoAnswer("nothing heard")
        others = {n: r for n, r in self.running().items() if n != wanted["reservationId"]}
        if any(each["connectorId"] == wanted["connectorId"] for each in others.values()):
            return "Occupied"
        if answer in ("Accepted", "lost"):
            self.kept[wanted["reservationId"]] = wanted
        if answer == "lost":
            raise NoAnswer("it was kept, and the answer was lost")
        return answer

    def running(self) -> dict[int, dict[str, Any]]:
        """Those that have not expired by themselves."""
        now = utc_text(self.clock.utc())
        self.kept = {n: r for n, r in self.kept.items() if r["expiryDate"] > now}
        return self.kept


def a_teller(system: CentralSystem, point: SimulatedPoint) -> Teller:
    service = system.reservations
    calendars = Calendars(point.call, point.clock)
    return Teller(
        service.register,
        service.watch,
        system.feed,
        call=point.call,
        held=lambda: ["CP-1"],
        calendars=calendars,
    )


def tell(teller: Teller) -> None:
    asyncio.run(teller.tell("CP-1"))


def test_the_day_goes_at_once_and_the_reservation_in_time_with_code_card_and_expiry() -> None:
    clock = FixedClock()
    system, point = a_place(clock=clock), SimulatedPoint(clock)
    teller, one = a_teller(system, point), ahead(system)
    tell(teller)
    assert point.heard == ["DataTransfer"]
    assert point.days[1]["entries"] == [
        {"from": one.begins_at, "to": one.arrive_by, "kind": "reserved"}
    ]
    tell(teller)
    assert point.heard == ["DataTransfer"]
    clock.advance(hours=1, minutes=45)
    tell(teller)
    assert point.kept[one.id] == {
        "connectorId": 1,
        "expiryDate": one.arrive_by,
        "idTag": one.code,
        "parentIdTag": one.number,
        "reservationId": one.id,
    }
    assert fresh(system, one).told is Told.YES
    tell(teller)
    assert point.heard == ["DataTransfer", "ReserveNow"]


def test_what_was_cancelled_while_the_point_was_away_is_cancelled_there_when_it_is_back() -> None:
    clock = FixedClock()
    system, point = a_place(clock=clock), SimulatedPoint(clock)
    teller, one = a_teller(system, point), ahead(system)
    clock.advance(hours=1, minutes=50)
    tell(teller)
    point.is_away = True
    system.reservations.desk.cancel(1, one.id)
    tell(teller)
    assert one.id in point.kept
    point.is_away = False
    tell(teller)
    assert point.running() == {}
    assert point.days[1]["entries"] == []


@pytest.mark.parametrize("answer", ["Occupied", "Faulted", "Unavailable", "Rejected", "silent"])
def test_a_refusal_is_not_asked_again_and_again_but_when_the_connector_changes(answer: str) -> None:
    clock = FixedClock()
    system, point = a_place(clock=clock), SimulatedPoint(clock, answers=[answer])
    teller, one = a_teller(system, point), ahead(system)
    set_status(system, "CP-1", 1, "Charging")
    clock.advance(hours=1, minutes=46)
    tell(teller)
    assert fresh(system, one).told is (Told.UNSURE if answer == "silent" else Told.NO)
    asked = point.heard.count("ReserveNow")
    if answer != "silent":
        tell(teller)
        assert point.heard.count("ReserveNow") == asked
    set_status(system, "CP-1", 1, "Available")
    tell(teller)
    assert fresh(system, one).told is Told.YES


def test_a_point_that_knows_no_calendars_is_told_in_time_all_the_same() -> None:
    clock = FixedClock()
    system, point = a_place(clock=clock), SimulatedPoint(clock)

    class Older(SimulatedPoint):
        @override
        async def call(self, at: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
            if action == "DataTransfer":
                raise CallRefused("NotImplemented", "no such action")
            return await super().call(at, action, payload)

    point = Older(clock)
    teller, one = a_teller(system, point), ahead(system)
    tell(teller)
    clock.advance(hours=1, minutes=50)
    tell(teller)
    assert fresh(system, one).told is Told.YES


def test_in_a_network_that_never_pauses_a_point_is_told_in_time() -> None:
    async def story() -> None:
        clock = VirtualClock()
        system, point = a_place(clock=clock, points=("CP-1", "CP-2")), SimulatedPoint(FixedClock())
        begin = hours.floor(clock.utc()) + timedelta(minutes=45)
        made = system.reservations.desk.reserve(holder(1), "CP-1", "", begin, 60)
        assert isinstance(made, Reservation)
        teller = a_teller(system, point)
        async with teller.telling():
            while clock.utc() < begin - timedelta(minutes=14, seconds=58):
                system.feed.changed("point", "CP-2")
                await asyncio.sleep(0.5)
        assert fresh(system, made).told is Told.YES

    run_virtual(story())


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["reserve", "now", "cancel", "change", "away", "back", "pass", "tell", "tell, change"]
        ),
        st.integers(1, 5),
        st.sampled_from(_ANSWERS),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=_STEPS)
def test_whatever_happened_when_all_is_quiet_the_point_keeps_what_is_reserved(
    steps: list[tuple[str, int, str]],
) -> None:
    clock = FixedClock()
    system, point = a_place(clock=clock, connectors=2), SimulatedPoint(clock)
    teller = a_teller(system, point)
    for what, who, answer in steps:
        if what.startswith("tell"):
            point.answers = [answer]
            if what == "tell, change":  # while ReserveNow is on the wire
                point.meanwhile = partial(happens, system, point, "change", who)
            look(system)
            tell(teller)
            point.meanwhile = None
        else:
            happens(system, point, what, who)
    happens(system, point, "back", 0)
    point.answers = []
    for _ in range(4):
        clock.advance(seconds=31)
        look(system)
        tell(teller)
    assert agrees(system, point)


def happens(system: CentralSystem, point: SimulatedPoint, what: str, who: int) -> None:
    desk, clock = system.reservations.desk, point.clock
    begin = clock.utc().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + who % 3)
    match what:
        case "reserve":
            desk.reserve(holder(who), "CP-1", "", begin, 60)
        case "now":
            desk.reserve_now(holder(who), "CP-1", "", 30)
        case "cancel":
            desk.cancel(who, next((r.id for r in desk.mine(who) if r.is_open), 0))
        case "change":
            wanted = Wanted("CP-1", "", begin + timedelta(hours=1), 30 if who % 2 else 90)
            number = next((r.id for r in desk.mine(who) if r.is_open), 0)
            system.reservations.changing.change(who, number, wanted)
        case "away" | "back":
            point.is_away = what == "away"
            system.registry.point("CP-1").is_connected = not point.is_away
        case _:
            assert what == "pass"
            clock.advance(minutes=9 * who)


def agrees(system: CentralSystem, point: SimulatedPoint) -> bool:
    """The point keeps all that is told, nothing else, and knows the days to come."""
    register = system.reservations.register
    booked = {each.id: each for each in register.rows.open("CP-1")}
    kept = point.running()
    assert set(kept) == {n for n, each in booked.items() if each.told is Told.YES}, (kept, booked)
    for number, told in kept.items():
        one = booked[number]
        assert (told["idTag"], told["connectorId"]) == (one.code, one.connector)
        assert told["expiryDate"] == one.arrive_by
    for connector in (1, 2):
        wanted = [
            each.begins_at
            for each in booked.values()
            if each.connector == connector and each.kind == "ahead"
        ]
        known = [each["from"] for each in point.days.get(connector, {}).get("entries", [])]
        assert known == wanted
    due = [e for e in booked.values() if is_due(system, e)]
    return all(each.told is Told.YES for each in due)


def is_due(system: CentralSystem, one: Reservation) -> bool:
    register = system.reservations.register
    is_time = register.now() >= one.begins - register.rules.told_before
    return is_time and one.state is State.BOOKED
