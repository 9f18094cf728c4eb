"""Reserved at the central system, kept and claimed at a whole station, in virtual time."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from central.reservations import hours
from central.reservations.records import Holder, Reservation, State, Told
from central.reservations.rules import Rules
from central.reservations.service import Reservations
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.station_ready import until_ready
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual

RULES = Rules(least_ahead_minutes=5, tell_before_minutes=5, look_before_minutes=3, grace_minutes=5)
_AFTERNOON = "2026-11-21T15:00:00+01:00"
_HEAD = """title: reservations
given:
  time: TIME
  cards: {GC-1: {balance: 20.00}, GC-2: {balance: 20.00}}
steps:
"""
_CONNECTED = "{ocpp: {sent: BootNotification}, connector: {1: Available, 2: Available}, within: 1m}"


@dataclass
class Street:
    """A station of two connectors, its central system, and the people in front of it."""

    virtual: VirtualStation
    player: Player

    @property
    def service(self) -> Reservations:
        return self.virtual.central.reservations

    @property
    def point(self) -> str:
        (known,) = self.virtual.central.registry.points()
        return known.id

    def holder(self, who: int = 1) -> Holder:
        return Holder(who, self.virtual.cards[f"GC-{who}"].number)

    def ahead(self, who: int = 1) -> Reservation:
        """For a quarter past, about fourteen minutes from now."""
        begin = hours.floor(self.service.register.now()) + hours.QUARTER
        made = self.service.desk.reserve(self.holder(who), self.point, "", begin, 60)
        assert isinstance(made, Reservation), made
        return made

    def fresh(self, one: Reservation) -> Reservation:
        found = self.service.register.rows.one(one.id)
        assert found is not None
        return found

    async def play(self, steps: str) -> None:
        """Steps of a scenario, one a line."""
        lines = [line.strip() for line in steps.strip().splitlines()]
        scenario = parse(
            _HEAD.replace("TIME", _AFTERNOON) + "".join(f"  - {line}\n" for line in lines)
        )
        assert await self.player.run(scenario.steps) == ()


def on_the_street(story: Callable[[Street], Awaitable[None]], at: str = _AFTERNOON) -> None:
    scenario = parse(_HEAD.replace("TIME", at) + f"  - expect: {_CONNECTED}\n")

    async def told() -> None:
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(scenario, config, Path(folder), tasks)
            async with virtual.running() as station:
                await until_ready(station, expects_link=True)
                street = Street(virtual, Player(station, lambda *_: None))
                street.service.register.rules = RULES
                await street.play(f"expect: {_CONNECTED}")
                await story(street)
                assert virtual.witness.broken == []

    with tempfile.TemporaryDirectory() as folder:
        config = resolved(scenario, StationOptions(), Path(folder))
        assert scenario.given.time is not None
        run_virtual(told(), start=scenario.given.time)


def test_an_hour_is_kept_shown_claimed_by_code_and_charged() -> None:
    async def story(street: Street) -> None:
        one = street.ahead()
        await street.play(
            """wait: 9m
            expect: {connector: {1: Available}}
            expect: {connector: {1: Reserved, 2: Available}, within: 90s}
            touch: connector_1
            expect: {screen: home_reserved, within: 5s}"""
        )
        assert street.fresh(one).told is Told.YES
        digits = "\n".join(f"touch: key_{digit}" for digit in one.code)
        await street.play(
            f"""touch: reservation
            expect: {{screen: res_id, within: 5s}}
            {digits}
            touch: key_ok
            expect: {{screen: res_ok, within: 10s}}
            plug: {{connector: 1, ev: {{soc: 20, max_a: 16, battery_kwh: 40}}}}
            expect: {{screen: pay, within: 10s}}
            tap: GC-2
            expect: {{screen: gc_ok, within: 15s}}
            touch: start
            expect: {{screen: charging, within: 30s}}
            expect: {{ocpp: {{sent: StartTransaction, where: {{reservationId: {one.id}}}}}, within: 10s}}
            wait: 7m"""
        )
        assert street.fresh(one).state is State.USED
        await street.play(
            """tap: GC-2
            unplug: {connector: 1}
            expect: {connector: {1: Available}, within: 30s}"""
        )
        assert street.fresh(one).state is State.DONE

    on_the_street(story)


def test_the_card_it_was_made_for_opens_it_too() -> None:
    async def story(street: Street) -> None:
        one = street.ahead()
        await street.play(
            """wait: 11m
            plug: {connector: 1, ev: {soc: 20, max_a: 16, battery_kwh: 40}}
            expect: {screen: home_reserved, within: 5s}
            tap: GC-1
            expect: {screen: res_ok, within: 15s}
            expect: {screen: gc_ok, within: 10s}
            touch: start
            expect: {screen: charging, within: 30s}
            wait: 1m"""
        )
        assert street.fresh(one).state is State.USED

    on_the_street(story)


def test_nobody_comes_and_the_connector_is_free_again() -> None:
    async def story(street: Street) -> None:
        one = street.ahead()
        await street.play(
            """wait: 11m
            expect: {connector: {1: Reserved}}
            wait: 7m
            expect: {connector: {1: Reserved}}
            expect: {connector: {1: Available}, within: 3m}
            wait: 2s"""
        )
        missed = street.fresh(one)
        assert (missed.state, missed.outcome) == (State.MISSED, "mark")
        assert isinstance(
            street.service.desk.reserve_now(street.holder(2), street.point, "", 15), Reservation
        )
        await street.play("expect: {connector: {1: Reserved}, within: 10s}")

    on_the_street(story)


def test_a_point_that_was_away_is_told_when_it_is_back() -> None:
    async def story(street: Street) -> None:
        one = street.ahead()
        gone = street.ahead(2)
        assert (one.connector, gone.connector) == (1, 2)
        await street.play("wait: 10m\nexpect: {connector: {1: Reserved, 2: Reserved}, within: 1m}")
        await street.play("fault: {device: network, kind: unplugged}\nwait: 1m")
        street.service.desk.cancel(2, gone.id)
        begin = one.ends
        made = street.service.desk.reserve(street.holder(2), street.point, "", begin, 30)
        assert isinstance(made, Reservation)
        await street.play(
            """clear: {device: network}
            expect: {connector: {1: Reserved, 2: Available}, within: 2m}
            wait: 2s"""
        )
        days = street.service.register.rows.calendars(street.point)
        assert made.begins_at in days[made.connector]
        assert street.service.register.rows.withdrawals(street.point, one.made_at) == []

    on_the_street(story)


def test_now_is_kept_at_once_and_cancelled_at_once() -> None:
    async def story(street: Street) -> None:
        made = street.service.desk.reserve_now(street.holder(), street.point, "", 30)
        assert isinstance(made, Reservation)
        await street.play("expect: {connector: {1: Reserved}, within: 5s}")
        assert street.fresh(made).told is Told.YES
        street.service.desk.cancel(1, made.id)
        await street.play("expect: {connector: {1: Available}, within: 5s}")

    on_the_street(story)


def test_a_bay_that_breaks_is_exchanged_before_its_holder_comes() -> None:
    async def story(street: Street) -> None:
        one = street.ahead()
        await street.play(
            """wait: 9m
            expect: {connector: {1: Reserved}, within: 90s}
            central: {send: ChangeAvailability, payload: {connectorId: 1, type: Inoperative}}
            expect: {connector: {1: Unavailable}, within: 10s}
            expect: {connector: {2: Reserved}, within: 3m}"""
        )
        moved = street.fresh(one)
        assert (moved.connector, moved.told, moved.state) == (2, Told.YES, State.BOOKED)

    on_the_street(story)


def test_who_charges_there_before_is_not_in_the_way_where_there_is_another() -> None:
    async def story(street: Street) -> None:
        one, other = street.ahead(), street.ahead(2)
        assert {one.connector, other.connector} == {1, 2}
        street.service.desk.cancel(2, other.id)
        await street.play(
            """plug: {connector: 1, ev: {soc: 20, max_a: 16, battery_kwh: 80}}
            expect: {screen: pay, within: 10s}
            tap: GC-2
            expect: {screen: gc_ok, within: 15s}
            touch: start
            expect: {screen: charging, within: 30s}
            wait: 8m
            expect: {connector: {2: Reserved}, within: 4m}
            expect: {contactor: {1: closed}}"""
        )
        assert street.fresh(one).connector == 2  # moved, and told

    on_the_street(story)


def test_the_second_half_past_two_of_a_night_is_kept_an_hour_after_the_first() -> None:
    async def story(street: Street) -> None:
        zone = street.service.register.zone
        first, second = hours.local_moments(date(2026, 10, 25), time(2, 30), zone)
        assert second - first == timedelta(hours=1)
        holder, desk = street.holder(), street.service.desk
        made = desk.reserve(holder, street.point, "", second, 30)
        assert isinstance(made, Reservation)
        assert made.begins_at == "2026-10-25T01:30:00.000Z"
        await street.play(
            """wait: 13m
            expect: {connector: {1: Available}}
            expect: {connector: {1: Reserved}, within: 3m}
            touch: connector_1
            expect: {screen: home_reserved, says: "02:35", within: 5s}"""
        )
        assert street.fresh(made).told is Told.YES

    on_the_street(story, "2026-10-25T02:10:00+01:00")
