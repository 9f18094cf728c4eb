"""The bench with real processes: core and kiosk as children, pseudo-terminals and websockets between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from central.web.serving import serve_page_on
from config.schema import Config
from simulator import site
from simulator.bench.desk import Desk, Moves, NoOtherSpeed, Wires
from simulator.bench.fixture import opening
from simulator.bench.pages import doorway
from simulator.fitting import Wiring
from simulator.meaning import watch
from simulator.members import members, sign_in
from simulator.paced import PacedLoop
from simulator.pipes import Line, MemoryLine
from simulator.play_options import StationOptions
from simulator.real_kiosk import KioskGone
from simulator.real_station import Plan, RealStation
from simulator.switch_line import SwitchLine
from simulator.vtime import VirtualClock
from simulator.wiretap import TappedLine

if TYPE_CHECKING:
    from simulator.bench.inner import InnerLife

DEATH_LIMIT_S = 3.0
LOOK_EVERY_S = 0.02


@asynccontextmanager
async def outside_desk(
    options: StationOptions, state: Path, run: Path, *, windowed: bool
) -> AsyncIterator[Desk]:
    """A station that lives while the block runs; raises OptionWrong. `run`: sockets, a short path."""
    with doorway() as door:
        scenario = opening(options, "" if options.central_url else door.url)
        # Before anything runs, so that what is wrong is said as it is.
        inner = site.resolved(scenario, options, state, lambda wiring: wiring.name).config
        plan = Plan(scenario, options, state, run, windowed=windowed)
        async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
            bench = _RealBench(plan, inner, tasks)
            stack.callback(bench.end)
            station = await stack.enter_async_context(bench.real.running())
            operator = ""
            if bench.real.system is not None:
                system, real = bench.real.system, bench.real
                pages = members(system, real.cards, real.site.config)
                operator = sign_in(pages)
                serving = serve_page_on(system, bench.clock, door.listening, pages)
                await stack.enter_async_context(serving)
            bench.desk = Desk(
                station=station,
                config=bench.real.site.config,
                devices=bench.real.devices,
                central=bench.real.office,
                operator=operator,
                central_page="" if bench.real.system is None else door.url,
                picture=bench.picture,
                wires=bench.wires,
                moves=bench.moves,
                pace=bench,
                check=bench.real.check,
            )
            yield bench.desk


class _RealBench:
    """Real processes until somebody wants another pace; implements desk.Pace."""

    desk: Desk

    def __init__(self, plan: Plan, inner_config: Config, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, PacedLoop)
        self._loop = loop
        self._options = plan.options
        self._inner_config = inner_config
        self._tasks = tasks
        self._lines: dict[str, SwitchLine] = {}
        self._inner: InnerLife | None = None
        self._hearing: list[asyncio.Task[None]] = []
        self.wires, self.moves, self.clock = Wires(), Moves(), VirtualClock(loop)
        self.real = RealStation(
            replace(plan, tap=self._tap, core_said=self.moves.read, clock=self.clock)
        )

    def end(self) -> None:
        if self._inner is not None:
            self._inner.power.stop()
        for task in self._hearing:
            task.cancel()

    def _tap(self, wiring: Wiring, line: Line) -> Line:
        memory = MemoryLine(
            wiring.name, self.real.entropy, baudrate=wiring.baudrate, echo=wiring.echo
        )
        switch = self._lines[wiring.name] = SwitchLine(line, memory)
        self._hearing.append(self._tasks.create_task(switch.run(), name=f"hear {wiring.name}"))
        return TappedLine(switch, watch(wiring.name, self.wires.tell, wiring.speaks).heard)

    async def picture(self) -> bytes | None:
        try:
            return await self.real.kiosk.take_picture()
        except KioskGone:
            return None

    # --- pace ---------------------------------------------------------------------------------------

    @property
    def rate(self) -> float:
        return self._loop.rate

    async def go(self, rate: float) -> Desk | None:
        changed = None
        if rate != 1 and self._inner is None:
            changed = await self._move_inside()
        self._loop.rate = rate
        return changed

    async def _move_inside(self) -> Desk:
        options, real = self._options, self.real
        if options.devices or real.system is None:
            raise NoOtherSpeed("a real device, or a foreign central system, lives in real time")
        if not real.power.is_on:
            raise NoOtherSpeed("the power is off: put it back on first")
        # The whole core, which only a change of pace needs in this process.
        from simulator.bench.inner import InnerLife, Shared  # noqa: PLC0415

        await self._end_processes()
        for line in self._lines.values():
            line.use_memory()
        inner = self._inner = InnerLife(
            Shared(
                station=self.desk.station,
                hardware=real.devices,
                system=real.system,
                relay=real.relay,
                config=self._inner_config,
                lines={name: line.memory for name, line in self._lines.items()},
                moved=self.moves.tell,
            ),
            self._tasks,
        )
        inner.power.start()
        self.desk = replace(
            self.desk,
            station=inner.station(),
            central=inner.office,
            picture=inner.picture,
            check=lambda: None,
        )
        return self.desk

    async def _end_processes(self) -> None:
        """As a power cut does: what is durable is enough to go on."""
        for process in self.real.processes.values():
            process.power(on=False)
        async with asyncio.timeout(DEATH_LIMIT_S):
            while any(process.is_running for process in self.real.processes.values()):
                await self.desk.station.changes.wait(LOOK_EVERY_S)
