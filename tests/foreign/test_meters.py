"""Our meter driver and meters by their makers' lists, on lines as they are."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.units import ConnectorId
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.modbus.models import model_of
from drivers.trace import Trace
from tests.foreign.driven import Driven, played
from tests.foreign.meters import AMPERES, KWH, VOLTS, WATTS, b23, sdm72, sdm120, sdm630
from tests.foreign.patience import counted_opener, until
from tests.foreign.rtu import Rs485, Unit, float_words

METERS: dict[str, Callable[[], Unit]] = {
    "sdm120": sdm120,
    "sdm630": sdm630,
    "sdm72": sdm72,
    "sdm72v2": sdm630,
    "b23": b23,
}
UNIT = 7


class Station(Driven):
    def __init__(self, folder: Path, kind: str, unit: Unit, *, low_first: bool = False) -> None:
        self.unit = unit
        self.rs485 = Rs485(folder / "by-id", {UNIT: unit})
        super().__init__(self.rs485.line)
        trace = Trace("rs485", self.clock.monotonic)
        self.driver = ModbusMeterDriver(
            ModbusBus(counted_opener(str(folder / "by-id"), 9_600), trace, baudrate=9_600),
            self.events.append,
            clock=self.clock,
            connector=ConnectorId(1),
            unit=UNIT,
            model=model_of(kind, low_word_first=low_first, is_checked=kind != "sdm72v2"),
        )
        self.driver.set_fast(fast=True)

    @override
    def runs(self) -> list[Coroutine[Any, Any, None]]:
        return [self.driver.run()]

    @property
    def samples(self) -> list[MeterSampled]:
        return self.said(MeterSampled)


Story = Callable[[Station], Awaitable[None]]


def play(
    folder: Path, kind: str, story: Story, unit: Unit | None = None, *, low_first: bool = False
) -> None:
    played(
        lambda: Station(folder, kind, unit or METERS[kind](), low_first=low_first),
        story,
    )


def assert_right(station: Station, kind: str) -> None:
    """Every sample that was believed is what the meter holds, and nothing else."""
    shows_volts = kind != "sdm72"
    for sample in station.samples:
        assert sample.register == round(KWH * 1000)
        assert sample.power == round(WATTS)
        assert sample.current == (round(AMPERES * 1000) if shows_volts else 0)
        assert sample.voltage == (round(VOLTS * 1000) if shows_volts else 0)


def as_it_is(answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, answer)]


LINES: dict[str, Callable[[Rs485], None]] = {
    "plain": lambda _line: None,
    "byte_by_byte": lambda line: setattr(line, "at_a_time", 1),
    "echoing": lambda line: setattr(line, "echoes", True),
    "twice": lambda line: setattr(line, "twist", lambda said: [(0, said + said), (0.05, said)]),
    "noise_first": lambda line: setattr(
        line, "twist", lambda said: [(0, b"\x00\xff\x07\x04"), (0.001, said)]
    ),
    "another_first": lambda line: setattr(
        line, "twist", lambda said: [(0, bytes([UNIT + 1]) + said[1:]), (0.002, said)]
    ),
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("kind", METERS)
def test_meter_is_read_as_its_list_says(kind: str, line: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        LINES[line](station.rs485)
        await until(lambda: len(station.samples) >= 5)
        assert_right(station, kind)
        assert not station.offline

    play(tmp_path, kind, story)


@pytest.mark.parametrize("latency_s", [0.2, 0.35, 0.5, 0.8, 1.0, 1.2, 1.4, 1.7, 2.5])
@pytest.mark.parametrize("kind", ["sdm120", "sdm630"])
def test_no_answer_is_taken_for_that_of_another_question_however_late(
    kind: str, latency_s: float, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: len(station.samples) >= 2)
        station.rs485.thinks_s = latency_s
        await asyncio.sleep(120)
        station.rs485.thinks_s = 0.005
        known = len(station.samples)
        await until(lambda: len(station.samples) > known, 60)
        assert_right(station, kind)
        assert station.incidents == []

    play(tmp_path, kind, story)


@pytest.mark.parametrize("kind", ["sdm120", "sdm630", "sdm72"])
def test_numbers_whose_words_are_turned_are_refused_until_it_is_configured(
    kind: str, tmp_path: Path
) -> None:
    turned = {"sdm120": sdm120, "sdm630": sdm630, "sdm72": sdm72}[kind]

    async def refused(station: Station) -> None:
        await until(lambda: bool(station.offline))
        assert station.incidents == ["meter.implausible"]
        assert station.samples == []

    async def read(station: Station) -> None:
        await until(lambda: len(station.samples) >= 3)
        assert_right(station, kind)

    play(tmp_path, kind, refused, turned(low_first=True))
    play(tmp_path, kind, read, turned(low_first=True), low_first=True)


@pytest.mark.parametrize("kwh", [1000.0, 1024.0, 1.0, 0.5, 8192.0, 131072.0])
def test_round_number_with_turned_words_is_refused_as_well(kwh: float, tmp_path: Path) -> None:
    """Its low half is nought: turned, it is a number too small to be any."""
    unit = sdm72(low_first=True)
    unit.input[0x48], unit.input[0x49] = float_words(kwh, low_first=True)
    unit.input[0x34], unit.input[0x35] = float_words(0.0)

    async def story(station: Station) -> None:
        await until(lambda: bool(station.offline))
        assert station.incidents == ["meter.implausible"]
        assert station.samples == []

    play(tmp_path, "sdm72", story, unit)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -5.0, 1e9])
@pytest.mark.parametrize("address", [0x0006, 0x0034, 0x0048])
def test_value_that_cannot_be_true_is_told_and_not_read(
    address: int, value: float, tmp_path: Path
) -> None:
    unit = sdm630()
    unit.input[address], unit.input[address + 1] = float_words(value)

    async def story(station: Station) -> None:
        if (address, value) == (0x0034, -5.0):  # noise of a meter at rest
            return
        await until(lambda: bool(station.offline))
        assert station.samples == []
        assert station.incidents == ["meter.implausible"]
        assert station.offline[0].trace

    play(tmp_path, "sdm630", story, unit)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 8, 10, 11])
def test_meter_that_refuses_mid_charge_is_told_and_read_again_when_it_stops(
    code: int, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: len(station.samples) >= 2)
        station.unit.refuses_with = code
        await until(lambda: bool(station.offline), 5.0)
        assert f"exception {code:02X}" in station.offline[0].reason
        station.unit.refuses_with = 0
        await station.online(2, 30.0)

    play(tmp_path, "sdm630", story)


def test_meter_that_is_busy_once_goes_on(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await until(lambda: len(station.samples) >= 2)
        station.unit.refuses_with = 6
        asked = len(station.rs485.asked)
        await until(lambda: len(station.rs485.asked) > asked)
        station.unit.refuses_with = 0
        await asyncio.sleep(10)
        assert station.offline == []

    play(tmp_path, "sdm630", story)


TWISTS: dict[str, Callable[[bytes], list[tuple[float, bytes]]]] = {
    "of another unit": lambda said: [(0, bytes([UNIT + 1]) + said[1:])],
    "of another function": lambda said: [(0, said[:1] + b"\x03" + said[2:])],
    "cut short": lambda said: [(0, said[:-3])],
    "one bit wrong": lambda said: [(0, said[:4] + bytes([said[4] ^ 1]) + said[5:])],
    "without end": lambda said: [(0, said[:-1] + 400 * b"\x07\x04\x24")],
    "nothing": lambda said: [],
}


@pytest.mark.parametrize("twist", TWISTS)
def test_answer_that_is_none_is_told_with_what_was_heard(twist: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await until(lambda: len(station.samples) >= 2)
        station.rs485.twist = TWISTS[twist]
        await until(lambda: bool(station.offline), 10.0)
        assert f"no answer from unit {UNIT}" in station.offline[0].reason
        assert ("garbage" in station.offline[0].reason) == (twist != "nothing")
        assert_right(station, "sdm630")
        station.rs485.twist = None
        await station.online(2, 30.0)

    play(tmp_path, "sdm630", story)


@pytest.mark.parametrize(
    ("configured", "fitted"),
    [
        ("sdm630", "sdm120"),
        ("sdm630", "b23"),
        ("sdm630", "sdm72"),
        ("sdm120", "sdm630"),
        ("sdm120", "b23"),
        ("sdm72", "sdm630"),
        ("sdm72", "sdm120"),
        ("b23", "sdm630"),
    ],
)
def test_meter_of_another_type_is_refused_and_named_as_such(
    configured: str, fitted: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: bool(station.offline))
        assert station.incidents == ["meter.wrong_type"]
        assert station.samples == []

    play(tmp_path, configured, story, METERS[fitted]())


def test_meter_on_a_port_that_returns_under_another_name_is_found(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await until(lambda: len(station.samples) >= 2)
        station.rs485.line.pull_out()
        await until(lambda: bool(station.offline), 3.0)
        station.rs485.line.plug_in()
        await station.online(2, 15.0)
        assert_right(station, "sdm630")

    play(tmp_path, "sdm630", story)
