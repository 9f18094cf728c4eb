"""A reservation, a place in the waiting list, and what a holder is told, as values.

offered ──accept──► booked ──starts a charge──► used ──stops──► done
   │                  ├─ cancelled   by its holder
   └─ lapsed          ├─ missed      nobody came
                      └─ refused     the point would not keep it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from central.clock import utc_from_text


class State(StrEnum):
    OFFERED = "offered"
    BOOKED = "booked"
    USED = "used"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"
    REFUSED = "refused"
    LAPSED = "lapsed"


OPEN = (State.OFFERED, State.BOOKED)
"""Its holder is still to come."""

HOLDING = (State.OFFERED, State.BOOKED, State.USED)


class Told(StrEnum):
    """Whether its point keeps it. UNSURE: it was asked, and its answer was not heard."""

    NO = "no"
    UNSURE = "unsure"
    YES = "yes"


class Kind(StrEnum):
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, order=True)
class Bay:
    """One connector of one point."""

    point: str
    connector: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A member, and the Green Card that a reservation is for."""

    member_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """`arrive_by`: when it ends unused. `answer`: what the point last said to it."""

    id: int
    member_id: int | None
    number: str
    point: str
    connector: int
    kind: Kind
    state: State
    begins_at: str
    ends_at: str
    arrive_by: str
    code: str
    made_at: str
    offer_until: str | None = None
    told: Told = Told.NO
    answer: str = ""
    transaction_id: int | None = None
    over_at: str | None = None
    outcome: str = ""  # fee, mark, excused
    fee_minor: int = 0
    compensated_minor: int = 0
    moves: int = 0

    @property
    def bay(self) -> Bay:
        return Bay(self.point, self.connector)

    @property
    def begins(self) -> datetime:
        return utc_from_text(self.begins_at)

    @property
    def ends(self) -> datetime:
        return utc_from_text(self.ends_at)

    @property
    def arrives_by(self) -> datetime:
        return utc_from_text(self.arrive_by)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def minutes(self) -> int:
        return round((self.ends - self.begins).total_seconds() / 60)


class Queue(StrEnum):
    """Where somebody in the waiting list stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    LEFT = "left"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Wait:
    """`begins_at` empty: as soon as anything is free. `letter`: of the plug (EN 17186)."""

    id: int
    member_id: int | None
    number: str
    site: str
    letter: str
    begins_at: str
    minutes: int
    state: Queue
    made_at: str
    reservation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """To a member: `kind` chooses the words, `facts` fill them."""

    id: int
    member_id: int
    reservation_id: int
    kind: str
    facts: Mapping[str, str]
    at: str
