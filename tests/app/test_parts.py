"""Timers, feed, supervisor, health: the small parts under the actors."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from chargepoint.app.feed import Feed
from chargepoint.app.health import Health, Pulse
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.supervisor import Supervisor
from chargepoint.app.timers import Timers
from chargepoint.contract import Snapshot
from chargepoint.domain.effects import CancelTimer, StartTimer
from chargepoint.domain.point.machine import TimerFired
from chargepoint.domain.units import Generation, MilliAmp
from simulator.vtime import run_virtual
from tests.support.surroundings import Board, Tasks

HOME = Snapshot(0, 1, "home")


# --- timers --------------------------------------------------------------------------------------


def test_timer_fires_once_with_its_generation() -> None:
    async def story() -> None:
        fired: list[TimerFired] = []
        timers = Timers(fired.append)
        timers.start(StartTimer("t", 5, Generation(1)))
        await asyncio.sleep(20)
        assert fired == [TimerFired("t", 1)]

    run_virtual(story())


def test_timer_started_again_replaces_the_first() -> None:
    async def story() -> None:
        fired: list[TimerFired] = []
        timers = Timers(fired.append)
        timers.start(StartTimer("t", 5, Generation(1)))
        timers.start(StartTimer("t", 8, Generation(2)))
        timers.start(StartTimer("u", 1, Generation(3)))
        await asyncio.sleep(20)
        assert fired == [TimerFired("u", 3), TimerFired("t", 2)]

    run_virtual(story())


def test_cancelled_timers_stay_silent() -> None:
    async def story() -> None:
        fired: list[TimerFired] = []
        timers = Timers(fired.append)
        timers.start(StartTimer("t", 5, Generation(1)))
        timers.start(StartTimer("u", 5, Generation(2)))
        timers.cancel(CancelTimer("t"))
        timers.cancel(CancelTimer("never started"))
        timers.cancel_all()
        await asyncio.sleep(20)
        assert fired == []

    run_virtual(story())


# --- feed ----------------------------------------------------------------------------------------


def test_first_change_goes_out_at_once_and_then_ten_a_second() -> None:
    async def story() -> None:
        feed, got = Feed(), list[tuple[float, int]]()
        loop = asyncio.get_running_loop()
        feed.subscribe(lambda snapshot: got.append((loop.time(), snapshot.screen_seq)))
        for number in range(1, 101):
            feed.publish(replace(HOME, screen_seq=number))
            await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        assert got[0] == (0.0, 1)
        assert 10 <= len(got) <= 12
        assert got[-1][1] == 100
        assert all(later[0] - sooner[0] >= 0.0999 for sooner, later in pairwise(got))

    run_virtual(story())


def test_unchanged_snapshot_is_not_sent_and_sequence_rises() -> None:
    async def story() -> None:
        feed, got = Feed(), list[int]()
        leave = feed.subscribe(lambda snapshot: got.append(snapshot.sequence))
        for screen in ("home", "home", "pay"):
            feed.publish(replace(HOME, screen=screen))
            await asyncio.sleep(1)
        assert got == [1, 2]
        assert feed.newest is not None
        assert feed.newest.screen == "pay"
        leave()
        feed.publish(HOME)
        assert got == [1, 2]

    run_virtual(story())


def test_who_has_pressed_is_answered_once_though_nothing_has_changed() -> None:
    async def story() -> None:
        feed, got = Feed(), list[int]()
        feed.subscribe(lambda snapshot: got.append(snapshot.sequence))
        feed.publish(HOME)
        await asyncio.sleep(1)
        feed.owe_answer()
        feed.publish(HOME)
        await asyncio.sleep(1)
        feed.publish(HOME)
        assert got == [1, 2]

    run_virtual(story())


def test_late_subscriber_gets_the_newest_at_once() -> None:
    async def story() -> None:
        feed, got = Feed(), list[str]()
        feed.subscribe(lambda _snapshot: None)
        feed.publish(HOME)
        feed.subscribe(lambda snapshot: got.append(snapshot.screen))
        assert got == ["home"]

    run_virtual(story())


def test_sound_is_never_lost_between_two_snapshots() -> None:
    async def story() -> None:
        feed, got = Feed(), list[str]()
        feed.subscribe(lambda snapshot: got.append(snapshot.earcon))
        feed.publish(HOME)
        feed.publish(replace(HOME, screen="pay", earcon="error"))
        feed.publish(replace(HOME, screen="pay"))
        await asyncio.sleep(1)
        assert got == ["", "error"]

    run_virtual(story())


def test_same_sound_twice_is_played_twice() -> None:
    async def story() -> None:
        feed, got = Feed(), list[str]()
        feed.subscribe(lambda snapshot: got.append(snapshot.earcon))
        for _ in range(2):
            feed.publish(replace(HOME, earcon="error"))
            await asyncio.sleep(1)
        assert got == ["error", "error"]

    run_virtual(story())


# --- supervisor ----------------------------------------------------------------------------------


class Watched:
    def __init__(self) -> None:
        self.crashes: list[str] = []
        self.given_up: list[str] = []
        self.supervisor = Supervisor(
            lambda name, error: self.crashes.append(f"{name}: {error}"), self.given_up.append
        )
        self.runs = 0

    async def crash(self) -> None:
        self.runs += 1
        raise ValueError("broken")

    async def return_at_once(self) -> None:
        self.runs += 1


def test_crash_of_a_task_that_may_end_is_reported_once() -> None:
    async def story() -> None:
        watched = Watched()
        watched.supervisor.spawn(watched.crash(), "once")
        await asyncio.sleep(60)
        assert watched.crashes == ["once: broken"]
        assert watched.given_up == []

    run_virtual(story())


@pytest.mark.parametrize("way", ["crash", "return_at_once"])
def test_task_that_must_run_is_started_again_and_given_up_at_the_third_crash(way: str) -> None:
    async def story() -> None:
        watched = Watched()
        watched.supervisor.keep(getattr(watched, way), "driver")
        await asyncio.sleep(60)
        assert watched.runs == 3
        assert watched.given_up == ["driver"]

    run_virtual(story())


def test_crashes_far_apart_are_forgiven() -> None:
    async def story() -> None:
        watched = Watched()

        async def crash_after_five_minutes() -> None:
            await asyncio.sleep(301)
            await watched.crash()

        watched.supervisor.keep(crash_after_five_minutes, "driver")
        await asyncio.sleep(3600)
        assert watched.runs >= 11
        assert watched.given_up == []
        await watched.supervisor.stop()

    run_virtual(story())


def test_stop_cancels_everything_and_reports_nothing() -> None:
    async def story() -> None:
        watched = Watched()
        ended: list[str] = []

        async def wait_for_ever() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cleaned up")

        watched.supervisor.keep(wait_for_ever, "driver")
        await asyncio.sleep(1)
        await watched.supervisor.stop()
        assert ended == ["cleaned up"]
        assert watched.crashes == []

    run_virtual(story())


# --- health --------------------------------------------------------------------------------------


class CountedPings:
    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1

    def ready(self) -> None:
        pass


class Patient:
    def __init__(self) -> None:
        self.watchdog = CountedPings()
        self.tasks = Tasks()
        self.keeper = LeaseKeeper(Board(), Board(), self.tasks.spawn, "lease:1")
        self.oldest_s = 0.0
        self.stalls: list[bool] = []
        self.pulse = Pulse(0, 0.0)
        self.health = Health(
            self.watchdog,
            [self.keeper],
            {"point:1": self},
            lambda: self.oldest_s,
            self.stalls.append,
        )
        self.tasks.spawn(self.health.run(), "health")


def test_watchdog_is_fed_while_work_is_done() -> None:
    async def story() -> None:
        patient = Patient()
        await asyncio.sleep(10.1)
        assert patient.watchdog.pings == 20
        await patient.tasks.stop()

    run_virtual(story())


def test_stalled_disk_is_told_and_starves_the_watchdog_at_last() -> None:
    async def story() -> None:
        patient = Patient()
        patient.oldest_s = 0.6
        await asyncio.sleep(1.1)
        assert patient.stalls == [True]
        patient.oldest_s = 8.5
        before = patient.watchdog.pings
        await asyncio.sleep(5)
        assert patient.watchdog.pings == before
        patient.oldest_s = 0.0
        await asyncio.sleep(1)
        assert patient.stalls == [True, False]
        await patient.tasks.stop()

    run_virtual(story())


def test_what_is_wrong_is_logged_once_until_something_else_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        patient = Patient()
        patient.oldest_s = 8.5
        await asyncio.sleep(60)
        assert len(caplog.records) == 1
        patient.pulse = Pulse(3, 1.0)
        await asyncio.sleep(60)
        assert len(caplog.records) == 2
        patient.pulse, patient.oldest_s = Pulse(0, 2.0), 0.0
        await asyncio.sleep(1)
        patient.oldest_s = 8.5
        await asyncio.sleep(1)
        assert len(caplog.records) == 3
        await patient.tasks.stop()

    run_virtual(story())


def test_actor_that_handles_nothing_while_something_waits_starves_the_watchdog() -> None:
    async def story() -> None:
        patient = Patient()
        await asyncio.sleep(60.1)  # nothing waits: a rest is no lateness
        patient.pulse = Pulse(3, 1.0)
        await asyncio.sleep(30)
        assert patient.watchdog.pings <= 120 + 17
        before = patient.watchdog.pings
        patient.pulse = Pulse(2, 91.0)
        await asyncio.sleep(5)
        assert patient.watchdog.pings == before + 10
        await patient.tasks.stop()

    run_virtual(story())


def test_lease_keeper_that_does_not_beat_starves_the_watchdog() -> None:
    async def story() -> None:
        patient = Patient()
        patient.keeper.close(Generation(1), MilliAmp(16_000))  # nobody runs it
        await asyncio.sleep(30)
        assert patient.watchdog.pings <= 10
        await patient.tasks.stop()

    run_virtual(story())


def test_work_that_never_began_is_ended_without_a_warning() -> None:
    async def story() -> None:
        watched = Watched()
        watched.supervisor.spawn(watched.crash(), "once")
        await watched.supervisor.stop()
        assert watched.crashes == []

    run_virtual(story())
