"""The other end of a ZVT line, played by hand: bytes expected and bytes said."""

import asyncio
from collections.abc import Awaitable, Callable

from drivers.trace import Trace
from drivers.zvt.apdu import Apdu, Kind
from drivers.zvt.codec import ACK_BYTE, encode_block
from drivers.zvt.link import Link, link_over
from drivers.zvt.settings import Timeouts, Transport
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
