"""Which status the central system was told, and which one holds (OCPP 1.6 §4.9).

The newest status per connector wins: what came and went while offline, or within
MinimumStatusDuration, is not sent. The order of connectors is the order of their changes.
Each of several faults is told, and then the worst again, which holds; NoError when none is left.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp import translate
from chargepoint.ocpp.rpc import AnswerInvalid, Caller, CallRefused, NoAnswer, RequestInvalid
from chargepoint.ports import Clock, PointStatus, StatusReport

logger = logging.getLogger(__name__)

STATION = ConnectorId(0)

# What §4.9 has no direct way for, by way of what it means: whoever stands there cannot begin any
# more; or nobody does, and it is kept for somebody.
_BETWEEN = {
    (PointStatus.PREPARING, PointStatus.UNAVAILABLE): PointStatus.FINISHING,
    (PointStatus.PREPARING, PointStatus.RESERVED): PointStatus.AVAILABLE,
    (PointStatus.FINISHING, PointStatus.RESERVED): PointStatus.AVAILABLE,
    (PointStatus.CHARGING, PointStatus.RESERVED): PointStatus.AVAILABLE,
    (PointStatus.SUSPENDED_EV, PointStatus.RESERVED): PointStatus.AVAILABLE,
    (PointStatus.SUSPENDED_EVSE, PointStatus.RESERVED): PointStatus.AVAILABLE,
    (PointStatus.UNAVAILABLE, PointStatus.RESERVED): PointStatus.AVAILABLE,
}


def on_the_way(before: PointStatus, after: PointStatus) -> PointStatus | None:
    """The status to tell first, so that each step is one of the table's."""
    return _BETWEEN.get((before, after))


@dataclass(frozen=True, slots=True)
class _Change:
    report: StatusReport
    since_s: float  # monotonic: a clock that is set later does not falsify it


class Statuses:
    """`report` at any time; `run` while the central system listens."""

    def __init__(self, clock: Clock, minimum_duration_s: Callable[[], int]) -> None:
        self._clock = clock
        self._minimum_duration_s = minimum_duration_s
        self._current: dict[ConnectorId, _Change] = {}  # oldest change first
        self._told: dict[ConnectorId, StatusReport] = {}
        self._here: set[ConnectorId] = set()  # of those, told on this link
        self._said: dict[ConnectorId, set[str]] = {}  # faults that stand and were told
        self._changed = asyncio.Event()

    def report(self, report: StatusReport) -> None:
        known = self._current.pop(report.connector, None)
        if known is None or (known.report is not report and known.report != report):
            known = _Change(report, self._clock.monotonic())
            self._changed.set()
        self._current[report.connector] = known
        standing = {report.info, *(each.info for each in report.others)}
        self._said[report.connector] = self._said.get(report.connector, set()) & standing

    def tell_all(self) -> None:
        """After BootNotification was accepted the status of every connector is due (errata 3.22)."""
        self._told.clear()
        self._said.clear()
        self._changed.set()

    @property
    def connectors(self) -> list[ConnectorId]:
        return sorted(self._current)

    async def run(self, caller: Caller) -> None:
        """Send what is due, for as long as the link stands."""
        self._here.clear()
        while True:
            self._changed.clear()
            due, wait_s = self._next()
            if due is not None:
                await self._send(caller, self._step(due))
                continue
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue  # a status has lasted long enough

    async def send_now(self, caller: Caller, connectors: Iterable[ConnectorId]) -> None:
        """As TriggerMessage asks: whether told or not, and without MinimumStatusDuration."""
        for connector in connectors:
            if connector in self._current:
                await self._send(caller, self._current[connector])

    def _next(self) -> tuple[_Change | None, float | None]:
        """The change to send now, or how long until one is due."""
        minimum_s = self._minimum_duration_s()
        waits: list[float] = []
        for connector, change in self._current.items():
            told = self._told.get(connector)
            if told == _alone(change.report) and self._unsaid(change.report) is None:
                continue
            left_s = change.since_s + minimum_s - self._clock.monotonic()
            if left_s <= 0 or told is None:
                return change, None
            waits.append(left_s)
        return None, min(waits, default=None)

    def _step(self, due: _Change) -> _Change:
        """Towards `due`. Not its history: what was missed without a link is not told (§4.9)."""
        connector = due.report.connector
        if connector in self._here:
            between = on_the_way(self._told[connector].status, due.report.status)
            if between is not None:
                return replace(due, report=StatusReport(connector, between))
        return replace(due, report=self._unsaid(due.report) or _alone(due.report))

    def _unsaid(self, report: StatusReport) -> StatusReport | None:
        """A fault beside the one that holds, not told yet."""
        said = self._said.get(report.connector, set())
        return next((each for each in report.others if each.info not in said), None)

    async def _send(self, caller: Caller, change: _Change) -> None:
        ago_s = self._clock.monotonic() - change.since_s
        at = self._clock.utc() - timedelta(seconds=ago_s)
        payload = translate.status_notification(change.report, at)
        try:
            await caller.call("StatusNotification", payload)
        except NoAnswer:
            return  # still untold, so it comes again
        except (CallRefused, AnswerInvalid, RequestInvalid) as error:
            # Repeating would not help; the next change will be sent.
            logger.warning("status not understood", extra={"reason": str(error)})
        report = _alone(change.report)
        self._told[report.connector] = report
        self._said.setdefault(report.connector, set()).add(report.info)
        self._here.add(report.connector)


def _alone(report: StatusReport) -> StatusReport:
    return replace(report, others=()) if report.others else report
