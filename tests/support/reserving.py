"""A place with points, members with cards, and what they reserve."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from central.clock import Clock
from central.fleet.registry import ConnectorState, Site, Socket
from central.reservations.changing import Wanted
from central.reservations.records import Holder, Reservation
from central.reservations.rules import Rules, Why
from central.storage.store import Store
from central.storage.tables.reservations import RESERVATION_QUARTER
from central.system import CentralSystem
from tests.support.central import FixedClock, a_system

CARDS = [f"60344400000000{number:02}" for number in range(1, 20)]
NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)  # an hour after a `FixedClock` begins
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


def clock_of(system: CentralSystem) -> FixedClock:
    clock = system.reservations.register.clock
    assert isinstance(clock, FixedClock)
    return clock


def act(system: CentralSystem, what: str, who: int, number: int) -> None:
    """One of the things that people, points and time do, whether it can be done now or not."""
    match what:
        case "reserve" | "now" | "change" | "cancel":
            _at_the_desk(system, what, who, number)
        case "wait" | "accept" | "leave":
            _in_the_queue(system, what, who, number)
        case "told":
            asked = system.reservations.register.rows.one(number + 1)
            if asked is not None and asked.is_open:
                told(system, asked)
        case "pass":
            clock_of(system).advance(minutes=7 * number)
            look(system)
        case "look":
            look(system)
        case _:
            raise AssertionError(what)


def _at_the_desk(system: CentralSystem, what: str, who: int, number: int) -> None:
    service, begin = system.reservations, _quarter(number)
    match what:
        case "reserve":
            service.desk.reserve(holder(who), "CP-1", "", begin, 60)
        case "now":
            service.desk.reserve_now(holder(who), "CP-1", "", 30)
        case "cancel":
            service.desk.cancel(who, number + 1)
        case _:
            for one in service.desk.mine(who)[:2]:
                wanted = Wanted("CP-1", "", begin, 30 if number % 2 else 90)
                service.changing.change(who, one.id, wanted)


def _in_the_queue(system: CentralSystem, what: str, who: int, number: int) -> None:
    offers = system.reservations.offers
    match what:
        case "wait":
            at = _quarter(number) if number else None
            offers.join(holder(who), "Place CP-1", "", at, 60 if at else 30)
        case "accept":
            offers.accept(who, number + 1)
        case _:
            offers.leave(who, number + 1)


def _quarter(number: int) -> datetime:
    return NINE + timedelta(minutes=15 * number)
