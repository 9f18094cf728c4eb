"""A whole station in real time: real processes, pseudo-terminals, websockets; and plays on it.

this process                              children
world, devices  ── pseudo-terminals ──>   python -m chargepoint  <── socket ──  python -m ui
central system <─ websocket ─ relay <──── websocket ──┘     control socket ──────┘
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from central.fleet.registry import Site as CentralSite
from central.storage.store import Store
from central.system import CentralSystem
from chargepoint.app.clock import SystemClock, SystemEntropy
from chargepoint.ports import Clock, Entropy
from chargepoint.store import books
from simulator import site
from simulator.belief import JournalSight
from simulator.cards import CardSpec
from simulator.fitting import Choice, Wiring, fit
from simulator.office import Office, provision
from simulator.own_leases import ungoverned
from simulator.pipes import Line, PtyLine
from simulator.play import Announce, Player
from simulator.play_options import StationOptions
from simulator.price_list import price_list
from simulator.processes import ChildProcess, module
from simulator.promises import ratings_of
from simulator.real_kiosk import RealKiosk
from simulator.real_power import CORE_RESTART_S, UI_RESTART_S, RealPower
from simulator.relay import CentralState, Relay
from simulator.relay_server import HOST, RelayServer
from simulator.report import Record, Report
from simulator.scenario_file import Scenario
from simulator.sealed_link import MUTUAL_TLS, SealedLink, sealed_link
from simulator.service_acts import install_pins
from simulator.site import Site
from simulator.station import Changes, Codes, Screen, Station, StationDown
from simulator.station_ready import until_ready
from simulator.trouble import NetworkTrouble
from simulator.witness import Sight, Witness
from simulator.world import World

JOURNAL = "journal.sqlite"
PATIENCE_S = 5.0  # three processes, and whoever else wants the processor

Tap = Callable[[Wiring, Line], Line]
"""Listens to a line: gives the device's end back, perhaps with an ear in it."""


class Runs(Protocol):
    """A part with a task of its own."""

    async def run(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be built: `windowed` opens the kiosk in a window of the desktop."""

    scenario: Scenario
    options: StationOptions
    state: Path  # the journal
    run: Path  # sockets and terminals: a short path, for Unix sockets take no long one
    windowed: bool = False
    tap: Tap = lambda _wiring, line: line
    core_said: Callable[[str], None] = lambda _line: None  # each line of its log
    clock: Clock = field(default_factory=SystemClock)  # the central system's


class RealStation:
    """Puts the parts together; `running` is the life of the whole."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loop = asyncio.get_running_loop()
        self.began_s = self._loop.time()
        self._clock = plan.clock
        self._entropy = SystemEntropy()
        self._codes = Codes()
        self._lines: list[PtyLine] = []
        self.record = Record()
        self.changes = Changes()
        self.record.listeners.append(self.changes.notify)
        self.cards = {
            name: CardSpec.from_scenario(name, given)
            for name, given in plan.scenario.given.cards.items()
        }
        self._relay = Relay(lambda frame: self.record.frame(self._now_s(), frame), self._clock.utc)
        self._relay.state = CentralState(plan.scenario.given.central)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Station]:
        """Everything is up in its own time: see station_ready.py. Raises what site.resolved does."""
        first = self._resolve("ws://127.0.0.1:9")
        async with AsyncExitStack() as stack:
            central_url = await self._start_central(stack, first)
            sealed = self._sealed(first)
            self._door = await stack.enter_async_context(
                RelayServer(self._relay, central_url, None if sealed is None else sealed.server)
            )
            self.site = self._resolve(self._door.url, sealed)
            self.office = Office(self._door, self.system)
            install_pins(self._plan.state / JOURNAL, self._plan.scenario.given.service)
            self._build_world()
            stack.callback(self._unplug_lines)
            self._build_processes()
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            parts: tuple[Runs, ...] = (self.devices, self.kiosk, *self.processes.values())
            running = [tasks.create_task(part.run()) for part in parts]
            try:
                yield self._station()
            finally:
                for task in running:
                    task.cancel()

    @property
    def relay(self) -> Relay:
        return self._relay

    @property
    def entropy(self) -> Entropy:
        return self._entropy

    def sight(self) -> Sight:
        """Of a core that is another process, as its journal shows it."""
        journal = JournalSight(self._plan.state / JOURNAL)
        core = self.processes["core"]
        return Sight(
            lambda: journal.beliefs() if core.is_running else {},
            journal.profiles,
            self._clock.utc,
            self.devices.mute_meters,
            lambda: ungoverned(self.devices.fitted),
            PATIENCE_S,
        )

    def check(self) -> None:
        """Raises StationDown when a process was given up."""
        for process in self.processes.values():
            if process.is_hopeless:
                words = "\n    ".join(process.last_lines)
                raise StationDown(f"the {process.name} does not start:\n    {words}")

    # --- parts --------------------------------------------------------------------------------------

    def _sealed(self, first: Site) -> SealedLink | None:
        """`--central-tls`: certificates of this run, and a password that our central system wants."""
        profile = self._plan.options.security_profile
        if not profile:
            return None
        station, password = first.config.station, self._entropy.token(16).hex()
        if self.system is not None and profile != MUTUAL_TLS:
            self.system.registry.provision(station.id, CentralSite(station.name), password)
        return sealed_link(
            profile,
            self._plan.state,
            HOST,
            serial=station.serial,
            password=password,
            now=self._clock.utc(),
        )

    def _resolve(self, central_url: str, sealed: SealedLink | None = None) -> Site:
        plan = self._plan
        extra = {"central.url": central_url, "kiosk.socket": str(plan.run / "kiosk")}
        extra |= {} if sealed is None else sealed.keys
        return site.resolved(
            plan.scenario,
            plan.options,
            plan.state,
            lambda wiring: str(plan.run / wiring.name),
            extra,
        )

    async def _start_central(self, stack: AsyncExitStack, first: Site) -> str:
        """Our own central system, unless another one is asked for."""
        self.system: CentralSystem | None = None
        if self._plan.options.central_url is not None:
            return self._plan.options.central_url
        self.system = CentralSystem(
            Store(),
            self._clock,
            tariff=price_list(first.config),
            id_generator=self._entropy.identifier,
        )
        provision(self.system, self.cards)
        await stack.enter_async_context(self.system.reservations.teller.telling())
        port = await stack.enter_async_context(self.system.serve_websocket(HOST, 0))
        return f"ws://{HOST}:{port}"

    def _build_world(self) -> None:
        self.world = World(range(1, self.site.config.station.connectors + 1))
        self.world.observe(self._happened)
        self.devices = fit(
            self.world,
            self._open_line,
            self.cards,
            self._entropy,
            happened=self._happened,
            choice=Choice(
                is_real=frozenset(name for name, _ in self._plan.options.devices),
                configured=self.site.config.devices,
            ),
        )

    def _open_line(self, wiring: Wiring) -> Line:
        line = PtyLine(
            self._plan.run / wiring.name,
            self._entropy,
            baudrate=wiring.baudrate,
            echo=wiring.echo,
        )
        self._lines.append(line)
        return self._plan.tap(wiring, line)

    def _unplug_lines(self) -> None:
        for line in self._lines:
            line.close()

    def _build_processes(self) -> None:
        plan, run = self._plan, self._plan.run
        self.kiosk = RealKiosk(run / "control", self._shown)
        self.processes = {
            "core": ChildProcess(
                "core",
                module("chargepoint", *self._core_arguments()),
                restart_s=CORE_RESTART_S,
                told=self._told,
                heard=plan.core_said,
            ),
            "ui": ChildProcess(
                "ui",
                module(
                    "ui",
                    *("--socket", run / "kiosk", "--control", run / "control"),
                    *("--size", self.site.config.kiosk.size, "--voice", "captions"),
                    "--windowed" if plan.windowed else "--headless",
                ),
                restart_s=UI_RESTART_S,
                told=self._told,
            ),
        }
        self.power = RealPower(self.world, self.devices, self.processes, self._told)

    def _core_arguments(self) -> list[str | Path]:
        plan = self._plan
        keys = [f"{key}={value}" for key, value in self.site.keys.items()]
        arguments: list[str | Path] = ["--state", plan.state]
        if plan.options.config is not None:
            arguments += ["--config", plan.options.config]
        for key in keys:
            arguments += ["--set", key]
        return arguments

    def _station(self) -> Station:
        return Station(
            world=self.world,
            kiosk=self.kiosk,
            central=self.office,
            devices=self.devices,
            power=self.power,
            codes=self._codes,
            record=self.record,
            changes=self.changes,
            journal=self._plan.state / JOURNAL,
            cards=_numbers(self.cards),
            troubles={"network": NetworkTrouble(self._door)},
            is_virtual=False,
            began_s=self.began_s,
        )

    # --- what is seen -------------------------------------------------------------------------------

    def _now_s(self) -> float:
        return self._loop.time() - self.began_s

    def _shown(self, screen: Screen) -> None:
        self._codes.note(screen)
        self.record.screen(self._now_s(), screen.id)
        self.changes.notify()

    def _happened(self, what: str, connector: int, value: str) -> None:
        self.record.happened(self._now_s(), what, connector, value)

    def _told(self, process: str, state: str) -> None:
        self.record.happened(self._now_s(), process, 0, state)


def _numbers(cards: Mapping[str, CardSpec]) -> dict[str, dict[str, str]]:
    return {
        name: {"number": spec.number, "uid": spec.uid.hex().upper()} for name, spec in cards.items()
    }


def play_real(
    scenario: Scenario, options: StationOptions, announce: Announce = lambda *_: None
) -> Report:
    """Play one scenario; raises ScenarioWrong, OptionWrong or StationDown."""
    with tempfile.TemporaryDirectory(prefix="cp-") as folder:
        run = Path(folder)
        state = options.state or run / "state"
        state.mkdir(parents=True, exist_ok=True)
        return asyncio.run(_play(Plan(scenario, options, state, run), announce))


async def _play(plan: Plan, announce: Announce) -> Report:
    scenario = plan.scenario
    real = RealStation(plan)
    async with real.running() as station:
        await until_ready(station, expects_link=scenario.given.central == "up", check=real.check)
        witness = Witness(real.world, ratings_of(real.site.config), real.sight())
        failures = await Player(station, announce).run(scenario.steps)
        witness.stop()
        failures = (*failures, *witness.verdict())
        took_s = station.now_s
        return Report(
            title=scenario.title,
            seed=scenario.seed,
            virtual_s=took_s,
            wall_s=took_s,
            failures=failures,
            record=real.record,
            balanced=books.is_balanced(station.journal),
            accounts=books.balances(station.journal),
            incidents=tuple(dict(each) for each in books.incidents(station.journal)),
        )
