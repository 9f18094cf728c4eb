"""Our driver and a Heidelberg Energy Control that was not made here."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultRaised,
    DeviceEvent,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from drivers.heidelberg.driver import HeidelbergDriver
from drivers.modbus.bus import ModbusBus
from drivers.trace import Trace
from tests.foreign.driven import Driven, played
from tests.foreign.heidelberg import FAIL_SAFE, REMOTE_LOCK, WATCHDOG, Heidelberg
from tests.foreign.patience import counted_opener, until

ONE = ConnectorId(1)
BOARD = DeviceRef(DeviceKind.EVSE, ONE)
SIXTEEN_A = MilliAmp(16_000)


class Station(Driven):
    def __init__(self, folder: Path, layout: int, lacks: tuple[int, ...]) -> None:
        self.box = Heidelberg(folder / "by-id", layout=layout, lacks=lacks)
        super().__init__(self.box.rs485.line)
        open_port = counted_opener(str(folder / "by-id"), 19_200, parity="E")
        bus = ModbusBus(open_port, Trace("evse", self.clock.monotonic), baudrate=19_200, gap_s=0.1)
        self.driver = HeidelbergDriver(
            bus, self.events.append, clock=self.clock, connector=ONE, unit=1
        )
        self.is_leased = False

    @override
    def runs(self) -> list[Coroutine[Any, Any, None]]:
        return [self.driver.run(), self.keep_lease()]

    def count(self, kind: type[DeviceEvent]) -> int:
        mine = self.said(kind)
        return sum(getattr(event, "device", BOARD) == BOARD for event in mine)

    async def keep_lease(self) -> None:
        """As its keeper does: once a second while the core says closed."""
        while True:
            if self.is_leased:
                with suppress(DeviceUnavailable):
                    await self.driver.lease.renew(Generation(1))
            await asyncio.sleep(1.0)

    async def charging(self) -> None:
        await until(lambda: self.count(DeviceOnline) == 1)
        self.box.car = "C"
        self.is_leased = True
        await self.driver.lease.renew(Generation(1))
        await self.driver.permit(Generation(1), SIXTEEN_A)
        await until(lambda: self.box.is_charging, 3.0)


Story = Callable[[Station], Awaitable[None]]


def play(folder: Path, story: Story, *, layout: int = 0x108, lacks: tuple[int, ...] = ()) -> None:
    played(lambda: Station(folder, layout, lacks), story)


def slow(box: Heidelberg) -> None:
    box.rs485.thinks_s = 0.15


LINES: dict[str, Callable[[Heidelberg], None]] = {
    "plain": lambda _box: None,
    "byte_by_byte": lambda box: setattr(box.rs485, "at_a_time", 1),
    "echoing": lambda box: setattr(box.rs485, "echoes", True),
    "slow": slow,
    "twice": lambda box: setattr(
        box.rs485, "twist", lambda said: [(0.0, said + said), (0.03, said)]
    ),
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("layout", [0x108, 0x200, 0x204])
def test_car_charges_while_permitted_and_leased_and_stops_when_told(
    layout: int, line: str, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        LINES[line](station.box)
        await station.charging()
        await asyncio.sleep(30)
        assert station.box.is_charging
        await station.driver.set_limit(MilliAmp(10_000))
        await until(lambda: station.box.most_steps == 100, 1.5)
        await station.driver.forbid(Generation(2))
        await until(lambda: not station.box.is_charging, 0.5)
        assert (station.count(DeviceOffline), station.incidents) == (0, [])
        assert set(station.box.commands) == {0, 160, 100}

    play(tmp_path, story, layout=layout)


@pytest.mark.parametrize("how", ["driver", "lease"])
def test_current_ends_within_its_watchdog_when_we_die(how: str, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        await asyncio.sleep(5)
        if how == "driver":
            station.running[0].cancel()
        station.is_leased = False
        await until(lambda: not station.box.is_charging, 4.0)
        await asyncio.sleep(20)
        assert not station.box.is_charging

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("layout", "lacks"), [(0x104, ()), (0x107, ()), (0x108, (WATCHDOG,)), (0x204, (WATCHDOG,))]
)
def test_unit_that_would_go_on_without_us_is_refused_told_once_and_has_no_current(
    layout: int, lacks: tuple[int, ...], tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        station.box.car = "C"
        await asyncio.sleep(60)
        assert station.count(DeviceOnline) == 0
        assert station.incidents == ["evse.watchdog_refused"]
        with pytest.raises(DeviceUnavailable):
            await station.driver.permit(Generation(1), SIXTEEN_A)
        assert set(station.box.commands) == {0}

    play(tmp_path, story, layout=layout, lacks=lacks)


def test_unit_that_takes_our_word_and_keeps_its_own_is_refused(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        holding = station.box.unit.holding
        station.box.unit.on_write = lambda _address, _value: holding.update({FAIL_SAFE: 60})
        await until(lambda: station.incidents == ["evse.watchdog_refused"])
        assert station.count(DeviceOnline) == 0

    play(tmp_path, story)


def test_layout_without_standby_and_remote_lock_is_used(tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()

    play(tmp_path, story, lacks=(258, REMOTE_LOCK))


@pytest.mark.parametrize("silent_s", [0.0, 2.0])
def test_unit_that_restarts_mid_charge_is_supervised_again(silent_s: float, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.box.unit.is_dead = silent_s > 0
        station.box.restart()
        await asyncio.sleep(silent_s)
        station.box.unit.is_dead = False
        holding = station.box.unit.holding
        await until(lambda: (holding[WATCHDOG], holding[FAIL_SAFE]) == (3000, 0), 8.0)

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (9, PilotChanged(ONE, Pilot.E)),
        (10, PilotChanged(ONE, Pilot.F)),
        (11, BoardFaultRaised(ONE, BoardFault.UNIT_ERROR)),
    ],
)
def test_trouble_that_the_unit_reports_is_told(
    state: int, said: DeviceEvent, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.box.state_instead = state
        await until(lambda: said in station.events, 1.5)

    play(tmp_path, story)


@pytest.mark.parametrize("state", [0, 1, 12, 0xFFFF])
def test_state_of_no_charging_unit_is_told_and_ends_the_current(state: int, tmp_path: Path) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.box.state_instead = state
        await until(lambda: station.count(DeviceOffline) == 1, 3.0)
        await until(lambda: not station.box.is_charging, 4.0)
        station.box.state_instead = None
        await until(lambda: station.count(DeviceOnline) == 2, 20.0)
        assert not station.box.is_charging  # nobody permitted it anew

    play(tmp_path, story)


@pytest.mark.parametrize("code", [1, 2, 4, 5, 6, 11])
def test_unit_that_refuses_everything_mid_charge_is_told_and_opens_by_itself(
    code: int, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.box.unit.refuses_with = code
        await until(lambda: station.count(DeviceOffline) == 1, 5.0)
        station.is_leased = False
        await until(lambda: not station.box.is_charging, 8.0)
        await asyncio.sleep(20)
        assert not station.box.is_charging  # each word would feed its watchdog: nothing is said
        station.box.unit.refuses_with = 0
        await until(lambda: station.count(DeviceOnline) == 2, 75.0)
        assert not station.box.is_charging

    play(tmp_path, story)


@pytest.mark.parametrize("latency_s", [0.5, 0.9, 1.3, 1.7, 2.5])
def test_unit_whose_answers_come_late_is_misread_in_nothing_and_stops_when_told(
    latency_s: float, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        await until(lambda: PilotChanged(ONE, Pilot.C) in station.events)
        known = len(station.events)
        station.box.rs485.thinks_s = latency_s
        await asyncio.sleep(20)
        station.is_leased = False
        with suppress(DeviceUnavailable):  # it hears, and says so too late
            await station.driver.forbid(Generation(2))
        await until(lambda: not station.box.is_charging, 4.0)
        said = station.events[known:]
        assert not [each for each in said if isinstance(each, BoardFaultRaised | PilotChanged)]
        assert station.incidents == []

    play(tmp_path, story)


def test_unit_on_a_port_that_returns_under_another_name_has_no_current_until_permitted(
    tmp_path: Path,
) -> None:
    async def story(station: Station) -> None:
        await station.charging()
        station.box.rs485.line.pull_out()
        await until(lambda: station.count(DeviceOffline) == 1, 3.0)
        await until(lambda: not station.box.is_charging, 4.0)
        station.box.rs485.line.plug_in()
        await until(lambda: station.count(DeviceOnline) == 2, 20.0)
        await asyncio.sleep(5)
        assert not station.box.is_charging

    play(tmp_path, story)
