"""What one commit holds: everything that must become durable together (decisions §2, §4).

The journal knows these values and nothing of the machines that make them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chargepoint.domain.delivery import Delivery
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.money.invoice import Invoice
from chargepoint.domain.money.ledger import Posting
from chargepoint.domain.money.refund import Refund
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.payments import HopperMark, NoteCursor
from chargepoint.domain.reservations.reservation import Reservation
from chargepoint.domain.security import SecurityEvent
from chargepoint.domain.service.orders import BoxSealed, ServiceNote
from chargepoint.domain.session import BankHold
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.quick import quickly_made


@dataclass(frozen=True, slots=True)
class PointRecord:
    """The saved state of one point; `body` is JSON-ready (domain/session.py writes and reads it)."""

    connector: ConnectorId
    state: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A finished session, kept for receipts and audits.

    `body["document"]` is its receipt as sent. `invoice_due`: the receipt waits for its invoice.
    """

    session: SessionId
    connector: ConnectorId
    body: dict[str, Any]
    invoice_due: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a technician must be able to read later. `code`: docs/incidents.md."""

    code: str
    detail: str
    device: str = ""
    trace: tuple[str, ...] = ()


class HoldState(StrEnum):
    """The life of a bank reservation, as the journal knows it."""

    OPEN = "open"  # approved, no session yet
    USED = "used"  # a session spends from it
    CAPTURE = "capture"  # the terminal must book `wanted`
    RELEASE = "release"  # the terminal must give all of it back
    DONE = "done"


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """One reservation on a bank card. `wanted`: what to capture, `captured`: what was."""

    hold: BankHold
    state: HoldState
    wanted: Minor = Minor(0)
    captured: Minor = Minor(0)


@dataclass(frozen=True, slots=True)
class PayoutRecord:
    """One payout of one hopper: written before it starts, again when it is proved."""

    mark: HopperMark
    value: Minor  # of one coin
    paid: int | None = None  # coins; None while nobody knows


@quickly_made
@dataclass(frozen=True, slots=True)
class Batch:
    """One commit. Empty batches are not written."""

    postings: tuple[Posting, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    points: tuple[PointRecord, ...] = ()
    sessions: tuple[SessionRecord, ...] = ()
    cursors: tuple[CoinCursor | NoteCursor, ...] = ()
    incidents: tuple[Incident, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    holds: tuple[HoldRecord, ...] = ()
    payouts: tuple[PayoutRecord, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    refunds: tuple[Refund, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    reservations_ended: tuple[int, ...] = ()
    service_notes: tuple[ServiceNote, ...] = ()
    seals: tuple[BoxSealed, ...] = ()
    vouchers: tuple[VoucherRecord, ...] = ()
    security_events: tuple[SecurityEvent, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (
                self.postings,
                self.deliveries,
                self.points,
                self.sessions,
                self.cursors,
                self.incidents,
                self.settings,
                self.holds,
                self.payouts,
                self.invoices,
                self.refunds,
                self.reservations,
                self.reservations_ended,
                self.service_notes,
                self.seals,
                self.vouchers,
                self.security_events,
            )
        )
