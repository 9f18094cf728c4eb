"""One RS-485 line with several devices: who speaks next, the silence between, and who was silent.

Requests run in the tasks of those who ask; whoever has the higher priority goes first, and nobody
interrupts an exchange under way: on a two-wire bus the answer would collide with the question.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from pymodbus.pdu import ExceptionResponse, ModbusPDU

from chargepoint.deadline import deadline
from chargepoint.errors import ChargepointError
from drivers.exchange import EchoRemover, NoAnswer
from drivers.modbus.codec import (
    AnswerFinder,
    answer_size,
    is_answered_by_itself,
    read_coils,
)
from drivers.modbus.lately import Lately
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import Trace
from drivers.wish import Superseded, Wanted, always

BITS_PER_BYTE = 11  # start, eight data bits, parity or second stop bit, stop
FRAME_GAP_BYTES = 3.5  # Modbus over serial line §2.5.1.1
SHORTEST_GAP_S = 0.00175  # the same, fixed above 19200 baud

# Longest wait of each attempt, beside the time on the wire. A unit answers within 0.2 s; the last
# attempt also hears one that is late.
PATIENCE_S = (0.3, 0.6, 0.6)


# An answer to a reading does not say to which: after a repetition an answer to each question may still
# come, and would be taken for that of the next. So nothing is read from that unit until the last of
# them has had as long as the one that came, or as the slowest unit takes if none did.
LATE_S = 0.2
MOST_LATE_S = 2.0
NOBODY_S = 0.7  # where there may be nobody at all
# An answer that is, byte for byte, that to another question a moment ago may be its duplicate: the
# right one is given so long to follow. Where two registers hold the same, none does.
SECOND_S = 0.1
FORGIVEN_AFTER_S = 60.0  # a line that was disturbed once is no slow unit


class Priority(IntEnum):
    """Lower goes first."""

    SAFETY = 0  # take the coil's supply away
    LEASE = 1  # keep it
    READING = 2


class Refused(ChargepointError):
    """The device answered with a Modbus exception, `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"unit answers with exception {code:02X}")
        self.code = code


class ModbusBus:
    """Shared by the drivers of all devices on one line. Open while any of them is `in_use`."""

    def __init__(
        self,
        open_port: OpenPort,
        trace: Trace,
        *,
        baudrate: int = 9600,
        gap_s: float | None = None,
    ) -> None:
        """`gap_s`: longer silence between frames, for units that need it."""
        self.trace = trace
        self._open_port = open_port
        self._byte_s = BITS_PER_BYTE / baudrate
        self._gap_s = max(SHORTEST_GAP_S, FRAME_GAP_BYTES * self._byte_s, gap_s or 0.0)
        self._port: BytePort | None = None
        self._quiet_since_s = 0.0
        self._turns = _Turns()
        self._late_until_s: dict[int, float] = {}  # by unit that had to be asked twice
        self._ever_heard: set[int] = set()  # units
        self._lately = Lately()
        self._echoes: bool | None = None  # None: nothing was heard on this line yet
        self._users = 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Around a driver's life. The last to leave closes the line."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._close()

    async def keep(self, attempt: Callable[[], Awaitable[float]]) -> None:
        """A driver's life: one attempt after the other, with the pause that each asks for, in s."""
        with self.in_use():
            while True:
                pause_s = await attempt()
                await asyncio.sleep(pause_s)

    async def ask(
        self,
        request: ModbusPDU,
        priority: Priority,
        *,
        patience_s: tuple[float, ...] = PATIENCE_S,
        wanted: Wanted = always,
    ) -> ModbusPDU:
        """One attempt for each of `patience_s`. Raises NoAnswer, Superseded, Refused, PortLost."""
        heard, unit, asked_s = b"", request.dev_id, list[float]()
        if priority is Priority.READING and await self._let_pass(unit):
            patience_s = (patience_s[-1],) * len(patience_s)  # asking once and waiting is better
        for thinking_s in patience_s:
            finder = AnswerFinder(request)
            await self._turns.take(priority)
            try:
                await self._make_ready(request, wanted, thinking_s)
                asked_s.append(asyncio.get_running_loop().time())
                answer = await self._exchange(request, finder, thinking_s)
            finally:
                self._turns.give_on()
            self._note_lateness(unit, asked_s, is_answered=answer is not None)
            if answer is not None:
                return _accepted(answer)
            heard = finder.received
        raise NoAnswer(
            f"no answer from unit {unit}" + (f", {len(heard)} bytes of garbage" if heard else "")
        )

    async def _make_ready(self, request: ModbusPDU, wanted: Wanted, thinking_s: float) -> None:
        """Whether the line echoes is known before anything is sent that its echo would answer: by a
        question whose answer is another than itself, whatever the unit says to it.
        """
        if wanted() and self._echoes is None and is_answered_by_itself(request):
            question = read_coils(request.dev_id, 0, 1)
            await self._exchange(question, AnswerFinder(question), thinking_s)
            self._echoes = bool(self._echoes)
        if not wanted():
            raise Superseded(f"request to unit {request.dev_id} is no longer wanted")

    def _note_lateness(self, unit: int, asked_s: list[float], *, is_answered: bool) -> None:
        if is_answered:
            self._ever_heard.add(unit)
            if len(asked_s) == 1:
                return
        took_s = asyncio.get_running_loop().time() - asked_s[0]
        is_known = unit in self._ever_heard
        slowest_s = took_s + LATE_S if is_answered else MOST_LATE_S if is_known else NOBODY_S
        self._late_until_s[unit] = asked_s[-1] + self._gap_s + slowest_s

    async def _let_pass(self, unit: int) -> bool:
        """Wait until late answers of this unit have passed; whether it is known to be slow."""
        until_s = self._late_until_s.get(unit)
        if until_s is None:
            return False
        wait_s = until_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        elif wait_s < -FORGIVEN_AFTER_S:
            del self._late_until_s[unit]
            return False
        return True

    async def _exchange(
        self, request: ModbusPDU, finder: AnswerFinder, thinking_s: float
    ) -> ModbusPDU | None:
        wire_s = (len(finder.question) + answer_size(request)) * self._byte_s
        try:
            port = await self._open()
            await self._keep_silence()
            port.discard_input()
            port.write(finder.question)
            self.trace.sent(finder.question, f"unit {request.dev_id}")
            return await self._collect(port, finder, thinking_s + wire_s)
        except PortLost:
            self._close()
            raise
        finally:
            self._quiet_since_s = asyncio.get_running_loop().time()

    async def _collect(
        self, port: BytePort, finder: AnswerFinder, limit_s: float
    ) -> ModbusPDU | None:
        now_s, question = asyncio.get_running_loop().time, finder.question
        echo = EchoRemover(question if self._echoes else b"", required=False)
        answer = latest = await self._next_answer(port, finder, echo, limit_s)
        if self._echoes is None and finder.knows_echo:
            self._echoes = finder.head.startswith(question)
        while latest is not None and self._lately.has_other(now_s(), question, finder.found):
            answer = latest
            latest = finder.next() or await self._next_answer(port, finder, echo, SECOND_S)
        if answer is not None:
            self._lately.note(now_s(), question, finder.found)
        return answer if latest is None else latest

    async def _next_answer(
        self, port: BytePort, finder: AnswerFinder, echo: EchoRemover, limit_s: float
    ) -> ModbusPDU | None:
        try:
            with deadline(limit_s):
                while True:
                    answer = finder.feed(echo.feed(await port.read()))
                    if answer is not None:
                        self.trace.received(finder.received)
                        return answer
        except TimeoutError:
            if finder.received:
                self.trace.received(finder.received, "no answer in it")
            return None

    async def _keep_silence(self) -> None:
        wait_s = self._quiet_since_s + self._gap_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _open(self) -> BytePort:
        if self._port is None:
            self._port = await self._open_port()
        return self._port

    def _close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
            self._echoes = None


def _accepted(answer: ModbusPDU) -> ModbusPDU:
    if isinstance(answer, ExceptionResponse):
        raise Refused(answer.exception_code)
    return answer


class _Turns:
    """A lock whose next holder is the most urgent, then the longest waiting: `take`, `give_on`."""

    def __init__(self) -> None:
        self._is_taken = False
        self._asked = 0
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []

    async def take(self, priority: Priority) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        self._asked += 1
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, self._asked, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give_on()  # it was given in the very turn in which we were cancelled
            raise

    def give_on(self) -> None:
        while self._waiting:
            _, _, granted = heapq.heappop(self._waiting)
            if not granted.done():
                granted.set_result(None)
                return
        self._is_taken = False
