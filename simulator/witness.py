"""Watches what no story may ever show: power that nobody pays for, measures or asks for, an offer above
what is allowed, a lock that lets go of live contacts.

Physics is read off the world, and what the core believes off its points; neither is touched. A wrong
that the design bounds in time (the lease runs out, the pilot changes every 5 s) is held against it
only when it lasts longer than that.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chargepoint.domain.devices import Pilot
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point import states
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.supply.believable import DOUBTS
from chargepoint.domain.supply.fair_shares import ALL_PHASES
from chargepoint.domain.units import ConnectorId, MilliAmp
from chargepoint.settings import wiring_of
from config.schema import Config
from simulator.report import Failure
from simulator.world import World

LOOK_EVERY_S = 1.0
MOST_KEPT = 20  # wrongs that are told

LEASE_S = 4.5  # a core that is gone, or orders lost: the lease runs out after 3 s
BOARD_S = 0.5  # a vehicle that stops asking: the board has 100 ms
OFFER_S = 8.0  # the board hears a limit within 1 s, and the pilot changes every 5 s at most
SHARE_S = 20.0  # others give way first
_UNBELIEVED = DOUBTS | {faults.METER_LOST}


class Wrong(NamedTuple):
    """`promise`: what must hold, in words; it may be broken for `grace_s`."""

    promise: str
    was: str
    grace_s: float


@dataclass(frozen=True, slots=True)
class Ratings:
    """What the site fixes: of one connector with its cable, and of all, phase by phase."""

    connector: MilliAmp
    site: MilliAmp | None
    phases: Callable[[ConnectorId], frozenset[str]]


def ratings_of(config: Config) -> Ratings:
    wiring = wiring_of(config)
    return Ratings(wiring.rating, wiring.site, lambda c: wiring.phases.get(c, ALL_PHASES))


class Witness:
    """`points`: what the core that lives now makes of its connectors; empty while none lives."""

    def __init__(
        self, world: World, ratings: Ratings, points: Callable[[], Mapping[ConnectorId, PointSeen]]
    ) -> None:
        self._world = world
        self._ratings = ratings
        self._points = points
        self._loop = asyncio.get_running_loop()
        self._since: dict[tuple[ConnectorId, str], float] = {}
        self._told: set[tuple[ConnectorId, str]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.looks = 0
        self.broken: list[Failure] = []
        world.observe(self._on_world)

    def _on_world(self, what: str, connector: ConnectorId, value: str) -> None:
        is_release = (what, value) == ("lock", "unlocked")
        if is_release and self._world.is_load_live(connector) and not self._is_by_hand(connector):
            self._tell(connector, "locked while the contacts are live", "unlocked")
        if self._timer is None:
            self._look()

    def _is_by_hand(self, connector: ConnectorId) -> bool:
        """Somebody works the emergency release: the lock does not ask."""
        return self._world.is_lock_forced(connector)

    def _look(self) -> None:
        """Once a second while anything is closed; at rest nothing can be wrong."""
        self._timer = None
        self.looks += 1
        now_s, found = self._loop.time(), set()
        closed = [c for c in self._world.connectors if self._world.is_contactor_closed(c)]
        points = self._points()
        for connector in closed:
            for wrong in self._wrongs(connector, points.get(connector), closed):
                key = (connector, wrong.promise)
                found.add(key)
                since_s = self._since.setdefault(key, now_s)
                if now_s - since_s > wrong.grace_s:
                    self._tell(connector, wrong.promise, f"{wrong.was}, for {wrong.grace_s:g} s")
        self._since = {key: since_s for key, since_s in self._since.items() if key in found}
        if closed:
            self._timer = self._loop.call_later(LOOK_EVERY_S, self._look)

    def _wrongs(
        self, connector: ConnectorId, seen: PointSeen | None, closed: list[ConnectorId]
    ) -> Iterator[Wrong]:
        if not self._world.is_welded(connector):
            yield from self._unjustified(connector, seen)
        offered = self._world.offered_ma(connector)
        vehicle = self._world.vehicle(connector)
        if vehicle is not None and offered > vehicle.cable_a * 1000:
            was = f"{offered} mA on a cable of {vehicle.cable_a} A"
            yield Wrong("an offer that the cable carries", was, 0.0)
        if seen is not None:
            yield from self._beyond(offered, seen)
        site = self._ratings.site
        for phase in sorted(self._ratings.phases(connector)) if site is not None else ():
            total = sum(
                self._world.offered_ma(each)
                for each in closed
                if phase in self._ratings.phases(each)
            )
            if site is not None and total > site:
                yield Wrong(f"at most {site} mA on {phase}", f"{total} mA offered", SHARE_S)

    def _unjustified(self, connector: ConnectorId, seen: PointSeen | None) -> Iterator[Wrong]:
        pilot = self._world.pilot(connector)
        if pilot not in (Pilot.C, Pilot.D):
            yield Wrong("closed only while the vehicle asks", f"pilot {pilot}", BOARD_S)
        if seen is None:
            yield Wrong("closed only while a core lives", "none lives", LEASE_S)
            return
        session = seen.session
        if not seen.state.startswith(states.MAY_BE_CLOSED) or session is None or session.ended:
            yield Wrong("closed only while a session pays", seen.state, LEASE_S)
        elif session.limit is not None and session.exact_cost > session.limit:
            paid = f"{session.exact_cost} of {session.limit}"
            yield Wrong("closed only while a session pays", paid, LEASE_S)
        if seen.data.faults & _UNBELIEVED:
            doubts = ", ".join(sorted(seen.data.faults))
            yield Wrong("closed only while a believable meter counts", doubts, LEASE_S)

    def _beyond(self, offered: int, seen: PointSeen) -> Iterator[Wrong]:
        """`ceiling`: the lowest of profile, share and temperature."""
        ceiling, rating = seen.data.ceiling, self._ratings.connector
        limit = rating if ceiling is None else min(rating, ceiling)
        if offered > limit:
            yield Wrong("an offer within all limits", f"{offered} mA of {limit} mA", OFFER_S)

    def _tell(self, connector: ConnectorId, promise: str, was: str) -> None:
        if (connector, promise) in self._told or len(self.broken) >= MOST_KEPT:
            return
        self._told.add((connector, promise))
        at_s = self._loop.time()
        text = f"connector {connector}: {promise}"
        self.broken.append(Failure(0, 0, text, f"{was}, at {at_s:.3f} s"))
