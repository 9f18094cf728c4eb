"""A charge in its customer's hand: stopped with the code from anywhere, and followed while somebody looks.

The code leaves the station never, and none comes: who asks proves to know it, and hears yes or no.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping

from chargepoint.app.point_actor import PointActor
from chargepoint.domain.delivery import StopReason
from chargepoint.domain.effects import Stop
from chargepoint.domain.money.invoice import stop_proof
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.phone_ports import CodeVerdict
from chargepoint.ports import Clock

_WRONG_CODES = 3
_LOCK_S = 60.0
_ASK_LIMIT_S = 2.0


class PhoneDesk:
    """Implements phone_ports.PhoneDoor. Wrong codes of all phones are counted together."""

    def __init__(
        self,
        points: Callable[[], Mapping[ConnectorId, PointActor]],
        clock: Clock,
        *,
        watch: Callable[[SessionId], None],
        incident: Callable[[str, str], None],
    ) -> None:
        self._points = points
        self._clock = clock
        self._watch = watch
        self._incident = incident
        self._wrong: dict[SessionId, int] = {}
        self._locked_until_s: dict[SessionId, float] = {}

    async def stop_by_code(self, session: SessionId, proof: str) -> CodeVerdict:
        running = self._running(session)
        if running is None:
            return CodeVerdict.NOT_RUNNING
        connector, point = running
        assert point.seen.session is not None  # it is running
        own = point.seen.session.order.code
        if not own:
            return CodeVerdict.NO_CODE
        if self._clock.monotonic() < self._locked_until_s.get(session, 0.0):
            return CodeVerdict.LOCKED
        if not hmac.compare_digest(stop_proof(session, own).encode(), proof.encode()):
            return self._refuse(session, connector)
        self._forget_others(session)
        # The money that is left waits for somebody at the machine: a code from afar opens no tray.
        try:
            async with asyncio.timeout(_ASK_LIMIT_S):
                await point.ask(Stop(EndCause.CUSTOMER, StopReason.REMOTE))
        except TimeoutError:
            self._incident("point.no_answer", f"connector {connector}: stop by phone")
            return CodeVerdict.NOT_RUNNING
        return CodeVerdict.STOPPED

    def watch(self, session: SessionId) -> bool:
        is_here = any(
            point.seen.session is not None and point.seen.session.id == session
            for point in self._points().values()
        )
        if is_here:
            self._watch(session)
        return is_here

    def _running(self, session: SessionId) -> tuple[ConnectorId, PointActor] | None:
        for connector, point in self._points().items():
            found = point.seen.session
            if found is not None and found.id == session and point.seen.is_running:
                return connector, point
        return None

    def _refuse(self, session: SessionId, connector: ConnectorId) -> CodeVerdict:
        count = self._wrong.get(session, 0) + 1
        self._wrong[session] = count % _WRONG_CODES
        if count < _WRONG_CODES:
            return CodeVerdict.WRONG
        self._locked_until_s[session] = self._clock.monotonic() + _LOCK_S
        self._incident("code.locked", f"connector {connector}: three wrong codes by phone")
        return CodeVerdict.LOCKED

    def _forget_others(self, session: SessionId) -> None:
        self._wrong.pop(session, None)
        present = {p.seen.session.id for p in self._points().values() if p.seen.session}
        self._wrong = {k: v for k, v in self._wrong.items() if k in present}
        self._locked_until_s = {k: v for k, v in self._locked_until_s.items() if k in present}
