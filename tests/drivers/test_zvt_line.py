"""The line to the bank terminal: broken, slow, gone; and what its recorder may hold."""

import asyncio

import pytest

from chargepoint.domain.devices import DeviceOffline
from chargepoint.domain.payments import BankOutcome
from chargepoint.ports import DeviceUnavailable
from drivers.zvt.settings import Timeouts, ZvtSettings
from simulator.devices.bank_terminal import (
    FAULTS,
    Style,
)
from tests.support.bank import HOLD, Bench, Journal, charge, on_both, play, reasons
from tests.support.transports import (
    LOSS,
)


@pytest.mark.parametrize("fault", ["silent", "garbled", "unplugged"])
@on_both
def test_a_broken_line_is_named_and_forgiven(fault: str, settings: ZvtSettings) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault(fault)
        await bench.until(DeviceOffline)
        with pytest.raises(DeviceUnavailable):
            await bench.driver.list_open()
        bench.terminal.clear(fault)
        await bench.online(2)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story, settings=settings)
    assert reasons(bench) == [fault]


def test_a_terminal_that_takes_blocks_and_says_nothing_is_slow() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.freeze()
        await bench.until(DeviceOffline)

    assert reasons(play(story)) == ["slow"]


def test_a_line_that_is_slow_still_works() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault("slow")
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    assert play(story).of(DeviceOffline) == []


def test_what_waits_for_a_lost_terminal_is_told_so() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(1)
            second = group.create_task(_failure(bench))
            await asyncio.sleep(1)
            bench.terminal.fault("unplugged")
        assert first.result().outcome is BankOutcome.UNKNOWN
        assert "offline" in second.result()

    play(story)


async def _failure(bench: Bench) -> str:
    with pytest.raises(DeviceUnavailable) as caught:
        await bench.driver.list_open()
    return str(caught.value)


def test_who_waits_for_a_driver_that_ends_is_told_that_nobody_knows() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(1)
            second = group.create_task(_failure(bench))
            await asyncio.sleep(1)
            await bench.restart_core()
        assert first.result().outcome is BankOutcome.UNKNOWN
        assert "offline" in second.result()

    play(story)


def test_an_unasked_word_of_the_terminal_is_answered() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.mutter()
        await asyncio.sleep(1)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story)
    assert bench.prompts() == ["present_card", "wait"]


def test_no_card_number_and_no_password_reach_the_recorder() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await charge(bench)
        await bench.driver.end_of_day()

    bench = play(story, settings=ZvtSettings(), style=Style(receipt_lines=("4111 1111 1111 1111",)))
    recorded = " ".join(str(frame) for frame in bench.trace.frames())
    assert "55 98 83" not in recorded
    assert "31 31 31 31" not in recorded
    assert "00 00 00 DE" not in recorded
    shown = [line for each in bench.journal.entries if each.receipt for line in each.receipt.lines]
    assert "4111 1111 1111 1111" not in shown


def test_the_same_seed_gives_the_same_frames() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await charge(bench)

    first, second = (play(story, transport=LOSS, seed=4) for _ in range(2))
    assert first.trace.frames() == second.trace.frames()


def test_every_fault_can_come_and_go() -> None:
    async def story(bench: Bench) -> None:
        for kind in FAULTS:
            bench.terminal.fault(kind)
            bench.terminal.clear(kind)
        with pytest.raises(ValueError, match="no fault"):
            bench.terminal.fault("weld")
        with pytest.raises(ValueError, match="none of"):
            bench.terminal.present_card("gold")
        await bench.online()

    play(story)


def test_time_outs_have_the_specifications_defaults() -> None:
    assert (Timeouts().t1_s, Timeouts().t2_s, Timeouts().t3_s, Timeouts().t4_s) == (0.2, 5, 5, 180)
    assert Journal().entries == []
