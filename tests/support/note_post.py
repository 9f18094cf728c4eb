"""A simulated note validator, its line, its driver and a till: the stage of the note suites."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chargepoint.domain.devices import DeviceEvent, DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.payments import (
    NoteCursor,
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    PaymentEvent,
)
from chargepoint.domain.units import Generation, Minor
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.notes import NoteFitting, NoteValidatorDriver
from drivers.trace import Direction, Trace
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from tests.support.cut_port import Trip
from tests.support.transports import NORMAL, Transport

Event = TypeVar("Event")

FIRST, SECOND, THIRD = Generation(1), Generation(2), Generation(3)
SMALL = frozenset({Minor(500), Minor(1000), Minor(2000)})
PATIENCE_S = 90.0


class Till:
    """A core of a few lines: stores every cursor with its fact, and wants `wanted` notes only."""

    def __init__(self) -> None:
        self.facts: list[DeviceEvent | PaymentEvent] = []
        self.stored: dict[str, NoteCursor] = {}
        self.credits: dict[tuple[str, int, int], int] = {}
        self.wanted: frozenset[Minor] | None = SMALL  # None: cannot decide
        self.undecided: list[NoteInEscrow] = []
        self.changed = asyncio.Event()

    def emit(self, fact: DeviceEvent | PaymentEvent) -> None:
        self.facts.append(fact)
        if isinstance(fact, NoteInEscrow | NoteStacked | NoteReturned | NoteCursorMoved):
            self.stored[fact.cursor.serial] = fact.cursor
        if isinstance(fact, NoteStacked):
            key = (fact.cursor.serial, fact.cursor.epoch, fact.cursor.sequence)
            assert key not in self.credits
            self.credits[key] = fact.value
        if isinstance(fact, NoteInEscrow):
            self.undecided.append(fact)
        self.notify()

    def notify(self) -> None:
        event, self.changed = self.changed, asyncio.Event()
        event.set()

    def of(self, kind: type[Event]) -> list[Event]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def incidents(self) -> list[str]:
        return [fact.code for fact in self.of(DeviceIncident)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.until_forever(condition)

    async def until_forever(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self.changed.wait()

    @property
    def credit(self) -> list[int]:
        return list(self.credits.values())


class NotePost:
    """A validator, its line, its driver and a till."""

    def __init__(
        self, line: MemoryLine, fitting: NoteFitting, device: SimulatedNoteValidator
    ) -> None:
        self.line = line
        self.fitting = fitting
        self.till = Till()
        self.device = device
        self.trip = Trip()
        self.trace = Trace("notes", asyncio.get_running_loop().time, capacity=5000)
        self.group = asyncio.TaskGroup()
        self.driver = self.new_driver()
        self.running: list[asyncio.Task[None]] = []

    def new_driver(self) -> NoteValidatorDriver:
        return NoteValidatorDriver(
            self.trip.over(self.line.open_port),
            self.till.emit,
            self.trace,
            stored_cursor=self.till.stored.get,
            fitting=self.fitting,
        )

    async def decide(self) -> None:
        """The core's hand: every note in escrow gets its answer, as soon as there is one."""
        while True:
            await self.till.until_forever(self._can_decide)
            note = self.till.undecided.pop(0)
            assert self.till.wanted is not None
            try:
                if note.value in self.till.wanted:
                    await self.driver.stack()
                else:
                    await self.driver.give_back()
            except DeviceUnavailable:
                continue  # it has left by itself

    def _can_decide(self) -> bool:
        return bool(self.till.undecided) and self.till.wanted is not None

    def kill(self) -> None:
        """The core's task ends in whatever it is doing; what is stored stays."""
        self.running.pop().cancel()
        self.driver = self.new_driver()
        self.till.undecided.clear()

    def start(self) -> None:
        self.running.append(self.group.create_task(self.driver.run()))

    async def online(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOnline)) >= times)
        await self.till.until(lambda: bool(self.till.stored))

    async def offline(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOffline)) >= times)

    async def accepting(self) -> None:
        await eventually(lambda: self.device.takes_notes)

    async def credited(self, *values: int) -> None:
        await self.till.until(lambda: len(self.till.credit) >= len(values))
        assert self.till.credit == list(values)

    def sent(self, meaning: str) -> list[str]:
        return [
            frame.octets
            for frame in self.trace.frames()
            if frame.direction is Direction.SENT and frame.meaning == meaning
        ]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the physical world announces nothing
            await asyncio.sleep(0.05)


def now_s() -> float:
    return asyncio.get_running_loop().time()


def play(
    story: Callable[[NotePost], Awaitable[None]],
    transport: Transport = NORMAL,
    *,
    fitting: NoteFitting | None = None,
    make_device: Callable[[MemoryLine], SimulatedNoteValidator] = SimulatedNoteValidator,
) -> None:
    async def main() -> None:
        line = transport.line("notes", echo=True)
        device = make_device(line)
        post = NotePost(line, fitting or NoteFitting(), device)
        async with post.group:
            hands = [post.group.create_task(device.run()), post.group.create_task(post.decide())]
            post.start()
            await story(post)
            for task in (*hands, *post.running):
                task.cancel()

    run_virtual(main())
