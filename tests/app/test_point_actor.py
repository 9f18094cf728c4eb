"""One mailbox, one machine: safe at once, the rest after the commit, and back after a crash."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.point_actor import PointActor
from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardFaultRaised,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceRef,
    LockMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import SetOperative, Start, Stop
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import ReadingTaken, SettingsChanged
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import ConnectorId
from simulator.vtime import VirtualClock, run_virtual
from tests.support.points import ONE, card_order, cash_order, sample
from tests.support.surroundings import Board, MemoryJournal, Tasks


class Bench:
    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        self.board = Board()
        self.tasks = Tasks()
        self.heard: list[tuple[tuple[object, ...], PointSeen, bool]] = []
        self.keeper = LeaseKeeper(self.board, self.board, self.tasks.spawn, "lease:1")
        self.actor = PointActor(
            ONE,
            self.board.hardware(),
            self.keeper,
            journal,
            VirtualClock(),
            settings=PointSettings(),
            spawn=self.tasks.spawn,
            heard=self._hear,
        )

    def _hear(
        self, connector: ConnectorId, notices: tuple[object, ...], seen: PointSeen, queued: bool
    ) -> None:
        assert connector == ONE
        self.heard.append((notices, seen, queued))

    async def known(self, pilot: Pilot = Pilot.B) -> None:
        answer = BoardAnswered(ONE, pilot, contactor_closed=False, locked=False, fault=None)
        await self.hear(answer, sample(1000))

    async def hear(self, *events: object) -> None:
        for event in events:
            self.actor.post(event)  # type: ignore[arg-type]
        await asyncio.sleep(0.01)

    async def charging(self) -> None:
        await self.known()
        await self.hear(Start(cash_order()), LockMoved(ONE, locked=True))
        await self.hear(PilotChanged(ONE, Pilot.C), ContactorMoved(ONE, closed=True))

    @property
    def state(self) -> str:
        return self.actor.seen.state


def on_bench(
    story: Callable[[Bench], Awaitable[None]], journal: Callable[[], MemoryJournal] = MemoryJournal
) -> None:
    async def play() -> None:
        bench = Bench(journal())
        bench.tasks.spawn(bench.actor.run(), "point:1")
        bench.tasks.spawn(bench.keeper.run(), "lease:1")
        await story(bench)
        await bench.tasks.stop()

    run_virtual(play())


def test_close_waits_for_the_commit_and_open_does_not() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        assert "permit" not in bench.board.words()
        await asyncio.sleep(2)
        assert "permit" in bench.board.words()
        await bench.hear(Stop(EndCause.CUSTOMER))
        assert bench.board.words()[-2:] == ["forbid", "revoke"]
        assert not bench.keeper.wants_closed

    on_bench(story, lambda: MemoryJournal(delay_s=1.0))


def test_stop_before_the_close_was_durable_never_closes() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        await bench.hear(Stop(EndCause.CUSTOMER))
        await asyncio.sleep(10)
        assert "permit" not in bench.board.words()

    on_bench(story, lambda: MemoryJournal(delay_s=1.0))


def test_answer_comes_when_it_is_durable() -> None:
    async def story(bench: Bench) -> None:
        await bench.known()
        began = asyncio.get_running_loop().time()
        answer = await bench.actor.ask(SetOperative(operative=False))
        assert asyncio.get_running_loop().time() - began >= 1.0
        assert answer.seen.data.operative is False

    on_bench(story, lambda: MemoryJournal(delay_s=1.0))


def test_last_reading_ends_the_transaction() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        await bench.hear(sample(1500, 7000), Stop(EndCause.CUSTOMER))
        await bench.hear(ContactorMoved(ONE, closed=False))
        assert "sample" in bench.board.words()
        assert bench.state == "settling/billed"
        assert bench.heard[-1][2]

    on_bench(story)


def test_silent_meter_and_stuck_lock_are_no_crash() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        bench.board.is_offline = True
        await bench.hear(sample(1500, 7000), Stop(EndCause.CUSTOMER))
        await bench.hear(ContactorMoved(ONE, closed=False))
        assert bench.state == "settling/metering"
        await asyncio.sleep(4)
        assert bench.state == "settling/billed"
        assert bench.tasks.crashes == []
        assert "meter.last_reading_missing" in bench.journal.incident_codes()

    on_bench(story)


def test_full_mailbox_opens_the_contactor() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        for _ in range(256):
            bench.actor.post(ReadingTaken())
        with pytest.raises(asyncio.QueueFull):
            bench.actor.post(ReadingTaken())
        assert not bench.keeper.wants_closed

    on_bench(story)


def crash(bench: Bench) -> None:
    bench.actor.make_safe("broken")
    bench.actor.recover(bench.journal.saved(ONE))


def test_crash_is_made_safe_and_the_charge_goes_on() -> None:
    async def story(bench: Bench) -> None:
        await bench.charging()
        await bench.hear(sample(1500, 7000))
        crash(bench)
        assert not bench.keeper.wants_closed
        assert "point.crashed" in bench.journal.incident_codes()
        await bench.hear(ContactorMoved(ONE, closed=False))
        assert bench.keeper.wants_closed
        await bench.hear(ContactorMoved(ONE, closed=True))
        assert bench.state == "session/energised"
        await bench.hear(Stop(EndCause.CUSTOMER))
        assert not bench.keeper.wants_closed
        assert bench.journal.delivered().count("tx:S1:start") == 1

    on_bench(story)


def test_close_under_way_at_a_crash_comes_too_late() -> None:
    async def story(bench: Bench) -> None:
        await bench.known()
        await asyncio.sleep(2)
        await bench.hear(Start(card_order()), LockMoved(ONE, locked=True))
        bench.actor.make_safe("broken")
        bench.actor.recover(None)
        await asyncio.sleep(5)
        assert not bench.keeper.wants_closed
        assert "permit" not in bench.board.words()

    on_bench(story, lambda: MemoryJournal(delay_s=1.0))


def test_faults_survive_a_crash() -> None:
    async def story(bench: Bench) -> None:
        await bench.known()
        await bench.hear(BoardFaultRaised(ONE, BoardFault.WELD))
        await bench.hear(BoardFaultRaised(ONE, BoardFault.RCD_TRIP))
        crash(bench)
        await asyncio.sleep(0.1)
        assert bench.actor.seen.data.faults == {"weld", "rcd_trip"}
        assert bench.state == "idle/plugged"

    on_bench(story)


def test_crash_before_the_world_is_known_waits_for_it() -> None:
    async def story(bench: Bench) -> None:
        crash(bench)
        await asyncio.sleep(0.1)
        assert bench.state == "booting"
        await bench.known()
        assert bench.state == "idle/plugged"

    on_bench(story)


def test_settings_survive_a_crash() -> None:
    async def story(bench: Bench) -> None:
        await bench.known()
        await bench.hear(SettingsChanged(PointSettings(meter_sample_s=5)))
        crash(bench)
        await bench.hear(Start(card_order()), LockMoved(ONE, locked=True))
        await asyncio.sleep(6)
        assert "tx:S1:meter:1" in bench.journal.delivered()

    on_bench(story)


def test_timers_of_before_the_crash_mean_nothing() -> None:
    async def story(bench: Bench) -> None:
        await bench.known()
        await bench.hear(Start(card_order()), LockMoved(ONE, locked=True))
        crash(bench)
        await bench.hear(DeviceOffline(DeviceRef(DeviceKind.METER, ONE), "silent"))
        await asyncio.sleep(400)
        assert bench.tasks.crashes == []
        assert "machine.unexpected" not in bench.journal.incident_codes()

    on_bench(story)
