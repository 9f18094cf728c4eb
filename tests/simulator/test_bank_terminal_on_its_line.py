"""The simulated bank terminal is as strict with its host as a real one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.domain.units import Minor
from drivers.port import BytePort, PortLost
from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.codec import ACK_BYTE, NAK_BYTE, Found, SerialDecoder, encode_block
from drivers.zvt.commands import ABORT, STATUS_ENQUIRY, Commands
from drivers.zvt.settings import ZvtSettings
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual


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
