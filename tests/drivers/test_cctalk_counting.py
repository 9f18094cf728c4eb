"""Coins that an acceptor forgot with its power before they were booked: its own count tells how many."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from chargepoint.domain.devices import CoinCursor, CoinCursorMoved, DeviceIncident
from drivers.cctalk.codec import Header
from drivers.cctalk.counting import MOST_UNBOOKED, unbooked
from drivers.cctalk.events import Past
from simulator.devices.coin_commands import CoinRegisters
from tests.support.coin_post import FIRST, Post, play

COUNTED_S = 5.0
SERIAL = "12345678"
MODULUS = 1 << 24


def _told(post: Post) -> list[str]:
    found = [each for each in post.till.of(DeviceIncident) if each.code == "coin_acceptor.unbooked"]
    return [each.detail.partition(": ")[2] for each in found]


async def _taking(post: Post) -> None:
    await post.online()
    post.driver.accept(FIRST)
    await post.accepting()
    await asyncio.sleep(COUNTED_S)


async def _dark(post: Post, *, durable: CoinCursor) -> None:
    """Core and acceptor go dark; of what was emitted only `durable` reached the disk."""
    await post.core_dies()
    post.device.power_cut()
    post.till.stored[SERIAL] = durable
    await asyncio.sleep(1)
    post.device.power_on()
    post.core_starts()
    await asyncio.sleep(2 * COUNTED_S)


@pytest.mark.parametrize("booked", [0, 1, 3])
@pytest.mark.parametrize("lost", [1, 7])
def test_coins_that_nobody_remembers_are_told_with_their_number(booked: int, lost: int) -> None:
    async def story(post: Post) -> None:
        await _taking(post)
        for _ in range(booked):
            await post.device.insert(200)
        await asyncio.sleep(1)
        durable = post.till.stored[SERIAL]
        for _ in range(lost):
            await post.device.insert(100)
        await asyncio.sleep(1)
        await _dark(post, durable=durable)
        assert _told(post) == [f"{lost} kept that are in no book"]
        assert post.till.stored[SERIAL].accepted == booked + lost
        await post.core_dies()
        post.core_starts()
        await asyncio.sleep(2 * COUNTED_S)
        assert len(_told(post)) == 1

    play(story)


def test_nothing_is_told_and_nothing_written_when_all_is_booked() -> None:
    async def story(post: Post) -> None:
        await _taking(post)
        await post.device.insert(200)
        await asyncio.sleep(1)
        await _dark(post, durable=post.till.stored[SERIAL])
        moved = len(post.till.of(CoinCursorMoved))
        await asyncio.sleep(10 * COUNTED_S)
        assert _told(post) == []
        assert len(post.till.of(CoinCursorMoved)) == moved

    play(story)


def test_a_core_that_dies_alone_books_them_and_tells_nothing() -> None:
    async def story(post: Post) -> None:
        await _taking(post)
        durable = post.till.stored[SERIAL]
        await post.core_dies()
        await post.device.insert(100)
        assert post.till.stored[SERIAL] == durable
        post.core_starts()
        await post.credited(100)
        await asyncio.sleep(2 * COUNTED_S)
        assert _told(post) == []

    play(story)


def test_events_that_no_buffer_holds_are_told_as_coins() -> None:
    async def story(post: Post) -> None:
        await _taking(post)
        await post.core_dies()
        assert await post.device.insert(200) == "accepted"
        post.device.fault("rejecting")
        for _ in range(6):
            await post.device.insert(200)
        post.device.clear("rejecting")
        post.core_starts()
        await asyncio.sleep(2 * COUNTED_S)
        assert [each.possibly_lost for each in post.till.of(CoinCursorMoved)][-2:] == [2, 0]
        assert _told(post) == ["1 kept that are in no book"]

    play(story)


class Untold(dict[Header, int]):
    """Counts that no request asks for."""

    @override
    def __contains__(self, header: object) -> bool:
        return header != Header.ACCEPT_COUNTER and super().__contains__(header)


def _silent(registers: CoinRegisters) -> None:
    registers.totals = Untold(registers.totals)


def _begins_anew(registers: CoinRegisters) -> None:
    registers.totals[Header.ACCEPT_COUNTER] = 0


@pytest.mark.parametrize("change", [_silent, _begins_anew])
def test_an_acceptor_without_such_a_count_is_used_and_tells_nothing(
    change: Callable[[CoinRegisters], None],
) -> None:
    async def story(post: Post) -> None:
        if change is _silent:
            change(post.device._registers)
        await _taking(post)
        await post.device.insert(200)
        await asyncio.sleep(1)
        if change is _begins_anew:
            change(post.device._registers)
        await _dark(post, durable=post.till.stored[SERIAL])
        post.driver.accept(FIRST)
        await post.accepting()
        await post.device.insert(100)
        await post.credited(200, 100)
        await asyncio.sleep(2 * COUNTED_S)
        assert _told(post) == []

    play(story)


@given(st.integers(0, MODULUS - 1), st.integers(0, MOST_UNBOOKED))
def test_the_count_wraps_after_three_bytes(before: int, more: int) -> None:
    seen = Past(1, 0, 0, (), accepted=before)
    assert unbooked(seen, Past(1, 0, 0, (), accepted=(before + more) % MODULUS)) == more


@given(st.integers(0, MODULUS - 1), st.integers(1, MODULUS - 1 - MOST_UNBOOKED))
def test_a_count_that_went_back_proves_nothing(before: int, less: int) -> None:
    seen = Past(1, 0, 0, (), accepted=before)
    assert unbooked(seen, Past(1, 0, 0, (), accepted=(before - less) % MODULUS)) == 0
