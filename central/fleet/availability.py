"""Points as a driver wants to know them: free or taken, what fits, how strong. Pure but for reading."""

from dataclasses import dataclass

from central.fleet.registry import PointState, Registry, Socket

FREE, TAKEN, RESERVED, OUT, AWAY = "free", "taken", "reserved", "out", "away"
STATES = (FREE, RESERVED, TAKEN, OUT, AWAY)
# OCPP 1.6 §7.7 ChargePointStatus; no protocol word reaches a driver.
_STATE_OF = {
    "Available": FREE,
    "Reserved": RESERVED,
    "Preparing": TAKEN,
    "Charging": TAKEN,
    "SuspendedEV": TAKEN,
    "SuspendedEVSE": TAKEN,
    "Finishing": TAKEN,
    "Unavailable": OUT,
    "Faulted": OUT,
}
# EN 17186:2019: the letter on the label, and the key of the name people use.
PLUGS = {"B": "type1", "C": "type2", "K": "ccs", "L": "ccs", "M": "chademo", "N": "chademo"}


@dataclass(frozen=True, slots=True)
class Outlet:
    socket: Socket
    state: str

    @property
    def plug(self) -> str:
        return PLUGS[self.socket.letter]


@dataclass(frozen=True, slots=True)
class Place:
    """One charge point. It is as good as its best outlet."""

    id: str
    name: str
    address: str
    latitude: float | None
    longitude: float | None
    outlets: tuple[Outlet, ...]

    @property
    def state(self) -> str:
        held = {outlet.state for outlet in self.outlets} or {AWAY}
        return next(state for state in STATES if state in held)

    @property
    def free(self) -> int:
        return sum(outlet.state == FREE for outlet in self.outlets)

    @property
    def power_kw(self) -> int:
        return max((outlet.socket.power_w for outlet in self.outlets), default=0) // 1000


@dataclass(frozen=True, slots=True)
class Counts:
    free: int
    outlets: int


def places(registry: Registry) -> list[Place]:
    """By name: a place keeps its place in the list, whatever happens there."""
    return sorted(map(place_of, registry.points()), key=lambda each: (each.name, each.id))


def counts(found: list[Place]) -> Counts:
    return Counts(
        sum(place.free for place in found),
        sum(len(place.outlets) for place in found),
    )


def place_of(point: PointState) -> Place:
    """What it reported counts while it is connected; its sockets are those provisioned or seen."""
    site = point.site
    known = {socket.number: socket for socket in site.sockets}
    numbers = sorted({*known, *(number for number in point.connectors if number > 0)})
    outlets = tuple(
        Outlet(known.get(number, Socket(number)), _state(point, number)) for number in numbers
    )
    return Place(point.id, site.name, site.address, site.latitude, site.longitude, outlets)


def _state(point: PointState, number: int) -> str:
    if not point.is_connected:
        return AWAY
    connector = point.connectors.get(number)
    whole = point.connectors.get(0)
    if whole is not None and _STATE_OF.get(whole.status) == OUT:
        return OUT  # OCPP 1.6 §4.9: connector 0 speaks for the point as a whole
    return AWAY if connector is None else _STATE_OF.get(connector.status, AWAY)
