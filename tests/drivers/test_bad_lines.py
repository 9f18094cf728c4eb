"""Every driver on a line that goes wrong: told once and as what it is, nothing believed, back when it is well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from chargepoint.commission.inspection import open_trial
from chargepoint.commission.trial import Heard
from config.devices import Device
from drivers.port import BytePort, OpenPort
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.vtime import VirtualClock, run_virtual
from tests.support.commissioning import Bench, write_site

NAMES = {
    "coin_acceptor": "coin_acceptor",
    "card_reader": "card_reader",
    "printer": "printer",
    "evse:1": "evse.1",
    "lease_timer": "lease_timer.1",
    "meter:1": "meter.1",
}
IN_TIME_S = 120.0


class Twice:
    """A line on which every answer comes twice."""

    def __init__(self, port: BytePort) -> None:
        self._port = port

    def write(self, chunk: bytes) -> None:
        self._port.write(chunk)

    async def read(self) -> bytes:
        return 2 * await self._port.read()

    def discard_input(self) -> None:
        self._port.discard_input()

    def close(self) -> None:
        self._port.close()


class Station:
    """All drivers on lines in memory, and what they say."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(write_site(folder), VirtualClock(), SeededEntropy(1, "lines"))
        self.heard = Heard()
        self.is_twice = False
        place = replace(self.bench.place(folder), open_line=self._opened)
        self.trial = open_trial(place, self.heard)

    def _opened(self, bus: str, device: Device) -> OpenPort:
        open_port = self.bench.open_line(bus, device)

        async def opened() -> BytePort:
            port = await open_port()
            return Twice(port) if self.is_twice else port

        return opened

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self.bench.devices.run())]
            running += [tasks.create_task(driver.run()) for driver in self.trial.drivers()]
            assert await self.heard.until(lambda: self.is_online(*NAMES.values()), IN_TIME_S)
            yield
            for task in running:
                task.cancel()

    def is_online(self, *names: str) -> bool:
        return set(names) <= set(self.heard.online)


@pytest.mark.parametrize("fault", [LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED])
@pytest.mark.parametrize("line", NAMES)
def test_line_that_fails_is_told_and_comes_back(
    line: str, fault: LineFault, tmp_path: Path
) -> None:
    async def story() -> tuple[str, list[str]]:
        station, name = Station(tmp_path), NAMES[line]
        async with station.running():
            station.bench.lines[line].fault(fault)
            heard = station.heard
            assert await heard.until(lambda: name in heard.offline, IN_TIME_S)
            why, others = heard.offline[name], list(heard.offline)
            station.bench.lines[line].clear(fault)
            assert await heard.until(lambda: station.is_online(name), IN_TIME_S)
        return why, others

    why, others = run_virtual(story())
    assert why
    assert others == [NAMES[line]]  # nobody else is disturbed
    assert ("unplugged" in why or "no such device" in why) == (fault is LineFault.UNPLUGGED)


def test_answers_that_come_twice_disturb_nobody(tmp_path: Path) -> None:
    async def story() -> tuple[dict[str, str], list[str]]:
        station = Station(tmp_path)
        station.is_twice = True
        async with station.running():
            await asyncio.sleep(60)
        return station.heard.offline, [each.code for each in station.heard.incidents]

    offline, incidents = run_virtual(story())
    assert offline == {}
    assert incidents == []


def test_port_of_another_program_is_told_as_such(tmp_path: Path) -> None:
    async def story() -> str:
        station = Station(tmp_path)
        other = await station.bench.lines["meter:1"].open_port()
        heard = station.heard
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(driver.run()) for driver in station.trial.drivers()]
            assert await heard.until(lambda: "meter.1" in heard.offline, IN_TIME_S)
            why = heard.offline["meter.1"]
            for task in running:
                task.cancel()
        other.close()
        return why

    assert "in use" in run_virtual(story())
