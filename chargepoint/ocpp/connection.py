"""Keeps one link up: connect, register, work, and after a loss back off and connect again.

offline ──connect──► pending ──BootNotification accepted──► online
   ▲                    └──────────── link lost ──────────────┘
   └── back-off: minimum + random, doubling a few times, then flat (OCPP 2.0.1 part 4 §5.3)
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.link import Connect, Link, LinkRefused, Terms, peer_certificate
from chargepoint.ocpp.registration import Registration, Unregistered
from chargepoint.ocpp.routes import HOME_AGAIN_S, Routes
from chargepoint.ocpp.rpc import Caller, CallRefused, LinkDown, Rpc
from chargepoint.ports import CentralNews, Entropy, LinkState
from chargepoint.security_ports import SecurityLog

logger = logging.getLogger(__name__)

Duty = Callable[[Caller], Awaitable[None]]
"""Work for as long as a link stands; ends by LinkDown or cancellation."""

# A second SecurityError so soon after an accepted boot is no lost registration: do not boot in
# circles, let the message fail.
_REGISTRATION_HOLDS_S = 60.0
# A link that lasted this long was a good one; the back-off starts anew.
_STEADY_S = 30.0


@dataclass(frozen=True, slots=True)
class BackOff:
    minimum_s: float = 1.0
    random_s: float = 1.0
    doublings: int = 5

    def wait_s(self, failures: int, entropy: Entropy) -> float:
        """The pause before the next try, after so many in a row that failed (from 1)."""
        steady_s = self.minimum_s * 2.0 ** min(failures - 1, self.doublings)
        return steady_s + entropy.below(1000) * self.random_s / 1000


@dataclass(frozen=True, slots=True)
class Patience:
    connect_s: float = 20.0
    close_s: float = 2.0
    # An answer that makes the link end leaves first.
    parting_s: float = 5.0
    home_again_s: float = HOME_AGAIN_S
    back_off: BackOff | None = None
    """None: by the configuration keys RetryBackOff*."""


class _Registered:
    """Calls of an accepted station: notices when the central system has forgotten it."""

    def __init__(self, rpc: Rpc, registration: Registration) -> None:
        self._rpc = rpc
        self._registration = registration
        self._since_s = asyncio.get_running_loop().time()

    async def call(
        self,
        action: str,
        payload: Payload,
        *,
        urgent: bool = False,
        timeout_s: float | None = None,
    ) -> Payload:
        try:
            return await self._rpc.call(action, payload, urgent=urgent, timeout_s=timeout_s)
        except CallRefused as refused:
            age_s = asyncio.get_running_loop().time() - self._since_s
            if refused.code == ErrorCode.SECURITY_ERROR and age_s > _REGISTRATION_HOLDS_S:
                self._registration.ask()
                raise Unregistered("answered SecurityError") from refused
            raise


@dataclass(slots=True, kw_only=True)
class Connection:
    """`always`: duty from the first byte on (triggered messages); `online`: once accepted."""

    connect: Connect
    serve: Callable[[Link], Rpc]
    registration: Registration
    always: Duty
    online_duties: Sequence[Duty]
    news: CentralNews
    log: SecurityLog
    entropy: Entropy
    patience: Patience
    routes: Routes
    back_off: Callable[[], BackOff]
    state: LinkState = LinkState.OFFLINE
    trouble: str = ""
    """Why there is no link, in the words of the last try; empty while there is one."""
    _registered: Caller | None = None
    _last_refusal: str = ""
    _parting: asyncio.Event = field(default_factory=asyncio.Event)
    _next: tuple[Terms, Link] | None = None
    _link: Link | None = None

    def online(self) -> Caller | None:
        """Whom to ask while the central system accepts us; None when it does not."""
        return self._registered if self.state is LinkState.ONLINE else None

    @property
    def peer_certificate(self) -> bytes | None:
        """The server's certificate, of a link that has one."""
        return None if self._link is None else peer_certificate(self._link)

    def reconnect(self) -> None:
        """End the link as soon as what is being answered has left, and open a new one at once."""
        self._parting.set()

    async def run(self) -> None:
        """Never returns by itself."""
        failures = 0
        while True:
            link = await self._take_next() or await self._open()
            lasted_s = 0.0 if link is None else await self._live(link)
            if self._parting.is_set() or self._next is not None:
                failures = 0
                continue
            failures = 1 if lasted_s > _STEADY_S else failures + 1
            if lasted_s > _STEADY_S:
                self._last_refusal = ""
            await asyncio.sleep(self.back_off().wait_s(failures, self.entropy))

    async def _take_next(self) -> Link | None:
        """The link that was dialled beside the one that ended."""
        if self._next is None:
            return None
        self._parting.clear()
        (terms, link), self._next = self._next, None
        await self.routes.opened(terms)
        return link

    async def _open(self) -> Link | None:
        terms = self.routes.terms()
        self._parting.clear()
        try:
            link = await self._dial(terms)
        except (ConnectionError, TimeoutError) as error:
            self.trouble = str(error) or type(error).__name__
            if isinstance(error, LinkRefused):
                self._report_refusal(error)
            else:
                logger.info("central system not reached", extra={"reason": repr(error)})
            await self.routes.failed(error)
            return None
        self.trouble = ""
        await self.routes.opened(terms)
        return link

    async def _dial(self, terms: Terms) -> Link:
        async with asyncio.timeout(self.patience.connect_s):
            return await self.connect(terms)

    def _report_refusal(self, refused: LinkRefused) -> None:
        """Once per reason, not once per try, nor for every link that ends at once."""
        if str(refused) != self._last_refusal:
            self._last_refusal = str(refused)
            self.news.incident(refused.code, str(refused))
            if refused.event:
                self.log.note(refused.event, str(refused))

    async def _live(self, link: Link) -> float:
        """Serve one link to its end; how long it lasted."""
        loop = asyncio.get_running_loop()
        opened_s = loop.time()
        self.registration.link_opened()
        rpc = self.serve(link)
        self._link = link
        self._move_to(LinkState.PENDING)
        try:
            async with asyncio.TaskGroup() as group:
                others = [
                    group.create_task(self._work(rpc)),
                    group.create_task(self._part(link, rpc)),
                    group.create_task(self._go_home(link)),
                ]
                await rpc.run()
                for task in others:
                    task.cancel()
            if rpc.abuse is not None:
                self.trouble = str(rpc.abuse)
                self._report_refusal(rpc.abuse)
        finally:
            self._registered = self._link = None
            self._move_to(LinkState.OFFLINE)
            await self._close(link)
        return loop.time() - opened_s

    async def _close(self, link: Link) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(self.patience.close_s):
                await link.close()

    async def _part(self, link: Link, rpc: Rpc) -> None:
        await self._parting.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.patience.parting_s):
                await rpc.flushed()
        await self._close(link)

    async def _go_home(self, link: Link) -> None:
        """While linked to the second central system: dial the first beside, and change over."""
        while self.routes.is_away:
            await asyncio.sleep(self.patience.home_again_s)
            terms = self.routes.home_terms()
            try:
                self._next = (terms, await self._dial(terms))
            except (ConnectionError, TimeoutError) as error:
                logger.info("first central system still away", extra={"reason": repr(error)})
                continue
            await self._close(link)
            return

    async def _work(self, rpc: Rpc) -> None:
        async with asyncio.TaskGroup() as group:
            always = group.create_task(_until_down(self.always, rpc))
            # A task of its own each time: before Python 3.11.4 a group that failed leaves its task
            # counted as cancelled, and no timeout in that task works any more.
            while await group.create_task(self._work_once(rpc)):
                self.registration.forget()
                self._move_to(LinkState.PENDING)
            # Ends this group also when a cancellation and LinkDown came in the same instant: of the
            # two a TaskGroup of Python 3.11 raises only the latter.
            always.cancel()

    async def _work_once(self, rpc: Rpc) -> bool:
        """Register, then do the duties; True when registration is due again on this link."""
        is_due_again = False
        try:
            await self.registration.until_accepted(rpc)
            registered = self._registered = _Registered(rpc, self.registration)
            self._move_to(LinkState.ONLINE)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.registration.recalled())
                for duty in self.online_duties:
                    group.create_task(_as_coroutine(duty, registered))
        except* Unregistered:
            is_due_again = True
        except* LinkDown:
            pass  # the reader has found it too, and ends this task
        return is_due_again

    def _move_to(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            logger.info("link changed", extra={"state": state})
            self.news.link_changed(state)


async def _as_coroutine(duty: Duty, caller: Caller) -> None:
    await duty(caller)


async def _until_down(duty: Duty, caller: Caller) -> None:
    with contextlib.suppress(LinkDown):
        await duty(caller)
