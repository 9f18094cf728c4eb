"""A messaging service (as WhatsApp) as one more door to the chat: a port, and one to play with.

    customer's phone ──service──► POST /messaging/notice ──read()──► chat
                     ◄──service── send() ◄── what is due, by `Courier.run`

A notice may come twice; its reference decides. What could not be sent is tried again.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import or_, select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, name
from central.feed import Feed
from central.looking import keep_looking
from central.members.pages import Pages
from central.storage.store import Store
from central.storage.tables.support import CHAT, CHAT_MESSAGE
from central.support.chats import KIND, Message
from central.support.words import words_of

logger = logging.getLogger(__name__)

_TRIED_AGAIN = timedelta(seconds=30)
_LOOKS_AGAIN_S = 30.0
_SEND_LIMIT_S = 20.0
_KEPT_MAX = 200


class MessageLost(Exception):
    """The service did not take it; it is tried again."""


class ForgedNotice(Exception):
    """Its signature is not the service's, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`reference`: the service's own name of this message."""

    address: str
    name: str
    text: str
    reference: str


class MessagingPort(Protocol):
    async def send(self, address: str, text: str) -> None:
        """Hand one message over, within a minute. Raises MessageLost."""
        ...

    def read(self, body: bytes, signature: str) -> Notice:
        """Raises ForgedNotice."""
        ...


class NoMessaging:
    """Implements MessagingPort where no service is under contract."""

    async def send(self, address: str, text: str) -> None:
        raise MessageLost(f"no service for a message of {len(text)} characters to {address[:3]}…")

    def read(self, body: bytes, signature: str) -> Notice:
        raise ForgedNotice(f"{len(body)} bytes, signed {signature[:8]}, from no service of ours")


class SimulatedMessenger:
    """Implements MessagingPort: one phone whose screen is a page of the bench."""

    def __init__(self, entropy: Entropy) -> None:
        self._key = entropy.token(32)
        self._entropy = entropy
        self.received: deque[tuple[str, str]] = deque(maxlen=_KEPT_MAX)
        self.is_away = False

    async def send(self, address: str, text: str) -> None:
        if self.is_away:
            raise MessageLost(f"{address}: simulated loss")
        self.received.append((address, text))

    def read(self, body: bytes, signature: str) -> Notice:
        if not hmac.compare_digest(self.sign(body).encode(), signature.encode()):
            raise ForgedNotice("wrong signature")
        return notice_from(body)

    def sign(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def written(self, address: str, who: str, text: str) -> bytes:
        """A notice as the service would send it."""
        return json.dumps(asdict(Notice(address, who, text, name(self._entropy)))).encode()


def notice_from(body: bytes) -> Notice:
    try:
        content: dict[str, Any] = json.loads(body)
        return Notice(
            **{key: str(content[key]) for key in ("address", "name", "text", "reference")}
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForgedNotice(f"not a notice: {error!r}") from error


class Courier:
    """Sends what is due to addresses of the service; of several processes one at a time tries."""

    def __init__(
        self, store: Store, clock: Clock, feed: Feed, pages: Pages, port: MessagingPort
    ) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._pages = pages
        self._port = port

    async def run(self) -> None:
        """Until the feed is closed."""
        await keep_looking(self._feed, KIND, self.deliver, every_s=_LOOKS_AGAIN_S, logger=logger)

    async def deliver(self) -> None:
        """All that is due now; what fails is due again after a while."""
        while (due := await self._store.run(self._claim)) is not None:
            number, address, text = due
            try:
                async with asyncio.timeout(_SEND_LIMIT_S):
                    await self._port.send(address, text)
            except (MessageLost, TimeoutError):
                logger.warning("message not taken by the service", extra={"number": number})
                continue
            await self._store.run(self._done, number)

    def _claim(self) -> tuple[int, str, str] | None:
        """The oldest that nobody tried lately, marked as tried now."""
        now = self._clock.utc()
        before = utc_text(now - _TRIED_AGAIN)
        is_free = or_(CHAT_MESSAGE.c.tried_at.is_(None), CHAT_MESSAGE.c.tried_at < before)
        statement = (
            select(CHAT_MESSAGE, CHAT.c.address, CHAT.c.language)
            .join(CHAT)
            .where(CHAT_MESSAGE.c.delivery == "due", is_free)
            .order_by(CHAT_MESSAGE.c.id)
            .limit(1)
        )
        with self._store.change("chat:courier"):
            row = self._rows.first(statement)
            if row is None:
                return None
            mine = CHAT_MESSAGE.c.id == row.id
            self._rows.write(update(CHAT_MESSAGE).where(mine).values(tried_at=utc_text(now)))
        message = Message(row.id, row.at, row.author, row.name, row.word, row.text)
        spoken = self._pages.speak_or_default(row.language)
        return row.id, row.address, words_of(message, spoken, self._pages.brand.phone)

    def _done(self, number: int) -> None:
        with self._store.change("chat:courier"):
            mine = CHAT_MESSAGE.c.id == number
            self._rows.write(update(CHAT_MESSAGE).where(mine).values(delivery="done"))
