"""Blocks, acknowledgements and repetitions, against bytes written by hand."""

import asyncio

import pytest

from drivers.zvt.apdu import TAKEN, encode
from drivers.zvt.codec import ACK_BYTE, NAK_BYTE, encode_block
from drivers.zvt.commands import STATUS_ENQUIRY
from drivers.zvt.link import Link, LinkLost
from drivers.zvt.settings import Transport
from tests.support.zvt_hand import BLANK, DONE, LINE_A, WAIT, Hand, now_s, play

# --- sending --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [NAK_BYTE, b""], ids=["NAK", "silence"])
def test_a_block_is_repeated_three_times_and_no_more(trouble: bytes) -> None:
    async def ours(link: Link) -> None:
        with pytest.raises(LinkLost, match="no acknowledgement"):
            await link.send(STATUS_ENQUIRY)

    async def theirs(hand: Hand) -> None:
        for _ in range(4):
            await hand.expect_block(STATUS_ENQUIRY, trouble)
        await asyncio.sleep(60)
        await hand.silence()

    play(ours, theirs)


def test_a_block_that_was_not_acknowledged_in_time_is_repeated_after_t2() -> None:
    async def ours(link: Link) -> None:
        await link.send(STATUS_ENQUIRY)
        assert now_s() == pytest.approx(5)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY, b"")
        await hand.expect_block(STATUS_ENQUIRY)

    play(ours, theirs)


def test_an_acknowledgement_that_comes_late_does_not_count_for_the_next_block() -> None:
    async def ours(link: Link) -> None:
        await link.send(STATUS_ENQUIRY)
        await link.receive()
        began_s = now_s()
        await link.send(TAKEN)
        assert now_s() - began_s > 4

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        hand.line.write(encode_block(DONE) + ACK_BYTE)
        await hand.expect(ACK_BYTE)
        await hand.expect_block(TAKEN, b"")
        await hand.expect_block(TAKEN)

    play(ours, theirs)


def test_the_answer_to_a_command_proves_that_it_arrived() -> None:
    async def ours(link: Link) -> None:
        await link.send(STATUS_ENQUIRY)
        assert await link.receive() == TAKEN
        assert now_s() < 1

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY, b"")
        await hand.say(TAKEN)

    play(ours, theirs)


def test_an_unasked_message_that_crosses_a_command_proves_nothing() -> None:
    async def ours(link: Link) -> None:
        await link.send(STATUS_ENQUIRY)
        assert await link.receive() == WAIT
        assert now_s() == pytest.approx(5)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY, b"")
        await hand.say(WAIT)
        await hand.expect_block(STATUS_ENQUIRY)

    play(ours, theirs)


# --- receiving ------------------------------------------------------------------------------------


def test_a_block_that_comes_twice_is_acknowledged_twice_and_delivered_once() -> None:
    async def ours(link: Link) -> None:
        assert [await link.receive() for _ in range(2)] == [LINE_A, DONE]

    async def theirs(hand: Hand) -> None:
        for each in (LINE_A, LINE_A, LINE_A, DONE):
            await hand.say(each)

    play(ours, theirs)


def test_two_equal_lines_of_a_receipt_are_two() -> None:
    async def ours(link: Link) -> None:
        for _ in range(2):
            assert await link.receive() == BLANK
            await link.send(TAKEN)

    async def theirs(hand: Hand) -> None:
        for _ in range(2):
            await hand.say(BLANK)
            await hand.expect_block(TAKEN)

    play(ours, theirs)


def test_a_damaged_block_is_asked_for_again() -> None:
    async def ours(link: Link) -> None:
        assert await link.receive() == DONE

    async def theirs(hand: Hand) -> None:
        block = bytearray(encode_block(DONE))
        block[-1] ^= 1
        hand.line.write(bytes(block))
        await hand.expect(NAK_BYTE)
        await hand.say(DONE)

    play(ours, theirs)


def test_a_block_that_stops_in_the_middle_is_asked_for_again_after_t1() -> None:
    async def ours(link: Link) -> None:
        assert await link.receive() == DONE
        assert now_s() == pytest.approx(0.2)

    async def theirs(hand: Hand) -> None:
        hand.line.write(encode_block(DONE)[:4])
        await hand.expect(NAK_BYTE)
        await hand.say(DONE)

    play(ours, theirs)


def test_noise_between_blocks_is_not_answered() -> None:
    async def ours(link: Link) -> None:
        assert await link.receive() == DONE

    async def theirs(hand: Hand) -> None:
        hand.line.write(b"\x41\x15\x42\x06")
        await hand.silence()
        await hand.say(DONE)

    play(ours, theirs)


def test_a_receive_that_is_cancelled_in_a_block_loses_nothing() -> None:
    async def ours(link: Link) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await link.receive()
        assert await link.receive() == DONE

    async def theirs(hand: Hand) -> None:
        block = encode_block(DONE)
        hand.line.write(block[:5])
        hand.line.write(block[5:], after_s=0.15)
        await hand.expect(ACK_BYTE)

    play(ours, theirs)


# --- TCP ------------------------------------------------------------------------------------------


def test_tcp_carries_messages_alone() -> None:
    async def ours(link: Link) -> None:
        await link.send(STATUS_ENQUIRY)
        assert await link.receive() == TAKEN

    async def theirs(hand: Hand) -> None:
        await hand.expect(encode(STATUS_ENQUIRY))
        hand.line.write(encode(TAKEN))
        await hand.silence()

    play(ours, theirs, Transport.TCP)


@pytest.mark.parametrize("octets", ["99 99", "06 0F 05 01"], ids=["nonsense", "half a message"])
def test_tcp_that_makes_no_sense_is_lost(octets: str) -> None:
    async def ours(link: Link) -> None:
        with pytest.raises(LinkLost, match="garbled"):
            await link.receive()

    async def theirs(hand: Hand) -> None:
        hand.line.write(bytes.fromhex(octets))

    play(ours, theirs, Transport.TCP)
