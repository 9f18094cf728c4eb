"""The terminal's end of a ZVT line: blocks acknowledged and repeated, or plain messages on TCP.

Strict stop and wait: what arrives before the acknowledgement of the last block is acknowledged,
and an answer among it is dropped, because it cannot be one to that block.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

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
from simulator.pipes import Line

T1_S = 0.2
REPETITIONS = 3


@dataclass(slots=True)
class Counts:
    """What tests look at."""

    blocks_repeated: int = 0  # by us
    duplicates: int = 0  # of the host, suppressed


class TerminalLink:
    """`hear` gets each message once. `run` serves the line; `send` says whether it arrived."""

    def __init__(
        self, line: Line, hear: Callable[[Apdu], None], *, is_serial: bool, t2_s: float
    ) -> None:
        self._line = line
        self._hear = hear
        self._is_serial = is_serial
        self._t2_s = t2_s
        self._turn = asyncio.Lock()
        self.counts = Counts()
        self.is_powered = True
        self.reset()

    def reset(self) -> None:
        """As after power-up: nothing is half received, nothing awaited."""
        self._decoder = SerialDecoder() if self._is_serial else TcpDecoder()
        self._repeatable: Apdu | None = None
        self._heard_before: Apdu | None = None
        self._control: asyncio.Future[Control] | None = None  # of the block now sent

    async def run(self) -> None:
        while True:
            for found in await self._next():
                if self.is_powered:
                    self._take(found)

    async def send(self, apdu: Apdu) -> bool:
        async with self._turn:
            if not self._is_serial:
                self._line.write(encode(apdu))
                return True
            return await self._send_block(apdu)

    async def _send_block(self, apdu: Apdu) -> bool:
        self._heard_before = self._repeatable
        for attempt in range(1 + REPETITIONS):
            self.counts.blocks_repeated += attempt > 0
            control = self._control = asyncio.get_running_loop().create_future()
            self._line.write(encode_block(apdu))
            try:
                async with asyncio.timeout(self._t2_s):
                    if await control is Control.ACK:
                        return True
            except TimeoutError:
                continue
            finally:
                self._control = None
        return False

    async def _next(self) -> list[Found]:
        """What the next bytes, or their absence for too long, make complete."""
        limit_s = None if not self._decoder.held else T1_S if self._is_serial else self._t2_s
        try:
            async with asyncio.timeout(limit_s):
                return self._decoder.feed(await self._line.read())
        except TimeoutError:
            return [Damaged(self._decoder.give_up())]

    def _take(self, found: Found) -> None:
        match found:
            case Control():
                self._take_control(found)
            case Apdu():
                self._take_message(found)
            case Damaged() if self._is_serial:
                self._line.write(NAK_BYTE)
            case Damaged() | Garbage():  # nobody can be asked to repeat it
                pass

    def _take_control(self, control: Control) -> None:
        if self._control is None:
            return
        self._control.set_result(control)
        self._control = None  # what comes next, even in the same chunk, comes after it
        if control is Control.ACK and self._repeatable is self._heard_before:
            self._repeatable = None  # the host goes on: what looks like its last block is new

    def _take_message(self, apdu: Apdu) -> None:
        is_duplicate = self._is_serial and apdu == self._repeatable
        if self._is_serial:
            self._line.write(ACK_BYTE)
            self._repeatable = apdu
        if is_duplicate:
            self.counts.duplicates += 1
        elif not (apdu.is_answer and self._control is not None):
            self._hear(apdu)
