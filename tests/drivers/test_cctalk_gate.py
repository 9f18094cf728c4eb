"""Whether coins are let in: generations, and an inhibit that is the next frame on the wire."""

import asyncio

from simulator.line_faults import LineFault
from tests.support.coin_post import (
    FIRST,
    SECOND,
    THIRD,
    Post,
    eventually,
    now_s,
    play,
)

# --- levels -------------------------------------------------------------------------------------


def test_the_newest_generation_wins_whatever_comes_late() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(THIRD)
        await post.accepting()
        post.driver.inhibit(SECOND)
        await asyncio.sleep(2)
        assert post.device.takes_coins
        post.driver.inhibit(THIRD)
        await asyncio.sleep(0.1)
        assert not post.device.takes_coins

    play(story)


def test_accept_before_the_device_is_there_holds_when_it_comes() -> None:
    async def story(post: Post) -> None:
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(5) == "accepted"
        await post.credited(5)

    play(story)


def test_inhibit_is_the_next_frame_on_the_wire_while_polling() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        for after_s in (1.0, 0.003, 0.011, 0.024, 0.2):
            await asyncio.sleep(after_s)
            asked_s = now_s()
            post.driver.inhibit(SECOND)
            await asyncio.sleep(0.08)
            assert post.sent_since(asked_s)[0] == "modify master inhibit"
            assert not post.device.takes_coins
            post.driver.accept(SECOND)
            await post.accepting()

    play(story)


def test_inhibit_goes_before_the_repetition_of_a_request_without_answer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(LineFault.SILENT)
        await eventually(lambda: post.sent_since(now_s() - 0.05) == ["read credit"])
        asked_s = now_s()
        post.driver.inhibit(SECOND)
        post.line.clear(LineFault.SILENT)
        await eventually(lambda: not post.device.takes_coins)
        assert post.sent_since(asked_s)[0] == "modify master inhibit"
        assert now_s() - asked_s < 0.3

    play(story)


def test_inhibit_goes_before_the_repetition_of_an_opening_without_answer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(5)
        post.line.fault(LineFault.SILENT)
        post.driver.accept(FIRST)
        await eventually(lambda: post.sent_since(now_s() - 0.05) == ["modify inhibits"])
        asked_s = now_s()
        post.driver.inhibit(SECOND)
        await asyncio.sleep(0.2)
        post.line.clear(LineFault.SILENT)
        await asyncio.sleep(5)
        assert set(post.sent_since(asked_s)) == {"modify master inhibit", "read credit"}
        assert not post.device.takes_coins

    play(story)


def test_inhibit_pre_empts_identification() -> None:
    async def story(post: Post) -> None:
        post.driver.accept(FIRST)
        await eventually(lambda: "coin id" in post.sent_since(0.0))
        post.driver.inhibit(SECOND)
        await post.online()
        await asyncio.sleep(1.0)
        assert not post.device.takes_coins

    play(story)


def test_inhibit_in_the_middle_of_opening_is_not_overtaken() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(0.5)
        for after_s in (0.0, 0.005, 0.012, 0.02, 0.025, 0.03, 0.04):
            post.driver.accept(FIRST)
            await asyncio.sleep(after_s)
            post.driver.inhibit(FIRST)
            await asyncio.sleep(0.15)
            assert not post.device.takes_coins

    play(story)


def test_inhibited_acceptor_is_polled_once_a_second_and_accepting_five_times() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(5)
        start_s = now_s()
        await asyncio.sleep(8)
        assert 7 <= post.sent_since(start_s).count("read credit") <= 9
        post.driver.accept(FIRST)
        await post.accepting()
        start_s = now_s()
        await asyncio.sleep(8)
        assert 33 <= post.sent_since(start_s).count("read credit") <= 41

    play(story)
