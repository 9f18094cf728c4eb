"""The hopper: what the counters prove, and that no coin is ever paid twice."""

import asyncio

import pytest

from chargepoint.domain.devices import (
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.domain.payments import UNCERTAIN, HopperMark
from chargepoint.payment_ports import Hopper
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.codec import Header
from drivers.cctalk.payout import (
    EMPTY,
    INTERRUPTED,
    JAMMED,
    REFUSED,
    HopperStatus,
    Paid,
    Progress,
    evidence,
    is_blocked,
    progress,
    why_short,
)
from simulator.line_faults import LineFault
from tests.support.hopper_bowl import Bowl, eventually, play, said
from tests.support.transports import Transport, on_every_transport


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


def test_a_refusal_that_moved_the_counter_is_not_taken_for_the_payout_before() -> None:
    mark = a_mark(lifetime=None, paid=5)
    refused = HopperStatus(8, 0, 5, 0)
    assert evidence(mark, refused, None) == Paid(5, is_certain=False)
    assert evidence(mark, refused, None, was_accepted=True) == Paid(5)
    assert evidence(mark, HopperStatus(8, 0, 7, 0), None) == Paid(0, is_certain=False)
    assert evidence(mark, HopperStatus(0, 0, 5, 0), None, was_accepted=True) == Paid(
        5, is_certain=False
    )


@pytest.mark.parametrize(
    ("flags", "blocked"),
    [
        ("00", False),
        ("C6", False),
        ("01", True),
        ("20", True),
        ("80 02 10", False),
        ("00 80", True),
    ],
)
def test_flags_that_block_a_hopper(flags: str, blocked: bool) -> None:
    assert is_blocked(bytes.fromhex(flags)) is blocked


@pytest.mark.parametrize(
    ("paid", "counter", "flags", "reason"),
    [
        (3, 8, "22", JAMMED),
        (3, 8, "02", EMPTY),
        (3, 8, "40", INTERRUPTED),
        (0, 8, "00", INTERRUPTED),
        (0, 7, "80", REFUSED),
    ],
)
def test_why_coins_are_missing(paid: int, counter: int, flags: str, reason: str) -> None:
    status = HopperStatus(counter, 0, paid, 5 - paid)
    assert why_short(a_mark(), Paid(paid), status, bytes.fromhex(flags)) == reason


# --- the driver -----------------------------------------------------------------------------------


def test_driver_is_a_hopper_of_one_value_and_says_so() -> None:
    async def story(bowl: Bowl) -> None:
        hopper: Hopper = bowl.driver
        assert hopper.value == 100
        assert bowl.facts == [DeviceOnline(DeviceRef(DeviceKind.HOPPER, name="100"), "710623")]
        assert await hopper.mark(5, "P-1") == HopperMark("710623", 5, 0, 0, "P-1")
        for coins in (0, 256):
            with pytest.raises(ValueError, match="1 to 255"):
                await hopper.mark(coins, "P-1")

    play(story)


def test_a_hopper_with_other_coins_is_not_used() -> None:
    async def story(bowl: Bowl) -> None:
        bowl.hopper._value_minor = 50
        bowl.line.fault(LineFault.UNPLUGGED)
        await asyncio.sleep(1)
        bowl.line.clear(LineFault.UNPLUGGED)
        await asyncio.sleep(20)
        assert [type(fact) for fact in bowl.facts] == [DeviceOnline, DeviceOffline]
        with pytest.raises(DeviceUnavailable, match="offline"):
            await bowl.driver.mark(1, "P-1")

    play(story)


def test_paying_a_mark_twice_pays_once() -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(3, "P-1")
        assert said(await bowl.driver.pay(mark), mark) == (3, "")
        assert said(await bowl.driver.pay(mark), mark) == (3, "")
        assert bowl.hopper.paid_out == 3

    play(story)


@pytest.mark.parametrize("counts_lifetime", [True, False])
def test_a_mark_paid_by_a_core_that_died_is_not_paid_again_by_the_next(
    counts_lifetime: bool,
) -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(3, "P-1")
        assert await bowl.result(mark) == (3, "")
        bowl.kill()
        bowl.start()
        await bowl.online(2)
        assert await bowl.result(mark) == (3, "")
        assert bowl.hopper.paid_out == 3
        assert bowl.dispenses() == 1

    play(story, counts_lifetime=counts_lifetime)


@pytest.mark.parametrize(("kind", "reason"), [("stuck", JAMMED), ("empty", EMPTY)])
def test_a_hopper_that_fails_midway_says_why(kind: str, reason: str) -> None:
    async def story(bowl: Bowl) -> None:
        mark = await bowl.driver.mark(5, "P-1")
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(bowl.result(mark))
            await eventually(lambda: bowl.hopper.paid_out == 2)
            bowl.hopper.fault(kind)
        assert paying.result() == (2, reason)
        bowl.hopper.clear(kind)
        assert await bowl.result(await bowl.driver.mark(3, "P-2")) == (3, "")

    play(story)


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
