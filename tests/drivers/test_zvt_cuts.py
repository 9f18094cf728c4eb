"""Cut at every message of a sale: nothing captured twice, nothing captured that is not recorded.

The core of these tests is the smallest that keeps the rule of §2.8.9: after a cut it asks what is
open, settles what its journal knows, and releases the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from drivers.trace import TracedFrame
from drivers.zvt.settings import Transport, ZvtSettings
from simulator.devices.bank_terminal import Style
from tests.support.bank import COST, HOLD, Bench, play
from tests.support.transports import GARBAGE, LOSS
from tests.support.transports import Transport as Line

SHORT_RECEIPT = Style(receipt_lines=("Beleg",))
SERIAL = ZvtSettings()
TCP = ZvtSettings(transport=Transport.TCP)
MOST_TRIES = 30

Cut = Callable[[Bench], Awaitable[None]]


async def core_dies(bench: Bench) -> None:
    """What it has written still arrives."""
    await bench.restart_core()


async def core_and_line_die(bench: Bench) -> None:
    """What was on the wire is gone, too."""
    bench.terminal.fault("unplugged")
    await bench.kill_core()
    await asyncio.sleep(2)
    bench.terminal.clear("unplugged")
    assert bench.group is not None
    bench.start_core(bench.group)


async def line_flickers(bench: Bench) -> None:
    bench.terminal.fault("unplugged")
    await asyncio.sleep(0.3)
    bench.terminal.clear("unplugged")


async def line_is_cut_for_long(bench: Bench) -> None:
    bench.terminal.fault("unplugged")
    await asyncio.sleep(120)
    bench.terminal.clear("unplugged")


async def line_falls_silent(bench: Bench) -> None:
    bench.terminal.fault("silent")
    await asyncio.sleep(60)
    bench.terminal.clear("silent")


async def terminal_starts_anew(bench: Bench) -> None:
    bench.terminal.reboot()


async def everything_loses_power(bench: Bench) -> None:
    bench.terminal.power_cut()
    await core_and_line_die(bench)
    bench.terminal.power_on()


CUTS = (
    core_dies,
    core_and_line_die,
    line_flickers,
    line_is_cut_for_long,
    line_falls_silent,
    terminal_starts_anew,
    everything_loses_power,
)


@dataclass
class Sale:
    """One customer; the core's decisions after a cut."""

    bench: Bench
    cost: Minor
    sold: bool = False  # the reservation was reported, so energy flowed

    async def run(self) -> None:
        self.bench.terminal.present_card()
        reserved = await self._result(self.bench.driver.reserve("S-1", HOLD))
        if reserved is not None and reserved.outcome is BankOutcome.APPROVED:
            assert reserved.receipt is not None
            self.sold = True
            await self._close(reserved.receipt.receipt_number)
        for _ in range(MOST_TRIES):
            receipts = await self.bench.list_open()
            if not receipts:
                return
            for number in receipts:
                await self._close(number)
        raise AssertionError("a reservation stays open")

    async def _close(self, number: str) -> None:
        driver = self.bench.driver
        is_ours = any(
            each.receipt is not None and each.receipt.receipt_number == number
            for each in self.bench.journal.entries
        )
        if is_ours and self.sold and self.cost:
            await self._result(driver.settle("S-1", number, self.cost, reserved=HOLD))
        else:
            await self._result(driver.release("S-1", number))

    async def _result(self, call: Awaitable[BankResult]) -> BankResult | None:
        """None: the terminal was offline."""
        try:
            return await call
        except DeviceUnavailable:
            await asyncio.sleep(1)
            return None


def sale_with_cut(cut: Cut, at: int, *, settings: ZvtSettings, cost: Minor) -> tuple[bool, Sale]:
    """A sale that is cut at message `at`; whether it came to that."""
    found: list[Sale] = []
    seen = 0
    was_cut = False

    async def story(bench: Bench) -> None:
        nonlocal was_cut
        moment = asyncio.Event()

        def count(_frame: TracedFrame) -> None:
            nonlocal seen
            seen += 1
            if seen == at:
                moment.set()

        await bench.online()
        bench.trace.subscribe(count)
        sale = Sale(bench, cost)
        found.append(sale)
        async with asyncio.TaskGroup() as group:
            customer = group.create_task(sale.run())
            cutter = group.create_task(_cut_at(moment, cut, bench))
            await asyncio.wait([customer])
            was_cut = moment.is_set()
            if not was_cut:
                cutter.cancel()

    play(story, settings=settings, style=SHORT_RECEIPT)
    return was_cut, found[0]


async def _cut_at(moment: asyncio.Event, cut: Cut, bench: Bench) -> None:
    await moment.wait()
    await cut(bench)


def check(sale: Sale) -> None:
    terminal, journal = sale.bench.terminal, sale.bench.journal
    assert terminal.open_reservations == {}
    assert len(terminal.captures) <= 1
    assert terminal.captured_minor == (sale.cost if sale.sold else 0)
    recorded = [
        each
        for each in journal.entries
        if each.command == "settle" and each.outcome is BankOutcome.APPROVED
    ]
    assert len(terminal.captures) <= len(recorded)


@pytest.mark.parametrize("settings", [SERIAL, TCP], ids=["serial", "tcp"])
@pytest.mark.parametrize("cost", [COST, HOLD, Minor(0)], ids=["part", "all", "nothing"])
@pytest.mark.parametrize("cut", CUTS, ids=lambda one: one.__name__)
def test_a_cut_at_any_message_never_costs_anybody_money(
    cut: Cut, cost: Minor, settings: ZvtSettings
) -> None:
    at = 0
    while True:
        at += 1
        was_cut, sale = sale_with_cut(cut, at, settings=settings, cost=cost)
        check(sale)
        if not was_cut:
            break
    assert at > 30, "a sale has that many messages"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("cost", [COST, Minor(0)])
def test_a_cut_around_any_commit_never_costs_anybody_money(
    cost: Minor, number: int, when: str
) -> None:
    sales: list[Sale] = []

    async def story(bench: Bench) -> None:
        writes = 0
        dead = asyncio.Event()

        async def die(_result: BankResult) -> None:
            nonlocal writes
            writes += 1
            if writes == number:
                dead.set()
                await asyncio.sleep(3600)

        setattr(bench.journal, when, die)
        await bench.online()
        sale = Sale(bench, cost)
        sales.append(sale)
        async with asyncio.TaskGroup() as group:
            group.create_task(sale.run())
            await dead.wait()
            await bench.restart_core()

    play(story, style=SHORT_RECEIPT)
    check(sales[0])
    assert sales[0].sold == (number == 2)


@pytest.mark.parametrize("transport", [LOSS, GARBAGE], ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(1, 21))
def test_a_bad_line_never_costs_anybody_money(transport: Line, seed: int) -> None:
    sales: list[Sale] = []

    async def story(bench: Bench) -> None:
        await bench.online()
        sale = Sale(bench, COST)
        sales.append(sale)
        await sale.run()

    play(story, transport=transport, style=SHORT_RECEIPT, seed=seed)
    check(sales[0])


def test_a_customer_who_gives_up_at_any_message_holds_nothing() -> None:
    at = 0
    was_aborted = True
    while was_aborted:
        at += 1
        was_aborted = _gives_up_at(at)
    assert at > 10


def _gives_up_at(at: int) -> bool:
    aborted: list[int] = []

    async def story(bench: Bench) -> None:
        moment = asyncio.Event()
        seen = 0

        def count(_frame: TracedFrame) -> None:
            nonlocal seen
            seen += 1
            if seen == at:
                moment.set()

        await bench.online()
        bench.trace.subscribe(count)
        async with asyncio.TaskGroup() as group:
            reserving = group.create_task(bench.reserve())
            aborting = group.create_task(moment.wait())
            await asyncio.wait([reserving, aborting], return_when=asyncio.FIRST_COMPLETED)
            if not reserving.done():
                aborted.append(at)
                await bench.driver.abort()
            aborting.cancel()
        is_held = reserving.result().outcome is BankOutcome.APPROVED
        assert is_held == (not aborted)
        assert len(bench.terminal.open_reservations) == is_held

    play(story, style=SHORT_RECEIPT)
    return bool(aborted)
