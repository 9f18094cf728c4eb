"""What the service menu knows: who is inside, which page, what was answered, what is being typed."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chargepoint.domain.service.passport import Passport
from chargepoint.domain.service.people import Person
from chargepoint.domain.units import Minor

PIN_SHORTEST = 6
PIN_LONGEST = 12
WRONG_MOST = 5
LOCK = timedelta(minutes=15)
IDLE_S = 300.0
HOLD_S = 4.95  # seconds on the brand mark; five, less what a clock rounds


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a page.

    `label`: a text key of the technician's catalogue, with "|" and its argument where it has one.
    `kind`: how `value` is to be read: text key money energy power seconds. `mark`: ok warn bad.
    `id`: what opens when the line is touched; empty: nothing.
    """

    label: str
    value: str = ""
    kind: str = "text"
    mark: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the station answered to a page's question. `amount`: the number the page decides by.

    `passport`: of the device that is the page's subject, where one is replaced.
    """

    facts: tuple[Fact, ...] = ()
    amount: Minor = Minor(0)
    passport: Passport | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A button; `reason` is a text key."""

    id: str
    enabled: bool = True
    reason: str = ""

    @property
    def shown_reason(self) -> str:
        return "" if self.enabled else self.reason


@dataclass(frozen=True, slots=True)
class Collection:
    """An emptying of the cash box under way; the acceptors are shut while there is one."""

    step: str = "report"  # report open count difference seal
    counted: Minor = Minor(0)
    booked: Minor = Minor(0)
    reason: str = ""

    def saved(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A device being replaced; customers cannot use it while there is one.

    `old` and `mark`: the serial number that was closed, and how far it is booked. `coin`: the test
    coin that is in the box, under `coin_key` in the books.
    """

    device: str  # as on t_devices: coin_acceptor, hopper:100, meter:1
    step: str = "drain"  # drain swap check trial return
    old: str = ""
    mark: str = ""
    new: str = ""
    drained: str = ""  # yes no; empty: not yet
    coin: Minor = Minor(0)
    coin_key: str = ""
    was_operative: bool = True  # the connector of a meter

    def saved(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ServiceData:
    """`page` empty: nobody asks for the menu. `person` None: nobody has shown who they are."""

    person: Person | None = None
    page: str = ""
    subject: str = ""  # what the page is about: a session, a device, a coin
    sheet: Sheet | None = None
    first: int = 0  # first line of the sheet on the screen
    typed: str = field(default="", repr=False)  # a PIN among others
    amount: Minor = Minor(0)  # decided on the page before
    request: int = 0  # the newest question; older answers are not for this page
    waiting: bool = False
    notice: str = ""  # text key of what has just happened
    is_good: bool = True  # that was no failure
    wrong: int = 0
    locked_until: datetime | None = None
    door_open: bool | None = None  # None: this cabinet has no switch
    collection: Collection | None = None
    replacement: Replacement | None = None
    touched: frozenset[str] = frozenset()  # of the touch grid
    held_s: float = 0.0  # how long the finger stayed on the newest key


def locked_s(data: ServiceData, now: datetime) -> int:
    """Seconds until a PIN is taken again; a clock that was set wrong never locks for longer."""
    if data.locked_until is None:
        return 0
    left = min(data.locked_until - now, LOCK)
    return max(0, -int(-left.total_seconds() // 1))
