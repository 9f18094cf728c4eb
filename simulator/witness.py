"""Watches what no story may ever show: power that nobody pays for, measures or asks for, an offer above
what is allowed, a lock that lets go of live contacts.

It looks at every change of the world, and once a second while anything is closed or offered; at rest
nothing can be wrong. What must hold, and for how long it may not, says promises.py.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from simulator.belief import Belief
from simulator.promises import Ratings, Scene
from simulator.report import Failure
from simulator.vtime import START_OF_TIME
from simulator.world import World

LOOK_EVERY_S = 1.0
MOST_KEPT = 20  # wrongs that are told


class PromiseBroken(ChargepointError):
    """A story showed what none may show."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the witness sees besides the world. `beliefs`: of the core that lives now; empty while none
    does. `mute`: connectors whose meter counts nothing, or tells nobody. `ungoverned`: those whose unit
    follows its own defaults, for no host governs it since its power came. `patience_s`: on top of
    every grace, where processes have to wait for a processor.
    """

    beliefs: Callable[[], Mapping[ConnectorId, Belief]]
    profiles: Callable[[], Sequence[Profile]] = tuple
    utc: Callable[[], datetime] = lambda: START_OF_TIME
    mute: Callable[[], frozenset[ConnectorId]] = frozenset
    ungoverned: Callable[[], frozenset[ConnectorId]] = frozenset
    patience_s: float = 0.0


class Witness:
    def __init__(self, world: World, ratings: Ratings, sight: Sight) -> None:
        self._world = world
        self._ratings = ratings
        self._sight = sight
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._since: dict[tuple[ConnectorId, str], float] = {}
        self._mute_since: dict[ConnectorId, int] = {}  # mWh that had flowed
        self._told: set[tuple[ConnectorId, str]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._is_heard = False
        self.looks = 0
        self.broken: list[Failure] = []
        world.observe(self._on_world)

    def verdict(self) -> tuple[Failure, ...]:
        """Everything that was broken, for whoever tells it; `confirm` says nothing more then."""
        self._is_heard = True
        return tuple(self.broken)

    def confirm(self) -> None:
        """Raises PromiseBroken when something was and nobody asked."""
        if self.broken and not self._is_heard:
            told = "; ".join(f"{each.expected}: {each.was}" for each in self.broken)
            raise PromiseBroken(told)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

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
        self._timer = None
        watched = [c for c in self._world.connectors if self._may_be_wrong(c)]
        if not watched:
            self._since.clear()
            return
        self.looks += 1
        scene, now_s, found = self._scene(), self._loop.time(), set()
        for connector in watched:
            for wrong in scene.wrongs(connector):
                key = (connector, wrong.promise)
                found.add(key)
                since_s = self._since.setdefault(key, now_s)
                grace_s = wrong.grace_s + self._sight.patience_s
                if now_s - since_s > grace_s:
                    self._tell(connector, wrong.promise, f"{wrong.was}, for {grace_s:g} s")
        self._since = {key: since_s for key, since_s in self._since.items() if key in found}
        self._timer = self._loop.call_later(LOOK_EVERY_S, self._look)

    def _may_be_wrong(self, connector: ConnectorId) -> bool:
        """What is offered to nobody, behind open contacts, is no offer."""
        world = self._world
        if world.is_contactor_closed(connector):
            return True
        return world.offered_ma(connector) > 0 and world.vehicle(connector) is not None

    def _scene(self) -> Scene:
        sight, world = self._sight, self._world
        mute = sorted(c for c in sight.mute() if world.is_contactor_closed(c))
        self._mute_since = {c: self._mute_since.get(c, world.register_mwh(c)) for c in mute}
        return Scene(
            world,
            self._ratings,
            sight.beliefs(),
            sight.profiles(),
            sight.utc(),
            self._mute_since,
            sight.ungoverned(),
        )

    def _tell(self, connector: ConnectorId, promise: str, was: str) -> None:
        if (connector, promise) in self._told or len(self.broken) >= MOST_KEPT:
            return
        self._told.add((connector, promise))
        at_s = self._loop.time() - self._began_s
        text = f"connector {connector}: {promise}"
        self.broken.append(Failure(0, 0, text, f"{was}, at {at_s:.3f} s"))
