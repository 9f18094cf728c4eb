"""One request at a time on a bus: gap, deadline, repetition, echo. What bytes mean is the codec's.

`Backoff` is the one policy by which every driver reopens its line.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from chargepoint.deadline import deadline
from chargepoint.errors import ChargepointError
from drivers.port import BytePort
from drivers.shared_line import SharedPort
from drivers.trace import Trace

MOST_LATE = 50  # chunks

Answer = TypeVar("Answer")

Collect = Callable[[bytes], Answer | None]
"""Takes the next received bytes; gives the answer once it is complete, until then None."""


class NoAnswer(ChargepointError):
    """The device said nothing usable in time, after every repetition."""


class GaveWay(ChargepointError):
    """Not repeated, because something more urgent waits for the bus."""


class Collision(ChargepointError):
    """What came back is not what we sent: somebody else was talking. Raised by a `Collect`."""


def never() -> bool:
    """The `give_way` of a bus where nothing is more urgent."""
    return False


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a bus is.

    `gap_s`: silence kept between the last byte received and the next request.
    `timeout_s`: longest wait for the whole answer. It grows by `timeout_growth` at each attempt,
    so a slow device is still heard, only later.
    `recovery_s`: pause before a repetition, long enough for the device to drop half a frame.
    `late_s`: for a protocol whose answers do not say to what. After a request that had to be
    repeated, this one waits until the line is quiet for so long, or a late answer would be its.
    """

    timeout_s: float
    attempts: int = 3
    gap_s: float = 0.0
    recovery_s: float = 0.0
    timeout_growth: float = 1.0
    late_s: float = 0.0

    def once(self, timeout_s: float | None = None) -> "Pace":
        """The same, never repeated: for commands that pay out or move something."""
        return replace(
            self, attempts=1, timeout_s=self.timeout_s if timeout_s is None else timeout_s
        )


class Exchange:
    """Requests on an open line, strictly one after the other, in the order asked.

    `expects_late`: a request was repeated, and what answered may have answered an earlier one.
    """

    def __init__(self, port: BytePort, trace: Trace, pace: Pace) -> None:
        self._port = port
        self._trace = trace
        self._pace = pace
        self._turn = asyncio.Lock()
        self._line_turn = port.turn if isinstance(port, SharedPort) else asyncio.Lock()
        self._quiet_since = 0.0
        self.expects_late = False

    async def request(
        self,
        octets: bytes,
        new_collector: Callable[[], Collect[Answer]],
        *,
        meaning: str = "",
        pace: Pace | None = None,
        give_way: Callable[[], bool] = never,
    ) -> Answer:
        """Send, collect the answer, repeat when there is none.

        Each attempt gets a collector of its own; the collector records what it received in the
        trace. Raises NoAnswer after the last attempt, GaveWay instead of a transmission when
        `give_way` says so, PortLost when the line is gone.
        """
        pace = self._pace if pace is None else pace
        async with self._turn:
            if self.expects_late and pace.late_s:
                async with self._line_turn:
                    await self._drop_late_answers(pace, give_way)
            for attempt in range(pace.attempts):
                timeout_s = pace.timeout_s * pace.timeout_growth**attempt
                async with self._line_turn:
                    try:
                        with deadline(timeout_s + pace.gap_s + pace.recovery_s):
                            await self._wait_for_quiet(pace, is_repetition=attempt > 0)
                            if give_way():
                                raise GaveWay(f"gave up asking {meaning}")
                            return await self._attempt(octets, new_collector(), meaning)
                    except (TimeoutError, Collision):
                        self.expects_late = True
        raise NoAnswer(f"no answer to {meaning or octets.hex(' ')} in {pace.attempts} attempts")

    async def _drop_late_answers(self, pace: Pace, give_way: Callable[[], bool]) -> None:
        """Bounded, for a babbling line is never quiet."""
        for _ in range(MOST_LATE):
            if not self.expects_late or give_way():
                return
            try:
                with deadline(pace.late_s):
                    self._trace.received(await self._port.read(), "late")
            except TimeoutError:
                self.expects_late = False

    async def _wait_for_quiet(self, pace: Pace, *, is_repetition: bool) -> None:
        silence_s = max(pace.gap_s, pace.recovery_s if is_repetition else 0.0)
        wait_s = self._quiet_since + silence_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _attempt(self, octets: bytes, collect: Collect[Answer], meaning: str) -> Answer:
        loop = asyncio.get_running_loop()
        self._port.discard_input()
        self._port.write(octets)
        self._trace.sent(octets, meaning)
        try:
            while True:
                answer = collect(await self._port.read())
                if answer is not None:
                    return answer
        finally:
            self._quiet_since = loop.time()


class EchoRemover:
    """Takes our own transmission off the head of what comes back on a one-wire bus.

    `required`: the line is known to echo, so anything else is a collision. Otherwise the first
    byte that differs says that there is no echo, and everything is the device's.
    """

    def __init__(self, sent: bytes, *, required: bool) -> None:
        self._expected = sent
        self._required = required
        self._matched = 0
        self.is_absent = False

    @property
    def was_seen(self) -> bool:
        return not self.is_absent and self._matched == len(self._expected)

    def feed(self, chunk: bytes) -> bytes:
        """What is left for the decoder. Raises Collision."""
        expected = self._expected[self._matched : self._matched + len(chunk)]
        if chunk.startswith(expected):
            self._matched += len(expected)
            return chunk[len(expected) :]
        if self._required:
            raise Collision(f"sent {self._expected.hex(' ')}, heard {chunk.hex(' ')}")
        held = self._expected[: self._matched]
        self._expected = b""
        self.is_absent = True
        return held + chunk


class Backoff:
    """Pauses between attempts to get a lost device back: doubling, capped, reset by success."""

    def __init__(self, first_s: float = 0.5, longest_s: float = 30.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def next_s(self) -> float:
        pause_s = self._next_s
        self._next_s = min(self._longest_s, pause_s * 2)
        return pause_s

    def reset(self) -> None:
        self._next_s = self._first_s


def first_of(group: BaseExceptionGroup[ChargepointError]) -> BaseException:
    """The failure itself, out of the groups that task groups wrap it in."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
