"""The lease keeper: newest level wins, opening waits for nothing, a dead board is asked again calmly."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Self

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.app.gate import Gate
from chargepoint.app.lease import LeaseKeeper
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.units import Generation, MilliAmp
from chargepoint.ports import DeviceUnavailable
from simulator.vtime import run_virtual

LIMIT = MilliAmp(16_000)


class FakeBoard:
    """Board and lease in one; opens by itself 3 s after the last renewal."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, float]] = []
        self.is_broken = False
        self.hangs = False
        self.permitted = False
        self.renewed_at = float("-inf")
        self.newest = 0
        self.limits: list[int] = []  # of permissions and of changes since, as told

    async def _called(self, name: str, generation: int) -> bool:
        self.calls.append((name, generation, asyncio.get_running_loop().time()))
        if self.hangs:
            await asyncio.sleep(60)
        if self.is_broken:
            raise DeviceUnavailable("board offline")
        is_newest = generation >= self.newest
        self.newest = max(self.newest, generation)
        return is_newest

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        if await self._called("permit", generation):
            self.permitted = True
            self.limits.append(limit)

    async def set_limit(self, limit: MilliAmp) -> None:
        await self._called("set_limit", self.newest)
        self.limits.append(limit)

    async def forbid(self, generation: Generation) -> None:
        if await self._called("forbid", generation):
            self.permitted = False

    async def renew(self, generation: Generation) -> None:
        if await self._called("renew", generation):
            self.renewed_at = asyncio.get_running_loop().time()

    async def revoke(self, generation: Generation) -> None:
        if await self._called("revoke", generation):
            self.renewed_at = float("-inf")

    @property
    def has_power(self) -> bool:
        return self.permitted and asyncio.get_running_loop().time() - self.renewed_at <= 3

    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]


class Bench:
    """A keeper that runs, until the block ends."""

    def __init__(self) -> None:
        self.board = FakeBoard()
        self._tasks = asyncio.TaskGroup()
        self.keeper = LeaseKeeper(self.board, self.board, self._spawn, "lease:1")  # type: ignore[arg-type]

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.create_task(work, name=name)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._running = self._tasks.create_task(self.keeper.run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._running.cancel()
        await self._tasks.__aexit__(*error)


def test_closing_renews_first_and_then_permits() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(0.01)
            assert bench.board.names() == ["renew", "permit"]
            assert bench.board.has_power

    run_virtual(story())


def test_lease_is_renewed_every_second_and_permitted_once() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(10.5)
            assert bench.board.names().count("renew") == 11
            assert bench.board.names().count("permit") == 1

    run_virtual(story())


def test_opening_is_on_its_way_in_the_same_turn() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(5.5)
            asked = asyncio.get_running_loop().time()
            bench.keeper.open(Generation(2))
            await asyncio.sleep(0)
            assert [c for c in bench.board.calls if c[2] >= asked] == [
                ("forbid", 2, asked),
                ("revoke", 2, asked),
            ]
            assert not bench.board.has_power
            await asyncio.sleep(30)
            assert bench.board.names()[-1] == "revoke"

    run_virtual(story())


def test_older_orders_are_ignored() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.open(Generation(5))
            bench.keeper.close(Generation(4), LIMIT)
            await asyncio.sleep(3)
            assert not bench.keeper.wants_closed
            bench.keeper.close(Generation(6), LIMIT)
            bench.keeper.open(Generation(5))
            assert bench.keeper.wants_closed
            assert bench.keeper.newest == 6

    run_virtual(story())


def test_dead_keeper_lets_the_contactor_open() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(5)
            board = bench.board
        await asyncio.sleep(3.1)
        assert not board.has_power

    run_virtual(story())


def test_board_that_refuses_the_opening_is_asked_again_once_a_second() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(1.5)
            bench.board.is_broken = True
            bench.keeper.open(Generation(2))
            await asyncio.sleep(10)
            assert 9 <= bench.board.names().count("forbid") <= 13
            bench.board.is_broken = False
            await asyncio.sleep(1.5)
            before = len(bench.board.calls)
            await asyncio.sleep(60)
            assert len(bench.board.calls) == before
            assert not bench.board.permitted

    run_virtual(story())


def test_board_that_hangs_is_given_up_and_asked_again() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.board.hangs = True
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(8)
            assert bench.board.names().count("renew") >= 2
            bench.board.hangs = False
            await asyncio.sleep(4)
            assert bench.board.has_power

    run_virtual(story())


def test_last_beat_tells_when_the_keeper_last_finished_a_round() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(7.2)
            assert 6 <= bench.keeper.last_beat <= 7.2

    run_virtual(story())


class SlowJournal:
    """Commits become durable strictly in order, each after its own delay."""

    def __init__(self, delays_s: list[float]) -> None:
        self._delays_s = iter(delays_s)
        self._free_at = 0.0

    def append(self, batch: Batch) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + next(self._delays_s, 0.0)
        done: asyncio.Future[None] = loop.create_future()
        loop.call_at(self._free_at, done.set_result, None)
        return done


A_BATCH = Batch(incidents=(Incident("code", "detail"),))
levels = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.05, 1.0])), min_size=1, max_size=8
)


@settings(max_examples=80, deadline=None)
@given(
    orders=levels,
    delays_s=st.lists(st.sampled_from([0.0, 0.01, 0.3, 2.0, 5.0]), min_size=8, max_size=8),
)
def test_delayed_close_never_follows_a_later_open(
    orders: list[tuple[bool, float]], delays_s: list[float]
) -> None:
    async def story() -> None:
        async with Bench() as bench:
            gate = Gate(SlowJournal(delays_s))
            keeper, board = bench.keeper, bench.board
            for number, (closing, pause_s) in enumerate(orders, start=1):
                generation = Generation(number)
                if closing:
                    gate.commit_then(A_BATCH, lambda g=generation: keeper.close(g, LIMIT))  # type: ignore[misc]
                else:
                    keeper.open(generation)
                    gate.commit(A_BATCH)
                    assert not keeper.wants_closed
                await asyncio.sleep(pause_s)
                newest_open = max(
                    (n for n, o in enumerate(orders[:number], 1) if not o[0]), default=0
                )
                assert all(g > newest_open for name, g, _ in board.calls[-1:] if name == "permit")
            await asyncio.sleep(50)
            assert keeper.wants_closed is orders[-1][0]
            assert board.has_power is orders[-1][0]

    run_virtual(story())


def test_retired_keeper_has_opened_when_it_returns_and_closes_no_more() -> None:
    async def story() -> None:
        async with Bench() as bench:
            keeper, board = bench.keeper, bench.board
            keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(0.5)
            assert board.has_power
            await keeper.retire()
            assert not board.has_power
            keeper.close(Generation(2), LIMIT)
            await asyncio.sleep(2)
            assert not board.has_power

    run_virtual(story())


def test_a_ceiling_reaches_a_closed_board_at_once_and_once() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(5.5)
            bench.keeper.offer(Generation(2), MilliAmp(10_000))
            await asyncio.sleep(0.01)
            bench.keeper.offer(Generation(3), MilliAmp(40_000))
            await asyncio.sleep(5)
            assert bench.board.limits == [16_000, 10_000, 16_000]
            assert bench.board.names().count("permit") == 1

    run_virtual(story())


def test_a_ceiling_holds_for_a_closing_that_was_ordered_before_it() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.offer(Generation(2), MilliAmp(10_000))
            bench.keeper.offer(Generation(1), MilliAmp(32_000))
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(2)
            assert bench.keeper.wants_closed
            assert bench.board.limits == [10_000]

    run_virtual(story())


def test_a_ceiling_that_the_board_did_not_take_is_told_again() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.close(Generation(1), LIMIT)
            await asyncio.sleep(5.5)
            bench.board.is_broken = True
            bench.keeper.offer(Generation(2), MilliAmp(6_000))
            await asyncio.sleep(3)
            bench.board.is_broken = False
            await asyncio.sleep(1.5)
            assert bench.board.limits == [16_000, 6_000]

    run_virtual(story())


def test_a_ceiling_opens_and_closes_nothing() -> None:
    async def story() -> None:
        async with Bench() as bench:
            bench.keeper.offer(Generation(1), MilliAmp(0))
            await asyncio.sleep(5)
            assert not bench.board.names()

    run_virtual(story())
