"""The hopper: what the counters prove, and that no coin is ever paid twice."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.domain.devices import (
    DeviceEvent,
    DeviceOffline,
    DeviceOnline,
)
from chargepoint.domain.payments import UNCERTAIN, HopperMark, PaymentEvent, PayoutDone
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.codec import Header
from drivers.cctalk.hopper import HopperDriver
from drivers.cctalk.payout import (
    EMPTY,
    INTERRUPTED,
    HopperStatus,
    Paid,
    Progress,
    evidence,
    progress,
)
from drivers.trace import Direction, Trace
from simulator.devices.hopper import SimulatedHopper
from simulator.line_faults import LineFault
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from tests.support.transports import NORMAL, Transport, on_every_transport

ONE_EURO = Minor(100)
PATIENCE_S = 60.0


def a_mark(counter: int = 7, lifetime: int | None = 1000, paid: int = 0) -> HopperMark:
    return HopperMark(
        "710623",
        5,
        counter,
        lifetime or 0,
        "P-1",
        counts_lifetime=lifetime is not None,
        last_paid=paid,
    )


# --- what the counters prove ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "status", "lifetime", "expected"),
    [
        (a_mark(), HopperStatus(7, 0, 0, 0), 1000, Progress.NOT_STARTED),
        (a_mark(), HopperStatus(8, 3, 2, 0), 1002, Progress.RUNNING),
        (a_mark(), HopperStatus(8, 0, 5, 0), 1005, Progress.ENDED),
        (a_mark(), HopperStatus(0, 0, 0, 0), 1002, Progress.ENDED),
        (a_mark(counter=0), HopperStatus(0, 0, 0, 0), 1000, Progress.NOT_STARTED),
        (a_mark(counter=0), HopperStatus(0, 0, 0, 0), 1002, Progress.ENDED),
        (a_mark(counter=0, lifetime=None), HopperStatus(0, 0, 0, 0), None, Progress.UNKNOWN),
        (a_mark(counter=0, lifetime=None), HopperStatus(0, 0, 2, 3), None, Progress.ENDED),
        (a_mark(lifetime=None), HopperStatus(7, 0, 0, 0), None, Progress.NOT_STARTED),
        (a_mark(lifetime=None), HopperStatus(8, 0, 5, 0), None, Progress.ENDED),
    ],
)
def test_progress_of_a_mark(
    mark: HopperMark, status: HopperStatus, lifetime: int | None, expected: Progress
) -> None:
    assert progress(mark, status, lifetime) is expected


@pytest.mark.parametrize(
    ("mark", "status", "lifetime", "payout"),
    [
        (a_mark(), HopperStatus(8, 0, 5, 0), 1005, Paid(5)),
        (a_mark(), HopperStatus(0, 0, 0, 0), 1003, Paid(3)),
        (a_mark(lifetime=0xFF_FFFE), HopperStatus(8, 0, 5, 0), 3, Paid(5)),
        (a_mark(lifetime=None), HopperStatus(8, 0, 4, 1), None, Paid(4)),
        (a_mark(lifetime=None), HopperStatus(7, 0, 4, 1), None, Paid(0)),
        (a_mark(lifetime=None), HopperStatus(0, 0, 4, 1), None, Paid(4, is_certain=False)),
        (a_mark(0, None), HopperStatus(0, 0, 0, 0), None, Paid(0, is_certain=False)),
    ],
)
def test_evidence_of_a_payout(
    mark: HopperMark, status: HopperStatus, lifetime: int | None, payout: Paid
) -> None:
    assert evidence(mark, status, lifetime) == payout


# --- the driver -----------------------------------------------------------------------------------


class Bowl:
    """A hopper, its line and its driver."""

    def __init__(self, line: MemoryLine, hopper: SimulatedHopper) -> None:
        self.line = line
        self.hopper = hopper
        self.facts: list[DeviceEvent | PaymentEvent] = []
        self.trace = Trace("hopper", asyncio.get_running_loop().time)
        self.driver = HopperDriver(line.open_port, self.facts.append, self.trace, value=ONE_EURO)

    async def online(self, times: int = 1) -> None:
        await eventually(
            lambda: sum(isinstance(fact, DeviceOnline) for fact in self.facts) >= times
        )

    async def result(self, mark: HopperMark) -> tuple[int, str]:
        """What a patient core learns: it pays once and asks until it knows."""
        try:
            return said(await self.driver.pay(mark), mark)
        except DeviceUnavailable:
            return await self.verified(mark)

    async def verified(self, mark: HopperMark) -> tuple[int, str]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await asyncio.sleep(1)
                try:
                    return said(await self.driver.verify(mark), mark)
                except DeviceUnavailable:
                    continue

    def dispenses(self) -> int:
        return sum(
            frame.meaning == "dispense coins" and frame.direction is Direction.SENT
            for frame in self.trace.frames()
        )


def said(done: PayoutDone, mark: HopperMark) -> tuple[int, str]:
    assert done.mark == mark
    return done.paid, done.reason


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the physical world announces nothing
            await asyncio.sleep(0.01)


def play(
    story: Callable[[Bowl], Awaitable[None]],
    transport: Transport = NORMAL,
    *,
    coins: int = 50,
    counts_lifetime: bool = True,
) -> None:
    async def main() -> None:
        line = transport.line("hopper", echo=True)
        bowl = Bowl(line, SimulatedHopper(line, coins=coins, counts_lifetime=counts_lifetime))
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(bowl.hopper.run()),
                group.create_task(bowl.driver.run()),
            ]
            await bowl.online()
            await story(bowl)
            for task in running:
                task.cancel()

    run_virtual(main())


@on_every_transport
@pytest.mark.parametrize("counts_lifetime", [True, False])
def test_what_is_reported_is_what_lies_in_the_tray(
    transport: Transport, counts_lifetime: bool
) -> None:
    async def story(bowl: Bowl) -> None:
        async def pull_the_plug() -> None:
            await eventually(lambda: bowl.hopper.paid_out >= 1)
            await transport.disturb(bowl.line)

        async with asyncio.TaskGroup() as group:
            mark = await bowl.driver.mark(5, "P-1")
            plug = group.create_task(pull_the_plug())
            first = await bowl.result(mark)
            plug.cancel()
        assert bowl.hopper.paid_out == first[0]
        await bowl.online(1 + transport.is_unplugged_midway)
        second = await bowl.result(await bowl.driver.mark(2, "P-1"))
        assert bowl.hopper.paid_out == first[0] + second[0]
        # Without a lifetime count a lost first command cannot be told from a reset.
        assert (first, second) == ((5, ""), (2, "")) or (
            not counts_lifetime and UNCERTAIN in {first[1], second[1]}
        )

    play(story, transport, counts_lifetime=counts_lifetime)


def test_a_lost_reply_to_the_dispense_command_pays_once() -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(3, "P-1")
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(bowl.driver.pay(mark))
            await eventually(lambda: bowl.hopper._remaining > 0)
            bowl.line.fault(LineFault.SILENT)
            await asyncio.sleep(0.2)
            bowl.line.clear(LineFault.SILENT)
        assert said(paying.result(), mark) == (3, "")
        assert bowl.hopper.paid_out == 3
        assert bowl.dispenses() == 1

    play(story)


def test_a_lost_dispense_command_is_repeated_when_the_counters_prove_it() -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(3, "P-1")
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(bowl.driver.pay(mark))
            await eventually(lambda: bowl.dispenses() == 1)
            bowl.line.fault(LineFault.SILENT)
            await asyncio.sleep(0.2)
            bowl.line.clear(LineFault.SILENT)
        assert said(paying.result(), mark) == (3, "")
        assert bowl.hopper.paid_out == 3

    play(story)


@pytest.mark.parametrize("counts_lifetime", [True, False])
def test_a_power_cut_in_the_middle_is_counted_and_never_paid_again(counts_lifetime: bool) -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(5, "P-1")
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(bowl.result(mark))
            await eventually(lambda: bowl.hopper.paid_out == 2)
            bowl.hopper.power_cut()
            await asyncio.sleep(5)
            bowl.hopper.power_on()
        why = INTERRUPTED if counts_lifetime else UNCERTAIN
        assert paying.result() == (2, why)
        assert await bowl.verified(mark) == (2, why)
        assert bowl.hopper.paid_out == 2
        assert await bowl.result(await bowl.driver.mark(3, "P-1")) == (3, "")

    play(story, counts_lifetime=counts_lifetime)


def test_an_empty_hopper_reports_what_it_paid() -> None:
    async def story(bowl: Bowl) -> None:
        assert await bowl.result(await bowl.driver.mark(5, "P-1")) == (2, EMPTY)
        bowl.hopper.coins = 10
        assert await bowl.result(await bowl.driver.mark(3, "P-1")) == (3, "")

    play(story, coins=2)


def test_a_blocked_hopper_is_not_asked_to_pay() -> None:
    async def story(bowl: Bowl) -> None:
        bowl.hopper.fault("stuck")
        with pytest.raises(DeviceUnavailable, match="blocked"):
            await bowl.driver.mark(1, "P-1")
        bowl.hopper.clear("stuck")
        assert await bowl.result(await bowl.driver.mark(1, "P-1")) == (1, "")

    play(story)


def test_a_plan_of_another_hopper_or_during_a_payout_is_refused() -> None:
    async def story(bowl: Bowl) -> None:
        other = HopperMark("1", 1, 0, 0, "P-1")
        with pytest.raises(DeviceUnavailable, match="is not 1 of the mark"):
            await bowl.driver.pay(other)
        bowl.hopper._remaining = 3
        with pytest.raises(DeviceUnavailable, match="still paying"):
            await bowl.driver.mark(1, "P-1")

    play(story)


def test_a_stalled_payout_is_stopped() -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(5, "P-1")
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(bowl.result(mark))
            await eventually(lambda: bowl.hopper.paid_out == 1)
            bowl.hopper.coins, left = 0, bowl.hopper.coins
            bowl.hopper._pay_one = lambda: None  # type: ignore[method-assign]
            bowl.hopper.coins = left
        assert paying.result() == (1, INTERRUPTED)

    play(story)


def test_an_unplugged_hopper_is_offline_and_refuses_to_pay() -> None:
    async def story(bowl: Bowl) -> None:
        bowl.line.fault(LineFault.UNPLUGGED)
        await eventually(lambda: isinstance(bowl.facts[-1], DeviceOffline))
        with pytest.raises(DeviceUnavailable, match="offline"):
            await bowl.driver.mark(1, "P-1")
        await asyncio.sleep(60)
        bowl.line.clear(LineFault.UNPLUGGED)
        await bowl.online(2)
        assert [type(fact) for fact in bowl.facts] == [DeviceOnline, DeviceOffline, DeviceOnline]

    play(story)


def test_another_device_is_no_hopper() -> None:
    async def story(bowl: Bowl) -> None:
        answers = bowl.hopper._answers
        bowl.hopper._answers = lambda: {  # type: ignore[method-assign]
            **answers(),
            Header.EQUIPMENT_CATEGORY: lambda _: b"Coin Acceptor",
        }
        bowl.line.fault(LineFault.UNPLUGGED)
        await asyncio.sleep(1)
        bowl.line.clear(LineFault.UNPLUGGED)
        await asyncio.sleep(10)
        assert [type(fact) for fact in bowl.facts] == [DeviceOnline, DeviceOffline]

    play(story)
