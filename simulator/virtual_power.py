"""Mains, and the lives of core and kiosk in virtual time: cut, restore, kill, start again."""

import asyncio
from collections.abc import Callable

from simulator.hardware import SimulatedHardware
from simulator.powercut import Cut, Order
from simulator.station import StepImpossible
from simulator.virtual_core import VirtualCore
from simulator.virtual_kiosk import VirtualKiosk
from simulator.world import World

CORE_RESTART_S = 2.0  # RestartSec of the unit
# After mains return the computer boots while the boards, up in a second, already act by themselves.
CORE_BOOT_S = 3.0
UI_RESTART_S = 1.0
ARMED_LIMIT_S = 60.0  # how long `restore` waits for an armed cut to happen

Told = Callable[[str, str], None]
"""`core`, `ui` or `power`, and what became of it."""


class VirtualPower:
    """Implements station.Power."""

    def __init__(
        self,
        world: World,
        hardware: SimulatedHardware,
        kiosk: VirtualKiosk,
        make_core: Callable[[], VirtualCore],
        tasks: asyncio.TaskGroup,
        told: Told,
    ) -> None:
        self._world = world
        self._hardware = hardware
        self._kiosk = kiosk
        self._make_core = make_core
        self._tasks = tasks
        self._told = told
        self._core: VirtualCore | None = None
        self._is_on = True
        self._is_armed = False
        self._changed = asyncio.Event()
        self._lives = 0
        self._starting: asyncio.Task[None] | None = None  # of the core that has not come up yet

    @property
    def core(self) -> VirtualCore | None:
        """None while it is dead."""
        return self._core

    # --- station.Power ------------------------------------------------------------------------------

    async def cut(self) -> None:
        if not self._is_on:
            raise StepImpossible("the power is off already")
        self.cut_now()

    async def restore(self) -> None:
        if self._is_on and self._is_armed:
            await self._wait_for_the_armed_cut()
        if self._is_on:
            raise StepImpossible("the power is on already")
        self._is_on = True
        self._told("power", "on")
        self._world.set_mains(on=True)
        self._hardware.power_on()
        self._start_later("core", CORE_BOOT_S)
        self._start_later("ui", UI_RESTART_S)

    def arm(self, mode: str, number: int) -> None:
        self._is_armed = True
        self._living_core().writer.arm(Order(Cut(mode), number, self.cut_now))

    def arm_kill(self, mode: Cut, number: int) -> None:
        """Kill the core at a commit, while everything else keeps its power."""
        self._living_core().writer.arm(Order(mode, number, self.kill_core_now))

    def disarm(self) -> None:
        """The cut that was ordered, and has not come, does not come."""
        self._is_armed = False
        self._living_core().writer.disarm()

    async def kill(self, process: str) -> None:
        if process == "core":
            self._living_core()
            self.kill_core_now()
        else:
            if not self._kiosk.is_alive:
                raise StepImpossible("the kiosk is not running")
            self._end_kiosk()
            self._start_later("ui", UI_RESTART_S)

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        self._start_later("core", 0)
        self._start_later("ui", 0)

    def stop(self) -> None:
        """The end of the play: nothing is to be written or sent any more."""
        self._is_on = False
        self._end_core("stopped")
        self._end_kiosk()

    def cut_now(self) -> None:
        """Everything goes dark in this instant, in the middle of whatever it does."""
        self._is_on = self._is_armed = False
        self._told("power", "off")
        self._end_core("killed")
        self._end_kiosk()
        self._world.set_mains(on=False)
        self._hardware.power_cut()
        self._changed.set()

    def kill_core_now(self) -> None:
        self._end_core("killed")
        self._start_later("core", CORE_RESTART_S)

    def restart_core(self, _reason: str) -> None:
        """The core asked for it, or gave up; its unit starts it again."""
        if self._core is not None and self._is_on:
            self._end_core("stopped")
            self._start_later("core", CORE_RESTART_S)

    def _living_core(self) -> VirtualCore:
        if self._core is None:
            raise StepImpossible("the core is not running")
        return self._core

    async def _wait_for_the_armed_cut(self) -> None:
        try:
            async with asyncio.timeout(ARMED_LIMIT_S):
                while self._is_on:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise StepImpossible("the commit at which the power is cut never came") from error

    def _start_later(self, process: str, after_s: float) -> None:
        self._lives += 1
        life = self._lives
        self._tasks.create_task(self._start(process, after_s), name=f"start {process} {life}")

    async def _start(self, process: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if not self._is_on:
            return
        if process == "ui" and not self._kiosk.is_alive:
            self._kiosk.start()
            self._told("ui", "running")
        elif process == "core" and self._core is None:
            core = self._core = self._make_core()
            self._starting = asyncio.current_task()
            await core.start()
            if self._core is core:
                self._starting = None
                self._told("core", "running")
                self._kiosk.core_came(core)

    def _end_core(self, how: str) -> None:
        core, self._core = self._core, None
        if core is None:
            return
        core.seal()
        if self._starting is not None:  # it dies while it waits, as for a disk that stalls
            self._starting.cancel()
            self._starting = None
        self._kiosk.core_went()
        self._told("core", how)
        self._tasks.create_task(core.end(), name="end core")

    def _end_kiosk(self) -> None:
        if self._kiosk.is_alive:
            self._kiosk.kill()
            self._told("ui", "killed")
