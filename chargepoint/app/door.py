"""What the central system may ask and tell (ports.StationDoor, ports.CentralNews)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chargepoint.app.ports import Spawn
from chargepoint.app.station_actor import StationActor
from chargepoint.charging_ports import StartProfiles
from chargepoint.domain.delivery import StopReason, VendorMessage
from chargepoint.domain.dialogue.events import LinkChanged
from chargepoint.domain.effects import (
    Belong,
    ForgetPending,
    Invalidate,
    ReleaseCable,
    SetOperative,
    Start,
    Stop,
)
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.point.context import PointSettings, StartRefused
from chargepoint.domain.point.machine import SettingsChanged
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import EndCause, Means, StartOrder
from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.domain.units import ConnectorId, Minor, SessionId, Wh
from chargepoint.ports import (
    Availability,
    Backend,
    Clock,
    DeviceUnavailable,
    Entropy,
    Hardware,
    LinkState,
    Policy,
    UnlockResult,
)

log = logging.getLogger(__name__)

_ASK_LIMIT_S = 2.0
_UNLOCK_LIMIT_S = 8.0
_RESET_LIMIT_S = 20.0
_FLUSH_LIMIT_S = 10.0
# Their customers have paid already: what a central system says of the token is no reason to stop.
_PAID_HERE = (Means.CASH, Means.BANK)
_CARD_NUMBER_LENGTH = 16


class StationGate:
    """The station as the central system meets it."""

    def __init__(  # noqa: PLR0913 - an actor's whole surroundings, by name
        self,
        station: StationActor,
        hardware: Hardware,
        clock: Clock,
        entropy: Entropy,
        *,
        point_settings: PointSettings,
        spawn: Spawn,
        restart: Callable[[bool], None],
        correct_clock: Callable[[datetime], None],
        profiles: StartProfiles,
        delivered: Callable[[VendorMessage, Mapping[str, Any]], None],
        is_drained: Callable[[], bool] = lambda: True,
    ) -> None:
        self._station = station
        self._hardware = hardware
        self._clock = clock
        self._entropy = entropy
        self._point_settings = point_settings
        self._spawn = spawn
        self._restart = restart
        self._correct_clock = correct_clock
        self._profiles = profiles
        self._delivered = delivered
        self._is_drained = is_drained
        self._policy = Policy()
        self._backend: Backend | None = None

    def connect(self, backend: Backend) -> None:
        self._backend = backend

    # --- ports.StationDoor ---

    async def remote_start(
        self, id_tag: str, connector: ConnectorId | None, profile: Profile | None = None
    ) -> bool:
        """A repeated request for the same connector and tag is accepted; its profile is the newer one."""
        await self._give_back_cables(id_tag)
        chosen = self._choose(id_tag, connector)
        if chosen is None:
            return False
        data = self._station.points[chosen].seen.data
        pending = data.pending or (data.session.order if data.session else None)
        if pending is not None:
            return pending.id_tag == id_tag and await self._limit_again(pending, chosen, profile)
        order = StartOrder(
            SessionId(self._entropy.identifier()),
            Means.TOKEN,
            id_tag,
            self._tariff,
            None,
            remote=True,
        )
        must_ask = self._policy.authorize_remote or self._must_ask_for_group(
            self._station.points[chosen].seen, id_tag
        )
        if must_ask or _looks_like_green_card(id_tag):
            start = self._authorise_then_start(order, chosen, profile)
            self._spawn(start, f"remote:{order.session}")
            return True
        return await self._start_limited(order, chosen, profile)

    async def remote_stop(self, session: SessionId) -> bool:
        for connector, point in self._station.points.items():
            running = point.seen.session
            if running is not None and running.id == session and point.seen.is_running:
                return await self._ask(connector, Stop(EndCause.REMOTE)) is not None
        return False

    async def change_availability(self, connector: ConnectorId, *, operative: bool) -> Availability:
        """Persisted at once; during a transaction it takes effect when that ends."""
        wanted = self._station.points if connector == 0 else {connector: None}
        if any(chosen not in self._station.points for chosen in wanted):
            return Availability.REJECTED
        later = False
        for chosen in wanted:
            later = later or self._station.points[chosen].seen.session is not None
            await self._ask(ConnectorId(chosen), SetOperative(operative))
        return Availability.SCHEDULED if later and not operative else Availability.ACCEPTED

    async def reset(self, *, hard: bool) -> bool:
        self._spawn(self._stop_and_restart(hard=hard), "reset")
        return True

    async def unlock(self, connector: ConnectorId) -> UnlockResult:
        """A transaction is stopped first; the lock's own word is the result. A cable that is fixed
        to the station has nothing to unlock (OCPP 1.6 §5.18), and its charge goes on.
        """
        point = self._station.points.get(connector)
        if point is None or self._point_settings.has_fixed_cable:
            return UnlockResult.NOT_SUPPORTED
        if point.seen.data.is_welded:
            return UnlockResult.FAILED  # nobody pulls a plug from contacts that may be live
        if point.seen.is_running:
            await self._ask(connector, Stop(EndCause.REMOTE, StopReason.UNLOCK_COMMAND))
        elif point.seen.data.cable_of:
            await self._ask(connector, ReleaseCable())
        else:
            self._spawn(self._release(connector), "unlock")
        unlocked = await self._wait_for(lambda: not point.seen.data.locked, _UNLOCK_LIMIT_S)
        return UnlockResult.UNLOCKED if unlocked else UnlockResult.FAILED

    # --- ports.CentralNews ---

    def link_changed(self, state: LinkState) -> None:
        self._station.post(LinkChanged(state is LinkState.ONLINE))

    def transaction_confirmed(
        self, session: SessionId, remote_id: int, answer: TokenAnswer
    ) -> None:
        """A token refused after the start ends by policy; who paid here is never stopped."""
        if answer.status is TokenStatus.ACCEPTED:
            self._note_group(session, answer.parent_tag)
            return
        detail = f"transaction {remote_id}: {answer.status.value}"
        self._station.incident("ocpp.start_not_accepted", detail)
        for point in self._station.points.values():
            running = point.seen.session
            if running is None or running.id != session or running.order.means in _PAID_HERE:
                continue
            at_most = Wh(self._policy.max_energy_on_invalid_wh)
            point.post(Invalidate(at_most, self._policy.stop_on_invalid_id))

    def _note_group(self, session: SessionId, parent_tag: str | None) -> None:
        for point in self._station.points.values():
            running = point.seen.session
            if parent_tag and running is not None and running.id == session:
                point.post(Belong(parent_tag))

    def vendor_delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        self._delivered(message, content)

    def policy_changed(self, policy: Policy) -> None:
        self._policy = policy
        settings = replace(
            self._point_settings,
            meter_sample_s=policy.meter_sample_s,
            clock_aligned_s=policy.clock_aligned_s,
            stop_on_ev_disconnect=policy.stop_on_ev_disconnect,
            unlock_on_ev_disconnect=policy.unlock_on_ev_disconnect,
            connection_timeout_s=policy.connection_timeout_s,
            tells_unplugged=policy.tells_unplugged,
        )
        for point in self._station.points.values():
            point.post(SettingsChanged(settings))

    def clock_corrected(self, utc: datetime) -> None:
        self._correct_clock(utc)
        self._profiles.reconsider()

    def incident(self, code: str, detail: str) -> None:
        self._station.incident(code, detail)

    # --- inside ---

    @property
    def _tariff(self) -> Tariff:
        return self._station.dialogue.settings.tariff

    def _choose(self, id_tag: str, connector: ConnectorId | None) -> ConnectorId | None:
        """The named connector, or the first that could serve; credit inside means it is taken."""
        if self._station.dialogue.state == "service":
            return None  # somebody works at the open machine
        credit = self._station.dialogue.data.credit
        points = sorted(self._station.points.items())
        # A connector that is kept for this very token comes first (OCPP 1.6 §5.13).
        points.sort(key=lambda each: not self._is_kept_for(each[1].seen, id_tag))
        for chosen, point in points:
            if connector not in (None, chosen) or credit.get(chosen, 0) > 0:
                continue
            data = point.seen.data
            order = data.pending or (data.session.order if data.session else None)
            is_ours = order is not None and order.id_tag == id_tag
            if point.seen.is_usable or is_ours or self._may_be_kept_for(point.seen, id_tag):
                return chosen
        return None

    def _is_kept_for(self, seen: PointSeen, id_tag: str) -> bool:
        kept, now = seen.data.kept, self._clock.utc()
        return seen.is_open and kept.only and kept.usable_by(id_tag, None, now) is not None

    def _may_be_kept_for(self, seen: PointSeen, id_tag: str) -> bool:
        """By its group as well; whether it is of that group must be asked."""
        has_group = any(each.parent_tag is not None for each in seen.data.kept.usable)
        return seen.is_open and (has_group or self._is_kept_for(seen, id_tag))

    def _must_ask_for_group(self, seen: PointSeen, id_tag: str) -> bool:
        return seen.is_kept and not self._is_kept_for(seen, id_tag)

    async def _authorise_then_start(
        self, order: StartOrder, connector: ConnectorId, profile: Profile | None
    ) -> None:
        """The account brings tariff and limit; a token that is refused starts nothing."""
        assert self._backend is not None  # connected before anything runs
        card = _looks_like_green_card(order.id_tag)
        answer = await self._backend.authorise(order.id_tag, connector, card=card)
        if answer.status is not TokenStatus.ACCEPTED:
            self._station.incident("ocpp.remote_start_refused", answer.status.value)
            return
        order = replace(order, parent_tag=answer.parent_tag)
        if card and answer.account is not None:
            limit: Minor | None = answer.account.spend_limit
            order = replace(order, means=Means.GREENCARD, tariff=answer.account.tariff, limit=limit)
        if not await self._start_limited(order, connector, profile):
            self._station.incident("ocpp.remote_start_refused", f"connector {connector}")

    async def _start_limited(
        self, order: StartOrder, connector: ConnectorId, profile: Profile | None
    ) -> bool:
        """The profile is in force before the session is (OCPP 1.6 §5.16.2)."""
        if profile is None:
            return await self._start(order, connector)
        if not await self._profiles.attach(profile, order.session, connector):
            return False
        try:
            return await self._start(order, connector)
        finally:
            self._profiles.release(order.session)

    async def _limit_again(
        self, order: StartOrder, connector: ConnectorId, profile: Profile | None
    ) -> bool:
        """What was started is asked for again: the newer profile is in force."""
        if profile is None:
            return True
        try:
            return await self._profiles.attach(profile, order.session, connector)
        finally:
            self._profiles.release(order.session)

    async def _start(self, order: StartOrder, connector: ConnectorId) -> bool:
        start = Start(order, self._policy.connection_timeout_s)
        answer = await self._ask(connector, start)
        if answer is None:
            await self._ask(connector, ForgetPending())
            return False
        return not any(isinstance(notice, StartRefused) for notice in answer)

    async def _ask(self, connector: ConnectorId, command: object) -> tuple[object, ...] | None:
        """The point's notices once durable; None when it did not answer in 2 s."""
        try:
            async with asyncio.timeout(_ASK_LIMIT_S):
                answer = await self._station.points[connector].ask(command)  # type: ignore[arg-type]
        except TimeoutError:
            self._station.incident("point.no_answer", f"connector {connector}: {command!r}")
            return None
        return answer.notices

    async def _stop_and_restart(self, *, hard: bool) -> None:
        """End what runs with the right reason, let the messages out, then restart (OCPP 1.6 §5.14)."""
        reason = StopReason.HARD_RESET if hard else StopReason.SOFT_RESET
        for point in self._station.points.values():
            if point.seen.is_running:
                point.post(Stop(EndCause.RESTART, reason))
        await self._wait_for(
            lambda: not any(p.seen.is_running for p in self._station.points.values()),
            _RESET_LIMIT_S,
        )
        if self._backend is not None and self._backend.link is LinkState.ONLINE:
            await self._wait_for(self._is_drained, _FLUSH_LIMIT_S)
        await asyncio.sleep(1)
        self._restart(hard)

    async def _give_back_cables(self, id_tag: str) -> None:
        """Whoever presents the token again has his cable back (UnlockConnectorOnEVSideDisconnect)."""
        for connector, point in self._station.points.items():
            if point.seen.data.cable_of == id_tag:
                await self._ask(connector, ReleaseCable())

    async def _release(self, connector: ConnectorId) -> None:
        try:
            await self._hardware.connectors[connector].board.set_lock(locked=False)
        except DeviceUnavailable as error:
            log.warning("lock not moved", extra={"connector": connector, "why": str(error)})

    async def _wait_for(self, holds: Callable[[], bool], limit_s: float) -> bool:
        deadline = self._clock.monotonic() + limit_s
        while not holds():
            if self._clock.monotonic() >= deadline:
                return False
            await asyncio.sleep(0.1)
        return True


def _looks_like_green_card(id_tag: str) -> bool:
    return len(id_tag) == _CARD_NUMBER_LENGTH and id_tag.isdigit() and _luhn_holds(id_tag)


def _luhn_holds(number: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
