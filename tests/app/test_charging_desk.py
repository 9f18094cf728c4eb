"""Who is told which limit, and when: boundaries, sessions, sharing, restarts, a clock that is set."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from chargepoint.domain.supply.charging_profile import (
    DAY_S,
    Profile,
    Purpose,
    Schedule,
    Selection,
)
from chargepoint.domain.units import ConnectorId, SessionId
from simulator.vtime import START_OF_TIME, VirtualClock, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.profiles import a_profile

START = int(START_OF_TIME.timestamp())
ONE, TWO = ConnectorId(1), ConnectorId(2)


def station_max(*pairs: tuple[int, float], id_: int = 100) -> Profile:
    purpose = Purpose.STATION_MAX
    return a_profile(*pairs, purpose=purpose, connector=0, start=START, id_=id_)


def of_session(
    session: str, *pairs: tuple[int, float], connector: int = 1, id_: int = 7
) -> Profile:
    return a_profile(
        *pairs,
        purpose=Purpose.SESSION,
        connector=connector,
        session=SessionId(session),
        start=None,
        id_=id_,
    )


def play(story: Callable[[DeskUnderTest], Awaitable[None]]) -> None:
    async def told() -> None:
        await story(DeskUnderTest())

    run_virtual(told())


def test_without_profiles_nobody_is_told_anything() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.desk.boot()
        bench.begin(1, "S1")
        await asyncio.sleep(100)
        assert bench.limits(1) == []

    play(story)


def test_a_default_profile_is_told_at_once_and_at_each_boundary() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        profile = a_profile((0, 16), (90, 10), (100, 0), (400, 32), start=START)
        assert await bench.desk.install(profile)
        assert bench.limits(1) == [16]
        await asyncio.sleep(89.5)
        assert bench.limits(1) == [16]
        await asyncio.sleep(1)
        assert bench.limits(1) == [16, 10]
        await asyncio.sleep(10)
        assert bench.limits(1) == [16, 10, 0]
        resumes_at = bench.points[ONE].told[-1].resumes_at
        assert resumes_at == START_OF_TIME + timedelta(seconds=400)
        await asyncio.sleep(300)
        assert bench.limits(1) == [16, 10, 0, 32]
        assert bench.limits(2) == [32]

    play(story)


def test_a_relative_profile_starts_again_with_every_session() -> None:
    async def story(bench: DeskUnderTest) -> None:
        await bench.desk.install(a_profile((0, 6), (60, 20), start=None))
        bench.begin(1, "S1")
        await asyncio.sleep(61)
        assert bench.limits(1) == [6, 20]
        bench.end(1)
        bench.begin(1, "S2")
        assert bench.limits(1) == [6, 20, 6]

    play(story)


def test_a_session_profile_overrules_the_default_and_ends_with_its_session() -> None:
    async def story(bench: DeskUnderTest) -> None:
        await bench.desk.install(a_profile((0, 10), start=START, level=9))
        bench.begin(1, "S1")
        assert await bench.desk.install(of_session("S1", (0, 20)))
        assert bench.limits(1) == [10, 20]
        bench.end(1)
        assert bench.limits(1) == [10, 20, 10]
        assert list(bench.store.kept) == [1]

    play(story)


def test_a_restart_keeps_profiles_and_drops_those_of_sessions_that_did_not_survive() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        await bench.desk.install(a_profile((0, 10), start=START))
        await bench.desk.install(of_session("S1", (0, 20)))
        await bench.desk.install(of_session("S2", (0, 8), connector=2, id_=8))
        after = DeskUnderTest(bench.store)
        after.begin(2, "S2")
        after.desk.boot()
        assert sorted(after.store.kept) == [1, 8]
        assert after.limits(1)[-1] == 10
        assert after.limits(2)[-1] == 8

    play(story)


def test_a_station_limit_is_shared_by_those_who_charge() -> None:
    async def story(bench: DeskUnderTest) -> None:
        assert await bench.desk.install(station_max((0, 24), (600, 10)))
        assert (bench.limits(1), bench.limits(2)) == ([24], [24])
        bench.begin(1, "S1")
        assert bench.limits(1) == [24]
        bench.begin(2, "S2")
        assert (bench.limits(1), bench.limits(2)) == ([24, 12], [24, 0])
        await asyncio.sleep(16)  # the first vehicle has followed by then
        assert (bench.limits(1), bench.limits(2)) == ([24, 12], [24, 0, 12])
        await asyncio.sleep(600)
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (10, 0)
        bench.end(1)
        assert bench.limits(2)[-1] == 10

    play(story)


def test_a_vehicle_below_its_minimum_charging_rate_waits() -> None:
    async def story(bench: DeskUnderTest) -> None:
        await bench.desk.install(station_max((0, 17)))
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        profile = of_session("S2", (0, 32), connector=2)
        least = profile.schedule
        needy = Schedule(least.unit, least.periods, minimum_milli=12_000)
        assert await bench.desk.install(
            Profile(7, TWO, Purpose.SESSION, 0, needy, session=SessionId("S2"))
        )
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (17, 0)

    play(story)


def test_impossible_profiles_and_one_too_many_change_nothing() -> None:
    async def story(bench: DeskUnderTest) -> None:
        assert not await bench.desk.install(a_profile((5, 10)))
        for number in range(40):
            level, connector = number % 10, number // 10
            purpose = Purpose.STATION_MAX if connector == 3 else Purpose.SESSION_DEFAULT
            where = 0 if connector == 3 else connector
            profile = a_profile((0, 10), id_=number, level=level, connector=where, purpose=purpose)
            assert await bench.desk.install(profile), number
        bench.begin(1, "S1")
        assert not await bench.desk.install(of_session("S1", (0, 10), id_=99))
        assert await bench.desk.install(a_profile((0, 11), id_=99, level=3))
        assert len(bench.store.kept) == 40

    play(story)


def test_clearing_gives_the_current_back() -> None:
    async def story(bench: DeskUnderTest) -> None:
        await bench.desk.install(a_profile((0, 10), start=START))
        await bench.desk.install(a_profile((0, 8), start=START, id_=2, level=2))
        assert await bench.desk.clear(Selection(id=2)) == 1
        assert await bench.desk.clear(Selection(id=2)) == 0
        assert await bench.desk.clear(Selection()) == 1
        assert bench.limits(1) == [10, 8, 10, 32]
        assert not bench.store.kept

    play(story)


def test_a_remote_starts_profile_waits_for_its_session() -> None:
    async def story(bench: DeskUnderTest) -> None:
        draft = of_session("", (0, 8))
        assert await bench.desk.attach(draft, SessionId("S1"), ONE)
        bench.begin(2, "S2")  # what happens elsewhere does not drop it
        assert bench.limits(1) == [32]
        bench.begin(1, "S1")
        bench.desk.release(SessionId("S1"))
        assert bench.limits(1) == [32, 8]

    play(story)


def test_a_remote_start_that_was_refused_leaves_no_profile() -> None:
    async def story(bench: DeskUnderTest) -> None:
        assert await bench.desk.attach(of_session("", (0, 8)), SessionId("S1"), ONE)
        bench.desk.release(SessionId("S1"))
        assert not bench.store.kept
        assert not await bench.desk.attach(of_session("", (9, 8)), SessionId("S1"), ONE)

    play(story)


class SteppedClock(VirtualClock):
    step = timedelta(0)

    def utc(self) -> datetime:
        return super().utc() + self.step


def test_a_clock_that_is_set_counts_within_a_minute_and_at_once_when_told() -> None:
    async def told() -> None:
        clock = SteppedClock()
        bench = DeskUnderTest(clock=clock)
        night = a_profile((0, 6), (7200, 20), start=START, repeats_s=DAY_S)
        await bench.desk.install(night)
        clock.step = timedelta(hours=3)
        await asyncio.sleep(60.5)
        assert bench.limits(1) == [6, 20]
        clock.step = timedelta(0)
        bench.desk.reconsider()
        assert bench.limits(1) == [6, 20, 6]

    run_virtual(told())


def test_a_session_that_seems_to_begin_later_has_begun() -> None:
    """The clock was an hour ahead, and is put right before the session's own time is."""

    async def told() -> None:
        clock = SteppedClock()
        clock.step = timedelta(hours=1)
        bench = DeskUnderTest(clock=clock)
        await bench.desk.install(a_profile((0, 10), (90, 8), start=None))
        bench.begin(1, "S1")
        await asyncio.sleep(50)
        clock.step = timedelta(0)
        bench.desk.reconsider()
        assert bench.limits(1) == [10]
        await asyncio.sleep(50)
        bench.begin(1, "S1", START_OF_TIME)
        assert bench.limits(1) == [10, 8], "as soon as its own time is right"

    run_virtual(told())


def test_a_plan_joins_purposes_and_connectors() -> None:
    async def story(bench: DeskUnderTest) -> None:
        await bench.desk.install(a_profile((0, 16), (60, 10), start=START))
        await bench.desk.install(station_max((0, 20), (120, 60)))
        one, station = (bench.desk.plan(ConnectorId(c), 300) for c in (1, 0))
        assert [(s.start - START, s.limit and s.limit.milliamp) for s in one.steps] == [
            (0, 16_000),
            (60, 10_000),
        ]
        assert [(s.start - START, s.limit and s.limit.milliamp) for s in station.steps] == [
            (0, 20_000),
            (120, 42_000),
        ]
        assert station.since == START
        assert bench.desk.plan(ONE, 10**9).duration_s == 7 * DAY_S

    play(story)


def test_what_is_asked_in_utc_is_answered_in_utc() -> None:
    async def story(bench: DeskUnderTest) -> None:
        midnight = datetime(2020, 1, 1, tzinfo=UTC)
        hour = int((START_OF_TIME - midnight).total_seconds()) % DAY_S
        profile = a_profile((0, 6), (hour, 20), start=int(midnight.timestamp()), repeats_s=DAY_S)
        await bench.desk.install(profile)
        assert bench.limits(1) == [20]

    play(story)
