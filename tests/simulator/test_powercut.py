"""A writer that stops the world: what is on disk, and what is never told."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.store.writer import InlineWriter
from simulator.powercut import Cut, CuttingWriter, Order
from simulator.vtime import run_virtual


class Bench:
    """A table of numbers, written through the cutting writer."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute("CREATE TABLE n (n)")
        self.writer = CuttingWriter(InlineWriter(self.connection))
        self.cuts: list[float] = []

    def cut(self) -> None:
        self.writer.seal()
        self.cuts.append(asyncio.get_running_loop().time())

    def write(self, number: int) -> "asyncio.Future[None]":
        return self.writer.submit(
            lambda connection: connection.execute("INSERT INTO n VALUES (?)", (number,)) and None
        )

    @property
    def written(self) -> list[int]:
        return [number for (number,) in self.connection.execute("SELECT n FROM n")]


def play(story: Callable[[Bench], Awaitable[None]]) -> None:
    async def main() -> None:
        bench = Bench()
        try:
            await story(bench)
        finally:
            bench.writer.close()

    run_virtual(main())


@pytest.mark.parametrize(
    ("mode", "written", "told"),
    [
        (Cut.BEFORE, [1], [True, False, False]),
        (Cut.AT, [1, 2], [True, False, False]),
        (Cut.AFTER, [1, 2, 3], [True, True, True]),
    ],
)
def test_commit_when_the_power_is_cut_there_then_disk_and_future_agree_with_the_mode(
    mode: Cut, written: list[int], told: list[bool]
) -> None:
    async def story(bench: Bench) -> None:
        bench.writer.arm(Order(mode, 2, bench.cut))
        futures = [bench.write(number) for number in (1, 2, 3)]
        await asyncio.sleep(1)
        assert [future.done() for future in futures] == told
        assert bench.written == written
        assert len(bench.cuts) == 1
        assert not bench.write(4).done()
        assert bench.written == written

    play(story)


def test_writer_when_no_order_was_given_then_it_writes() -> None:
    async def story(bench: Bench) -> None:
        assert bench.write(1).done()
        assert bench.writer.oldest_wait_s(5.0) == 0
        assert bench.writer.commits == 1

    play(story)
