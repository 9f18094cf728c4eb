"""Our cabinet driver and an input and output module that was not made here: contacts bounce, it is lost, it comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.devices import (
    CoinsFell,
    DeviceEvent,
    DeviceOnline,
    DoorMoved,
    Hazard,
    HazardCleared,
    HazardRaised,
    JackMoved,
    KeyPressed,
    TactileKey,
)
from chargepoint.domain.signals import Colour, Lamp, Rhythm
from chargepoint.domain.units import ConnectorId
from drivers.cabinet.driver import FULL_INPUTS, FULL_OUTPUTS, CabinetDriver
from drivers.modbus.bus import ModbusBus
from drivers.trace import Trace
from tests.foreign.driven import Driven, played
from tests.foreign.patience import counted_opener, until
from tests.foreign.rtu import Rs485, Unit

JACK, DOOR, EMERGENCY, MAINS, PAYOUT = 4, 5, 6, 7, 8
STOP, STOP_OVER = HazardRaised(Hazard.EMERGENCY_STOP), HazardCleared(Hazard.EMERGENCY_STOP)


class Station(Driven):
    def __init__(self, folder: Path) -> None:
        self.unit = Unit(
            input=dict.fromkeys(range(16), 0),
            bits=dict.fromkeys(range(16), 0),
            coils=dict.fromkeys(range(8), 0),
        )
        self.rs485 = Rs485(folder / "by-id", {1: self.unit})
        super().__init__(self.rs485.line)
        bus = ModbusBus(
            counted_opener(str(folder / "by-id"), 9_600), Trace("cabinet", self.clock.monotonic)
        )
        self.driver = CabinetDriver(
            bus, self.events.append, clock=self.clock, inputs=FULL_INPUTS, outputs=FULL_OUTPUTS
        )

    @override
    def runs(self) -> list[Coroutine[Any, Any, None]]:
        return [self.driver.run()]

    def moved(self, place: int, closed: int) -> None:
        """Counters count closings."""
        self.unit.input[place] += max(0, closed - self.unit.bits[place])
        self.unit.bits[place] = closed

    async def chatter(self, place: int, for_s: float, every_s: float = 0.03) -> None:
        for turn in range(round(for_s / every_s)):
            self.moved(place, turn % 2)
            await asyncio.sleep(every_s)

    def told(self) -> list[DeviceEvent]:
        return [event for event in self.events if not isinstance(event, DeviceOnline)]


Story = Callable[[Station], Awaitable[None]]


def play(folder: Path, story: Story, *, before: Callable[[Station], None] | None = None) -> None:
    def made() -> Station:
        station = Station(folder)
        if before is not None:
            before(station)
        return station

    played(made, story)


def test_emergency_stop_that_chatters_is_told_at_once_and_once(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.driver.watch(closely=True)
        await station.chatter(EMERGENCY, 5.0)
        assert station.told() == [STOP]
        station.moved(EMERGENCY, 0)
        await until(lambda: STOP_OVER in station.events, 1.5)
        assert station.told() == [STOP, STOP_OVER]

    play(tmp_path, story)


@pytest.mark.parametrize("closely", [True, False])
def test_emergency_stop_is_told_within_the_next_look(closely: bool, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.driver.watch(closely=closely)
        await asyncio.sleep(1.0)
        station.moved(EMERGENCY, 1)
        await until(lambda: station.told() == [STOP], 0.3 if closely else 0.7)

    play(tmp_path, story)


@pytest.mark.parametrize("released", [True, False])
def test_module_lost_while_the_emergency_stop_is_pressed_forgets_nothing(
    released: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.moved(EMERGENCY, 1)
        await until(lambda: STOP in station.events)
        station.unit.is_dead = True
        await until(lambda: len(station.offline) == 1, 10.0)
        await asyncio.sleep(60)
        assert STOP_OVER not in station.events  # nobody knows
        station.moved(EMERGENCY, int(not released))
        station.unit.is_dead = False
        await station.online(2)
        await asyncio.sleep(3)
        assert (STOP_OVER in station.events) == released
        assert station.events.count(STOP) == 1

    play(tmp_path, story)


def test_emergency_stop_pressed_while_the_module_was_lost_is_told_when_it_is_back(
    tmp_path: Path,
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        station.rs485.line.pull_out()
        await until(lambda: len(station.offline) == 1, 3.0)
        station.moved(EMERGENCY, 1)
        station.rs485.line.plug_in()
        await until(lambda: STOP in station.events, 15.0)

    play(tmp_path, story)


@pytest.mark.parametrize(("place", "event"), [(JACK, JackMoved), (DOOR, DoorMoved)])
def test_contact_that_shakes_is_told_when_it_has_settled(
    place: int, event: type[JackMoved | DoorMoved], tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        await station.chatter(place, 3.0)
        station.moved(place, 1)
        await until(lambda: event(True) in station.events, 1.0)
        await station.chatter(place, 3.0)
        station.moved(place, 0)
        await until(lambda: event(False) in station.events, 2.0)
        assert station.told() == [event(True), event(False)]

    play(tmp_path, story)


def test_contacts_found_closed_are_told_at_the_first_look(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        found = {STOP, JackMoved(True), DoorMoved(True)}
        await until(lambda: set(station.told()) == found, 0.1)

    def closed(station: Station) -> None:
        for place in (JACK, DOOR, EMERGENCY):
            station.moved(place, 1)

    play(tmp_path, story, before=closed)


@pytest.mark.parametrize("answer", ["refused", "unheard"])
def test_emergency_stop_is_heard_though_the_lamps_take_no_orders(
    answer: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.online()
        if answer == "refused":
            station.unit.on_write = lambda address, _value: station.unit.coils[-1]  # exception 02
        else:
            station.rs485.twist = lambda said: [] if said[1] == 5 else [(0.0, said)]
        station.driver.light(ConnectorId(1), Lamp(Colour.GREEN, Rhythm.STEADY))
        await asyncio.sleep(3)
        station.moved(EMERGENCY, 1)
        await until(lambda: STOP in station.events, 2.5)
        assert station.incidents == ["cabinet.no_outputs"]
        assert station.offline == []
        station.moved(0, 1)
        await until(lambda: KeyPressed(TactileKey.PREV) in station.events, 2.5)

    play(tmp_path, story)


def test_module_that_restarts_makes_up_no_coins_and_no_keys(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.online()
        for _ in range(7):
            station.moved(PAYOUT, 1)
            await asyncio.sleep(0.3)
            station.moved(PAYOUT, 0)
        await asyncio.sleep(1)
        fell = [event.count for event in station.said(CoinsFell)]
        assert sum(fell) == 7
        station.unit.input = dict.fromkeys(range(16), 0)
        await asyncio.sleep(2)
        assert [event for event in station.told() if not isinstance(event, CoinsFell)] == []
        fell = [event.count for event in station.said(CoinsFell)]
        assert sum(fell) == 7

    play(tmp_path, story)
