"""The bench with everything in one process, on a loop that keeps any pace up to 120 times real time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from central.web.serving import serve_page_on
from simulator import site
from simulator.bench.desk import Desk, Moves, Wires
from simulator.bench.fixture import opening
from simulator.bench.pages import doorway
from simulator.fitting import Wiring
from simulator.meaning import watch
from simulator.members import members, sign_in
from simulator.paced import PacedLoop
from simulator.pipes import Line
from simulator.play_options import OptionWrong, StationOptions
from simulator.virtual_station import VirtualStation
from simulator.vtime import VirtualClock
from simulator.wiretap import TappedLine


class LoopPace:
    """Implements desk.Pace."""

    def __init__(self, loop: PacedLoop) -> None:
        self._loop = loop

    @property
    def rate(self) -> float:
        return self._loop.rate

    async def go(self, rate: float) -> None:
        self._loop.rate = rate


@asynccontextmanager
async def inside_desk(options: StationOptions, state: Path) -> AsyncIterator[Desk]:
    """A station that lives while the block runs; raises OptionWrong."""
    if options.devices or options.central_url:
        raise OptionWrong("--device and --central need real lines and sockets: leave --inside out")
    if options.security_profile:
        raise OptionWrong("--central-tls needs real sockets: leave --inside out")
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PacedLoop)
    wires, moves = Wires(), Moves()

    async def picture() -> bytes | None:
        kiosk = station.kiosk
        return None if kiosk.screen() is None else kiosk.png()

    def tap(wiring: Wiring, line: Line) -> Line:
        return TappedLine(line, watch(wiring.name, wires.tell, wiring.speaks).heard)

    with doorway() as door:
        scenario = opening(options, door.url)
        config = site.resolved(scenario, options, state, lambda wiring: wiring.name).config
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(scenario, config, state, tasks, tap=tap, moved=moves.tell)
            pages = members(virtual.central, virtual.cards, config)
            operator = sign_in(pages)
            page = serve_page_on(virtual.central, VirtualClock(), door.listening, pages)
            async with page, virtual.running() as station:
                yield Desk(
                    station=station,
                    config=config,
                    devices=virtual.hardware,
                    central=virtual.office,
                    operator=operator,
                    central_page=door.url,
                    picture=picture,
                    wires=wires,
                    moves=moves,
                    pace=LoopPace(loop),
                    check=lambda: None,
                )
