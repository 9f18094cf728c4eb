"""One open line to a board: requests with sequence ids, their replies, and the board's events.

Ordinary requests go one after the other. An urgent one is written at once, whatever is under way:
a `$` starts a new line on the board, and the ids tell the replies apart. A board that does not echo
them is spoken to without, and understood by the order of its answers.
"""

import asyncio
from collections.abc import Callable

from chargepoint.deadline import deadline
from chargepoint.errors import ChargepointError
from drivers.exchange import NoAnswer
from drivers.port import BytePort
from drivers.rapi.codec import (
    SEQUENCE_FIRST,
    SEQUENCE_LAST,
    Command,
    Event,
    Frame,
    Garbage,
    Reply,
    board_decoder,
    encode,
    numbered,
)
from drivers.trace import Direction, Trace
from drivers.wish import Superseded, Wanted, always

REPLY_TIMEOUT_S = 0.5  # what the board's own host library allows
ATTEMPTS = 3  # every command we send may be repeated without harm
LATE_S = 1.0  # beyond that nobody answers


class _NotUnderstood(ChargepointError):
    """The board refused a line it could not read: its answer carries no id."""


class RapiLink:
    """Talks over one port until it is lost. `read_forever` must run beside the requests."""

    def __init__(self, port: BytePort, trace: Trace, on_event: Callable[[Event], None]) -> None:
        self._port = port
        self._trace = trace
        self._on_event = on_event
        self._decoder = board_decoder()
        self._turn = asyncio.Lock()
        self._sequence = SEQUENCE_FIRST
        self._waiting: dict[int, asyncio.Future[Reply]] = {}  # by sequence id, oldest first
        self._garbage_octets = 0  # since the last good frame
        self._echoes_ids: bool | None = None  # None: nothing heard yet
        self._late_until_s = 0.0  # answers to what was given up may still come

    async def read_forever(self) -> None:
        """Raises PortLost."""
        while True:
            for frame in self._decoder.feed(await self._port.read()):
                self._received(frame)

    async def request(self, command: Command, wanted: Wanted = always) -> Reply:
        """Raises NoAnswer; Superseded as soon as `wanted` says no, before anything is sent."""
        async with self._turn:
            await self._let_pass()
            return await self.request_now(command, wanted)

    async def request_now(self, command: Command, wanted: Wanted = always) -> Reply:
        """As `request`, ahead of everything: the line is written before this first suspends."""
        refusals = 0
        for _ in range(ATTEMPTS):
            if not wanted():
                raise Superseded(f"${command.name} is no longer wanted")
            try:
                with deadline(REPLY_TIMEOUT_S):
                    return await self._send(command, is_numbered=self._may_number(refusals))
            except TimeoutError:
                self._late_until_s = asyncio.get_running_loop().time() + LATE_S
            except _NotUnderstood:
                refusals += 1
        if refusals == ATTEMPTS and self._echoes_ids is False:
            return Reply(ok=False)  # without ids there is no other way to say so
        raise NoAnswer(f"no answer to ${command.name}{self._noise()}")

    def _may_number(self, refusals: int) -> bool:
        """A board that understood nothing yet may not know what ids are."""
        is_unsure = self._echoes_ids is None and refusals < ATTEMPTS - 1
        return is_unsure or self._echoes_ids is True

    async def _let_pass(self) -> None:
        """Where ids do not tell answers apart, a late one would be taken for that of this question."""
        wait_s = self._late_until_s - asyncio.get_running_loop().time()
        if self._echoes_ids is False and wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _send(self, command: Command, *, is_numbered: bool) -> Reply:
        sequence = self._next_sequence()
        octets = numbered(command, sequence) if is_numbered else encode(command)
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = reply
        try:
            self._port.write(octets)
            self._trace.record(Direction.SENT, octets, _as_text)
            return await reply
        finally:
            self._waiting.pop(sequence, None)

    def _next_sequence(self) -> int:
        sequence = self._sequence
        self._sequence = SEQUENCE_FIRST if sequence == SEQUENCE_LAST else sequence + 1
        return sequence

    def _received(self, frame: Frame | Garbage) -> None:
        match frame:
            case Garbage(octets, reason):
                self._garbage_octets += len(octets)
                self._trace.received(octets, reason)
            case Reply():
                self._traced(frame)
                self._answer(frame)
            case Event():
                self._traced(frame)
                self._on_event(frame)
            case Command():
                raise AssertionError("the decoder of a board's lines reads no commands")

    def _traced(self, frame: Reply | Event) -> None:
        self._garbage_octets = 0
        self._trace.record(Direction.RECEIVED, frame, _spelled)

    def _answer(self, reply: Reply) -> None:
        sequence = reply.sequence
        if sequence is not None:
            self._echoes_ids = True
        else:
            if reply.ok and self._echoes_ids is None:
                self._echoes_ids = False
            # Boards without ids answer in order; so does one that could not read our line.
            sequence = next(iter(self._waiting), None)
        waiting = None if sequence is None else self._waiting.get(sequence)
        if waiting is None or waiting.done() or self._is_strange(reply):
            return
        if reply.sequence is None and not reply.ok and not reply.arguments:
            waiting.set_exception(_NotUnderstood("the board could not read our line"))
        else:
            waiting.set_result(reply)

    def _is_strange(self, reply: Reply) -> bool:
        """A board that echoes ids agrees to nothing without one."""
        return self._echoes_ids is True and reply.sequence is None and reply.ok

    def _noise(self) -> str:
        return f", {self._garbage_octets} bytes of garbage" if self._garbage_octets else ""


def _spelled(frame: Reply | Event) -> tuple[bytes, str]:
    return _as_text(encode(frame))


def _as_text(octets: bytes) -> tuple[bytes, str]:
    return octets, octets.decode("ascii").strip()
