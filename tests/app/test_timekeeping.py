"""A wrong clock, corrected; what was stamped before it moves (field note 13)."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from typing_extensions import override

from chargepoint.app.clock import SystemClock
from chargepoint.app.diagnostics import JournalLogs
from chargepoint.app.security_log import DurableSecurityLog
from chargepoint.app.timekeeping import Timekeeper
from chargepoint.domain.delivery import TransactionEnded, TransactionStarted
from chargepoint.domain.effects import ClockMoved
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.security import SecurityEvent
from chargepoint.store.journal import Journal, open_inline
from simulator.entropy import SeededEntropy
from simulator.vtime import START_OF_TIME, VirtualClock, run_virtual
from tests.support.ocpp_peer import a_start, a_stop


class Silent:
    """A log that nobody reads."""

    def note(self, word: str, info: str = "") -> None: ...


YEARS = timedelta(days=20_000)


def queue(journal: Journal) -> list[object]:
    rows = journal._reader.execute("SELECT kind, body FROM outbox ORDER BY sequence").fetchall()
    from chargepoint.store.rows import load

    return [load(kind, body) for kind, body in rows]


def test_only_the_first_correction_moves_what_waits_and_only_of_this_life(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = VirtualClock()
        clock.step(-YEARS)
        journal = open_inline(str(tmp_path / "journal.sqlite"), clock)
        woken: list[None] = []
        log = DurableSecurityLog(journal, clock, SeededEntropy(1), lambda: woken.append(None))
        await journal.begin_boot()
        await journal.append(Batch(deliveries=(a_start("older"),)))
        await journal.begin_boot()
        await journal.append(Batch(deliveries=(a_start(),)))

        def shift(moved: ClockMoved) -> None:
            journal.shift_clock(moved, "Europe/Madrid", lambda: woken.append(None))

        keeper = Timekeeper(clock, lambda utc: clock.step(utc - clock.utc()), shift, log)
        truth = clock.utc() + YEARS
        keeper.corrected(truth)
        assert clock.utc() == truth
        await asyncio.sleep(0)
        older, start, event = queue(journal)
        assert isinstance(older, TransactionStarted)
        assert isinstance(start, TransactionStarted)
        assert older.at == a_start().at
        assert start.at == a_start().at + YEARS
        assert isinstance(event, SecurityEvent)
        assert (event.word, event.at) == ("SettingSystemTime", truth)
        assert journal.head() is not None
        assert len(woken) == 2
        await journal.append(Batch(deliveries=(a_stop(),)))
        keeper.corrected(clock.utc() + timedelta(hours=1))
        stop = queue(journal)[3]
        assert isinstance(stop, TransactionEnded)
        assert stop.at == a_stop().at
        keeper.corrected(clock.utc() + timedelta(seconds=0.9))  # a round trip is no change
        assert len(queue(journal)) == 5
        journal.close()

    run_virtual(scenario())


def test_time_goes_on_from_the_newest_moment_that_is_known(tmp_path: Path) -> None:
    async def scenario() -> None:
        virtual = VirtualClock()
        journal = open_inline(str(tmp_path / "journal.sqlite"), virtual)
        assert journal.newest_moment() is None
        await journal.begin_boot()
        assert journal.newest_moment() == virtual.utc()
        journal.close()
        clock = SystemClock()
        now = clock.utc()
        clock.never_before(now - YEARS)
        assert clock.utc() - now < timedelta(minutes=1)
        clock.never_before(now + YEARS)
        assert clock.utc() >= now + YEARS

    run_virtual(scenario())


def test_the_logs_tell_what_happened_and_no_secret(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = VirtualClock()
        journal = open_inline(str(tmp_path / "journal.sqlite"), clock)
        await journal.begin_boot()
        await journal.put("ocpp.AuthorizationKey", "C0FFEE" * 6)
        log = DurableSecurityLog(journal, clock, SeededEntropy(1), lambda: None)
        log.note("ReconfigurationOfSecurityParameters", "AuthorizationKey")
        incident = Incident("evse.weld", "two\nlines\there", "evse:1", ("> C0FFEE",))
        await journal.append(Batch(incidents=(incident,)))
        logs = JournalLogs(journal, "CP-1", "1.0")
        security = logs.security(None, None).decode()
        diagnostics = logs.diagnostics(None, None).decode()
        assert "ReconfigurationOfSecurityParameters\tAuthorizationKey" in security
        assert "evse.weld\tevse:1\ttwo lines here" in diagnostics
        assert "C0FFEE" not in security + diagnostics
        later = clock.utc() + timedelta(hours=1)
        assert "Reconfiguration" not in logs.security(later, None).decode()
        assert "evse.weld" not in logs.diagnostics(None, clock.utc() - timedelta(hours=1)).decode()
        assert queue(journal) == []  # not critical
        journal.close()

    run_virtual(scenario())


class SetByHand(SystemClock):
    """A computer whose clock somebody sets."""

    behind = YEARS

    @override
    def _system(self) -> datetime:
        return super()._system() - self.behind


def test_two_corrections_of_one_error_do_not_add_up() -> None:
    """The network sets the computer's clock a moment after the central system has corrected ours."""
    clock, truth = SetByHand(), SystemClock()
    assert clock.system_time() is None
    clock.correct(truth.utc())
    clock.behind = timedelta(0)
    assert abs(clock.utc() - truth.utc()) < timedelta(seconds=1)
    told = clock.system_time()
    assert told is not None
    clock.correct(told)
    assert abs(clock.utc() - truth.utc()) < timedelta(seconds=1)
    assert clock.system_time() is None  # once


def test_a_clock_that_was_put_forward_does_not_know_the_time() -> None:
    clock = SetByHand()
    assert clock.never_before(clock.utc() - timedelta(hours=1))
    assert not clock.never_before(clock.utc() + timedelta(hours=1))


def test_time_that_the_network_brings_moves_what_this_life_has_stamped() -> None:
    async def scenario() -> list[ClockMoved]:
        clock, moved = VirtualClock(), list[ClockMoved]()
        told = iter([None, clock.utc() + timedelta(hours=5)])
        keeper = Timekeeper(
            clock,
            lambda utc: clock.step(utc - clock.utc()),
            moved.append,
            Silent(),
            system_time=lambda: next(told, None),
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(keeper.run())
            await asyncio.sleep(60)
            running.cancel()
        return moved

    (moved,) = run_virtual(scenario())
    assert moved.by == timedelta(hours=5) - timedelta(seconds=20)
    assert moved.since == START_OF_TIME
