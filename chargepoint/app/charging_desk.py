"""Holds the charging profiles, and tells every point what it may take, whenever that changes.

It decides nothing that `domain/supply/composite_schedule.py` and `domain/supply/sharing.py` do not: it knows the
time, wakes at the next boundary of any profile, and looks again when a session begins or ends. The
wall clock may be set: it looks again then, and at least once a minute while there are profiles.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial, reduce
from typing import Protocol

from chargepoint.app.charging_wishes import ChargingWishes
from chargepoint.app.ports import Spawn
from chargepoint.charging_ports import Plan, ProfileStore
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Session
from chargepoint.domain.supply.charging_profile import (
    DAY_S,
    STATION,
    WEEK_S,
    Capabilities,
    Epoch,
    Profile,
    Purpose,
    Selection,
    objection,
    replaced_by,
)
from chargepoint.domain.supply.composite_schedule import (
    Limit,
    Step,
    Supply,
    Window,
    beside,
    capped,
    joined,
    layered,
    limit_in_amperes,
    lowest,
    minimum_of,
    of_connector,
    of_station,
    on_all_phases,
    total,
)
from chargepoint.domain.supply.fair_shares import ALL_PHASES, SMALLEST_OFFER, Wish
from chargepoint.domain.supply.foresight import Foreseen, Now, foresee
from chargepoint.domain.supply.sharing import Sharing
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId
from chargepoint.ports import Clock

LOOK_AGAIN_S = 60.0
LONGEST_PLAN_S = WEEK_S


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the site fixes: `rating` of one connector with its cable, `supply` of each connector."""

    rating: MilliAmp = MilliAmp(32_000)
    supply: Supply = field(default_factory=Supply)
    site: MilliAmp | None = None  # of each phase, for all connectors together
    phases: Mapping[ConnectorId, frozenset[str]] = field(default_factory=dict)  # of the site

    @property
    def spread(self) -> Supply:
        """How the whole station loads the site, where each connector has one phase."""
        used = frozenset[str]().union(*self.phases.values())
        return replace(self.supply, phases=len(used)) if used else self.supply

    def lines(self, connectors: Iterable[ConnectorId]) -> list[list[ConnectorId]]:
        """Those who load the same phases."""
        found: dict[frozenset[str], list[ConnectorId]] = {}
        for c in connectors:
            found.setdefault(self.phases.get(c, ALL_PHASES), []).append(c)
        return list(found.values())


class Point(Protocol):
    """A point as the desk needs it: app/point_actor.py."""

    @property
    def seen(self) -> PointSeen: ...

    def post(self, event: CurrentAllowed) -> None: ...


class ChargingDesk:
    """Implements charging_ports.ChargingProfiles and charging_ports.StartProfiles."""

    def __init__(
        self,
        store: ProfileStore,
        clock: Clock,
        wiring: Wiring,
        capabilities: Capabilities,
        points: Callable[[], Mapping[ConnectorId, Point]],
        *,
        spawn: Spawn,
    ) -> None:
        self.capabilities = capabilities
        self._store = store
        self._clock = clock
        self._wiring = wiring
        self._points = points
        self._spawn = spawn
        self._installed = {profile.id: profile for profile in store.all()}
        self._told: dict[ConnectorId, CurrentAllowed] = {}
        self._sessions: dict[ConnectorId, tuple[SessionId | None, datetime | None]] = {}
        self._wishes = ChargingWishes(wiring.phases)
        self._coming: set[SessionId] = set()  # a remote start is under way
        self._timer: asyncio.TimerHandle | None = None
        self._sharing = Sharing()

    # --- charging_ports ---

    def running(self, connector: ConnectorId) -> SessionId | None:
        session = self._running(self._points()[connector].seen)
        return None if session is None else session.id

    async def install(self, profile: Profile) -> bool:
        if objection(profile, self._now(), self.capabilities):
            return False
        gone = {old.id for old in replaced_by(profile, self._installed.values())}
        if len(self._installed) - len(gone) >= self.capabilities.max_profiles:
            return False
        for old in gone:
            del self._installed[old]
        self._installed[profile.id] = profile
        written = self._store.change(gone, [profile])
        self.reconsider()
        await written
        return True

    async def clear(self, selection: Selection) -> int:
        gone = [p.id for p in self._installed.values() if selection.takes(p)]
        if gone:
            written = self._forget(gone)
            self.reconsider()
            await written
        return len(gone)

    def plan(self, connector: ConnectorId, duration_s: int) -> Plan:
        since, duration_s = self._now(), min(duration_s, LONGEST_PLAN_S)
        until = Epoch(since + duration_s)
        station = self._station_steps(since, until)
        own = {c: self._own_steps(c, since, until) for c in sorted(self._points())}
        if connector == STATION:
            steps = joined(self._together(own), station, lowest)
            return Plan(since, duration_s, tuple(steps), self._wiring.spread)
        steps = joined(own[connector], station, lowest)
        foreseen = self._foreseen(station, own, until)
        if connector in foreseen.shares:
            until = foreseen.until
            steps = foreseen.plans({connector: steps})[connector]
        return Plan(since, until - since, tuple(steps), self._wiring.supply)

    async def attach(self, profile: Profile, session: SessionId, connector: ConnectorId) -> bool:
        self._coming.add(session)
        if await self.install(replace(profile, session=session, connector=connector)):
            return True
        self._coming.discard(session)
        return False

    def release(self, session: SessionId) -> None:
        self._coming.discard(session)
        self._drop_orphans()
        self.reconsider()

    # --- what happens at the points ---

    def boot(self) -> None:
        """Saved states are known: a profile whose transaction did not survive goes, the rest rule."""
        self._drop_orphans()
        self.reconsider()

    def heard(self, connector: ConnectorId, seen: PointSeen) -> None:
        """A point has changed. Only a session that begins or ends, or whose begin a clock that was set
        has moved, concerns the profiles; what is shared follows what each vehicle makes of it, too.
        """
        known = _known_session(seen)
        running = self._running(seen)
        news = (known, None if running is None else running.started_at)
        is_used_differently = self._wishes.note(
            self._clock.monotonic(), connector, seen, charges=running is not None
        )
        if self._sessions.get(connector) != news:
            self._sessions[connector] = news
            self._drop_orphans()
            self.reconsider()
        elif is_used_differently:
            self.reconsider()

    def reconsider(self) -> None:
        """Tell every point what it may take now, and come back when that changes."""
        now = self._now()
        until = Epoch(now + DAY_S)
        station = self._station_steps(now, until)
        own = {c: self._own_steps(c, now, until) for c in sorted(self._points())}
        both = {c: joined(steps, station, lowest) for c, steps in own.items()}
        allowed = {c: _milliamp(steps[0]) for c, steps in both.items()}
        allowed |= self._share(station[0].limit, self._charging(own))
        if not self._installed and not self._told and self._wiring.site is None:
            return
        if any(limit < SMALLEST_OFFER for limit in allowed.values()):
            both |= self._foreseen(station, own, until).plans(both)
        for connector, limit in allowed.items():
            self._tell(connector, limit, both[connector])
        self._wake_at(now, [station, *own.values()])

    # --- inside ---

    def _now(self) -> Epoch:
        return Epoch(int(self._clock.utc().timestamp()))

    @staticmethod
    def _running(seen: PointSeen) -> Session | None:
        """Its transaction is open. At boot nothing runs yet, and what was saved may go on."""
        session = seen.session
        return None if session is None or session.ended else session

    def _own_steps(self, connector: ConnectorId, since: Epoch, until: Epoch) -> list[Step]:
        """Without a session: as if one began now, so that the next one begins within its limit."""
        session = self._running(self._points()[connector].seen)
        # Not after now, whatever clock it was stamped by.
        begun = since if session is None else min(since, Epoch(int(session.started_at.timestamp())))
        ranked = of_connector(
            self._installed.values(), connector, None if session is None else session.id
        )
        wiring = self._wiring
        steps = layered(ranked, Window(since, until, begun), wiring.supply)
        return capped(steps, limit_in_amperes(wiring.rating, wiring.supply))

    def _station_steps(self, since: Epoch, until: Epoch) -> list[Step]:
        """Watts are for all phases that any connector is wired to, however many one profile counts."""
        supply, site = self._wiring.spread, self._wiring.site
        ranked = of_station(self._installed.values())
        if self._wiring.phases:
            ranked = [on_all_phases(profile) for profile in ranked]
        steps = layered(ranked, Window(since, until, since), supply)
        return steps if site is None else capped(steps, limit_in_amperes(site, supply))

    def _together(self, own: Mapping[ConnectorId, list[Step]]) -> list[Step]:
        lines = self._wiring.lines(own)
        each = [reduce(partial(joined, join=total), (own[c] for c in line)) for line in lines]
        return reduce(partial(joined, join=beside), each)

    def _charging(self, plans: Mapping[ConnectorId, list[Step]]) -> dict[ConnectorId, list[Step]]:
        """Whoever is free may have what a start would find: only those who charge share."""
        points = self._points()
        return {c: steps for c, steps in plans.items() if self._running(points[c].seen)}

    def _share(
        self, limit: Limit | None, charging: Mapping[ConnectorId, list[Step]]
    ) -> dict[ConnectorId, MilliAmp]:
        wishes = {c: self._wish(c, _milliamp(steps[0])) for c, steps in charging.items()}
        total_ma = None if limit is None else limit.milliamp
        self._sharing = self._sharing.shared(self._clock.monotonic(), total_ma, wishes)
        return {} if limit is None else dict(self._sharing.told)

    def _foreseen(
        self, station: list[Step], own: Mapping[ConnectorId, list[Step]], until: Epoch
    ) -> Foreseen:
        """As if every vehicle follows its offer."""
        now = Now(self._clock.monotonic(), self._clock.utc().timestamp())
        charging = self._charging(own)
        return foresee(self._sharing, now, station, charging, until, self._wish_of_follower)

    def _wish_of_follower(self, connector: ConnectorId, most: MilliAmp) -> Wish:
        return replace(self._wish(connector, most), drawn=MilliAmp(0))

    def _wish(self, connector: ConnectorId, most: MilliAmp) -> Wish:
        return self._wishes.of(connector, most, self._least(connector))

    def _least(self, connector: ConnectorId) -> MilliAmp:
        """The vehicle's minChargingRate, where its session's profile names one."""
        session = self.running(connector)
        found = [
            minimum_of(p.schedule, self._wiring.supply)
            for p in of_connector(self._installed.values(), connector, session)
            if p.purpose is Purpose.SESSION
        ]
        return max(found, default=SMALLEST_OFFER)

    def _tell(self, connector: ConnectorId, limit: MilliAmp, steps: list[Step]) -> None:
        resumes_at = _resumes_at(steps) if limit < SMALLEST_OFFER else None
        news = CurrentAllowed(limit, resumes_at)
        if self._told.get(connector) != news:
            self._told[connector] = news
            self._points()[connector].post(news)

    def _wake_at(self, now: Epoch, plans: Iterable[list[Step]]) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        looks_at = self._sharing.wake_at
        if not self._installed and looks_at is None:
            return
        boundaries = [float(steps[1].start) for steps in plans if len(steps) > 1]
        exact = self._clock.utc().timestamp()
        waits = [LOOK_AGAIN_S, *(max(0.0, at - exact) for at in boundaries)]
        if looks_at is not None:
            waits.append(max(0.0, looks_at - self._clock.monotonic()))
        wait_s = min(waits)
        self._timer = asyncio.get_running_loop().call_later(wait_s, self.reconsider)

    def _drop_orphans(self) -> None:
        """A profile of a session ends with it (OCPP 1.6 §3.13.1)."""
        alive = {_known_session(point.seen) for point in self._points().values()} | self._coming
        gone = [
            p.id
            for p in self._installed.values()
            if p.purpose is Purpose.SESSION and p.session not in alive
        ]
        if gone:
            self._spawn(_finished(self._forget(gone)), "profiles:forget")

    def _forget(self, gone: list[int]) -> Awaitable[None]:
        for number in gone:
            del self._installed[number]
        return self._store.change(gone, [])


async def _finished(written: Awaitable[None]) -> None:
    await written


def _known_session(seen: PointSeen) -> SessionId | None:
    """Of the transaction that is open, or of the remote start that waits for its plug."""
    if seen.session is not None and not seen.session.ended:
        return seen.session.id
    return seen.data.pending.session if seen.data.pending is not None else None


def _milliamp(step: Step) -> MilliAmp:
    assert step.limit is not None  # capped by the rating
    return step.limit.milliamp


def _resumes_at(steps: list[Step]) -> datetime | None:
    """When enough for a vehicle is allowed again, if that is within what is known."""
    for step in steps:
        if _milliamp(step) >= SMALLEST_OFFER:
            return datetime.fromtimestamp(step.start, UTC)
    return None
