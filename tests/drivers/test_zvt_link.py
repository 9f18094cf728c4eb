"""Blocks, acknowledgements, repetitions and master rights, against bytes written by hand."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.domain.payments import BankResult
from chargepoint.domain.units import Minor
from drivers.port import BytePort, PortLost
from drivers.trace import Trace
from drivers.zvt import bitmaps
from drivers.zvt.apdu import TAKEN, Apdu, Kind, encode, refused
from drivers.zvt.bitmaps import Field
from drivers.zvt.codec import ACK_BYTE, NAK_BYTE, Found, SerialDecoder, encode_block
from drivers.zvt.commands import ABORT, STATUS_ENQUIRY, Commands
from drivers.zvt.conversation import Conversation, Ended, Refused, answer_politely
from drivers.zvt.link import Link, LinkLost, link_over
from drivers.zvt.orders import Orders
from drivers.zvt.session import TerminalSession
from drivers.zvt.settings import Timeouts, Transport, ZvtSettings
from drivers.zvt.transaction import Desk
from drivers.zvt.values import TextEncoding
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual

LINE_A = Apdu(Kind.PRINT_LINE, b"\x00a")
BLANK = Apdu(Kind.PRINT_LINE, b"\x00")
DONE = Apdu(Kind.COMPLETION)
WAIT = Apdu(Kind.INTERMEDIATE_STATUS, b"\x17")
WAIT_TWO_MINUTES = Apdu(Kind.INTERMEDIATE_STATUS, b"\x17\x02")


class Hand:
    """The terminal's end of the line, played by the test."""

    def __init__(self, transport: Transport) -> None:
        self.line = MemoryLine("hand", SeededEntropy(1), baudrate=0)
        self.transport = transport
        self.heard = bytearray()

    async def link(self) -> Link:
        port = await self.line.open_port()
        trace = Trace("hand", VirtualClock().monotonic)
        return link_over(port, trace, self.transport, Timeouts())

    async def expect(self, octets: bytes) -> None:
        async with asyncio.timeout(60):
            while len(self.heard) < len(octets):
                self.heard += await self.line.read()
        assert self.heard[: len(octets)].hex(" ") == octets.hex(" ")
        del self.heard[: len(octets)]

    async def expect_block(self, apdu: Apdu, answer: bytes = ACK_BYTE) -> None:
        await self.expect(encode_block(apdu))
        self.line.write(answer)

    async def say(self, apdu: Apdu) -> None:
        """A block, and its acknowledgement."""
        self.line.write(encode_block(apdu))
        await self.expect(ACK_BYTE)

    async def silence(self) -> None:
        await asyncio.sleep(0.01)
        assert self.heard == b""


def play(
    ours: Callable[[Link], Awaitable[None]],
    theirs: Callable[[Hand], Awaitable[None]],
    transport: Transport = Transport.SERIAL,
) -> None:
    async def main() -> None:
        hand = Hand(transport)
        link = await hand.link()

        async def terminal() -> None:
            await theirs(hand)

        async def core() -> None:
            await ours(link)

        async with asyncio.TaskGroup() as group:
            group.create_task(terminal())
            group.create_task(core())

    run_virtual(main())


def now_s() -> float:
    return asyncio.get_running_loop().time()


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


# --- master rights --------------------------------------------------------------------------------


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


# --- the simulated terminal's own strictness ------------------------------------------------------


class RawHost:
    """A host that writes what it likes."""

    def __init__(self, port: BytePort) -> None:
        self.port = port

    async def heard_within(self, limit_s: float) -> bytes:
        heard = b""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    heard += await self.port.read()
        except (TimeoutError, PortLost):
            return heard


def with_terminal(story: Callable[[RawHost, SimulatedBankTerminal], Awaitable[None]]) -> None:
    async def main() -> None:
        line = MemoryLine("raw", SeededEntropy(1), baudrate=0)
        terminal = SimulatedBankTerminal(line)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(terminal.run())
            await story(RawHost(await line.open_port()), terminal)
            task.cancel()

    run_virtual(main())


def test_a_command_whose_block_comes_twice_is_executed_once() -> None:
    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        for _ in range(3):
            host.port.write(encode_block(STATUS_ENQUIRY))
        heard = await host.heard_within(0.1)
        assert heard.count(ACK_BYTE + b"") >= 3
        host.port.write(ACK_BYTE)
        await host.heard_within(1)
        assert terminal.executed == [Kind.STATUS_ENQUIRY]
        assert terminal.duplicates == 2

    with_terminal(story)


def test_the_terminal_repeats_a_block_that_nobody_acknowledges_and_then_gives_up() -> None:
    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        host.port.write(encode_block(STATUS_ENQUIRY))
        heard = await host.heard_within(30)
        assert heard == ACK_BYTE + 4 * encode_block(TAKEN)
        assert terminal.executed == []
        assert terminal.blocks_repeated == 3

    with_terminal(story)


def test_the_terminal_refuses_damage_and_what_it_does_not_know() -> None:
    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        host.port.write(encode_block(STATUS_ENQUIRY)[:-1] + b"\x00")
        assert await host.heard_within(0.1) == NAK_BYTE
        host.port.write(encode_block(Apdu(0x06FE)))
        assert await host.heard_within(0.1) == ACK_BYTE + encode_block(refused(0x83))
        host.port.write(ACK_BYTE + encode_block(Apdu(Kind.END_OF_DAY, b"\0\0\0")))
        assert await host.heard_within(0.1) == ACK_BYTE + encode_block(refused(0x6B))
        assert terminal.executed == []

    with_terminal(story)


def test_an_abort_of_nothing_is_taken() -> None:
    async def story(host: RawHost, _terminal: SimulatedBankTerminal) -> None:
        host.port.write(encode_block(ABORT))
        assert await host.heard_within(0.1) == ACK_BYTE + encode_block(TAKEN)

    with_terminal(story)


def test_a_terminal_without_power_hears_nothing() -> None:
    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        terminal.power_cut()
        host.port.write(encode_block(STATUS_ENQUIRY))
        assert await host.heard_within(60) == b""

    with_terminal(story)


class PoliteHost(RawHost):
    """Acknowledges every block and answers as the test says."""

    def __init__(self, port: BytePort, answer: Callable[[Apdu], Apdu]) -> None:
        super().__init__(port)
        self.answer = answer
        self.heard: list[Apdu] = []

    async def talk(self, command: Apdu, for_s: float) -> list[Apdu]:
        """What the terminal said to a command."""
        self.heard.clear()
        self.port.write(encode_block(command))
        decoder = SerialDecoder()
        try:
            async with asyncio.timeout(for_s):
                while True:
                    for found in decoder.feed(await self.port.read()):
                        self._hear(found)
        except TimeoutError:
            return self.heard

    def _hear(self, found: Found) -> None:
        if not isinstance(found, Apdu):
            return
        self.heard.append(found)
        self.port.write(ACK_BYTE)
        if not found.is_answer:
            self.port.write(encode_block(self.answer(found)))


@pytest.mark.parametrize(("later", "held"), [(2, 1), (3, 0)])
def test_a_result_answered_with_later_is_asked_again_three_times(later: int, held: int) -> None:
    put_off = [refused(0x9C)] * later

    def answer(message: Apdu) -> Apdu:
        is_result = message.kind == Kind.STATUS_INFORMATION
        return put_off.pop() if is_result and put_off else TAKEN

    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        polite = PoliteHost(host.port, answer)
        await polite.talk(Commands(ZvtSettings()).register(), 5)
        terminal.present_card()
        await polite.talk(Commands(ZvtSettings()).reserve("", Minor(100)), 60)
        assert len(terminal.open_reservations) == held

    with_terminal(story)


def test_the_terminal_wants_its_own_currency_and_password() -> None:
    async def story(host: RawHost, terminal: SimulatedBankTerminal) -> None:
        polite = PoliteHost(host.port, lambda _message: TAKEN)
        pounds = Commands(ZvtSettings(currency=826))
        assert (await polite.talk(pounds.register(), 5))[-1] == Apdu(Kind.ABORTED, b"\x83")
        await polite.talk(Commands(ZvtSettings()).register(), 5)
        assert (await polite.talk(pounds.reserve("", Minor(100)), 5))[-1].payload == b"\x6f"
        wrong = Commands(ZvtSettings(password="111111")).refund(Minor(100))
        assert (await polite.talk(wrong, 5))[-1].payload == b"\x83"
        assert terminal.books.refunded_minor == 0

    with_terminal(story)
