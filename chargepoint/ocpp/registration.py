"""BootNotification until accepted, then Heartbeat; both set the clock (OCPP 1.6 §4.2, §4.6).

    unknown ──► pending ──► accepted
        └──► rejected ──┘

Accepted lasts as long as the process: a reconnect sends no BootNotification (OCPP-J 1.6 §5.4)
unless the central system asks for it, or says that it does not know us (errata J 3.10).
"""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum

from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.rpc import Caller, CallFailed, LinkDown
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.ports import CentralNews

logger = logging.getLogger(__name__)

# Used when the answer is missing or leaves the choice to us (interval 0).
RETRY_S = 30
_LONGEST_RETRY_S = 86_400
# A central system whose own clock was never set says 1970; receipts must not.
_CREDIBLE_YEARS = range(2020, 2100)


class Standing(StrEnum):
    UNKNOWN = "Unknown"
    PENDING = "Pending"
    REJECTED = "Rejected"
    ACCEPTED = "Accepted"


class Unregistered(LinkDown):
    """The link stands, but BootNotification is due again."""


class Registration:
    def __init__(
        self,
        identity: StationIdentity,
        keys: Keys,
        news: CentralNews,
        accepted: Callable[[], None],
    ) -> None:
        self._identity = identity
        self._keys = keys
        self._news = news
        self._accepted = accepted
        self._asked = asyncio.Event()
        self.standing = Standing.UNKNOWN
        self._is_booted_on_this_link = False

    def link_opened(self) -> None:
        self._is_booted_on_this_link = False
        self._asked.clear()
        if self.standing is not Standing.ACCEPTED:
            self.standing = Standing.UNKNOWN

    def may_be_asked(self) -> bool:
        """Whether TriggerMessage(BootNotification) is welcome (errata 3.35)."""
        return self.standing is not Standing.ACCEPTED or not self._is_booted_on_this_link

    def ask(self) -> None:
        """Send BootNotification now, without waiting for the interval."""
        self._asked.set()

    async def recalled(self) -> None:
        """Raises Unregistered once the central system asks an accepted station to boot again."""
        await self._asked.wait()
        raise Unregistered("BootNotification was asked for")

    def forget(self) -> None:
        self.standing = Standing.UNKNOWN

    async def until_accepted(self, caller: Caller) -> None:
        """Returns when accepted. Raises LinkDown."""
        while self.standing is not Standing.ACCEPTED:
            self._asked.clear()
            wait_s = await self._boot(caller)
            try:
                async with asyncio.timeout(wait_s):
                    await self._asked.wait()
            except TimeoutError:
                continue

    async def _boot(self, caller: Caller) -> int:
        """One BootNotification; how long to wait before another, 0 when accepted."""
        try:
            answer = await caller.call(
                "BootNotification", translate.boot_notification(self._identity)
            )
        except LinkDown:
            raise
        except CallFailed as error:
            logger.warning("boot notification failed", extra={"reason": repr(error)})
            return RETRY_S
        self._correct_clock(answer)
        self.standing = Standing(answer["status"])
        self._is_booted_on_this_link = True
        logger.info("boot notification answered", extra={"status": self.standing})
        if self.standing is Standing.ACCEPTED:
            await self._keys.adopt_heartbeat(answer["interval"])
            self._accepted()
            return 0
        wait_s: int = answer["interval"]
        return min(wait_s, _LONGEST_RETRY_S) if wait_s > 0 else RETRY_S

    async def beat(self, caller: Caller) -> None:
        """Heartbeats for as long as the link stands; a changed interval counts at once."""
        loop = asyncio.get_running_loop()
        last_s = loop.time()
        while True:
            left_s = last_s + self._keys.number("HeartbeatInterval") - loop.time()
            if left_s <= 0:
                last_s = loop.time()
                await self.heartbeat(caller)
                continue
            self._keys.changed.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._keys.changed.wait()
            except TimeoutError:
                continue

    async def heartbeat(self, caller: Caller) -> None:
        try:
            self._correct_clock(await caller.call("Heartbeat", {}))
        except LinkDown:
            raise
        except CallFailed as error:
            logger.warning("heartbeat failed", extra={"reason": repr(error)})

    def _correct_clock(self, answer: Payload) -> None:
        moment = translate.from_timestamp(answer["currentTime"])
        if moment is None or moment.year not in _CREDIBLE_YEARS:
            self._news.incident("ocpp.time_unreadable", answer["currentTime"][:40])
        else:
            self._news.clock_corrected(moment)
