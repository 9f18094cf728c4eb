"""The connectors of all points as places to reserve: where they are, what fits, what is free now."""

from collections.abc import Iterator

from central.fleet.availability import AWAY, FREE, OUT, TAKEN, Outlet, place_of
from central.fleet.registry import PointState, Registry
from central.reservations.records import Bay

BLOCKED = (TAKEN, OUT, AWAY)


class Bays:
    """Reads the newest states; holds none."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def site_of(self, point: str) -> str:
        known = self._registry.known(point)
        return point if known is None else known.site.name

    def of_point(self, point: str, letter: str = "") -> list[Bay]:
        """In the order of their numbers; with this plug only, where one is asked for."""
        known = self._registry.known(point)
        return [] if known is None else [bay for bay, _ in _bays(known, letter)]

    def of_site(self, site: str, letter: str = "") -> list[Bay]:
        return [
            bay
            for point in self._registry.points()
            if point.site.name == site
            for bay, _ in _bays(point, letter)
        ]

    def outlet(self, bay: Bay) -> Outlet | None:
        known = self._registry.known(bay.point)
        if known is None:
            return None
        return next((outlet for each, outlet in _bays(known, "") if each == bay), None)

    def letter(self, bay: Bay) -> str:
        outlet = self.outlet(bay)
        return "" if outlet is None else outlet.socket.letter

    def state(self, bay: Bay) -> str:
        outlet = self.outlet(bay)
        return AWAY if outlet is None else outlet.state

    def is_free(self, bay: Bay) -> bool:
        """At this moment, and its point would hear us."""
        return self.state(bay) == FREE and self.is_in_reach(bay.point)

    def is_in_reach(self, point: str) -> bool:
        """Connected, and accepted since (OCPP 1.6 §4.2: before that it is asked nothing)."""
        known = self._registry.known(point)
        return known is not None and known.is_connected and known.boot_status == "Accepted"

    def instead_of(self, bay: Bay, within_m: int) -> list[Bay]:
        """Free ones with the same plug: of this point, of its site, then the nearest."""
        here = self._registry.known(bay.point)
        letter = self.letter(bay)
        if here is None or not letter:
            return []
        found = []
        for point in self._registry.points():
            is_same, is_near = point.id == bay.point, point.site.name == here.site.name
            far = here.site.distance_m(point.site)
            if not is_near and (far is None or far > within_m):
                continue
            rank = (not is_same, not is_near, far or 0)
            found += [(rank, each) for each, _ in _bays(point, letter) if each != bay]
        return [each for _, each in sorted(found) if self.is_free(each)]


def _bays(point: PointState, letter: str) -> Iterator[tuple[Bay, Outlet]]:
    for outlet in place_of(point).outlets:
        if letter in ("", outlet.socket.letter):
            yield Bay(point.id, outlet.socket.number), outlet
