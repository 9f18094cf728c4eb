"""The bench with real processes: core and kiosk as children, pseudo-terminals and websockets between."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from central.web import serve_page
from chargepoint.app.clock import SystemClock
from simulator.bench.desk import Desk, Moves, NoOtherSpeed, Wires
from simulator.bench.fixture import opening
from simulator.fitting import Wiring
from simulator.meaning import watch
from simulator.pipes import Line
from simulator.play_options import StationOptions
from simulator.real_kiosk import KioskGone
from simulator.real_station import Plan, RealStation
from simulator.wiretap import TappedLine

LOOPBACK = "127.0.0.1"


class RealPace:
    """Implements desk.Pace: the clock on the wall."""

    @property
    def rate(self) -> float:
        return 1.0

    def go(self, rate: float) -> None:
        if rate != 1:
            raise NoOtherSpeed("real processes and real devices live in real time")


@asynccontextmanager
async def outside_desk(
    options: StationOptions, state: Path, run: Path, *, windowed: bool
) -> AsyncIterator[Desk]:
    """A station that lives while the block runs; raises OptionWrong. `run`: sockets, a short path."""
    wires, moves = Wires(), Moves()

    def tap(wiring: Wiring, line: Line) -> Line:
        return TappedLine(line, watch(wiring.name, wires.tell).heard)

    real = RealStation(Plan(opening(), options, state, run, windowed, tap, moves.read))

    async def picture() -> bytes | None:
        try:
            return await real.kiosk.take_picture()
        except KioskGone:
            return None

    async with real.running() as station, AsyncExitStack() as stack:
        page = ""
        if real.system is not None:
            port = await stack.enter_async_context(
                serve_page(real.system, SystemClock(), LOOPBACK, 0)
            )
            page = f"http://{LOOPBACK}:{port}/"
        yield Desk(
            station=station,
            config=real.site.config,
            devices=real.devices,
            central=real.office,
            central_page=page,
            picture=picture,
            wires=wires,
            moves=moves,
            pace=RealPace(),
        )
