"""What guards and actions of a point see: settings, the draft of one outcome, notices."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chargepoint.domain.delivery import (
    Delivery,
)
from chargepoint.domain.effects import (
    CloseContactor,
    Effect,
    OpenContactor,
    StartTimer,
)
from chargepoint.domain.money.invoice import SIMPLIFIED_LIMIT
from chargepoint.domain.money.ledger import Posting
from chargepoint.domain.money.prepaid_vat import CardVat
from chargepoint.domain.money.settlement import Bill
from chargepoint.domain.now import Now
from chargepoint.domain.point.point import PointData
from chargepoint.domain.record import HoldRecord, Incident, SessionRecord
from chargepoint.domain.session import Session, StartOrder
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp, MilliVolt, Minor, Watt, Wh


@dataclass(frozen=True, slots=True)
class PointSettings:
    """What the site and the central system decide for this point."""

    rating: MilliAmp = MilliAmp(32_000)
    derate_from_milli: int = 0  # m°C inside the board from which less is offered; 0: never
    nominal: MilliVolt = MilliVolt(230_000)  # between a phase and neutral
    most_power: Watt = Watt(0)  # that this connector can deliver at all; 0: not known
    receipt_series: str = "CP"
    timezone: str = "UTC"
    issues_invoices: bool = False
    asks_invoices: Mapping[str, str] | None = None  # of the central system, in this name
    simplified_limit: Minor = SIMPLIFIED_LIMIT
    change_unit: Minor = Minor(10)
    card_vat: CardVat = CardVat.AT_USE
    resume_limit_s: int = 600
    settle_limit_s: int = 43_200
    meter_sample_s: int = 60
    clock_aligned_s: int = 0
    stop_on_ev_disconnect: bool = True
    unlock_on_ev_disconnect: bool = True
    connection_timeout_s: int = 60
    tells_unplugged: bool = False
    has_fixed_cable: bool = False
    sells_signed: frozenset[ConnectorId] = frozenset()  # whose meter must sign what is sold


@dataclass(slots=True)
class Draft:
    """What one `handle` has decided so far."""

    effects: list[Effect] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    sessions: list[SessionRecord] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    holds: list[HoldRecord] = field(default_factory=list)
    reservations_ended: list[int] = field(default_factory=list)
    notices: list[Any] = field(default_factory=list)
    save: bool = False


@dataclass(frozen=True, slots=True)
class StartRefused:
    """A Start the point did not take; the money stays where it was."""

    order: StartOrder
    reason: str  # text key


@dataclass(frozen=True, slots=True)
class CreditReturned:
    """Nothing was sold: the held money is the connector's credit again."""

    amount: Minor


@dataclass(frozen=True, slots=True)
class Billed:
    """A session's price is final."""

    bill: Bill


@dataclass(frozen=True, slots=True)
class ReservationUsed:
    """A transaction has begun for it, in the same commit."""

    reservation: int


class Point:
    """What guards and actions see: the value, the time, the event, the draft."""

    def __init__(
        self, data: PointData, settings: PointSettings, now: Now, generation: Generation
    ) -> None:
        self.data = data
        self.settings = settings
        self.now = now
        self.draft = Draft()
        self.command: object = None
        self.saved_state = ""
        self.saved_at = now.utc
        self.saved_register = Wh(0)  # of the session that was saved
        self._generation = generation

    def mint(self) -> Generation:
        self._generation = Generation(self._generation + 1)
        return self._generation

    def do(self, *effects: Effect) -> None:
        for effect in effects:
            if isinstance(effect, CloseContactor):
                self.data = replace(self.data, offered=effect.limit)
            elif isinstance(effect, OpenContactor):
                self.data = replace(self.data, offered=MilliAmp(0))
        self.draft.effects.extend(effects)

    def timer(self, name: str, delay_s: float) -> None:
        self.do(StartTimer(name, delay_s, self.mint()))

    @property
    def session(self) -> Session:
        assert self.data.session is not None  # the table reaches these actions with a session only
        return self.data.session

    @session.setter
    def session(self, session: Session) -> None:
        self.data = replace(self.data, session=session)
