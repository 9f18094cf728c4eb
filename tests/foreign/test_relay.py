"""Our lease timer and relay modules by their makers' lists; a module that is dead on a line that echoes."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.devices import DeviceOnline
from chargepoint.domain.units import ConnectorId, Generation
from chargepoint.ports import DeviceUnavailable
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.trace import Trace
from tests.foreign.driven import Driven, played
from tests.foreign.patience import counted_opener, until
from tests.foreign.relay import RelayModule
from tests.foreign.rtu import Rs485


class Station(Driven):
    def __init__(self, folder: Path, *, echoes: bool, is_dead: bool) -> None:
        self.module = RelayModule()
        self.module.is_dead = is_dead
        self.rs485 = Rs485(folder / "by-id", {1: self.module})
        self.rs485.echoes = echoes
        super().__init__(self.rs485.line)
        trace = Trace("rs485", self.clock.monotonic)
        self.driver = LeaseTimerDriver(
            ModbusBus(counted_opener(str(folder / "by-id"), 9_600), trace, baudrate=9_600),
            self.events.append,
            clock=self.clock,
            connector=ConnectorId(1),
            unit=1,
            relay=RelayMap(),
        )

    @override
    def runs(self) -> list[Coroutine[Any, Any, None]]:
        return [self.driver.run()]


Story = Callable[[Station], Awaitable[None]]


def play(folder: Path, story: Story, *, echoes: bool, is_dead: bool = False) -> None:
    played(lambda: Station(folder, echoes=echoes, is_dead=is_dead), story)


@pytest.mark.parametrize("echoes", [False, True])
def test_relay_is_on_while_it_is_renewed_and_off_at_once_when_revoked(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: bool(station.said(DeviceOnline)))
        for _ in range(10):
            await station.driver.renew(Generation(1))
            assert station.module.is_on
            await asyncio.sleep(1.0)
        await station.driver.revoke(Generation(2))
        assert not station.module.is_on
        await station.driver.renew(Generation(3))
        await until(lambda: not station.module.is_on, 3.1)
        assert not station.offline

    play(tmp_path, story, echoes=echoes)


@pytest.mark.parametrize("echoes", [False, True])
def test_dead_module_agrees_to_nothing_whatever_the_line_echoes(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: bool(station.offline), 10.0)
        assert not station.said(DeviceOnline)
        with pytest.raises(DeviceUnavailable):
            await station.driver.renew(Generation(1))
        with pytest.raises(DeviceUnavailable):
            await station.driver.revoke(Generation(2))
        station.module.is_dead = False
        await until(lambda: bool(station.said(DeviceOnline)), 10.0)

    play(tmp_path, story, echoes=echoes, is_dead=True)


@pytest.mark.parametrize("echoes", [False, True])
def test_module_that_dies_mid_charge_is_told_and_its_relay_falls(
    echoes: bool, tmp_path: Path
) -> None:
    async def story(station: Station) -> None:
        await until(lambda: bool(station.said(DeviceOnline)))
        await station.driver.renew(Generation(1))
        station.module.is_dead = True
        for _ in range(2):
            with pytest.raises(DeviceUnavailable):
                await station.driver.renew(Generation(1))
        await until(lambda: bool(station.offline), 3.0)
        await until(lambda: not station.module.is_on, 3.1)

    play(tmp_path, story, echoes=echoes)
