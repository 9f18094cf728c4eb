"""OCPP-J calls both ways over one link: ordered, bounded in time and size, unkillable by a frame.

    reader ──► answers: futures of `call`
           ──► calls: inbox ──► answerer ──► handler ──┐
    call ──► turn ─────────────────────────────────────┴─► outgoing ──► writer ──► link

The reader never waits for a handler's own calls, so a handler may call back. It waits when the
inbox is full: the peer feels it, and no frame is dropped. All times are loop time.
"""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from chargepoint.errors import ChargepointError
from chargepoint.ocpp import frames
from chargepoint.ocpp.frames import Call, Error, ErrorCode, Frame, Malformed, Payload, Result
from chargepoint.ocpp.link import Link, LinkRefused, Observe
from chargepoint.ocpp.schemas import Schemas, without_nulls
from chargepoint.ocpp.turns import Turns

logger = logging.getLogger(__name__)

_INBOX_FRAMES = 64
_OUTGOING_FRAMES = 64
_REMEMBERED_CALLS = 64
# One unanswered call is a slow central system; two with not a byte in between, a dead link.
_UNANSWERED_LIMIT = 2


class CallFailed(ChargepointError):
    """A request of ours brought no usable answer."""


class LinkDown(CallFailed):
    """The link was lost before the answer came."""


class NoAnswer(CallFailed):
    """The link stands and the time allowed is over."""


class CallRefused(CallFailed):
    """The central system answered CALLERROR: it failed to process the message (§3.7.1)."""

    def __init__(self, error: Error) -> None:
        super().__init__(f"{error.code}: {error.description}")
        self.code = error.code


class AnswerInvalid(CallFailed):
    """The central system processed the message; its answer breaks the schema."""

    def __init__(self, reason: str, payload: Payload) -> None:
        super().__init__(reason)
        self.payload = payload


class RequestInvalid(CallFailed):
    """Our own request breaks the schema; it was not sent and never can be."""


class Caller(Protocol):
    """Who wants to send a request needs no more than this."""

    async def call(
        self,
        action: str,
        payload: Payload,
        *,
        urgent: bool = False,
        timeout_s: float | None = None,
    ) -> Payload:
        """The payload of the CALLRESULT; raises a CallFailed. `urgent`: a customer waits."""
        ...


class Refusal(ChargepointError):
    """Raised by a handler: answer this CALLERROR."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """`afterwards` runs once the answer is on its way: what a request causes follows its answer."""

    payload: Payload
    afterwards: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`call_timeout_s` exceeds 30 s: one central system holds a per-station lock that long."""

    call_timeout_s: Callable[[], float] = lambda: 35.0
    handler_timeout_s: float = 15.0
    frame_chars: int = 262_144


@dataclass(frozen=True, slots=True)
class Peer:
    """What the link's owner brings: how to answer, and who wants to know."""

    answer: Callable[[str, Payload], Awaitable[Answer]]
    supported: frozenset[str]
    may_answer: Callable[[], bool]
    identifier: Callable[[], str]
    observe: Observe
    incident: Callable[[str, str], None]
    malformed: Callable[[str], None] = lambda _code: None
    replayed: Callable[[str], None] = lambda _action: None


class Rpc:
    """One per link: `run` until the link is gone; `call` meanwhile."""

    def __init__(self, link: Link, schemas: Schemas, peer: Peer, limits: Limits) -> None:
        self._link = link
        self._schemas = schemas
        self._peer = peer
        self._limits = limits
        self._turns = Turns()
        self._inbox: asyncio.Queue[Call | Error] = asyncio.Queue(_INBOX_FRAMES)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(_OUTGOING_FRAMES)
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._being_answered: set[str] = set()
        self._recent: deque[bytes] = deque(maxlen=_REMEMBERED_CALLS)
        self._unanswered = 0
        self._is_down = False
        self.abuse: LinkRefused | None = None
        """What the central system did that cost the link; somebody should know."""
        self._reading: asyncio.Timeout | None = None

    async def run(self) -> None:
        """Serve the link; returns when it is lost."""
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._write()), group.create_task(self._answer_calls())]
            try:
                await self._read()
            finally:
                self._go_down()
                for task in others:
                    task.cancel()

    async def call(
        self,
        action: str,
        payload: Payload,
        *,
        urgent: bool = False,
        timeout_s: float | None = None,
    ) -> Payload:
        """The payload of the CALLRESULT; raises a CallFailed."""
        fault = self._schemas.fault_of_request(action, payload)
        if fault is not None:
            raise RequestInvalid(f"{action}: {fault.description}")
        await self._turns.enter(urgent=urgent)
        try:
            answer = without_nulls(await self._exchange(action, payload, timeout_s))
        finally:
            self._turns.leave()
        fault = self._schemas.fault_of_answer(action, answer)
        if fault is not None:
            self._peer.incident("ocpp.answer_invalid", f"{action}: {fault.description}")
            raise AnswerInvalid(f"{action}: {fault.description}", answer)
        return answer

    async def flushed(self) -> None:
        """Returns when everything that was to be sent has been."""
        await self._outgoing.join()

    async def _exchange(self, action: str, payload: Payload, timeout_s: float | None) -> Payload:
        if self._is_down:
            raise LinkDown(action)
        call = Call(self._peer.identifier(), action, payload)
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[call.id] = future
        try:
            async with asyncio.timeout(timeout_s or self._limits.call_timeout_s()):
                await self._outgoing.put(frames.encode_call(call))
                return await future
        except TimeoutError as error:
            self._note_silence(counts=timeout_s is None)
            raise NoAnswer(action) from error
        finally:
            del self._waiting[call.id]

    def _note_silence(self, *, counts: bool) -> None:
        self._unanswered += counts
        if self._unanswered >= _UNANSWERED_LIMIT and self._reading is not None:
            logger.warning("link given up", extra={"unanswered": self._unanswered})
            self._reading.reschedule(asyncio.get_running_loop().time())

    def _go_down(self) -> None:
        self._is_down = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(LinkDown("link lost"))

    # --- three tasks ----------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(None) as self._reading:
                while True:
                    text = await self._link.recv()
                    self._unanswered = 0
                    self._peer.observe("received", text)
                    frame = frames.parse(text, self._limits.frame_chars)
                    self._note_replay(frame, text)
                    await self._take(frame)
        except LinkRefused as refused:
            self.abuse = refused
        except (ConnectionError, TimeoutError):
            return
        finally:
            self._reading = None

    async def _write(self) -> None:
        """A link that cannot be written to is found dead by the reader."""
        try:
            while True:
                text = await self._outgoing.get()
                self._peer.observe("sent", text)
                await self._link.send(text)
                self._outgoing.task_done()
        except ConnectionError:
            self._go_down()

    async def _answer_calls(self) -> None:
        while True:
            request = await self._inbox.get()
            self._turns.hold()
            afterwards = None
            try:
                if self._peer.may_answer():
                    text, afterwards = await self._answer_to(request)
                    await self._outgoing.put(text)
            finally:
                if isinstance(request, Call):
                    self._being_answered.discard(request.id)
                self._turns.release()
            if afterwards is not None:
                await afterwards()

    def _note_replay(self, frame: Frame, text: str) -> None:
        """A CALL that came before on this link, to the letter: ids are never used twice (§4.1.4)."""
        if not isinstance(frame, Call):
            return
        mark = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        if mark in self._recent:
            self._peer.replayed(frame.action)
        self._recent.append(mark)

    # --- one frame ------------------------------------------------------------------------------

    async def _take(self, frame: Frame) -> None:
        """Requests go to the inbox, the refused ones too: answers keep the order of requests."""
        match frame:
            case Call():
                refused = self._refusal_of(frame)
                if refused is None:
                    self._being_answered.add(frame.id)
                await self._inbox.put(refused or frame)
            case Malformed(error):
                logger.warning("malformed frame", extra={"code": error.code})
                self._peer.malformed(error.code)
                await self._inbox.put(error)
            case Result(message_id, payload):
                self._resolve(message_id, payload)
            case Error(message_id):
                self._resolve(message_id, CallRefused(frame))
            case frames.Unanswerable(reason, message_id):
                logger.warning("frame ignored", extra={"reason": reason})
                self._resolve(message_id or "", AnswerInvalid(reason, {}))

    def _resolve(self, message_id: str, outcome: Payload | CallFailed) -> None:
        future = self._waiting.get(message_id)
        if future is None or future.done():
            logger.info("answer to no open call ignored")
        elif isinstance(outcome, CallFailed):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def _refusal_of(self, call: Call) -> Error | None:
        """Table 7: what is wrong with a well-formed CALL before anybody acts on it."""
        if call.id in self._being_answered:
            # §4.2.3: "an existing call with the same unique identifier is being handled".
            return Error(call.id, ErrorCode.GENERIC_ERROR, "this unique id is being handled")
        if call.action not in self._schemas.known_actions:
            return Error(call.id, ErrorCode.NOT_IMPLEMENTED, "action is not known")
        if call.action not in self._peer.supported:
            return Error(call.id, ErrorCode.NOT_SUPPORTED, f"{call.action} is not supported here")
        fault = self._schemas.fault_of_request(call.action, call.payload)
        return None if fault is None else Error(call.id, fault.code, fault.description)

    async def _answer_to(
        self, request: Call | Error
    ) -> tuple[str, Callable[[], Awaitable[None]] | None]:
        """The frame to send, and what runs after it."""
        if isinstance(request, Error):
            return frames.encode_error(request), None
        try:
            async with asyncio.timeout(self._limits.handler_timeout_s):
                answer = await self._peer.answer(request.action, request.payload)
            fault = self._schemas.fault_of_own_answer(request.action, answer.payload)
            assert fault is None, f"answer to {request.action} breaks the schema: {fault}"
            return frames.encode_result(Result(request.id, answer.payload)), answer.afterwards
        except Refusal as refusal:
            failed = Error(request.id, refusal.code, str(refusal))
        except Exception as error:
            # Boundary of the process: what a peer sends must never take the station down.
            logger.exception("request not carried out", extra={"action": request.action})
            self._peer.incident("ocpp.request_failed", f"{request.action}: {error!r}")
            failed = Error(request.id, ErrorCode.INTERNAL_ERROR, "the request was not carried out")
        return frames.encode_error(failed), None
