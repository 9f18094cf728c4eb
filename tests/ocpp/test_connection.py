"""Back-off, refusals, half-open links, and the same bytes from the same seed."""

import asyncio

import pytest

from chargepoint.ocpp.connection import BackOff
from chargepoint.ocpp.link import Link, LinkRefused, Terms
from chargepoint.ports import LinkState
from simulator.entropy import SeededEntropy
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import SILENCE, ScriptedCentral, a_bench, a_start, a_stop, until


def test_the_pause_doubles_and_then_stays_flat() -> None:
    plan = BackOff(minimum_s=2, random_s=1, doublings=3)
    waits = [plan.wait_s(failures, SeededEntropy(1)) for failures in range(1, 7)]
    for wait_s, steady_s in zip(waits, [2, 4, 8, 16, 16, 16], strict=True):
        assert steady_s <= wait_s < steady_s + 1


def test_a_central_system_that_is_down_is_tried_ever_more_rarely() -> None:
    async def scenario() -> None:
        class Counting(ScriptedCentral):
            tries = 0

            async def connect(self, terms: Terms) -> Link:
                self.tries += 1
                return await super().connect(terms)

        central = Counting()
        central.is_up = False
        async with a_bench(central) as bench:
            await asyncio.sleep(3600)
            assert 100 < central.tries < 130
            central.is_up = True
            await until(lambda: bench.backend.link is LinkState.ONLINE, 40)
            assert bench.news.links == [LinkState.PENDING, LinkState.ONLINE]

    run_virtual(scenario())


def test_a_connect_that_hangs_is_given_up() -> None:
    async def scenario() -> None:
        class Hanging(ScriptedCentral):
            hangs = True

            async def connect(self, terms: Terms) -> Link:
                if self.hangs:
                    self.hangs = False
                    await asyncio.sleep(3600)
                return await super().connect(terms)

        async with a_bench(Hanging()) as bench:
            await until(lambda: bench.backend.link is LinkState.ONLINE, 30)

    run_virtual(scenario())


def test_a_refusal_is_one_incident_however_often_it_is_repeated() -> None:
    async def scenario() -> None:
        class Refusing(ScriptedCentral):
            reason = "HTTP 401"

            async def connect(self, terms: Terms) -> Link:
                raise LinkRefused("central.refused", self.reason)

        central = Refusing()
        async with a_bench(central) as bench:
            await asyncio.sleep(300)
            central.reason = "HTTP 404"
            await asyncio.sleep(300)
            assert bench.news.incidents == [
                ("central.refused", "HTTP 401"),
                ("central.refused", "HTTP 404"),
            ]

    run_virtual(scenario())


def test_a_link_that_answers_nothing_any_more_is_replaced() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["Heartbeat"] = SILENCE
            await asyncio.sleep(720)
            assert bench.central.opened == 2
            assert bench.backend.link is LinkState.ONLINE

    run_virtual(scenario())


def test_a_link_that_dies_at_once_is_not_hammered() -> None:
    async def scenario() -> None:
        class Slamming(ScriptedCentral):
            async def connect(self, terms: Terms) -> Link:
                link = await super().connect(terms)
                await link.close()
                return link

        async with a_bench(Slamming()) as bench:
            await asyncio.sleep(600)
            assert bench.central.opened < 30

    run_virtual(scenario())


def test_a_cancelled_backend_closes_its_link() -> None:
    async def scenario() -> None:
        central = ScriptedCentral()
        async with a_bench(central):
            pass
        assert central._link is not None
        with pytest.raises(ConnectionError):
            await central._link.recv()

    run_virtual(scenario())


def test_the_same_seed_gives_the_same_bytes() -> None:
    async def scenario() -> list[tuple[str, str]]:
        async with a_bench() as bench:
            bench.add(a_start(), a_stop())
            await asyncio.sleep(10)
            await bench.central.drop()
            await asyncio.sleep(1000)
            return bench.seen

    first, second = run_virtual(scenario()), run_virtual(scenario())
    assert first == second
    assert len(first) > 10
