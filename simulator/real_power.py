"""Mains, and the lives of the real processes: cut, restore, kill."""

from simulator.hardware import SimulatedHardware
from simulator.processes import ChildProcess, Told
from simulator.station import StepImpossible
from simulator.world import World

CORE_RESTART_S = 2.0  # RestartSec of the unit
UI_RESTART_S = 0.2  # RestartSec of the kiosk's unit


class RealPower:
    """Implements station.Power. A cut is SIGKILL for every process and no supply for every device."""

    def __init__(
        self,
        world: World,
        hardware: SimulatedHardware,
        processes: dict[str, ChildProcess],
        told: Told,
    ) -> None:
        self._world = world
        self._hardware = hardware
        self._processes = processes
        self._told = told
        self._is_on = True

    @property
    def is_on(self) -> bool:
        return self._is_on

    async def cut(self) -> None:
        if not self._is_on:
            raise StepImpossible("the power is off already")
        self._is_on = False
        self._told("power", "off")
        for process in self._processes.values():
            process.power(on=False)
        self._world.set_mains(on=False)
        self._hardware.power_cut()

    async def restore(self) -> None:
        if self._is_on:
            raise StepImpossible("the power is on already")
        self._is_on = True
        self._told("power", "on")
        self._world.set_mains(on=True)
        self._hardware.power_on()
        for process in self._processes.values():
            process.power(on=True)

    def arm(self, mode: str, number: int) -> None:
        raise StepImpossible(f"{mode} {number} is for virtual time: a real disk has its own pace")

    async def kill(self, process: str) -> None:
        if not self._processes[process].is_running:
            raise StepImpossible(f"the {process} is not running")
        self._processes[process].kill()
