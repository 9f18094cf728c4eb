"""ZVT messages over an open line: each arrives once, or the link is lost.

Serial blocks are acknowledged and repeated (PA00P016); on TCP the connection does that. What the
messages mean is the conversation's.
"""

import asyncio
from collections import deque
from typing import Protocol

from chargepoint.errors import ChargepointError
from drivers.port import BytePort
from drivers.trace import Trace
from drivers.zvt.apdu import Apdu, encode
from drivers.zvt.codec import (
    ACK_BYTE,
    NAK_BYTE,
    Control,
    Damaged,
    Found,
    Garbage,
    SerialDecoder,
    TcpDecoder,
    encode_block,
)
from drivers.zvt.settings import Timeouts, Transport
from drivers.zvt.trace_text import describe

REPETITIONS = 3  # of one block, by either side


class LinkLost(ChargepointError):
    """The terminal cannot be talked to; the text begins with silent, garbled, slow or unplugged."""


class Link(Protocol):
    async def send(self, apdu: Apdu) -> None:
        """The terminal has the message, as far as the transport can tell. Raises LinkLost."""
        ...

    async def receive(self) -> Apdu:
        """The next message, each once; waits as long as it takes and may be cancelled."""
        ...

    def lost(self, detail: str) -> LinkLost:
        """The error to raise, naming what is wrong with the line as far as it shows."""
        ...


def link_over(port: BytePort, trace: Trace, transport: Transport, timeouts: Timeouts) -> Link:
    if transport is Transport.TCP:
        return TcpLink(port, trace, timeouts)
    return SerialLink(port, trace, timeouts)


class _Health:
    """One word for what is wrong, by what was heard since the last thing we sent."""

    def __init__(self) -> None:
        self.word = "silent"

    def lost(self, detail: str) -> LinkLost:
        return LinkLost(f"{self.word}: {detail}")


class SerialLink:
    """Stop and wait: a block, its acknowledgement, the next block."""

    def __init__(self, port: BytePort, trace: Trace, timeouts: Timeouts) -> None:
        self._port = port
        self._trace = trace
        self._timeouts = timeouts
        self._decoder = SerialDecoder()
        self._found: deque[Found] = deque()
        self._inbox: deque[Apdu] = deque()
        self._health = _Health()
        # The block that the terminal would repeat if our acknowledgement got lost.
        self._repeatable: Apdu | None = None

    async def send(self, apdu: Apdu) -> None:
        self._forget_late_controls()
        self._health.word = "silent"
        heard_before = self._repeatable
        block = encode_block(apdu)
        for attempt in range(1 + REPETITIONS):
            self._port.write(block)
            self._trace.sent(encode(apdu), describe(apdu) + (" again" if attempt else ""))
            acknowledged = await self._acknowledged(apdu)
            if acknowledged is Control.ACK and self._repeatable is heard_before:
                # The terminal went on after its last block: what looks like it is a new one.
                self._repeatable = None
            if acknowledged is not Control.NAK:
                return
        raise self.lost(f"no acknowledgement of {describe(apdu)}")

    async def receive(self) -> Apdu:
        while not self._inbox:
            found = await self._next()
            if isinstance(found, Apdu):
                self._inbox.append(found)
        return self._inbox.popleft()

    def lost(self, detail: str) -> LinkLost:
        return self._health.lost(detail)

    async def _acknowledged(self, sent: Apdu) -> Control | Apdu:
        """ACK, NAK for none in time, or the message that proves that ours arrived."""
        try:
            async with asyncio.timeout(self._timeouts.t2_s):
                while True:
                    found = await self._next()
                    if isinstance(found, Control):
                        self._health.word = "slow"
                        return found
                    self._inbox.append(found)
                    # The acknowledgement was lost. But unasked messages may cross a command.
                    if sent.is_answer or found.is_answer:
                        return found
        except TimeoutError:
            return Control.NAK

    async def _next(self) -> Control | Apdu:
        while True:
            while not self._found:
                await self._fill()
            match self._found.popleft():
                case Control() as control:
                    return control
                case Apdu() as apdu:
                    if self._is_new(apdu):
                        return apdu
                case Damaged(octets):
                    self._heard_noise(octets, "damaged")
                    self._port.write(NAK_BYTE)
                case Garbage(octets):
                    self._heard_noise(octets, "no block")

    def _is_new(self, apdu: Apdu) -> bool:
        """Acknowledged in any case: a block comes again because its acknowledgement did not."""
        self._port.write(ACK_BYTE)
        is_repeated = apdu == self._repeatable
        self._trace.received(encode(apdu), describe(apdu) + (" repeated" if is_repeated else ""))
        self._repeatable = apdu
        return not is_repeated

    async def _fill(self) -> None:
        """More bytes, or the end of a block that never ended (T1)."""
        limit_s = self._timeouts.t1_s if self._decoder.held else None
        try:
            async with asyncio.timeout(limit_s):
                chunk = await self._port.read()
        except TimeoutError:
            self._found.append(Damaged(self._decoder.give_up()))
        else:
            self._found.extend(self._decoder.feed(chunk))

    def _heard_noise(self, octets: bytes, meaning: str) -> None:
        self._trace.received(octets, meaning)
        self._health.word = "garbled"

    def _forget_late_controls(self) -> None:
        """An acknowledgement of an earlier block must not count for this one."""
        self._found = deque(each for each in self._found if not isinstance(each, Control))


class TcpLink:
    """The connection repeats and orders; silence and nonsense are all that can be noticed."""

    def __init__(self, port: BytePort, trace: Trace, timeouts: Timeouts) -> None:
        self._port = port
        self._trace = trace
        self._timeouts = timeouts
        self._decoder = TcpDecoder()
        self._inbox: deque[Found] = deque()
        self._health = _Health()

    async def send(self, apdu: Apdu) -> None:
        self._health.word = "silent"
        self._port.write(encode(apdu))
        self._trace.sent(encode(apdu), describe(apdu))

    async def receive(self) -> Apdu:
        while not self._inbox:
            await self._fill()
        found = self._inbox.popleft()
        if isinstance(found, Apdu):
            self._trace.received(encode(found), describe(found))
            return found
        assert isinstance(found, Garbage | Damaged), "there are no acknowledgements on TCP"
        raise self._garbled(found.octets)

    def lost(self, detail: str) -> LinkLost:
        return self._health.lost(detail)

    async def _fill(self) -> None:
        # Segments of one message may be far apart, but not for ever.
        limit_s = self._timeouts.t3_s if self._decoder.held else None
        try:
            async with asyncio.timeout(limit_s):
                chunk = await self._port.read()
        except TimeoutError:
            self._inbox.append(Damaged(self._decoder.give_up()))
        else:
            self._inbox.extend(self._decoder.feed(chunk))

    def _garbled(self, octets: bytes) -> LinkLost:
        self._trace.received(octets, "no message")
        self._health.word = "garbled"
        return self.lost("the terminal sent what is no message")
