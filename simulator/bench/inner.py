"""The same station after its time was sped up: core and kiosk in this process, on lines in memory.

Processes, terminals and sockets live in real time and cannot hurry. So they are ended as a power
cut ends them, and the core is born again here, from its journal, to the same devices, the same
cars, the same central system. It stays here, at any pace, until the bench ends.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from central.system import CentralSystem
from config.schema import Config
from simulator.disk import Disk
from simulator.entropy import SeededEntropy
from simulator.hardware import SimulatedHardware
from simulator.office import Office
from simulator.pipes import MemoryLine
from simulator.relay import Relay
from simulator.relay_links import MemoryLink, MemoryRelay
from simulator.station import Glimpse, Station
from simulator.virtual_core import CoreSurroundings, VirtualCore
from simulator.virtual_kiosk import VirtualKiosk
from simulator.virtual_power import VirtualPower
from simulator.vtime import VirtualClock


@dataclass(frozen=True, slots=True)
class Shared:
    """What the station keeps."""

    station: Station
    hardware: SimulatedHardware
    system: CentralSystem
    relay: Relay
    config: Config  # with the names of lines for ports
    lines: dict[str, MemoryLine]
    moved: Callable[[str, str, str], None]


class InnerLife:
    """Core and kiosk in this process."""

    def __init__(self, shared: Shared, tasks: asyncio.TaskGroup) -> None:
        self._shared = shared
        self._tasks = tasks
        self._clock = VirtualClock()
        self._entropy = SeededEntropy(1, "core after its time was sped up")
        self.door = MemoryRelay(shared.relay, self._dial_central, tasks)
        width, height = (int(part) for part in shared.config.kiosk.size.split("x"))
        self.kiosk = VirtualKiosk((width, height), self._shown)
        self.power = VirtualPower(
            shared.station.world, shared.hardware, self.kiosk, self._make_core, tasks, self._told
        )
        self.office = Office(self.door, shared.system)

    def station(self) -> Station:
        """The one there was, with its new inner life."""
        return replace(
            self._shared.station, kiosk=self.kiosk, power=self.power, central=self.office
        )

    async def picture(self) -> bytes | None:
        return None if self.kiosk.screen() is None else self.kiosk.png()

    def _make_core(self) -> VirtualCore:
        shared = self._shared
        return VirtualCore(
            CoreSurroundings(
                config=shared.config,
                lines=shared.lines,
                clock=self._clock,
                entropy=self._entropy,
                journal=Path(shared.station.journal),
                disk=Disk(self._clock.monotonic),
                connect=self.door.connect,
                on_exit=self.power.restart_core,
                moved=shared.moved,
            )
        )

    async def _dial_central(self) -> MemoryLink:
        point, central = MemoryLink.pair()
        serving = self._shared.system.serve_link(self._shared.config.station.id, central)
        self._tasks.create_task(serving, name="central system")
        return point

    def _shown(self, screen: Glimpse) -> None:
        station = self._shared.station
        station.codes.note(screen)
        station.record.screen(station.now_s, screen.id)
        station.changes.notify()

    def _told(self, process: str, state: str) -> None:
        station = self._shared.station
        station.record.happened(station.now_s, process, 0, state)
