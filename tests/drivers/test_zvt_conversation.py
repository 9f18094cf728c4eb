"""Master rights: who asks, who answers, and when it ends; against bytes written by hand."""

import asyncio

import pytest

from chargepoint.domain.payments import BankResult
from drivers.zvt import bitmaps
from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.bitmaps import Field
from drivers.zvt.commands import ABORT, STATUS_ENQUIRY
from drivers.zvt.conversation import Conversation, Ended, Refused, answer_politely
from drivers.zvt.link import Link, LinkLost
from drivers.zvt.orders import Orders
from drivers.zvt.session import TerminalSession
from drivers.zvt.settings import Timeouts, ZvtSettings
from drivers.zvt.transaction import Desk
from drivers.zvt.values import TextEncoding
from simulator.vtime import VirtualClock
from tests.support.zvt_hand import DONE, LINE_A, WAIT, WAIT_TWO_MINUTES, Hand, now_s, play


async def nothing(_message: Apdu) -> Apdu | None:
    return None


def conversation(link: Link) -> Conversation:
    return Conversation(link, Timeouts(), answer_politely)


def test_a_command_ends_with_its_completion() -> None:
    async def ours(link: Link) -> None:
        end = await conversation(link).run(STATUS_ENQUIRY, answer_politely)
        assert end == Ended(DONE)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(TAKEN)
        for each in (WAIT, LINE_A, DONE):
            await hand.say(each)
            await hand.expect_block(TAKEN)

    play(ours, theirs)


def test_a_command_may_be_refused() -> None:
    async def ours(link: Link) -> None:
        assert await conversation(link).run(STATUS_ENQUIRY, nothing) == Refused(0x9C)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(refused(0x9C))

    play(ours, theirs)


def test_an_end_before_the_command_was_taken_belongs_to_an_earlier_one() -> None:
    async def ours(link: Link) -> None:
        end = await conversation(link).run(STATUS_ENQUIRY, answer_politely)
        assert end == Ended(DONE)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(Apdu(Kind.ABORTED, b"\x6c"))
        await hand.expect_block(TAKEN)
        await hand.say(TAKEN)
        await hand.say(DONE)
        await hand.expect_block(TAKEN)

    play(ours, theirs)


@pytest.mark.parametrize(
    ("is_taken", "word", "after_s"), [(False, "slow", 5), (True, "slow", 180)], ids=["T3", "T4"]
)
def test_a_terminal_that_falls_silent_is_lost(is_taken: bool, word: str, after_s: float) -> None:
    async def ours(link: Link) -> None:
        with pytest.raises(LinkLost, match=word):
            await conversation(link).run(STATUS_ENQUIRY, nothing)
        assert now_s() == pytest.approx(after_s, abs=0.1)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        if is_taken:
            await hand.say(TAKEN)

    play(ours, theirs)


def test_a_terminal_may_ask_for_more_minutes() -> None:
    async def ours(link: Link) -> None:
        run = Conversation(link, Timeouts(t4_s=30), answer_politely)
        assert await run.run(STATUS_ENQUIRY, answer_politely) == Ended(DONE)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(TAKEN)
        await hand.say(WAIT_TWO_MINUTES)
        await hand.expect_block(TAKEN)
        await asyncio.sleep(100)
        await hand.say(DONE)
        await hand.expect_block(TAKEN)

    play(ours, theirs)


def test_an_abort_needs_no_master_rights_and_its_answer_is_no_end() -> None:
    async def ours(link: Link) -> None:
        run = conversation(link)
        asyncio.get_running_loop().call_later(3, run.abort)
        end = await run.run(STATUS_ENQUIRY, answer_politely)
        assert end == Ended(Apdu(Kind.ABORTED, b"\x6c"))
        assert now_s() == pytest.approx(3, abs=0.1)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(TAKEN)
        await hand.expect_block(ABORT)
        await hand.say(TAKEN)
        await hand.say(Apdu(Kind.ABORTED, b"\x6c"))
        await hand.expect_block(TAKEN)

    play(ours, theirs)


def test_a_firmware_is_not_taken_from_the_terminal() -> None:
    async def ours(link: Link) -> None:
        await conversation(link).run(STATUS_ENQUIRY, answer_politely)

    async def theirs(hand: Hand) -> None:
        await hand.expect_block(STATUS_ENQUIRY)
        await hand.say(TAKEN)
        await hand.say(Apdu(0x040C))
        await hand.expect_block(refused(0x83))
        await hand.say(DONE)
        await hand.expect_block(TAKEN)

    play(ours, theirs)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        (((Field.RESULT, b"\0"), (Field.RECEIPT, b"\x02\x31")), refused(0x66)),
        (((Field.RESULT, b"\x71"),), TAKEN),
        (((Field.RESULT, b"\0"), (Field.TOTALS, bytes(4))), TAKEN),
    ],
    ids=["a booking", "a failure", "a day closed by the terminal"],
)
def test_a_result_that_nobody_asked_for_is_never_booked(
    fields: tuple[tuple[int, bytes], ...], answer: Apdu
) -> None:
    reported: list[str] = []

    async def persist(_result: BankResult) -> None:
        raise AssertionError("nothing of ours")

    async def ours(link: Link) -> None:
        desk = Desk(
            persist,
            VirtualClock(),
            5.0,
            TextEncoding.AUTO,
            prompt=lambda _message: None,
            report=lambda code, _detail: reported.append(code),
        )
        session = TerminalSession(link, desk, Orders(ZvtSettings()), None)
        await session.answer_unasked(await session.next_unasked())

    async def theirs(hand: Hand) -> None:
        await hand.say(Apdu(Kind.STATUS_INFORMATION, bitmaps.encode(*fields)))
        await hand.expect_block(answer)

    play(ours, theirs)
    assert reported == (["bank_terminal.orphan_result"] if answer != TAKEN else [])
