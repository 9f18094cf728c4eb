"""Tells the central system, every so often, what a running charge costs here and at which prices.

News, not books: nothing is queued, and the receipt says the last word. A central system that does not
answer is not told again in this life.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from chargepoint.app.ports import Spawn
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Session
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ports import Clock

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any] | None]]
_PATIENCE = 2


class CostNews:
    """`interval_s` 0: never."""

    def __init__(
        self,
        ask: Ask,
        remote_id: Callable[[SessionId], int | None],
        interval_s: Callable[[], int],
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._ask = ask
        self._remote_id = remote_id
        self._interval_s = interval_s
        self._clock = clock
        self._spawn = spawn
        self._told_s: dict[ConnectorId, float] = {}
        self._unanswered = 0

    def heard(self, connector: ConnectorId, seen: PointSeen) -> None:
        session, interval_s = seen.session, self._interval_s()
        if session is None or not seen.is_running:
            self._told_s.pop(connector, None)
            return
        now_s = self._clock.monotonic()
        is_due = now_s - self._told_s.get(connector, -float(interval_s)) >= interval_s
        if interval_s == 0 or not is_due or self._unanswered >= _PATIENCE:
            return
        remote_id = self._remote_id(session.id)
        if remote_id is not None:
            self._told_s[connector] = now_s
            self._spawn(self._tell(content(session, connector, remote_id)), f"cost:{connector}")

    async def _tell(self, news: dict[str, Any]) -> None:
        answer = await self._ask("Session.Cost", news)
        self._unanswered = 0 if answer is not None else self._unanswered + 1


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
