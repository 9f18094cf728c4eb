"""What is known of each charge point right now; lives in memory and is rebuilt by the points."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from typing import Any

from central.feed import Feed

_EARTH_RADIUS_M = 6_371_000


@dataclass(slots=True)
class ConnectorState:
    status: str = "Unknown"
    error_code: str = "NoError"
    info: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Socket:
    """What a driver plugs into: OCPP 1.6 does not tell. `letter`: its label by EN 17186."""

    number: int
    letter: str = "C"
    power_w: int = 22_000


@dataclass(frozen=True, slots=True)
class Site:
    """Where a point stands and what it offers, for `Point.Nearby` and the pages."""

    name: str
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    sockets: tuple[Socket, ...] = ()

    def distance_m(self, other: "Site") -> int | None:
        """Great-circle distance; None when either place is not known."""
        if None in (self.latitude, self.longitude, other.latitude, other.longitude):
            return None
        assert self.latitude is not None
        assert self.longitude is not None
        assert other.latitude is not None
        assert other.longitude is not None
        north = radians(other.latitude - self.latitude)
        east = radians(other.longitude - self.longitude)
        chord = (
            sin(north / 2) ** 2
            + cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
        )
        return round(2 * _EARTH_RADIUS_M * asin(sqrt(chord)))


@dataclass(slots=True)
class PointState:
    id: str
    site: Site
    is_connected: bool = False
    boot_status: str = ""
    last_seen: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    connectors: dict[int, ConnectorState] = field(default_factory=dict)
    health: dict[str, Any] = field(default_factory=dict)  # Point.Health as it came
    cash: dict[str, Any] = field(default_factory=dict)  # Cash.Levels as it came


class Registry:
    """All points ever seen or provisioned since this process started."""

    def __init__(self, feed: Feed, keep_password: Callable[[str, str], None]) -> None:
        self._feed = feed
        self._keep_password = keep_password
        self._points: dict[str, PointState] = {}

    def point(self, point_id: str) -> PointState:
        """The point's state, made on first sight."""
        if point_id not in self._points:
            self._points[point_id] = PointState(point_id, Site(point_id))
        return self._points[point_id]

    def known(self, point_id: str) -> PointState | None:
        return self._points.get(point_id)

    def places_of(self, point_id: str) -> tuple[str, ...]:
        """What a point may be called where offers name their sites."""
        known = self._points.get(point_id)
        return (point_id,) if known is None else (point_id, known.site.name)

    def points(self) -> list[PointState]:
        return sorted(self._points.values(), key=lambda point: point.id)

    def provision(self, point_id: str, site: Site, password: str | None) -> None:
        """Without a password: the one it has, if it has one."""
        self.point(point_id).site = site
        if password is not None:
            self._keep_password(point_id, password)
        self._feed.changed("point", point_id)

    def changed(self, point: PointState) -> None:
        self._feed.changed("point", point.id)

    def upkeep(
        self,
        point_id: str,
        *,
        health: dict[str, Any] | None = None,
        cash: dict[str, Any] | None = None,
    ) -> None:
        """What the point told of its devices, or of its cash; the newest counts."""
        point = self.point(point_id)
        point.health = point.health if health is None else health
        point.cash = point.cash if cash is None else cash
        self.changed(point)

    def free_near(self, point_id: str) -> list[tuple[PointState, int, int | None]]:
        """(point, connector, distance in m) of free connectors elsewhere, nearest first."""
        here = self.point(point_id).site
        free = [
            (point, number, here.distance_m(point.site))
            for point in self.points()
            if point.is_connected and point.id != point_id
            for number, connector in sorted(point.connectors.items())
            if number > 0 and connector.status == "Available"
        ]
        return sorted(free, key=lambda entry: (entry[2] is None, entry[2] or 0, entry[0].id))
