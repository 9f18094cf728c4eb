"""Drains the outbox (OCPP 1.6 §3.7): in order, one in flight, until the answer is durable.

What an attempt ends with decides alone whether it counts:
    CALLERROR              counts; TransactionMessageRetryInterval x attempts, then a dead letter
    no answer, link lost   never counts; sent again, with a new message id
    CALLRESULT             processed, however odd its payload
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from chargepoint.domain.delivery import (
    SESSION_UNPLUGGED,
    Delivery,
    MeterValuesTaken,
    TransactionEnded,
    TransactionStarted,
    VendorMessage,
)
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.progress import TaskProgress
from chargepoint.domain.security import SecurityEvent
from chargepoint.errors import ChargepointError
from chargepoint.ocpp import meter_values, reports, translate
from chargepoint.ocpp.authcache import AuthCache
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.rpc import AnswerInvalid, Caller, CallRefused, NoAnswer, RequestInvalid
from chargepoint.ports import CentralNews, Outbox, OutboxItem

logger = logging.getLogger(__name__)

# A central system that does not know our vendor id can do nothing with a receipt.
_OPTIONAL_MESSAGES = frozenset({"Session.Receipt", SESSION_UNPLUGGED})


class _Refused(ChargepointError):
    """Answered, and not done: counts as an attempt."""


class _Postponed(ChargepointError):
    """Answered "later": does not count."""


class _Undeliverable(ChargepointError):
    """Can never be sent as it is."""


class Sender:
    def __init__(self, outbox: Outbox, keys: Keys, cache: AuthCache, news: CentralNews) -> None:
        self._outbox = outbox
        self._keys = keys
        self._cache = cache
        self._news = news
        self._grown = asyncio.Event()
        self._settling: Awaitable[None] | None = None
        """The last confirmation, on its way to the disk while the next message is on the wire."""
        self._answered: tuple[int, Payload] | None = None
        """The last answer, by sequence: a link lost before it was durable must not repeat it."""

    def wake(self) -> None:
        self._grown.set()

    async def run(self, caller: Caller) -> None:
        """Deliver until the link is lost."""
        while True:
            self._grown.clear()
            item = self._outbox.head()
            if item is None:
                await self._settled()
                await self._grown.wait()
                continue
            pause_s = await self._deliver(caller, item)
            if pause_s:
                await asyncio.sleep(pause_s)

    async def _settled(self) -> None:
        if self._settling is not None:
            before, self._settling = self._settling, None
            await before

    async def _deliver(self, caller: Caller, item: OutboxItem) -> int:
        """One transmission; how long to wait before the next."""
        interval_s = self._keys.number("TransactionMessageRetryInterval")
        try:
            message = self._message(item.delivery)
            if message is not None:
                await self._settle(item, await self._answer(caller, item, message))
            await self._confirm(item)
        except (NoAnswer, _Postponed):
            self._answered = None
            return interval_s
        except (CallRefused, _Refused) as error:
            self._answered = None
            if _is_unwanted(item, error):
                await self._outbox.confirm(item.sequence)
                return 0
            attempts = item.attempts + 1
            is_last = attempts >= self._keys.number("TransactionMessageAttempts")
            await self._give_up(item, str(error), dead=is_last)
            return 0 if is_last else interval_s * attempts
        except (RequestInvalid, _Undeliverable) as error:
            await self._give_up(item, str(error), dead=True)
        return 0

    async def _confirm(self, item: OutboxItem) -> None:
        """At most one is under way: after a power cut two messages may come again, in their order."""
        before, self._settling = self._settling, self._outbox.confirm(item.sequence)
        if before is not None:
            await before

    async def _answer(
        self, caller: Caller, item: OutboxItem, message: tuple[str, Payload]
    ) -> Payload:
        """The CALLRESULT to this item: the one at hand, or that of a new transmission."""
        if self._answered is not None and self._answered[0] == item.sequence:
            return self._answered[1]
        try:
            answer = await caller.call(*message)
        except AnswerInvalid as invalid:
            answer = invalid.payload
        self._answered = (item.sequence, answer)
        return answer

    async def _give_up(self, item: OutboxItem, reason: str, *, dead: bool) -> None:
        logger.warning("delivery failed", extra={"key": item.delivery.key, "dead": dead})
        if dead:
            self._news.incident("ocpp.dead_letter", f"{item.delivery.key}: {reason}")
        await self._outbox.failed(item.sequence, dead=dead)

    def _message(self, delivery: Delivery) -> tuple[str, Payload] | None:
        """None: of this the central system wants nothing. The remote id is looked up now: the start
        before it in the queue may have brought it.
        """
        match delivery:
            case TransactionStarted():
                return "StartTransaction", translate.start_transaction(delivery)
            case TransactionEnded():
                remote_id = self._outbox.remote_id(delivery.session)
                if remote_id is None:
                    raise _Undeliverable("its StartTransaction was never answered")
                payload = translate.stop_transaction(delivery, remote_id, self._measured(delivery))
                return "StopTransaction", payload
            case MeterValuesTaken():
                values = self._meter_values(delivery)
                return None if values is None else ("MeterValues", values)
            case SecurityEvent() | TaskProgress():
                return reports.message(delivery)
            case VendorMessage():
                session = delivery.session
                remote_id = None if session is None else self._outbox.remote_id(session)
                return "DataTransfer", translate.vendor_message(delivery, remote_id)

    def _meter_values(self, taken: MeterValuesTaken) -> Payload | None:
        key = "MeterValuesAlignedData" if taken.clock_aligned else "MeterValuesSampledData"
        remote_id = self._outbox.remote_id(taken.session)
        return meter_values.meter_values(taken, self._keys.items(key), remote_id=remote_id)

    def _measured(self, ended: TransactionEnded) -> list[Payload]:
        """§3.16.5: what goes with StopTransaction; nothing unless asked for."""
        periodic = self._keys.items("StopTxnSampledData")
        aligned = self._keys.items("StopTxnAlignedData")
        if not periodic and not aligned:
            return meter_values.with_signed([], ended)
        history = self._outbox.of_session(ended.session)
        measured = meter_values.transaction_data(ended, history, periodic, aligned)
        return meter_values.with_signed(measured, ended)

    async def _settle(self, item: OutboxItem, answer: Payload) -> None:
        """What the answer means is made durable here; the item is confirmed after that."""
        match item.delivery:
            case TransactionStarted() as started:
                await self._started(started, answer)
            case TransactionEnded(id_tag=str(id_tag)):
                await self._remember(id_tag, translate.tag_info(answer))
            case VendorMessage() as message:
                _judge(message, answer)
                self._news.vendor_delivered(message, _content(answer))
            case _:
                pass

    async def _started(self, started: TransactionStarted, answer: Payload) -> None:
        remote_id = translate.transaction_id(answer)
        if remote_id is None:
            raise _Refused("StartTransaction was answered without a usable transaction id")
        info = translate.tag_info(answer)
        await self._outbox.remember_transaction(started.session, remote_id)
        # Without a verdict the one that started the session stands.
        status = info.status if info else TokenStatus.ACCEPTED
        verdict = TokenAnswer(status, parent_tag=info.parent if info else None)
        self._news.transaction_confirmed(started.session, remote_id, verdict)
        await self._remember(started.id_tag, info)

    async def _remember(self, id_tag: str, info: translate.TagInfo | None) -> None:
        if info is not None and self._keys.flag("AuthorizationCacheEnabled"):
            await self._cache.remember(id_tag, info)


def _is_unwanted(item: OutboxItem, error: ChargepointError) -> bool:
    """A report to a central system that has no such message: nothing is lost, nobody is called."""
    is_report = isinstance(item.delivery, SecurityEvent | TaskProgress)
    return is_report and isinstance(error, CallRefused) and reports.is_unknown_there(error.code)


def _content(answer: Payload) -> dict[str, Any]:
    """What the central system says besides "taken"; nothing when it is not readable."""
    try:
        return translate.vendor_content(answer)
    except translate.AnswerUnreadable:
        return {}


def _judge(message: VendorMessage, answer: Payload) -> None:
    """DataTransfer.conf to outcome; returns when the message is settled."""
    match answer.get("status"):
        case "Accepted":
            if "Retry" in str(answer.get("data")) and _status_inside(answer) == "Retry":
                raise _Postponed(message.message_id)
        case "UnknownVendorId" | "UnknownMessageId" if message.message_id in _OPTIONAL_MESSAGES:
            logger.info("vendor message not known", extra={"message_id": message.message_id})
        case "UnknownVendorId" | "UnknownMessageId" as status:
            # It will never know it: the queue must not wait for another try.
            raise _Undeliverable(f"{message.message_id}: {status}")
        case status:
            raise _Refused(f"{message.message_id}: {status}")


def _status_inside(answer: Payload) -> object:
    try:
        return translate.vendor_content(answer).get("status")
    except translate.AnswerUnreadable:
        return None
