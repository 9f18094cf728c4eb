"""Open pages of running charges: told at once, and the point asked for news while somebody looks."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from central.clock import Clock
from central.errors import CallRefused, CentralError
from central.feed import EVERYTHING
from central.phone.following import KIND, Followed
from central.system import CentralSystem

_LISTENERS_MAX = 2000  # of one process: beyond it a page shows what was when it was opened
_LOOK_AGAIN_S = 20.0  # minutes pass without news; proxies take longer silence for death
_GAP_S = 0.5
_ASK_AGAIN_S = 45.0  # a point tells for a minute after it was asked


class Follower:
    """One open page."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.news = asyncio.Event()
        self.has_ended = False


class Followers:
    def __init__(self, system: CentralSystem, clock: Clock) -> None:
        self._system = system
        self._clock = clock
        self._open: dict[str, set[Follower]] = {}
        self._transactions: dict[str, str] = {}  # transaction to page, of what is open
        self._asked_s: dict[str, float] = {}
        self._came = asyncio.Event()
        self._count = 0

    @property
    def is_full(self) -> bool:
        return self._count >= _LISTENERS_MAX

    async def followed(self, page: str) -> Followed | None:
        return await self._system.store.run(self._system.phone.pages.followed, page)

    async def changes(self, page: str) -> AsyncIterator[Followed]:
        """The charge now, and again whenever there is news; ends with the feed or the receipt."""
        with self._following(page) as follower:
            while not follower.has_ended:
                now = await self.followed(page)
                if now is None:
                    return
                self._transactions[str(now.transaction_id)] = page
                yield now
                if now.receipt_number is not None:
                    return
                await asyncio.sleep(_GAP_S)
                await _news(follower)

    @contextmanager
    def _following(self, page: str) -> Iterator[Follower]:
        follower = Follower(page)
        self._open.setdefault(page, set()).add(follower)
        self._count += 1
        self._came.set()
        try:
            yield follower
        finally:
            self._count -= 1
            self._open[page].discard(follower)
            if not self._open[page]:
                del self._open[page]
                self._asked_s.pop(page, None)
                self._transactions = {k: v for k, v in self._transactions.items() if v != page}

    # --- beside the requests ------------------------------------------------------------------------

    async def run(self) -> None:
        """Until the feed is closed; then every page's stream ends."""
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(self._ask_points())
            with self._system.feed.subscribed(KIND, "transaction") as subscription:
                while changes := await subscription.changes():
                    self._tell(changes)
            asking.cancel()
        for followers in self._open.values():
            for follower in followers:
                follower.has_ended = True
                follower.news.set()

    def _tell(self, changes: list[tuple[str, str]]) -> None:
        if EVERYTHING in changes:
            pages = set(self._open)
        else:
            pages = {n if kind == KIND else self._transactions.get(n, "") for kind, n in changes}
        for page in pages & set(self._open):
            for follower in self._open[page]:
                follower.news.set()

    async def _ask_points(self) -> None:
        """Session.Watch, page by page; a point that is away or does not know it changes nothing."""
        while True:
            self._came.clear()
            now_s = self._clock.monotonic()
            for page in [each for each in self._open if self._is_due(each, now_s)]:
                self._asked_s[page] = now_s
                await self._ask(page)
            try:
                async with asyncio.timeout(_ASK_AGAIN_S / 3):
                    await self._came.wait()
            except TimeoutError:
                continue

    def _is_due(self, page: str, now_s: float) -> bool:
        return now_s - self._asked_s.get(page, -_ASK_AGAIN_S) >= _ASK_AGAIN_S

    async def _ask(self, page: str) -> None:
        try:
            now = await self.followed(page)
            if now is None or now.receipt_number is not None:
                return
            async with asyncio.timeout(5):
                await transfer(self._system, now, "Session.Watch", {})
        except (CentralError, TimeoutError, SQLAlchemyError):
            return  # asked again while somebody looks


async def _news(follower: Follower) -> None:
    try:
        async with asyncio.timeout(_LOOK_AGAIN_S):
            await follower.news.wait()
    except TimeoutError:
        return
    follower.news.clear()


async def transfer(
    system: CentralSystem, charge: Followed, message_id: str, content: dict[str, str]
) -> dict[str, str]:
    """A DataTransfer about this charge to its point. Raises PointAway, NoAnswer, CallRefused."""
    payload = {
        "vendorId": "es.citere",
        "messageId": message_id,
        "data": json.dumps({"transactionId": charge.transaction_id, **content}),
    }
    answer = await system.call(charge.point, "DataTransfer", payload)
    if answer.get("status") == "Accepted":
        return {"status": "Accepted"}
    try:
        said = json.loads(answer.get("data") or "{}")
    except ValueError as error:
        raise CallRefused("FormationViolation", f"answer to {message_id}") from error
    reason = said.get("reason") if isinstance(said, dict) else ""
    return {"status": str(answer.get("status")), "reason": str(reason)}
