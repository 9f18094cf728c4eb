"""The whole core and connectors that were not made here, on real lines. Whatever goes wrong with one of
them while a car charges, the socket is dead within bounds, the central system hears of it, and what is
billed is what the meter last said and was believed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from chargepoint.domain.devices import CoinCursor
from chargepoint.ports import Emit, Hardware
from tests.foreign.houses import METER, HeidelbergHouse, House, OpenEvseHouse
from tests.foreign.meters import b23
from tests.foreign.patience import run_patiently, until
from tests.foreign.rtu import Unit, put_floats
from tests.support.live_core import ONE, TWO, LiveStation, _Coins, _Reader, a_live_station

H = TypeVar("H", bound=House)

pytestmark = pytest.mark.timeout(120)  # minutes of a station, on a machine that may be busy


@dataclass
class Told(Generic[H]):
    station: LiveStation
    house: H

    def errors(self) -> set[str]:
        told = self.station.central.of("StatusNotification")
        return {each["errorCode"] for each in told if each["connectorId"] == 1} - {"NoError"}

    @property
    def stops(self) -> list[dict[str, Any]]:
        return self.station.central.of("StopTransaction")

    async def start(self) -> None:
        asked = {"idTag": "TAG", "connectorId": 1}
        assert await self.station.says("RemoteStartTransaction", **asked) == "Accepted"
        self.house.plug("C")
        await until(lambda: self.house.is_live, 20.0)


@asynccontextmanager
async def charging(folder: Path, kind: Callable[[Path], H]) -> AsyncIterator[Told[H]]:
    async with a_live_station(folder, is_booted=False) as station:
        house = kind(folder)

        def opened(emit: Emit, _cursor: Callable[[str], CoinCursor | None]) -> Hardware:
            two = station.sockets[TWO]
            two.emit = emit
            connectors = {ONE: house.hardware(station.clock, emit), TWO: two.hardware()}
            return Hardware(connectors, _Coins(), _Reader())

        station._open = opened  # type: ignore[method-assign]
        told = Told(station, house)
        try:
            await station.boot()
            await asyncio.sleep(10)
            await told.start()
            await asyncio.sleep(60)
            assert house.is_live
            yield told
        finally:
            await station.down()
            house.pull_out()


async def goes_wrong(
    told: Told[H], begin: Callable[[H], object], bound_s: float, error: str
) -> None:
    house = told.house
    known_kwh = house.kwh
    begin(house)
    await until(lambda: not house.is_live, bound_s)
    dead_kwh = house.kwh
    await asyncio.sleep(30)
    assert not house.is_live
    assert error in told.errors()
    await until(lambda: bool(told.stops), 60.0)
    assert known_kwh * 1000 - 20 <= told.stops[0]["meterStop"] <= dead_kwh * 1000 + 1


def not_a_number(meter: Unit) -> None:
    put_floats(meter.input, {0x48: float("nan")})


def gone_back(meter: Unit) -> None:
    put_floats(meter.input, {0x48: 999.0})


def leapt(meter: Unit) -> None:
    put_floats(meter.input, {0x48: 1500.0})


def replaced(house: House) -> None:
    house.meter_line.units[METER] = b23()


BAD_METER: dict[str, tuple[Callable[[House], object], float]] = {
    "dead": (lambda h: setattr(h.meter, "is_dead", True), 12.0),
    "busy for ever": (lambda h: setattr(h.meter, "refuses_with", 6), 6.0),
    "no number": (lambda h: setattr(h, "says", not_a_number), 6.0),
    "gone back": (lambda h: setattr(h, "says", gone_back), 6.0),
    "leapt": (lambda h: setattr(h, "says", leapt), 6.0),
    "of another type": (replaced, 12.0),
}
BAD_OPENEVSE: dict[str, tuple[Callable[[OpenEvseHouse], object], float, str]] = {
    "silent": (lambda h: setattr(h.board, "is_mute", True), 10.0, "InternalError"),
    "unplugged": (lambda h: h.board.line.pull_out(), 4.0, "InternalError"),
    "answers for another command": (
        lambda h: h.board.says_instead.update(GS="OK 6 80 16 32"),
        6.0,
        "InternalError",
    ),
    "refuses its state": (lambda h: h.board.says_instead.update(GS="NK"), 8.0, "InternalError"),
    "over its own current": (
        lambda h: h.board.says_instead.update(GS="OK 0b 0 03 0540"),
        6.0,
        "OverCurrentFailure",
    ),
    "relay module dead": (lambda h: setattr(h.relay, "is_dead", True), 4.0, "InternalError"),
    "line of meter and relay unplugged": (
        lambda h: h.meter_line.line.pull_out(),
        4.0,
        "PowerMeterFailure",
    ),
    "car pulls more than offered": (
        lambda h: setattr(h, "greed_a", 8.0),
        20.0,  # a car may take ten to follow
        "OverCurrentFailure",
    ),
}
BAD_HEIDELBERG: dict[str, tuple[Callable[[HeidelbergHouse], object], float, str]] = {
    "silent": (lambda h: setattr(h.box.unit, "is_dead", True), 12.0, "InternalError"),
    "unplugged": (lambda h: h.box.rs485.line.pull_out(), 4.0, "InternalError"),
    "refuses everything": (lambda h: setattr(h.box.unit, "refuses_with", 4), 12.0, "InternalError"),
    "in no state there is": (lambda h: setattr(h.box, "state_instead", 99), 6.0, "InternalError"),
    "in error": (lambda h: setattr(h.box, "state_instead", 11), 6.0, "OtherError"),
    "pilot short": (lambda h: setattr(h.box, "state_instead", 9), 6.0, "EVCommunicationError"),
}


@pytest.mark.parametrize("kind", [OpenEvseHouse, HeidelbergHouse])
@pytest.mark.parametrize("name", BAD_METER)
def test_meter_that_goes_wrong_ends_the_sale_at_the_last_believed_value(
    name: str, kind: Callable[[Path], House], tmp_path: Path
) -> None:
    async def story() -> None:
        async with charging(tmp_path, kind) as told:
            await goes_wrong(told, *BAD_METER[name], "PowerMeterFailure")

    run_patiently(story())


@pytest.mark.parametrize("name", BAD_OPENEVSE)
def test_openevse_that_goes_wrong_leaves_a_dead_socket_and_is_told(
    name: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with charging(tmp_path, OpenEvseHouse) as told:
            await goes_wrong(told, *BAD_OPENEVSE[name])

    run_patiently(story())


@pytest.mark.parametrize("name", BAD_HEIDELBERG)
def test_heidelberg_that_goes_wrong_gives_no_current_and_is_told(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with charging(tmp_path, HeidelbergHouse) as told:
            await goes_wrong(told, *BAD_HEIDELBERG[name])

    run_patiently(story())


@pytest.mark.parametrize("kind", [OpenEvseHouse, HeidelbergHouse])
def test_socket_is_dead_within_four_seconds_of_the_core(
    kind: Callable[[Path], House], tmp_path: Path
) -> None:
    async def story() -> None:
        async with charging(tmp_path, kind) as told:
            await told.station.down()
            await until(lambda: not told.house.is_live, 4.0)
            await asyncio.sleep(30)
            assert not told.house.is_live

    run_patiently(story())


@pytest.mark.parametrize("kind", [OpenEvseHouse, HeidelbergHouse])
def test_lines_that_return_under_other_names_serve_the_next_car(
    kind: Callable[[Path], House], tmp_path: Path
) -> None:
    async def story() -> None:
        async with charging(tmp_path, kind) as told:
            house = told.house
            house.pull_out()
            await until(lambda: not house.is_live, 4.0)
            await asyncio.sleep(20)
            house.plug_in()
            await asyncio.sleep(20)
            house.plug("A")
            await until(lambda: told.station.statuses()[-1] == "Available", 60.0)
            await told.start()

    run_patiently(story())
