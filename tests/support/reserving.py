"""A place with points, members with cards, and what they reserve."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from central.clock import Clock
from central.fleet.registry import ConnectorState, Site, Socket
from central.reservations.records import Holder, Reservation
from central.reservations.rules import Rules, Why
from central.storage.store import Store
from central.storage.tables.reservations import RESERVATION_QUARTER
from central.system import CentralSystem
from tests.support.central import FixedClock, a_system

CARDS = [f"60344400000000{number:02}" for number in range(1, 20)]
RULES = Rules(no_show_fee_minor=300, compensation_minor=250)


def holder(number: int) -> Holder:
    """Member `number` with a card of their own."""
    return Holder(number, CARDS[number])


def a_place(
    store: Store | None = None,
    *,
    clock: Clock | None = None,
    rules: Rules = RULES,
    points: tuple[str, ...] = ("CP-1",),
    connectors: int = 1,
) -> CentralSystem:
    """Points 100 m apart, connected, accepted and free; cards of 20 €."""
    clock = clock or FixedClock()
    system = a_system(store, clock=clock, rules=rules)
    sockets = tuple(Socket(number) for number in range(1, connectors + 1))
    for place, point in enumerate(points):
        site = Site(f"Place {point}", 43.3 + place * 0.001, -1.98, "Kaia 3", sockets)
        system.registry.provision(point, site, None)
        known = system.registry.point(point)
        known.is_connected, known.boot_status = True, "Accepted"
        for number in range(1, connectors + 1):
            set_status(system, point, number, "Available")
    for card in CARDS:
        system.accounts.create_card(card, balance_minor=2000)
    return system


def set_status(system: CentralSystem, point: str, connector: int, status: str) -> None:
    known = system.registry.point(point)
    known.connectors[connector] = ConnectorState(status)
    system.registry.changed(known)


def ahead(
    system: CentralSystem,
    who: int = 1,
    *,
    point: str = "CP-1",
    hours: float = 2,
    minutes: int = 60,
) -> Reservation:
    """Made for so many hours from now; it must work."""
    begin = system.reservations.register.now() + timedelta(hours=hours)
    made = system.reservations.desk.reserve(holder(who), point, "", begin, minutes)
    assert isinstance(made, Reservation), made
    return made


def try_ahead(system: CentralSystem, who: int, begin: datetime, minutes: int = 60) -> object:
    """The reservation's number, or why not."""
    made = system.reservations.desk.reserve(holder(who), "CP-1", "", begin, minutes)
    return made if isinstance(made, Why) else made.id


def told(system: CentralSystem, one: Reservation, answer: str = "Accepted") -> Reservation:
    """Its point has answered ReserveNow."""
    system.reservations.watch.answered(one.id, one.point, answer, one.moves)
    return fresh(system, one)


def fresh(system: CentralSystem, one: Reservation) -> Reservation:
    found = system.reservations.register.rows.one(one.id)
    assert found is not None
    return found


def kinds(system: CentralSystem, who: int = 1) -> list[str]:
    """What a member was told, oldest first."""
    notices = system.reservations.register.rows.notices(who, 100)
    return [notice.kind for notice in reversed(list(notices))]


def look(system: CentralSystem) -> None:
    system.reservations.watch.look()


def double_booked(system: CentralSystem) -> list[tuple[int, int]]:
    """Pairs of reservations that hold one connector at one time."""
    held = [
        each
        for each in system.reservations.register.rows.newest(10_000)
        if each.state in ("offered", "booked", "used")
    ]
    return [
        (one.id, other.id)
        for one in held
        for other in held
        if one.id < other.id
        and one.bay == other.bay
        and one.begins < other.ends
        and other.begins < one.ends
    ]


def quarters_held(system: CentralSystem) -> int:
    counted = select(func.count()).select_from(RESERVATION_QUARTER)
    return int(system.store.database.value(counted))
