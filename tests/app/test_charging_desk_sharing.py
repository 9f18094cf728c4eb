"""What those who charge together are told, until when they wait, and what the central system is told
that they will get.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.app.charging_desk import Wiring
from chargepoint.domain.supply.charging_profile import Profile, Purpose, RateUnit, Schedule
from chargepoint.domain.supply.composite_schedule import Supply
from chargepoint.domain.supply.derating import Derating
from chargepoint.domain.supply.sharing import SETTLE_S, TURN_S
from chargepoint.domain.supply.strain import Strain
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId
from simulator.vtime import START_OF_TIME, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.profiles import a_profile

START = int(START_OF_TIME.timestamp())
ONE, TWO = ConnectorId(1), ConnectorId(2)


def station_max(*pairs: tuple[int, float], unit: RateUnit = RateUnit.AMPERE) -> Profile:
    return a_profile(
        *pairs, purpose=Purpose.STATION_MAX, connector=0, start=START, id_=100, unit=unit
    )


def play(story: Callable[[DeskUnderTest], Awaitable[None]], site_a: int | None = None) -> None:
    async def told() -> None:
        site = None if site_a is None else MilliAmp(site_a * 1000)
        await story(DeskUnderTest(wiring=Wiring(MilliAmp(32_000), site=site)))

    run_virtual(told())


def foretold(bench: DeskUnderTest, connector: int, duration_s: int) -> list[tuple[int, int]]:
    plan = bench.desk.plan(ConnectorId(connector), duration_s)
    return [(s.start - plan.since, s.limit.milliamp // 1000) for s in plan.steps if s.limit]


def test_limit_that_comes_while_all_is_free_is_not_used_twice() -> None:
    """The first vehicle still draws what it was offered without a limit when the second begins."""

    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await asyncio.sleep(100)
        assert await bench.desk.install(station_max((0, 20)))
        assert bench.limits(1) == [20]
        bench.begin(2, "S2")
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (10, 0)
        await asyncio.sleep(SETTLE_S + 0.5)
        assert bench.limits(2)[-1] == 10

    play(story)


def test_who_waits_for_the_others_to_follow_is_told_until_when() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await asyncio.sleep(100)
        bench.begin(2, "S2")
        waits = bench.points[TWO].told[-1]
        assert (waits.limit, waits.resumes_at) == (0, at_second(100 + SETTLE_S))

    play(story, site_a=20)


def test_who_waits_for_a_turn_is_told_until_when_and_not_told_again() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await asyncio.sleep(100)
        bench.begin(2, "S2")
        waits = bench.points[TWO].told[-1]
        assert (waits.limit, waits.resumes_at) == (0, at_second(100 + TURN_S + SETTLE_S))
        told = len(bench.points[TWO].told)
        for _ in range(20):
            await asyncio.sleep(31.7)
            bench.desk.reconsider()
        assert len(bench.points[TWO].told) == told
        await asyncio.sleep(TURN_S + SETTLE_S - 20 * 31.7 + 1)
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (0, 10)
        assert bench.points[ONE].told[-1].resumes_at == at_second(100 + 2 * TURN_S + SETTLE_S)

    play(story, site_a=10)


def at_second(seconds: float) -> object:
    return START_OF_TIME + timedelta(seconds=seconds)


def test_schedule_of_a_connector_is_what_it_will_be_offered() -> None:
    """For two days of turns, limits and a newcomer: what was foretold is what was told."""

    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await bench.desk.install(station_max((0, 24), (3_000, 10), (9_000, 40)))
        await bench.desk.install(a_profile((0, 32), (500, 9), (800, 32), start=START))
        await asyncio.sleep(60)
        bench.begin(2, "S2")
        plans = {c: foretold(bench, c, 12_000) for c in (1, 2)}
        for second in range(12_000):
            for c in (1, 2):
                share = [a for at, a in plans[c] if at <= second][-1]
                assert bench.limits(c)[-1] == share, (second, c)
            await asyncio.sleep(1)

    play(story)


def test_schedule_says_as_much_as_is_known_and_how_long() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        plan = bench.desk.plan(ONE, 7 * 86_400)
        assert len(plan.steps) <= 100
        assert 7 * 3600 < plan.duration_s < 7 * 86_400

    play(story, site_a=10)


def test_schedule_keeps_what_a_profile_says_in_watts_exactly() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await bench.desk.install(a_profile((0, 11_000), start=START, unit=RateUnit.WATT))
        plan = bench.desk.plan(ONE, 300)
        assert [s.limit and s.limit.tenths(RateUnit.WATT, plan.supply) for s in plan.steps] == [
            110_000
        ]

    play(story, site_a=20)


def test_warm_board_lends_what_it_does_not_give_and_the_schedule_says_so() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        await asyncio.sleep(SETTLE_S + 1)
        warm = replace(bench.points[ONE].seen.data, derating=Derating(MilliAmp(8_000)))
        bench.changes(1, warm)
        await asyncio.sleep(SETTLE_S + 1)
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (8, 12)
        assert foretold(bench, 1, 300) == [(0, 8)]

    play(story, site_a=20)


def test_nobody_has_more_before_a_vehicle_above_its_offer_has_followed() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await asyncio.sleep(100)
        bench.begin(2, "S2")
        greedy = replace(
            bench.points[ONE].seen.data,
            contactor_closed=True,
            current=MilliAmp(20_000),
            strain=Strain(over_offer=1),
        )
        bench.changes(1, greedy)
        await asyncio.sleep(2 * SETTLE_S)
        assert bench.limits(2)[-1] == 0
        bench.changes(1, replace(greedy, current=MilliAmp(10_000), strain=Strain()))
        assert bench.limits(2)[-1] == 10

    play(story, site_a=20)


def test_watts_of_a_station_are_spread_over_the_phases_of_its_connectors() -> None:
    """Two connectors of one phase each: together never more than 11,000 W, whatever numberPhases says."""

    async def told() -> None:
        phases = {ONE: frozenset({"L1"}), TWO: frozenset({"L2"})}
        wiring = Wiring(MilliAmp(32_000), Supply(230, 1), MilliAmp(32_000), phases)
        bench = DeskUnderTest(wiring=wiring)
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (32, 32)
        limit = station_max((0, 11_000), unit=RateUnit.WATT)
        one_phase = replace(limit.schedule.periods[0], phases=1)
        limit = replace(limit, schedule=replace(limit.schedule, periods=(one_phase,)))
        assert await bench.desk.install(limit)
        shares = [bench.points[c].told[-1].limit for c in (ONE, TWO)]
        assert shares == [23_913, 23_913]
        assert sum(shares) * 230 <= 11_000_000
        whole, part = (bench.desk.plan(ConnectorId(c), 60) for c in (0, 1))
        said = [plan.steps[0].limit for plan in (whole, part)]
        watts = [
            limit and limit.tenths(RateUnit.WATT, plan.supply)
            for limit, plan in zip(said, (whole, part), strict=True)
        ]
        assert watts == [110_000, 55_000]

    run_virtual(told())


def test_least_in_watts_counts_as_one_in_amperes() -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        bench.begin(2, "S2")
        schedule = Schedule(
            RateUnit.WATT, a_profile((0, 22_000)).schedule.periods, minimum_milli=8_280_000
        )
        profile = Profile(7, TWO, Purpose.SESSION, 0, schedule, session=SessionId("S2"))
        assert await bench.desk.install(profile)  # 12 A of each of three phases
        assert (bench.limits(1)[-1], bench.limits(2)[-1]) == (17, 0)

    play(story, site_a=17)


amperes = st.integers(0, 40)
starts = st.lists(st.integers(1, 2_900), max_size=3, unique=True).map(lambda s: [0, *sorted(s)])


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[int, float]]:
    return [(start_s, draw(amperes)) for start_s in draw(starts)]


@settings(max_examples=25, deadline=None)
@given(st.none() | st.integers(6, 70), schedules(), schedules(), st.integers(0, 200))
def test_what_is_foretold_is_what_is_told(
    site_a: int | None,
    station: list[tuple[int, float]],
    default: list[tuple[int, float]],
    second_at: int,
) -> None:
    async def story(bench: DeskUnderTest) -> None:
        bench.begin(1, "S1")
        await bench.desk.install(station_max(*station))
        await bench.desk.install(a_profile(*default, start=START))
        await asyncio.sleep(second_at)
        bench.begin(2, "S2")
        plans = {c: foretold(bench, c, 3_000) for c in (1, 2)}
        await asyncio.sleep(0.5)
        for second in range(3_000):
            for c in (1, 2):
                share = [a for at, a in plans[c] if at <= second][-1]
                assert bench.limits(c)[-1] == share, (second, c)
            await asyncio.sleep(1)

    play(story, site_a=site_a)
