"""A bank terminal's driver and its simulated terminal on one line, with a journal between them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from chargepoint.domain.devices import DeviceEvent, DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.payments import BankOutcome, BankPrompt, BankResult
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from drivers.trace import Trace
from drivers.zvt.driver import ZvtTerminalDriver
from drivers.zvt.settings import Transport as ZvtTransport
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.trace_text import mask_messages
from simulator.devices.bank_terminal import SimulatedBankTerminal, Style, Timing
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual
from tests.support.transports import NORMAL, Transport

BankEvent = DeviceEvent | BankPrompt
HOLD = Minor(4000)
COST = Minor(1205)
SERIAL = ZvtSettings()
TCP = ZvtSettings(transport=ZvtTransport.TCP)
on_both = pytest.mark.parametrize("settings", [SERIAL, TCP], ids=["serial", "tcp"])
on_every_style = pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(lists_as_container=True),
        Style(prints_blocks=True),
        Style(prints_blocks=True, advertises=30),  # a message of more than 254 bytes
    ],
    ids=["plain", "container", "block", "long"],
)


class Killed(Exception):
    """The core lost its power here."""


@dataclass
class Journal:
    """What survives. `before` and `after` are called around each write, with its number."""

    entries: list[BankResult] = field(default_factory=list)
    before: Callable[[BankResult], Awaitable[None]] | None = None
    after: Callable[[BankResult], Awaitable[None]] | None = None

    async def persist(self, result: BankResult) -> None:
        if self.before is not None:
            await self.before(result)
        self.entries.append(result)
        if self.after is not None:
            await self.after(result)

    def approved(self, command: str) -> list[BankResult]:
        """Approved and not taken back by a later entry about the same command."""
        last = {
            (each.command, each.receipt.receipt_number if each.receipt else ""): each
            for each in self.entries
        }
        return [
            each
            for each in last.values()
            if each.command == command and each.outcome is BankOutcome.APPROVED
        ]


@dataclass
class Bench:
    line: MemoryLine
    terminal: SimulatedBankTerminal
    settings: ZvtSettings
    journal: Journal
    events: list[tuple[float, BankEvent]] = field(default_factory=list)
    core: asyncio.Task[None] | None = None
    group: asyncio.TaskGroup | None = None

    async def restart_core(self) -> None:
        """The core dies with all it knew but the journal; a new one takes over."""
        await self.kill_core()
        assert self.group is not None, "playing"
        self.start_core(self.group)

    async def kill_core(self) -> None:
        assert self.core is not None, "started"
        self.core.cancel()
        await asyncio.wait([self.core])

    def start_core(self, group: asyncio.TaskGroup) -> None:
        self.core = group.create_task(self.boot_core().run())

    def boot_core(self) -> ZvtTerminalDriver:
        """A new core on the same line, with the same journal."""
        clock = VirtualClock()
        self.news = asyncio.Event()
        self.trace = Trace("bank_terminal", clock.monotonic, mask=mask_messages)
        self.driver = ZvtTerminalDriver(
            self.line.open_port,
            self._note,
            self.trace,
            clock=clock,
            persist=self.journal.persist,
            settings=self.settings,
        )
        return self.driver

    def _note(self, event: BankEvent) -> None:
        self.events.append((asyncio.get_running_loop().time(), event))
        self.news.set()

    def of(self, kind: type[BankEvent]) -> list[BankEvent]:
        return [event for _, event in self.events if type(event) is kind]

    def prompts(self) -> list[str]:
        """Without immediate repetitions."""
        said = [event.prompt for _, event in self.events if isinstance(event, BankPrompt)]
        return [each for at, each in enumerate(said) if at == 0 or said[at - 1] != each]

    async def until(self, kind: type[BankEvent], count: int = 1, limit_s: float = 300.0) -> None:
        async with asyncio.timeout(limit_s):
            while len(self.of(kind)) < count:
                self.news.clear()
                await self.news.wait()

    async def online(self, count: int = 1) -> None:
        await self.until(DeviceOnline, count)

    async def list_open(self, limit_s: float = 600.0) -> tuple[str, ...]:
        """As a core does it: asked again until the terminal can say."""
        async with asyncio.timeout(limit_s):
            while True:
                try:
                    return await self.driver.list_open()
                except DeviceUnavailable:
                    await asyncio.sleep(1)

    async def reserve(self, kind: str = "approve", delay_s: float | None = None) -> BankResult:
        self.terminal.present_card(kind, delay_s)
        return await self.driver.reserve("S-1", HOLD)


Story = Callable[[Bench], Awaitable[None]]


def play(
    story: Story,
    *,
    transport: Transport = NORMAL,
    settings: ZvtSettings | None = None,
    style: Style | None = None,
    timing: Timing | None = None,
    seed: int = 1,
) -> Bench:
    """The story, with a terminal and a core running. Ends what it started."""
    wanted = settings or ZvtSettings()
    found: list[Bench] = []

    async def main() -> None:
        is_serial = wanted.transport is ZvtTransport.SERIAL
        line = transport.line("bank_terminal", baudrate=9600 if is_serial else 0, seed=seed)
        terminal = SimulatedBankTerminal(line, is_serial=is_serial, style=style, timing=timing)
        bench = Bench(line, terminal, wanted, Journal())
        found.append(bench)
        async with asyncio.TaskGroup() as group:
            device = group.create_task(terminal.run())
            bench.group = group
            bench.start_core(group)
            await story(bench)
            await bench.kill_core()
            device.cancel()

    run_virtual(main())
    return found[0]


def quick(settings: ZvtSettings, **timeouts: float) -> ZvtSettings:
    return replace(settings, timeouts=replace(settings.timeouts, **timeouts))


async def charge(bench: Bench, cost: Minor = COST) -> BankResult:
    """Reserve and settle; the settlement."""
    reserved = await bench.reserve()
    assert reserved.receipt is not None
    number = reserved.receipt.receipt_number
    if cost == 0:
        return await bench.driver.release("S-1", number)
    return await bench.driver.settle("S-1", number, cost, reserved=reserved.receipt.amount)


def reasons(bench: Bench) -> list[str]:
    """Why it went offline, each time: the first word."""
    said = [each.reason for each in bench.of(DeviceOffline) if isinstance(each, DeviceOffline)]
    return [each.partition(":")[0] for each in said]


def incidents(bench: Bench) -> list[str]:
    return [each.code for each in bench.of(DeviceIncident) if isinstance(each, DeviceIncident)]
