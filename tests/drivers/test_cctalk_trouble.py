"""What a coin acceptor does by itself and what a line does to it: noticed, reported, survived."""

import asyncio

import pytest

from chargepoint.domain.devices import (
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceIncident,
    DeviceOffline,
)
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from tests.support.coin_post import (
    FIRST,
    Post,
    eventually,
    now_s,
    play,
)

# --- what the device does by itself --------------------------------------------------------------


def test_a_device_reset_is_seen_and_its_masks_are_set_again() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)
        post.device.reset()
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200, 200)
        assert [event.code for event in post.till.of(DeviceIncident)] == ["coin_acceptor.reset"]
        assert [seen.cursor.epoch for seen in post.till.of(CoinSeen)] == [1, 2]

    play(story)


def test_a_power_cut_takes_the_device_offline_and_back() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)
        post.device.power_cut()
        assert await post.device.insert(200) == "returned"
        await post.offline()
        assert post.till.of(DeviceOffline)[0].trace
        await asyncio.sleep(5)
        post.device.power_on()
        await post.accepting()
        assert await post.device.insert(100) == "accepted"
        await post.credited(200, 100)

    play(story)


def test_a_coin_in_flight_when_the_power_goes_falls_back_to_the_customer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        async with asyncio.TaskGroup() as group:
            coin = group.create_task(post.device.insert(200))
            await asyncio.sleep(0.3)
            post.device.power_cut()
            post.device.power_on()
        assert coin.result() == "returned"
        await post.accepting()
        assert post.till.credit == []

    play(story)


def test_masks_forgotten_without_a_trace_are_set_again_after_the_first_refusal() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        await asyncio.sleep(1)
        post.device._registers.masks = bytes(2)
        assert await post.device.insert(200) == "returned"
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_the_watchdog_of_the_device_is_woken_after_a_stall_of_the_line() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(LineFault.SILENT)
        await asyncio.sleep(1.3)
        assert not post.device.takes_coins
        post.line.clear(LineFault.SILENT)
        await post.accepting()
        assert post.till.of(DeviceOffline) == []

    play(story)


def test_more_events_than_the_device_keeps_are_reported_as_possibly_lost() -> None:
    async def story(post: Post) -> None:
        await post.online()
        for position in (1, 1, 2, 3, 4, 5, 6):
            post.device._registers.event(position, 0)
        await post.credited(10, 20, 50, 100, 200)
        moved = post.till.of(CoinCursorMoved)[-1]
        assert (moved.possibly_lost, moved.cursor.sequence) == (2, 2)
        assert post.till.of(DeviceIncident) == []

    play(story)


@pytest.mark.parametrize("tells_masks", [True, False])
def test_a_reset_followed_by_many_events_is_told_from_loss_by_the_masks(tells_masks: bool) -> None:
    async def story(post: Post) -> None:
        registers = post.device._registers
        await post.online()
        for position in (1, 2, 3, 4, 5):
            registers.event(position, 0)
        await post.credited(5, 10, 20, 50, 100)
        registers.forget()
        if not tells_masks:
            registers.masks = b""  # answered with no data, which is no answer
        for _ in range(20):
            registers.event(0, 1)
        await post.till.until(lambda: len(post.till.of(CoinRefused)) == 5)
        moved = post.till.of(CoinCursorMoved)[-1]
        assert (moved.cursor.epoch, moved.possibly_lost) == ((2, 15) if tells_masks else (1, 10))
        assert len(post.till.credit) == 5

    play(story)


def test_readings_that_never_agree_are_not_believed() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.device._registers.event(1, 0)
        await post.credited(5)

        async def never_the_same() -> None:
            while True:
                post.device._registers.counter = (post.device._registers.counter + 50) % 250
                await asyncio.sleep(0.01)

        chaos = post.group.create_task(never_the_same())
        await post.offline()
        chaos.cancel()
        assert "do not agree" in post.till.of(DeviceOffline)[0].reason
        assert post.till.credit == [5]

    play(story)


def test_a_reset_without_any_event_is_found_by_looking_at_the_masks() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        await asyncio.sleep(1)
        post.device._registers.forget()  # the counter was 0 and is 0
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_hundreds_of_coins_pass_the_wrap_of_the_counter() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        for _ in range(300):
            assert await post.device.insert(5) == "accepted"
        await post.credited(*[5] * 300)
        last = post.till.of(CoinSeen)[-1].cursor
        assert (last.epoch, last.sequence, last.counter) == (1, 300, 45)

    play(story)


@pytest.mark.parametrize("kind", ["jam", "coils"])
def test_a_mechanical_fault_is_offline_until_the_self_check_is_clean(kind: str) -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.device.fault(kind)
        await post.offline()
        assert "self-check: fault" in post.till.of(DeviceOffline)[0].reason
        assert post.till.of(DeviceIncident)[-1].code == "coin_acceptor.fault"
        assert await post.device.insert(200) == "returned"
        await asyncio.sleep(3)
        post.device.clear(kind)
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_a_fault_without_an_event_is_found_by_the_self_check_while_inhibited() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(1)
        post.device._registers.fault_code = 33
        await post.offline()
        assert "supply voltage" in post.till.of(DeviceOffline)[0].reason

    play(story)


def test_rejected_coins_are_refused_with_the_reason() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.device.fault("rejecting")
        assert await post.device.insert(200) == "returned"
        assert await post.device.insert(3) == "returned"
        await post.till.until(lambda: len(post.till.of(CoinRefused)) == 2)
        post.device.clear("rejecting")
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


# --- broken lines -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED], ids=str
)
def test_a_broken_line_is_offline_once_and_online_again_when_repaired(kind: LineFault) -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(kind)
        await post.offline()
        await asyncio.sleep(40)
        assert len(post.till.of(DeviceOffline)) == 1
        post.line.clear(kind)
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(10) == "accepted"
        await post.credited(10)

    play(story)


def test_a_slow_line_is_waited_for_and_its_late_answers_are_not_mixed_up() -> None:
    async def story(post: Post) -> None:
        post.line.fault(LineFault.SLOW)
        await post.online()
        for value in (5, 10, 20, 50, 100, 200):
            post.driver.accept(FIRST)
            await post.accepting()
            assert await post.device.insert(value) == "accepted"
            post.driver.inhibit(FIRST)
            await eventually(lambda: not post.device.takes_coins)
        await post.credited(5, 10, 20, 50, 100, 200)
        assert post.till.of(DeviceOffline) == []

    play(story)


def test_a_port_that_is_not_there_is_offline_and_retried_with_longer_pauses() -> None:
    async def story(post: Post) -> None:
        post.line.fault(LineFault.UNPLUGGED)
        await post.offline()
        assert now_s() == 0.0
        assert "no such device" in post.till.of(DeviceOffline)[0].reason
        await asyncio.sleep(100)
        post.line.clear(LineFault.UNPLUGGED)
        await post.online()
        assert now_s() < 100 + 31
        assert len(post.till.of(DeviceOffline)) == 1

    play(story)


def test_a_babbling_line_never_ends_the_driver_and_holds_no_memory() -> None:
    async def story(post: Post) -> None:
        noise = SeededEntropy(5)

        async def babble() -> None:
            while True:
                post.line.write(noise.token(200))
                await asyncio.sleep(0.2)

        async with asyncio.TaskGroup() as group:
            babbling = group.create_task(babble())
            await post.offline()
            await asyncio.sleep(300)
            babbling.cancel()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(10) == "accepted"
        await post.credited(10)

    play(story)
