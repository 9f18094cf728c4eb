"""The whole core and a connector that was not made here: board, relay and meter on real lines. Whatever
goes wrong with one of them while a car charges, the socket is dead within bounds, the central system
hears of it, and what is billed is what the meter last said and was believed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.devices import CoinCursor
from chargepoint.ports import ConnectorHardware, Emit, Hardware
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.rapi.driver import OpenEvseDriver
from drivers.trace import Trace
from tests.foreign.meters import b23, sdm630
from tests.foreign.openevse import OpenEvse
from tests.foreign.patience import counted_opener, patient_loop, run_patiently, until
from tests.foreign.relay import RelayModule
from tests.foreign.rtu import Rs485, Unit, put_floats
from tests.support.live_core import ONE, TWO, LiveStation, _Coins, _Reader, a_live_station

RELAY, METER = 1, 7
TICK_S = 0.1
VOLTS, CAR_A = 230.0, 16.0


class House:
    """A car at a socket behind the board's relay, whose coil the relay module feeds."""

    def __init__(self, folder: Path) -> None:
        self.board = OpenEvse(folder / "board")
        self.relay, self.meter = RelayModule(), sdm630()
        self.rs485 = Rs485(folder / "rs485", {RELAY: self.relay, METER: self.meter})
        self.folder = folder
        self.greed_a = 0.0  # beyond what it is offered
        self.kwh = 1000.0
        self.says: Callable[[Unit], None] = lambda _meter: None
        self._tick()

    @property
    def is_live(self) -> bool:
        return self.board.is_closed and self.relay.is_on

    def _tick(self) -> None:
        patient_loop().call_later(TICK_S, self._tick)
        asked_a = self.board.offer_a + self.greed_a if self.greed_a else CAR_A
        amperes = float(min(asked_a, self.board.offer_a + self.greed_a)) if self.is_live else 0.0
        watts = amperes * VOLTS
        self.kwh += watts * TICK_S / 3_600_000
        values = {0x00: VOLTS, 0x06: amperes, 0x0C: watts, 0x34: watts, 0x48: self.kwh}
        put_floats(self.meter.input, values)
        self.says(self.meter)

    def pull_out(self) -> None:
        self.board.line.pull_out()
        self.rs485.line.pull_out()

    def hardware(self, station: LiveStation, emit: Emit) -> ConnectorHardware:
        clock = station.clock
        bus = ModbusBus(
            counted_opener(str(self.folder / "rs485"), 9_600), Trace("rs485", clock.monotonic)
        )
        board = OpenEvseDriver(
            counted_opener(str(self.folder / "board"), 115_200),
            emit,
            Trace("evse", clock.monotonic),
            clock=clock,
            connector=ONE,
        )
        lease = LeaseTimerDriver(
            bus, emit, clock=clock, connector=ONE, unit=RELAY, relay=RelayMap()
        )
        meter = ModbusMeterDriver(bus, emit, clock=clock, connector=ONE, unit=METER)
        return ConnectorHardware(board, lease, meter)


@dataclass
class Told:
    station: LiveStation
    house: House

    def errors(self) -> set[str]:
        told = self.station.central.of("StatusNotification")
        return {each["errorCode"] for each in told if each["connectorId"] == 1} - {"NoError"}

    @property
    def stops(self) -> list[dict[str, Any]]:
        return self.station.central.of("StopTransaction")


@asynccontextmanager
async def charging(folder: Path) -> AsyncIterator[Told]:
    async with a_live_station(folder, is_booted=False) as station:
        house = House(folder)

        def opened(emit: Emit, _cursor: Callable[[str], CoinCursor | None]) -> Hardware:
            two = station.sockets[TWO]
            two.emit = emit
            connectors = {ONE: house.hardware(station, emit), TWO: two.hardware()}
            return Hardware(connectors, _Coins(), _Reader())

        station._open = opened  # type: ignore[method-assign]
        try:
            await station.boot()
            await asyncio.sleep(10)
            asked = {"idTag": "TAG", "connectorId": 1}
            assert await station.says("RemoteStartTransaction", **asked) == "Accepted"
            house.board.plug("C")
            await until(lambda: house.is_live, 20.0)
            await asyncio.sleep(60)
            assert house.is_live
            yield Told(station, house)
        finally:
            await station.down()
            house.pull_out()


def not_a_number(meter: Unit) -> None:
    put_floats(meter.input, {0x48: float("nan")})


def gone_back(meter: Unit) -> None:
    put_floats(meter.input, {0x48: 999.0})


def leapt(meter: Unit) -> None:
    put_floats(meter.input, {0x48: 1500.0})


def replaced(house: House) -> None:
    house.rs485.units[METER] = b23()


TROUBLE: dict[str, tuple[Callable[[House], object], float, str]] = {
    "board silent": (lambda h: setattr(h.board, "is_mute", True), 10.0, "InternalError"),
    "board unplugged": (lambda h: h.board.line.pull_out(), 4.0, "InternalError"),
    "board answers for another command": (
        lambda h: h.board.says_instead.update(GS="OK 6 80 16 32"),
        6.0,
        "InternalError",
    ),
    "board refuses its state": (
        lambda h: h.board.says_instead.update(GS="NK"),
        8.0,
        "InternalError",
    ),
    "board over its own current": (
        lambda h: h.board.says_instead.update(GS="OK 0b 0 03 0540"),
        6.0,
        "OverCurrentFailure",
    ),
    "relay module dead": (lambda h: setattr(h.relay, "is_dead", True), 4.0, "InternalError"),
    "line of meter and relay unplugged": (
        lambda h: h.rs485.line.pull_out(),
        4.0,
        "PowerMeterFailure",
    ),
    "meter dead": (lambda h: setattr(h.meter, "is_dead", True), 12.0, "PowerMeterFailure"),
    "meter busy for ever": (
        lambda h: setattr(h.meter, "refuses_with", 6),
        6.0,
        "PowerMeterFailure",
    ),
    "meter says no number": (lambda h: setattr(h, "says", not_a_number), 6.0, "PowerMeterFailure"),
    "meter gone back": (lambda h: setattr(h, "says", gone_back), 6.0, "PowerMeterFailure"),
    "meter leapt": (lambda h: setattr(h, "says", leapt), 6.0, "PowerMeterFailure"),
    "meter of another type": (replaced, 12.0, "PowerMeterFailure"),
    "car that pulls more than offered": (
        lambda h: setattr(h, "greed_a", 8.0),
        20.0,  # a car may take ten to follow
        "OverCurrentFailure",
    ),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_socket_is_dead_within_bounds_it_is_told_and_what_was_believed_is_billed(
    name: str, tmp_path: Path
) -> None:
    begin, bound_s, error = TROUBLE[name]

    async def story() -> None:
        async with charging(tmp_path) as told:
            house = told.house
            known_kwh = house.kwh
            begin(house)
            await until(lambda: not house.is_live, bound_s)
            dead_kwh = house.kwh
            await asyncio.sleep(30)
            assert not house.is_live
            assert error in told.errors()
            await until(lambda: bool(told.stops), 60.0)
            stop_wh = told.stops[0]["meterStop"]
            assert known_kwh * 1000 - 20 <= stop_wh <= dead_kwh * 1000 + 1

    run_patiently(story())


Healed = Callable[[House], object]
HEALED: dict[str, tuple[Healed, Healed]] = {
    "board": (lambda h: h.board.line.pull_out(), lambda h: h.board.line.plug_in()),
    "rs485": (lambda h: h.rs485.line.pull_out(), lambda h: h.rs485.line.plug_in()),
}


@pytest.mark.parametrize("line", HEALED)
def test_line_that_returns_under_another_name_serves_the_next_car(
    line: str, tmp_path: Path
) -> None:
    lose, give_back = HEALED[line]

    async def story() -> None:
        async with charging(tmp_path) as told:
            house, station = told.house, told.station
            lose(house)
            await until(lambda: not house.is_live, 4.0)
            await asyncio.sleep(20)
            give_back(house)
            await asyncio.sleep(20)
            house.board.plug("A")
            await until(lambda: station.statuses()[-1] == "Available", 60.0)
            asked = {"idTag": "TAG", "connectorId": 1}
            assert await station.says("RemoteStartTransaction", **asked) == "Accepted"
            house.board.plug("C")
            await until(lambda: house.is_live, 20.0)

    run_patiently(story())
