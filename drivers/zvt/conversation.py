"""One command from its sending to its end: who is master, who answers, who waits how long (§2.4).

we: command -> terminal: taken / refused
               taken: the terminal is master
                   it: status, result, print line ...   we: taken, to each
                   it: completion or abort              we: taken; we are master again
we, at any time: abort (06 B0); its answer comes between the messages
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.codes import Code
from drivers.zvt.commands import ABORT
from drivers.zvt.link import Link
from drivers.zvt.settings import Timeouts

SECONDS_PER_MINUTE = 60
ENDS = frozenset({Kind.COMPLETION, Kind.ABORTED})
# 04 0C would be a new firmware through us: the terminal has its own ways to get one.
_FILE_TRANSFER = 0x040C

Hear = Callable[[Apdu], Awaitable[Apdu | None]]
"""Takes one message of the terminal and says what to answer; None: nothing, on purpose."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The command was not begun; nothing can have happened."""

    code: int


@dataclass(frozen=True, slots=True)
class Ended:
    """`message`: the completion (06 0F) or the abort (06 1E)."""

    message: Apdu

    @property
    def is_completed(self) -> bool:
        return self.message.kind == Kind.COMPLETION


End = Refused | Ended


class Conversation:
    """One at a time on a link. `abort` may be called at any moment from outside."""

    def __init__(self, link: Link, timeouts: Timeouts, hear_unasked: Hear) -> None:
        self._link = link
        self._hear_unasked = hear_unasked
        self._timeouts = timeouts
        self._waiting: asyncio.Timeout | None = None
        self._is_abort_wanted = False
        self._is_abort_sent = False
        self._limit_s = timeouts.t4_s
        self.ended: Ended | None = None  # known even when our last answer did not get through

    async def run(self, command: Apdu, hear: Hear) -> End:
        """Raises LinkLost when the terminal stops talking before the end."""
        await self._link.send(command)
        code = await self._refusal()
        if code is not None:
            return Refused(code)
        while self.ended is None:
            message = await self._next()
            if not message.is_answer:  # else it answers our abort
                await self._hear(message, hear)
        return self.ended

    def abort(self) -> None:
        """Ask the terminal to end; it still says how it ended."""
        self._is_abort_wanted = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    def shorten(self, limit_s: float) -> None:
        """From now on wait no longer than this for each message."""
        self._limit_s = min(self._limit_s, limit_s)

    async def _refusal(self) -> int | None:
        """The code of a refusal; None once the command was taken."""
        until_s = asyncio.get_running_loop().time() + self._timeouts.t3_s
        while True:
            try:
                async with asyncio.timeout_at(until_s):
                    message = await self._link.receive()
            except TimeoutError as error:
                raise self._link.lost("no answer to a command") from error
            if message.is_answer:
                return message.refusal
            # It crossed our command, so it belongs to an earlier one, even if it is an end.
            answer = await self._hear_unasked(message)
            if answer is not None:
                await self._link.send(answer)

    async def _next(self) -> Apdu:
        while True:
            if self._is_abort_wanted and not self._is_abort_sent:
                await self._send_abort()
            try:
                async with asyncio.timeout(self._limit_s) as self._waiting:
                    return await self._link.receive()
            except TimeoutError as error:
                if not self._is_abort_wanted or self._is_abort_sent:
                    raise self._link.lost("the terminal stopped in the middle") from error
            finally:
                self._waiting = None

    async def _send_abort(self) -> None:
        self._is_abort_sent = True
        self.shorten(self._timeouts.after_abort_s)
        await self._link.send(ABORT)

    async def _hear(self, message: Apdu, hear: Hear) -> None:
        self._extend(message)
        answer = await hear(message)
        if message.kind in ENDS:
            self.ended = Ended(message)
        if answer is not None:
            await self._link.send(answer)

    def _extend(self, message: Apdu) -> None:
        """An intermediate state may say for how many minutes it will last."""
        if message.kind == Kind.INTERMEDIATE_STATUS and len(message.payload) > 1:
            wanted_s = message.payload[1] * SECONDS_PER_MINUTE
            self._limit_s = max(self._limit_s, wanted_s)


async def answer_politely(message: Apdu) -> Apdu | None:
    """The answer to messages that say nothing to us."""
    if message.kind == _FILE_TRANSFER:
        return refused(Code.NOT_POSSIBLE)
    return TAKEN
