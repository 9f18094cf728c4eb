"""`BankTerminal` and `BankMaintenance` over ZVT: nothing is captured twice, nothing unrecorded.

    open line -> register -> ready -> idle: commands in the order asked, status now and then
        ^                                |
        +--- back-off <- offline <-------+ line lost, silence, nonsense, out of service

After a lost line nothing is repeated: the caller asks `list_open` and decides (§2.8.9).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from chargepoint.domain.devices import (
    DeviceEvent,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.domain.payments import BankOutcome, BankPrompt, BankResult
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import Persist
from chargepoint.ports import Clock, DeviceUnavailable
from drivers.exchange import Backoff
from drivers.port import OpenPort, PortLost
from drivers.trace import Trace
from drivers.zvt import tlv
from drivers.zvt.apdu import Apdu
from drivers.zvt.bitmaps import Field, parse
from drivers.zvt.codes import prompt_of
from drivers.zvt.commands import HIGHEST_AMOUNT
from drivers.zvt.link import LinkLost, link_over
from drivers.zvt.orders import Orders
from drivers.zvt.session import OutOfService, TerminalSession
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.tlv import Tag
from drivers.zvt.transaction import Desk, Order, Transaction
from drivers.zvt.values import text_of

T = TypeVar("T")

DEVICE = DeviceRef(DeviceKind.BANK_TERMINAL)
MOST_WAITING = 8  # commands; more than one terminal's point can ever need
_STATUS_AND_TIMEOUT = 2

EmitBank = Callable[[DeviceEvent | BankPrompt], None]
"""As `ports.Emit`, for what a terminal says besides."""


@dataclass(slots=True)
class _Job(Generic[T]):
    act: Callable[[TerminalSession], Awaitable[T]]
    answer: asyncio.Future[T]
    order: Order | None = None
    unknown: T | None = None  # the answer when nobody can know it

    async def do(self, session: TerminalSession) -> None:
        try:
            result = await self.act(session)
        except DeviceUnavailable as error:
            self.fail(str(error))
        except (LinkLost, PortLost) as error:
            self.fail(str(error))
            raise
        else:
            self.answer_with(result)

    def answer_with(self, result: T) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def abandon(self) -> None:
        """The driver itself ends, in the middle of it; without effect on one that has an answer."""
        if self.unknown is not None:
            self.answer_with(self.unknown)
        self.fail("the driver of the bank terminal ended")

    def fail(self, why: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(DeviceUnavailable(why))


class ZvtTerminalDriver:
    """Give it a trace made with `trace_text.mask_messages`.

    Commands raise DeviceUnavailable when they certainly were not begun. Every result but UNKNOWN
    that the terminal took part in went through `persist` before it is returned.
    """

    def __init__(
        self,
        open_port: OpenPort,
        emit: EmitBank,
        trace: Trace,
        *,
        clock: Clock,
        persist: Persist,
        settings: ZvtSettings,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._settings = settings
        self._orders = Orders(settings)
        self._desk = Desk(
            persist,
            clock,
            settings.timeouts.t3_s,
            settings.encoding,
            prompt=self._show,
            report=self._report,
        )
        self._backoff = Backoff()
        # Any: each caller knows the type of its own answer.
        self._jobs: deque[_Job[Any]] = deque()
        self._session: TerminalSession | None = None
        self._interrupted: Transaction | None = None
        self._pause: asyncio.Timeout | None = None
        self._is_online: bool | None = None

    # --- the port -------------------------------------------------------------------------------

    async def reserve(self, reference: str, amount: Minor) -> BankResult:
        order = self._orders.reserve(reference, Minor(0))
        if not 0 < amount <= HIGHEST_AMOUNT:
            return _impossible(order)
        return await self._perform(self._orders.reserve(reference, amount))

    async def settle(
        self, reference: str, receipt_number: str, amount: Minor, *, reserved: Minor
    ) -> BankResult:
        if not 0 < amount <= reserved <= HIGHEST_AMOUNT:
            return _impossible(self._orders.release(reference, receipt_number), "settle")
        order = self._orders.settle(reference, receipt_number, amount, reserved=reserved)
        return await self._perform(order)

    async def release(self, reference: str, receipt_number: str) -> BankResult:
        return await self._perform(self._orders.release(reference, receipt_number))

    async def list_open(self) -> tuple[str, ...]:
        return await self._wait_for(_Job(TerminalSession.list_open, _new_future()))

    async def abort(self) -> None:
        if self._session is not None and self._session.abort():
            return
        for job in self._jobs:
            if job.order is not None and job.order.needs_customer:
                job.answer_with(job.order.result(BankOutcome.CANCELLED, reason="cancelled"))

    async def end_of_day(self) -> BankResult:
        return await self._wait_for(_Job(TerminalSession.end_of_day, _new_future()))

    async def refund(self, reference: str, amount: Minor) -> BankResult:
        if not 0 < amount <= HIGHEST_AMOUNT:
            return _impossible(self._orders.refund(reference, Minor(0)))
        return await self._perform(self._orders.refund(reference, amount))

    async def repeat_receipt(self) -> BankResult:
        return await self._wait_for(_Job(TerminalSession.repeat_receipt, _new_future()))

    async def _perform(self, order: Order) -> BankResult:
        async def act(session: TerminalSession) -> BankResult:
            return await session.perform(order)

        unknown = order.result(BankOutcome.UNKNOWN)
        return await self._wait_for(_Job(act, _new_future(), order, unknown))

    async def _wait_for(self, job: _Job[T]) -> T:
        if self._session is None or not self._is_online:
            raise DeviceUnavailable("the bank terminal is offline")
        if len(self._jobs) >= MOST_WAITING:
            raise DeviceUnavailable("too many commands wait for the bank terminal")
        self._jobs.append(job)
        if self._pause is not None and not self._pause.expired():
            self._pause.reschedule(asyncio.get_running_loop().time())
        return await job.answer

    # --- the line -------------------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            reason = await self._run_until_lost()
            self._went_offline(reason)
            await asyncio.sleep(self._backoff.next_s())

    async def _run_until_lost(self) -> str:
        """Why it ended."""
        try:
            port = await self._open_port()
        except PortLost as lost:
            return f"unplugged: {lost}"
        link = link_over(port, self._trace, self._settings.transport, self._settings.timeouts)
        session = TerminalSession(link, self._desk, self._orders, self._interrupted)
        try:
            await self._serve(session)
        except PortLost as lost:
            return f"unplugged: {lost}"
        except (LinkLost, OutOfService) as lost:
            return str(lost)
        finally:
            self._interrupted = session.interrupted
            self._session = None
            self._drop_jobs()
            port.close()

    async def _serve(self, session: TerminalSession) -> NoReturn:
        self._session = session
        await session.open()
        self._went_online(session)
        while True:
            while self._jobs:
                await self._do(self._jobs.popleft(), session)
            if await self._idle(session):
                await session.make_ready()

    async def _do(self, job: _Job[Any], session: TerminalSession) -> None:
        if job.answer.done():  # aborted, or nobody waits any more
            return
        try:
            await job.do(session)
        finally:
            job.abandon()
        if session.lost is not None:
            raise session.lost

    async def _idle(self, session: TerminalSession) -> bool:
        """Until there is something to do; True: it is time to look how the terminal is."""
        loop = asyncio.get_running_loop()
        poll_s = loop.time() + self._settings.timeouts.poll_s
        while not self._jobs:
            try:
                async with asyncio.timeout_at(poll_s) as self._pause:
                    message = await session.next_unasked()
            except TimeoutError:
                return not self._jobs
            finally:
                self._pause = None
            await session.answer_unasked(message)
        return False

    def _drop_jobs(self) -> None:
        while self._jobs:
            self._jobs.popleft().fail("the bank terminal went offline")

    # --- what it says ---------------------------------------------------------------------------

    def _went_online(self, session: TerminalSession) -> None:
        self._backoff.reset()
        if self._is_online is not True:
            self._is_online = True
            self._emit(DeviceOnline(DEVICE, session.terminal_id, session.software))

    def _went_offline(self, reason: str) -> None:
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(DEVICE, reason, self._trace.tail()))

    def _report(self, code: str, detail: str) -> None:
        self._emit(DeviceIncident(DEVICE, code, detail, self._trace.tail()))

    def _show(self, message: Apdu) -> None:
        """Status, then perhaps minutes and the terminal's own words (04 FF)."""
        status = message.payload[0] if message.payload else 0
        has_minutes = message.payload[_STATUS_AND_TIMEOUT:][:1] == bytes([Field.TLV])
        fields = parse(message.payload[_STATUS_AND_TIMEOUT if has_minutes else 1 :])
        lines = tlv.every(fields.tlv(), Tag.TEXT_LINE)
        text = " ".join(text_of(line, self._settings.encoding).strip() for line in lines)
        self._emit(BankPrompt(prompt_of(status), text))


def _impossible(order: Order, command: str | None = None) -> BankResult:
    """An amount that no terminal is asked for: none, or more than there is room for."""
    result = order.result(BankOutcome.DECLINED, reason="amount")
    if command is None:
        return result
    return BankResult(command, result.reference, result.outcome, reason=result.reason)


def _new_future() -> asyncio.Future[T]:
    return asyncio.get_running_loop().create_future()
