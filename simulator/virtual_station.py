"""A whole station in one process and in virtual time, and the play of one scenario on it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from central.storage.store import Store
from central.system import CentralSystem
from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.domain.units import ConnectorId
from chargepoint.store import books
from config.schema import Config
from simulator import site
from simulator.belief import Belief, believed
from simulator.cards import CardSpec
from simulator.disk import Disk
from simulator.entropy import SeededEntropy
from simulator.fitting import Choice, Wiring, fit
from simulator.forgotten import Forgotten
from simulator.hardware import SimulatedHardware
from simulator.office import Office, provision
from simulator.own_leases import ungoverned
from simulator.pipes import Line, MemoryLine
from simulator.play import Announce, Player
from simulator.play_options import OptionWrong, StationOptions
from simulator.price_list import price_list
from simulator.promises import ratings_of
from simulator.relay import CentralState, Relay
from simulator.relay_links import MemoryLink, MemoryRelay
from simulator.report import Record, Report
from simulator.scenario_file import Scenario
from simulator.service_acts import install_pins
from simulator.station import Changes, Codes, Glimpse, Station
from simulator.station_ready import until_ready
from simulator.trouble import ClockTrouble, NetworkTrouble
from simulator.virtual_core import CoreSurroundings, Outside, VirtualCore
from simulator.virtual_kiosk import VirtualKiosk
from simulator.virtual_power import VirtualPower
from simulator.vtime import START_OF_TIME, VirtualClock, run_virtual
from simulator.witness import Sight, Witness
from simulator.world import World

JOURNAL = "journal.sqlite"

Tap = Callable[[Wiring, Line], Line]
"""Listens to a line: gives the device's end back, perhaps with an ear in it."""


class VirtualStation:
    """Puts the parts together; `running` is the life of the whole."""

    def __init__(  # noqa: PLR0913 - what differs from station to station, by name
        self,
        scenario: Scenario,
        config: Config,
        state: Path,
        tasks: asyncio.TaskGroup,
        *,
        tap: Tap = lambda _wiring, line: line,
        moved: Callable[[str, str, str], None] = lambda _machine, _before, _after: None,
        outside: Outside | None = None,
    ) -> None:
        self.outside = outside or Outside()
        self._tap = tap
        self._moved = moved
        self._config = config
        self._entropy = SeededEntropy(scenario.seed, "core")
        self._tasks = tasks
        self._lines: dict[str, MemoryLine] = {}
        self._codes = Codes()
        self._journal = state / JOURNAL
        # The world's own clock, and the charge point's, which may go wrong.
        self._clock = VirtualClock()
        self._core_clock = VirtualClock()
        self._disk = Disk(self._clock.monotonic)
        self.record = Record()
        self.changes = Changes()
        self.record.listeners.append(self.changes.notify)
        self.cards = {
            name: CardSpec.from_scenario(name, given)
            for name, given in scenario.given.cards.items()
        }
        install_pins(self._journal, scenario.given.service)
        self._build_world(scenario)
        self._forgotten = Forgotten(self._hardware, self._journal)
        self._build_central(scenario)
        width, height = (int(part) for part in config.kiosk.size.split("x"))
        self._kiosk = VirtualKiosk((width, height), self._shown)
        self.power = VirtualPower(
            self._world, self._hardware, self._kiosk, self._make_core, tasks, self._told
        )
        self.witness = Witness(
            self._world,
            ratings_of(config),
            Sight(
                self._beliefs_now,
                self._profiles_now,
                self._core_clock.utc,
                self._hardware.mute_meters,
                lambda: ungoverned(self._hardware.fitted),
            ),
        )

    @property
    def hardware(self) -> SimulatedHardware:
        return self._hardware

    @property
    def office(self) -> Office:
        return self._office

    @property
    def central(self) -> CentralSystem:
        return self._system

    def station(self) -> Station:
        return Station(
            world=self._world,
            kiosk=self._kiosk,
            central=self._office,
            devices=self._hardware,
            power=self.power,
            codes=self._codes,
            record=self.record,
            changes=self.changes,
            journal=self._journal,
            cards={
                name: {"number": spec.number, "uid": spec.uid.hex().upper()}
                for name, spec in self.cards.items()
            },
            troubles={
                "network": NetworkTrouble(self._door),
                "clock": ClockTrouble(self._core_clock),
                "disk": self._disk,
            },
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Station]:
        """Raises PromiseBroken at the end, when the witness has something to tell and nobody asked."""
        devices = self._tasks.create_task(self._hardware.run(), name="devices")
        reservations = self._tasks.create_task(
            self._system.reservations.teller.run(), name="reservations"
        )
        self.power.start()
        try:
            yield self.station()
        finally:
            self.power.stop()
            reservations.cancel()
            await self._door.set_state(CentralState.DOWN)
            devices.cancel()
            self.witness.stop()
        self.witness.confirm()

    # --- parts --------------------------------------------------------------------------------------

    def _build_world(self, scenario: Scenario) -> None:
        self._world = World(range(1, self._config.station.connectors + 1))
        self._world.observe(
            lambda what, connector, value: self.record.happened(
                self._clock.monotonic(), what, connector, value
            )
        )
        self._line_entropy = SeededEntropy(scenario.seed, "lines")
        self._hardware = fit(
            self._world,
            self._open_line,
            self.cards,
            SeededEntropy(scenario.seed, "cards"),
            happened=self._happened,
            choice=Choice(configured=self._config.devices),
        )

    def _open_line(self, wiring: Wiring) -> Line:
        line = MemoryLine(
            wiring.name, self._line_entropy, baudrate=wiring.baudrate, echo=wiring.echo
        )
        self._lines[wiring.name] = line
        return self._tap(wiring, line)

    def _build_central(self, scenario: Scenario) -> None:
        relay = Relay(
            lambda frame: self.record.frame(self._clock.monotonic(), frame), self._clock.utc
        )
        relay.state = CentralState(scenario.given.central)
        self._system = CentralSystem(
            Store(),
            self._clock,
            tariff=price_list(self._config),
            id_generator=SeededEntropy(scenario.seed, "central").identifier,
        )
        provision(self._system, self.cards)
        self._door = MemoryRelay(relay, self._dial_central, self._tasks)
        self._office = Office(self._door, self._system)

    async def _dial_central(self) -> MemoryLink:
        point, central = MemoryLink.pair()
        serving = self._system.serve_link(self._config.station.id, central)
        self._tasks.create_task(serving, name="central system")
        return point

    def _make_core(self) -> VirtualCore:
        return VirtualCore(
            CoreSurroundings(
                config=self._config,
                lines=self._lines,
                clock=self._core_clock,
                entropy=self._entropy,
                journal=self._journal,
                disk=self._disk,
                connect=self._door.connect,
                on_exit=self.power.restart_core,
                outside=self.outside,
                moved=self._moved,
            )
        )

    def _beliefs_now(self) -> dict[ConnectorId, Belief]:
        core = self.power.core
        points = {} if core is None else core.core.station.points
        return {connector: believed(point.seen) for connector, point in points.items()}

    def _profiles_now(self) -> list[Profile]:
        core = self.power.core
        return [] if core is None else core.profiles()

    # --- what is seen -------------------------------------------------------------------------------

    def _shown(self, screen: Glimpse) -> None:
        self._codes.note(screen)
        self.record.screen(self._clock.monotonic(), screen.id)
        self.changes.notify()

    def _happened(self, what: str, connector: int, value: str) -> None:
        self.record.happened(self._clock.monotonic(), what, connector, value)

    def _told(self, process: str, state: str) -> None:
        self.record.happened(self._clock.monotonic(), process, 0, state)
        if (process, state) == ("power", "off"):
            kind = "cash_unwritten" if self._disk.is_stalled else "cash_unread"
            for value_minor in self._forgotten.power_goes():
                self._happened(kind, 0, str(value_minor))
        elif (process, state) == ("power", "on"):
            self._forgotten.power_came()


def play_virtual(
    scenario: Scenario, options: StationOptions, announce: Announce = lambda *_: None
) -> Report:
    """Play one scenario; raises ScenarioWrong or OptionWrong when its configuration is wrong."""
    if options.devices or options.central_url:
        raise OptionWrong("--device and --central need --real-time: virtual time has no outside")
    with tempfile.TemporaryDirectory(prefix="chargepoint-") as folder:
        state = options.state or Path(folder)
        state.mkdir(parents=True, exist_ok=True)
        config = resolved(scenario, options, state)
        start = scenario.given.time or START_OF_TIME
        return run_virtual(_play(scenario, config, state, announce), start=start)


def resolved(scenario: Scenario, options: StationOptions, state: Path) -> Config:
    """The configuration of a station whose lines are in memory; raises what site.resolved does."""
    return site.resolved(scenario, options, state, lambda wiring: wiring.name).config


async def _play(scenario: Scenario, config: Config, state: Path, announce: Announce) -> Report:
    async with asyncio.TaskGroup() as tasks:
        virtual = VirtualStation(scenario, config, state, tasks)
        async with virtual.running() as station:
            await until_ready(station, expects_link=scenario.given.central == "up")
            failures = await Player(station, announce).run(scenario.steps)
            failures = (*failures, *virtual.witness.verdict())
            report = Report(
                title=scenario.title,
                seed=scenario.seed,
                virtual_s=station.now_s,
                wall_s=None,
                failures=failures,
                record=virtual.record,
                balanced=books.is_balanced(station.journal),
                accounts=books.balances(station.journal),
                incidents=tuple(dict(each) for each in books.incidents(station.journal)),
            )
    return report
