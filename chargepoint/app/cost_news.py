"""Tells the central system what a running charge costs here, at which prices, and how it stands.

News, not books: nothing is queued, and the receipt says the last word. Told are

    every SessionCostInterval seconds       where the central system wants that
    each new stage of the charge            where its customer has a page (`receipt.link`)
    every few seconds, for a minute         while somebody looks at that page (Session.Watch)

A central system that leaves two unanswered is not told again before the next charge.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chargepoint.app.ports import Spawn
from chargepoint.domain.money.invoice import page_token
from chargepoint.domain.point.actions import idle_fee_starts_in_s
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import EndCause, Session
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ports import Clock

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any] | None]]
_PATIENCE = 2
_WATCHED_S = 60.0
_WATCHED_INTERVAL_S = 2.0
_BROKEN = (EndCause.FAULT, EndCause.POWER_LOSS, EndCause.REFUSED, EndCause.RESTART)
_STAGES = {
    "session/starting/locking": "starting",
    "session/starting/waiting": "starting",
    "session/energised": "charging",
    "session/suspended/by_vehicle": "carPaused",
    "session/suspended/by_station": "paused",
    "session/stopping": "stopping",
    "settling/metering": "stopping",
    "settling/occupied": "finished",
    "settling/billed": "finished",
}


@dataclass(slots=True)
class _Told:
    session: SessionId
    at_s: float
    stage: str = ""
    watched_until_s: float = 0.0


class CostNews:
    """`interval_s` 0: not by the clock. `has_page`: customers have pages of their charges."""

    def __init__(
        self,
        ask: Ask,
        remote_id: Callable[[SessionId], int | None],
        interval_s: Callable[[], int],
        clock: Clock,
        spawn: Spawn,
        *,
        has_page: bool = False,
    ) -> None:
        self._ask = ask
        self._remote_id = remote_id
        self._interval_s = interval_s
        self._clock = clock
        self._spawn = spawn
        self._has_page = has_page
        self._told: dict[ConnectorId, _Told] = {}
        self._unanswered = 0

    def watch(self, session: SessionId) -> None:
        """For a minute; whoever just came sees the present with the next reading."""
        for told in self._told.values():
            if told.session == session:
                told.watched_until_s = self._clock.monotonic() + _WATCHED_S

    def heard(self, connector: ConnectorId, seen: PointSeen) -> None:
        session = seen.session
        if session is None or not (seen.is_running or self._has_page):
            self._told.pop(connector, None)
            return
        now_s, stage = self._clock.monotonic(), stage_of(seen)
        told = self._told.get(connector)
        if told is None or told.session != session.id:
            self._unanswered = 0
            told = self._told[connector] = _Told(session.id, -float(self._interval_s()))
        if self._unanswered >= _PATIENCE or not self._is_due(told, seen, stage, now_s):
            return
        remote_id = self._remote_id(session.id)
        if remote_id is not None:
            told.at_s, told.stage = now_s, stage
            news = content(session, connector, remote_id)
            if self._has_page:
                news |= page_content(seen, session, self._clock.utc())
            self._spawn(self._tell(news), f"cost:{connector}")

    def _is_due(self, told: _Told, seen: PointSeen, stage: str, now_s: float) -> bool:
        if self._has_page and stage != told.stage:
            return True
        intervals = [float(self._interval_s())] if seen.is_running and self._interval_s() else []
        if told.watched_until_s > now_s:
            intervals.append(_WATCHED_INTERVAL_S)
        return any(now_s - told.at_s >= interval_s for interval_s in intervals)

    async def _tell(self, news: dict[str, Any]) -> None:
        answer = await self._ask("Session.Cost", news)
        self._unanswered = 0 if answer is not None else self._unanswered + 1


def stage_of(seen: PointSeen) -> str:
    stage = _STAGES.get(seen.state, "charging")
    cause = seen.session.cause if seen.session else None
    return "interrupted" if stage == "finished" and cause in _BROKEN else stage


def content(session: Session, connector: ConnectorId, remote_id: int) -> dict[str, Any]:
    """`Session.Cost` (docs/ocpp.md)."""
    tariff = session.order.tariff
    return {
        "transactionId": remote_id,
        "connectorId": connector,
        "cost": {"amount": session.cost, "currency": tariff.currency},
        "energyWh": session.energy,
        "seconds": session.elapsed_ms // 1000,
        "tariff": {
            "energyMilliPerKwh": tariff.energy_milli_per_kwh,
            "chargingMilliPerMinute": tariff.charging_milli_per_minute,
            "idleMilliPerMinute": tariff.idle_milli_per_minute,
            "sessionMinor": tariff.session_minor,
            "vatPercent": tariff.vat_percent,
        },
    }


def page_content(seen: PointSeen, session: Session, utc: datetime) -> dict[str, Any]:
    """What the customer's page shows besides."""
    stage = stage_of(seen)
    shown: dict[str, Any] = {
        "page": page_token(session.id),
        "stage": stage,
        "hasCode": session.order.code != "",
    }
    if session.limit is not None:
        shown["most"] = {"amount": session.limit, "currency": session.order.tariff.currency}
    left_s = idle_fee_starts_in_s(session)
    counts_down = stage in ("carPaused", "finished", "interrupted") and seen.data.is_plugged
    if counts_down and seen.state != "settling/billed" and left_s >= 0:
        starts_at = utc + timedelta(seconds=left_s)
        shown["idleFeeAt"] = starts_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return shown
