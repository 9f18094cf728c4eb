"""What must hold at every connector at every moment, as questions to the world: pure, but for looking.

    power    the contactor is closed only while a core lives, a session pays, the vehicle asks, a meter
             that can be believed counts, and the plug is locked
    offer    never above what the cable carries, the station is rated for, profiles allow, the sharing of
             the site leaves, and the warmth of the board permits

A wrong that the design bounds in time (the lease runs out, the pilot changes every 5 s) may last that
long: `grace_s`. Physics is read off the world, never off what the core believes of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from chargepoint.domain.devices import Pilot
from chargepoint.domain.supply.charging_profile import Epoch, Profile
from chargepoint.domain.supply.composite_schedule import (
    Supply,
    Window,
    layered,
    of_connector,
    of_station,
)
from chargepoint.domain.supply.derating import Slope
from chargepoint.domain.supply.fair_shares import ALL_PHASES
from chargepoint.domain.units import ConnectorId, MilliAmp
from chargepoint.settings import point_settings_of, wiring_of
from config.schema import Config
from simulator.belief import Belief
from simulator.ev import NEVER_STOPS
from simulator.world import World

LEASE_S = 4.5  # a core that is gone, or orders lost: the lease runs out after 3 s
FORCED_S = 6.5  # a unit without a coil of its own to take away: a vehicle that goes on has 6 s
LOCK_S = 14.5  # a release by hand is noticed within 10 s, and then the charge ends
BOARD_S = 0.5  # a vehicle that stops asking: the board has 100 ms
OFFER_S = 8.0  # the board hears a limit within 1 s, and the pilot changes every 5 s at most
SHARE_S = 20.0  # others give way first
WARMTH_S = 30.0  # until a temperature is read, and then the offer follows
# What flows until a meter that is silent, or stands, is noticed.
UNMETERED_MWH = 150_000
UNITS = frozenset({"heidelberg"})  # with their cables
NEVER_WARM = Slope(0, MilliAmp(0))


class Wrong(NamedTuple):
    """`promise`: what must hold, in words; it may be broken for `grace_s`."""

    promise: str
    was: str
    grace_s: float


@dataclass(frozen=True, slots=True)
class Ratings:
    """What the site fixes: of one connector with its cable, and of all, phase by phase."""

    connector: MilliAmp
    site: MilliAmp | None = None
    phases: Callable[[ConnectorId], frozenset[str]] = lambda _connector: ALL_PHASES
    supply: Supply = field(default_factory=Supply)
    slope: Slope = NEVER_WARM
    unlocked: frozenset[ConnectorId] = frozenset()  # whose cable is part of the unit
    units: frozenset[ConnectorId] = frozenset()  # which open by themselves (IEC 61851-1, annex A)


def ratings_of(config: Config) -> Ratings:
    wiring, settings = wiring_of(config), point_settings_of(config)
    kinds = {ConnectorId(int(c)): board.kind for c, board in config.devices.evse.items()}
    units = frozenset(connector for connector, kind in kinds.items() if kind in UNITS)
    return Ratings(
        wiring.rating,
        wiring.site,
        lambda connector: wiring.phases.get(connector, ALL_PHASES),
        wiring.supply,
        Slope(settings.derate_from_milli, settings.rating),
        frozenset(kinds) if settings.has_fixed_cable else units,
        units,
    )


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is compared in one look. `beliefs`: empty while no core lives. `mute`: the meters
    that count nothing, or tell nobody, and what had flowed when that was first seen. `ungoverned`: of
    units that follow their own defaults until a host governs them.
    """

    world: World
    ratings: Ratings
    beliefs: Mapping[ConnectorId, Belief]
    profiles: Sequence[Profile]
    utc: datetime
    mute: Mapping[ConnectorId, int]
    ungoverned: frozenset[ConnectorId] = frozenset()

    def wrongs(self, connector: ConnectorId) -> Iterator[Wrong]:
        """Of a connector that is closed, or offers a vehicle something."""
        closed = self.world.is_contactor_closed(connector)
        if closed and not self.world.is_welded(connector):
            yield from self._unjustified(connector)
        if self.world.offered_ma(connector) > 0:
            yield from self._beyond(connector)

    # --- power --------------------------------------------------------------------------------------

    def _unjustified(self, connector: ConnectorId) -> Iterator[Wrong]:
        pilot = self.world.pilot(connector)
        if pilot not in (Pilot.C, Pilot.D):
            yield Wrong("closed only while the vehicle asks", f"pilot {pilot}", BOARD_S)
        if connector not in self.ratings.unlocked and not self.world.is_locked(connector):
            yield Wrong("closed only while the plug is locked", "unlocked", LOCK_S)
        if connector in self.ungoverned:
            return
        register = self.world.register_mwh(connector)
        flowed = register - self.mute.get(connector, register)
        if flowed > UNMETERED_MWH:
            was = f"{flowed} mWh since it fell silent"
            yield Wrong("closed only while the meter counts", was, LEASE_S)
        opening_s = LEASE_S + (FORCED_S if self._is_ignored(connector) else 0.0)
        belief = self.beliefs.get(connector)
        if belief is None:
            yield Wrong("closed only while a core lives", "none lives", opening_s)
            return
        if belief.unpaid:
            yield Wrong("closed only while a session pays", belief.unpaid, opening_s)
        if belief.doubts:
            doubts = ", ".join(belief.doubts)
            yield Wrong("closed only while a believable meter counts", doubts, opening_s)

    def _is_ignored(self, connector: ConnectorId) -> bool:
        """The vehicle goes on when its offer ends, and the unit gives it its time."""
        vehicle = self.world.vehicle(connector)
        is_stubborn = vehicle is not None and vehicle.kind in NEVER_STOPS
        return is_stubborn and connector in self.ratings.units

    # --- offer --------------------------------------------------------------------------------------

    def _beyond(self, connector: ConnectorId) -> Iterator[Wrong]:
        offered, rating = self.world.offered_ma(connector), self.ratings.connector
        vehicle, belief = self.world.vehicle(connector), self.beliefs.get(connector)
        if vehicle is not None and offered > vehicle.cable_a * 1000:
            was = f"{offered} mA on a cable of {vehicle.cable_a} A"
            yield Wrong("an offer that the cable carries", was, 0.0)
        if not self.world.is_contactor_closed(connector) or connector in self.ungoverned:
            return  # whoever has just got its power back offers what it remembers
        ceiling = None if belief is None else belief.ceiling
        limit = rating if ceiling is None else min(rating, ceiling)
        if offered > limit:
            yield Wrong("an offer within all limits", f"{offered} mA of {limit} mA", OFFER_S)
        profile = self._profile(connector) if belief is not None else None
        if profile is not None and offered > profile:
            yield Wrong("an offer within the profiles", f"{offered} mA of {profile} mA", OFFER_S)
        yield from self._too_warm(connector, offered)
        yield from self._beyond_the_site(connector)

    def _profile(self, connector: ConnectorId) -> MilliAmp | None:
        """What the profiles that are installed leave a connector at this second."""
        if not self.profiles:
            return None
        now, belief = Epoch(int(self.utc.timestamp())), self.beliefs[connector]
        begun = now if belief.begun_at is None else Epoch(int(belief.begun_at.timestamp()))
        own = of_connector(self.profiles, connector, belief.session)
        window, supply = Window(now, Epoch(now + 1), begun), self.ratings.supply
        limit = layered(own, window, supply)[0].limit
        found = [None if limit is None else limit.milliamp, self._station()]
        return min((each for each in found if each is not None), default=None)

    def _station(self) -> MilliAmp | None:
        """What the profiles of the whole station leave all its connectors together."""
        now = Epoch(int(self.utc.timestamp()))
        window = Window(now, Epoch(now + 1), now)
        limit = layered(of_station(self.profiles), window, self.ratings.supply)[0].limit
        return None if limit is None else limit.milliamp

    def _too_warm(self, connector: ConnectorId, offered: int) -> Iterator[Wrong]:
        if self.ratings.slope.begins_milli:
            warm = self.world.temperature_milli(connector)
            limit = self.ratings.slope.at(warm)
            if offered > limit:
                was = f"{offered} mA of {limit} mA at {warm} m°C"
                yield Wrong("an offer that the board's warmth permits", was, WARMTH_S)

    def _beyond_the_site(self, connector: ConnectorId) -> Iterator[Wrong]:
        limits = [self.ratings.site, self._station() if self.profiles else None]
        site = min((each for each in limits if each is not None), default=None)
        if site is None:
            return
        phases, world = self.ratings.phases, self.world
        drawing = [c for c in world.connectors if world.is_contactor_closed(c)]
        for phase in sorted(phases(connector)):
            total = sum(world.offered_ma(each) for each in drawing if phase in phases(each))
            if total > site:
                was = f"{total} mA offered of {site} mA on {phase}"
                yield Wrong(f"offers within the site's limit on {phase}", was, SHARE_S)
