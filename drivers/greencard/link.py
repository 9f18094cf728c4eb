"""One PN532 on an open line: every command is acknowledged, then answered, or the reader is lost.

Deadlines and repetitions live here; what cards mean lives in `driver.py`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeGuard, TypeVar

from chargepoint.errors import ChargepointError
from drivers.greencard.commands import (
    FIND_ONE_TYPE_A,
    GET_FIRMWARE_VERSION,
    RELEASE_ALL,
    SAM_NORMAL,
    Error,
    Firmware,
    Malformed,
    Target,
    exchange,
    parse_exchange,
    parse_firmware,
    parse_target,
)
from drivers.greencard.pn532 import (
    WAKE_UP,
    Ack,
    Command,
    Decoder,
    Frame,
    Garbage,
    Nack,
    Refused,
    Response,
    encode,
)
from drivers.greencard.trace_text import describe
from drivers.port import BytePort
from drivers.trace import Trace

T = TypeVar("T")

# UM0701-02 §6.2.2 gives an ACK within 15 ms; the wait is longer because a USB adapter batches
# bytes, and far longer for the first one because it may still be starting.
ACK_S = 0.1
FIRST_ACK_S = 1.2
RESPONSE_S = 0.5
SILENCE_AFTER_GARBAGE_S = 0.03  # the rest of a damaged answer would have come by now
PAUSE_AFTER_CANCEL_S = 0.002  # ≥ 1 ms after an aborting ACK
LATE_RESPONSE_S = 0.02
REPETITIONS = 3
# A card found by a search whose answer was damaged is not announced again: look again soon.
SEARCH_AFTER_GARBAGE_S = 0.3


class ReaderTrouble(ChargepointError):
    """The reader does not answer, or not in a way that can be understood, after repetitions."""


class CardLost(ChargepointError):
    """The reader is well and the card did not answer: it left the field or never spoke."""


class Pn532Link:
    """Sends commands one at a time. Every method raises ReaderTrouble, and PortLost."""

    def __init__(self, port: BytePort, trace: Trace) -> None:
        self._port = port
        self._trace = trace
        self._decoder = Decoder()
        self._inbox: deque[Frame | Garbage] = deque()
        self._search: asyncio.Timeout | None = None

    async def wake(self) -> Firmware:
        """The reader is awake, configured, and has said what it is."""
        await self.request(SAM_NORMAL, preamble=WAKE_UP, ack_s=FIRST_ACK_S)
        answer = await self.request(GET_FIRMWARE_VERSION)
        return _parsed(parse_firmware, answer)

    async def request(
        self, command: Command, *, preamble: bytes = b"", ack_s: float = ACK_S
    ) -> bytes:
        """The response's parameters."""
        early = await self._acknowledged(command, preamble=preamble, ack_s=ack_s)
        if early is not None:
            return early
        for _ in range(REPETITIONS):
            answer = await self._response(command)
            if answer is not None:
                return answer
            self._send(Nack())
        raise ReaderTrouble(f"no readable response to command {command.code:02X}")

    async def find(self, limit_s: float) -> Target | None:
        """The card in the field, waiting up to `limit_s` for one, or until `interrupt`."""
        answer = await self._acknowledged(FIND_ONE_TYPE_A)
        if answer is None:
            answer = await self._searched(limit_s)
        return None if answer is None else _parsed(parse_target, answer)

    def interrupt(self) -> None:
        """Let a running `find` return at once."""
        if self._search is not None and not self._search.expired():
            self._search.reschedule(asyncio.get_running_loop().time())

    async def exchange(self, target: Target, apdu: bytes) -> bytes:
        """The card's answer; raises CardLost."""
        answer = await self.request(exchange(target.number, apdu))
        error, body = _parsed(parse_exchange, answer)
        if error != Error.NONE:
            raise CardLost(f"reader reported error {error:02X}")
        return body

    async def release(self) -> None:
        await self.request(RELEASE_ALL)

    async def _searched(self, limit_s: float) -> bytes | None:
        try:
            async with asyncio.timeout(limit_s) as self._search:
                return await self._search_result(self._search)
        except TimeoutError:
            return await self._cancelled(FIND_ONE_TYPE_A)
        finally:
            self._search = None

    async def _search_result(self, search: asyncio.Timeout) -> bytes:
        while True:
            frame = await self._frame()
            if _answers(frame, FIND_ONE_TYPE_A):
                return frame.parameters
            soon_s = asyncio.get_running_loop().time() + SEARCH_AFTER_GARBAGE_S
            deadline_s = search.when()
            if isinstance(frame, Garbage) and (deadline_s is None or soon_s < deadline_s):
                search.reschedule(soon_s)

    async def _cancelled(self, command: Command) -> bytes | None:
        """Stop `command`; its response, if it came in the same moment."""
        self._send(Ack())
        await asyncio.sleep(PAUSE_AFTER_CANCEL_S)
        try:
            async with asyncio.timeout(LATE_RESPONSE_S):
                while True:
                    frame = await self._frame()
                    if _answers(frame, command):
                        return frame.parameters
        except TimeoutError:
            return None

    async def _acknowledged(
        self, command: Command, *, preamble: bytes = b"", ack_s: float = ACK_S
    ) -> bytes | None:
        """The reader has the command; its response, if only the ACK was lost."""
        for _ in range(REPETITIONS):
            self._forget_input()
            self._send(command, preamble)
            try:
                async with asyncio.timeout(ack_s):
                    while True:
                        frame = await self._frame()
                        if isinstance(frame, Ack):
                            return None
                        if _answers(frame, command):
                            return frame.parameters
            except TimeoutError:
                continue
        raise ReaderTrouble(f"no acknowledgement of command {command.code:02X}")

    async def _response(self, command: Command) -> bytes | None:
        """None: there was none, or it was damaged."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESPONSE_S) as deadline:
                while True:
                    frame = await self._frame()
                    if _answers(frame, command):
                        return frame.parameters
                    if isinstance(frame, Garbage):
                        deadline.reschedule(loop.time() + SILENCE_AFTER_GARBAGE_S)
        except TimeoutError:
            return None

    async def _frame(self) -> Frame | Garbage:
        """The next frame; bytes that never become one are garbage as soon as the line is quiet."""
        while not self._inbox:
            limit_s = SILENCE_AFTER_GARBAGE_S if self._decoder.is_inside_frame else None
            try:
                async with asyncio.timeout(limit_s):
                    chunk = await self._port.read()
            except TimeoutError:
                self._inbox.append(self._decoder.give_up())
            else:
                self._inbox.extend(self._decoder.feed(chunk))
        frame = self._inbox.popleft()
        octets = frame.octets if isinstance(frame, Garbage) else encode(frame)
        self._trace.received(octets, describe(frame))
        if isinstance(frame, Refused):
            raise ReaderTrouble("reader refused a command with its error frame")
        return frame

    def _send(self, frame: Frame, preamble: bytes = b"") -> None:
        self._port.write(preamble + encode(frame))
        self._trace.sent(encode(frame), describe(frame))

    def _forget_input(self) -> None:
        """What belongs to an earlier command must not answer the next one."""
        self._port.discard_input()
        self._decoder = Decoder()
        self._inbox.clear()


def _answers(frame: Frame | Garbage, command: Command) -> TypeGuard[Response]:
    return isinstance(frame, Response) and frame.code == command.code + 1


def _parsed(parse: Callable[[bytes], T], parameters: bytes) -> T:
    try:
        return parse(parameters)
    except Malformed as error:
        raise ReaderTrouble(str(error)) from error
