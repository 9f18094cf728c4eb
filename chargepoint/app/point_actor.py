"""One task per point: drains its mailbox, one event at a time; the machine decides, the gate orders."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chargepoint.app.gate import Gate
from chargepoint.app.health import Pulse
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.ports import JournalWriter, Spawn
from chargepoint.app.timers import Timers
from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.effects import (
    CancelTimer,
    CloseContactor,
    Effect,
    Keep,
    OfferCurrent,
    OpenContactor,
    PaceMeter,
    SetLock,
    Start,
    StartTimer,
    TakeReading,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point.clock_moved import undated
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import Outcome, PointEvent, PointMachine, ReadingTaken
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch, Incident, PointRecord
from chargepoint.domain.reservations.reservation import Kept
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock, ConnectorHardware, DeviceUnavailable

log = logging.getLogger(__name__)

_MAILBOX = 256


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """The result of `ask`: durable when it arrives."""

    notices: tuple[Any, ...]
    seen: PointSeen


Heard = Callable[[ConnectorId, tuple[Any, ...], PointSeen, bool], None]
"""(connector, notices, state after the commit, whether deliveries were queued)"""


class PointActor:
    def __init__(  # noqa: PLR0913 - an actor's whole surroundings, by name
        self,
        connector: ConnectorId,
        hardware: ConnectorHardware,
        keeper: LeaseKeeper,
        journal: JournalWriter,
        clock: Clock,
        *,
        settings: PointSettings,
        spawn: Spawn,
        heard: Heard,
    ) -> None:
        self._connector = connector
        self._hardware = hardware
        self._keeper = keeper
        self._clock = clock
        self._spawn = spawn
        self._heard = heard
        self._gate = Gate(journal)
        self._mailbox: asyncio.Queue[tuple[PointEvent, asyncio.Future[PointAnswer] | None]]
        self._mailbox = asyncio.Queue(_MAILBOX)
        self._timers = Timers(self.post)
        self._machine = PointMachine(PointData(connector), settings, self._now())
        self._seen = PointSeen()
        self.last_handled = 0.0
        self.kept_now: Callable[[], Kept | None] = lambda: None
        """Whom this connector is kept for as all points are in this very moment."""

    @property
    def seen(self) -> PointSeen:
        """The same value until something changes: many ask, at every reading."""
        machine, seen = self._machine, self._seen
        if seen.data is not machine.data or seen.state != machine.state:
            seen = self._seen = PointSeen(machine.state, machine.data)
        return seen

    @property
    def pulse(self) -> Pulse:
        return Pulse(self._mailbox.qsize(), self.last_handled)

    def restore(self, record: PointRecord, *, knows_time: bool = True) -> None:
        """`knows_time` False: nobody can say how long that is ago."""
        now = self._now()
        self._machine.restore(record if knows_time else undated(record, now.utc), now)

    def post(self, event: PointEvent) -> None:
        """Put an event in the mailbox. A full one is a point that no longer works: out of service."""
        try:
            self._mailbox.put_nowait((event, None))
        except asyncio.QueueFull:
            self._keeper.open(self._machine.mint())
            raise

    async def ask(self, event: PointEvent) -> PointAnswer:
        """Handle `event`; returns when what it changed is durable."""
        answer: asyncio.Future[PointAnswer] = asyncio.get_running_loop().create_future()
        await self._mailbox.put((event, answer))
        return await answer

    async def run(self) -> None:
        while True:
            event, answer = await self._mailbox.get()
            self._handle(event, answer)

    def recover(self, record: PointRecord | None) -> None:
        """After a crash of the machine: a new one, from the journal and what the devices last said.

        Its generations go on where the old one's ended: orders of before may still be under way.
        """
        known, generation = self._machine.data, self._machine.mint()
        self._timers.cancel_all()
        data = PointData(
            self._connector,
            pilot=known.pilot,
            contactor_closed=known.contactor_closed,
            locked=known.locked,
            faults=known.faults,
            present=known.present,
            register=known.register,
            temperature_milli=known.temperature_milli,
            derating=known.derating,
            allowed=known.allowed,
            resumes_at=known.resumes_at,
        )
        self._machine = PointMachine(data, self._machine.settings, self._now(), generation)
        if record is not None:
            self.restore(record)
        if known.register is not None:
            self.post(
                MeterSampled(
                    self._connector,
                    known.register,
                    known.power,
                    known.current,
                    known.voltage,
                    known.details,
                )
            )

    def make_safe(self, why: str) -> None:
        """The machine cannot be trusted just now: open, whatever it thought.

        Newer than all its orders, so that a close that still waits for its commit comes too late.
        """
        self._keeper.open(self._machine.mint())
        self._gate.commit(Batch(incidents=(Incident("point.crashed", why, str(self._connector)),)))

    # --- inside ---

    def _now(self) -> Now:
        return Now(self._clock.monotonic(), self._clock.utc())

    def _handle(self, event: PointEvent, answer: "asyncio.Future[PointAnswer] | None") -> None:
        if isinstance(event, Start):
            self._learn_whom_it_is_kept_for()
        outcome = self._machine.handle(event, self._now())
        self.last_handled = self._clock.monotonic()
        for effect in outcome.effects:
            if isinstance(effect, OpenContactor):
                self._keeper.open(effect.generation)
            elif isinstance(effect, OfferCurrent):
                self._keeper.offer(effect.generation, effect.limit)
        seen = self.seen
        self._gate.commit_then(outcome.batch, lambda: self._after(outcome, seen, answer))

    def _learn_whom_it_is_kept_for(self) -> None:
        """A start at another connector, not durable yet, may have made this one the last that was
        promised to somebody (OCPP 1.6 §5.13); its news would come too late.
        """
        kept = self.kept_now()
        if kept is not None and kept != self._machine.data.kept:
            self._handle(Keep(kept), None)

    def _after(
        self, outcome: Outcome, seen: PointSeen, answer: "asyncio.Future[PointAnswer] | None"
    ) -> None:
        for effect in outcome.effects:
            self._execute(effect)
        self._heard(self._connector, outcome.notices, seen, bool(outcome.batch.deliveries))
        if answer is not None and not answer.done():
            answer.set_result(PointAnswer(outcome.notices, seen))

    def _execute(self, effect: Effect) -> None:
        match effect:
            case CloseContactor(generation=generation, limit=limit):
                self._keeper.close(generation, limit)
            case StartTimer():
                self._timers.start(effect)
            case CancelTimer():
                self._timers.cancel(effect)
            case PaceMeter(fast=fast):
                self._hardware.meter.set_fast(fast=fast)
            case TakeReading():
                self._spawn(self._read(), f"point:{self._connector}:read")
            case SetLock(locked=locked):
                self._spawn(self._move_lock(locked=locked), f"point:{self._connector}:lock")
            case _:
                pass  # OpenContactor and OfferCurrent acted before the commit

    async def _read(self) -> None:
        try:
            await self._hardware.meter.sample()
        except DeviceUnavailable as error:
            log.warning(
                "last reading missing", extra={"connector": self._connector, "why": str(error)}
            )
            return
        self.post(ReadingTaken())

    async def _move_lock(self, *, locked: bool) -> None:
        try:
            await self._hardware.board.set_lock(locked=locked)
        except DeviceUnavailable as error:
            log.warning("lock not moved", extra={"connector": self._connector, "why": str(error)})
