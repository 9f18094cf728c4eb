"""Our lease timer and relay modules by their makers' lists; a module that is dead on a line that echoes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chargepoint.domain.devices import DeviceEvent, DeviceOffline, DeviceOnline
from chargepoint.domain.units import ConnectorId, Generation
from chargepoint.ports import DeviceUnavailable
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.trace import Trace
from simulator.vtime import VirtualClock
from tests.foreign.patience import counted_opener, run_patiently, until
from tests.foreign.relay import RelayModule
from tests.foreign.rtu import Rs485


class Station:
    def __init__(self, folder: Path, *, echoes: bool) -> None:
        clock = VirtualClock()
        self.module = RelayModule()
        self.rs485 = Rs485(folder / "by-id", {1: self.module})
        self.rs485.echoes = echoes
        self.events: list[DeviceEvent] = []
        trace = Trace("rs485", clock.monotonic)
        self.driver = LeaseTimerDriver(
            ModbusBus(counted_opener(str(folder / "by-id"), 9_600), trace, baudrate=9_600),
            self.events.append,
            clock=clock,
            connector=ConnectorId(1),
            unit=1,
            relay=RelayMap(),
        )

    def has(self, kind: type[DeviceEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


Story = Callable[[Station], Awaitable[None]]


def play(folder: Path, story: Story, *, echoes: bool, is_dead: bool = False) -> None:
    async def everything() -> None:
        station = Station(folder, echoes=echoes)
        station.module.is_dead = is_dead
        try:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(station.driver.run())
                await story(station)
                running.cancel()
        finally:
            station.rs485.line.pull_out()

    run_patiently(everything())


@pytest.mark.parametrize("echoes", [False, True])
def test_relay_is_on_while_it_is_renewed_and_off_at_once_when_revoked(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: station.has(DeviceOnline))
        for _ in range(10):
            await station.driver.renew(Generation(1))
            assert station.module.is_on
            await asyncio.sleep(1.0)
        await station.driver.revoke(Generation(2))
        assert not station.module.is_on
        await station.driver.renew(Generation(3))
        await until(lambda: not station.module.is_on, 3.1)
        assert not station.has(DeviceOffline)

    play(tmp_path, story, echoes=echoes)


@pytest.mark.parametrize("echoes", [False, True])
def test_dead_module_agrees_to_nothing_whatever_the_line_echoes(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: station.has(DeviceOffline), 10.0)
        assert not station.has(DeviceOnline)
        with pytest.raises(DeviceUnavailable):
            await station.driver.renew(Generation(1))
        with pytest.raises(DeviceUnavailable):
            await station.driver.revoke(Generation(2))
        station.module.is_dead = False
        await until(lambda: station.has(DeviceOnline), 10.0)

    play(tmp_path, story, echoes=echoes, is_dead=True)


@pytest.mark.parametrize("echoes", [False, True])
def test_module_that_dies_mid_charge_is_told_and_its_relay_falls(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: station.has(DeviceOnline))
        await station.driver.renew(Generation(1))
        station.module.is_dead = True
        for _ in range(2):
            with pytest.raises(DeviceUnavailable):
                await station.driver.renew(Generation(1))
        await until(lambda: station.has(DeviceOffline), 3.0)
        await until(lambda: not station.module.is_on, 3.1)

    play(tmp_path, story, echoes=echoes)
